"""Who is taken for whom, and who is recognised least."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages.components.confusion import confusion_chart, name_axis
from pages.components.curves import BEST, VALIDATION
from pages.components.text import count
from pages.train.names import Names
from training.faces.report import Guess

ALL_UP_TO = 12
"""People up to which everyone is in the matrix."""

MOST = 20
"""People in the matrix at most: those mixed up most often."""

BARS = 30
"""People in the bar chart at most; the rest are recognised better."""


def matrix(guesses: list[Guess], names: Names) -> None:
    """The confusion matrix."""
    st.markdown(
        "Each row is a person, each column whom the network took them for: everything on the diagonal is right. "
        "An orange cell is two people who are mixed up; more photos of both, in different light, help most."
    )
    frame = pd.DataFrame(
        [{"Truth": names(guess.truth), "Guess": names(guess.guess), "wrong": guess.guess != guess.truth} for guess in guesses]
    )
    people = sorted(set(frame["Truth"]) | set(frame["Guess"]))
    if len(people) > ALL_UP_TO:
        confused = frame[frame["wrong"]]
        mixed = set(confused["Truth"]) | set(confused["Guess"])
        if not mixed:
            st.success(f"All {len(people)} people are told apart: nobody is taken for somebody else.", icon=":material/check:")
            return
        st.caption(f"Only the {len(mixed)} of {len(people)} people who are mixed up at all.")
        often = pd.concat([confused["Truth"], confused["Guess"]]).value_counts().head(MOST)
        if len(mixed) > MOST:
            st.caption(f"Of these, the {MOST} who are mixed up most often.")
            mixed = set(often.index)
        people = [name for name in people if name in mixed]
        frame = frame[frame["Truth"].isin(mixed) & frame["Guess"].isin(mixed)]
    matrix = pd.crosstab(frame["Truth"], frame["Guess"]).reindex(index=people, columns=people, fill_value=0)
    chart = confusion_chart(matrix.to_numpy(dtype=np.int64), people, "Photos")
    st.altair_chart(chart, width="stretch", alt="Confusion matrix")


def recall(guesses: list[Guess], names: Names) -> None:
    """The share of each person's photos that were named right."""
    st.markdown(
        "How many of each person's photos get the right name, worst first. A short bar usually means too few photos, or "
        "photos unlike the others: enroll that person again."
    )
    frame = pd.DataFrame([{"Person": names(guess.truth), "right": guess.guess == guess.truth} for guess in guesses])
    rates = frame.groupby("Person")["right"].agg(["mean", "size"]).reset_index()
    rates.columns = pd.Index(["Person", "Recall", "Photos"])
    rates = rates.sort_values(["Recall", "Person"])
    perfect = int((rates["Recall"] == 1).sum())
    shown = rates.head(BARS)
    chart = (
        alt.Chart(shown)
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            x=alt.X(
                "Recall:Q",
                title="Recall: share of photos named right",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%"),
            ),
            y=alt.Y("Person:N", sort=shown["Person"].tolist(), axis=name_axis(None)),
            color=alt.condition("datum.Recall < 1", alt.value(BEST), alt.value(VALIDATION)),
            tooltip=["Person", alt.Tooltip("Recall:Q", format=".0%"), "Photos"],
        )
    )
    st.altair_chart(chart.properties(height=max(120, 24 * len(shown) + 60)), width="stretch", alt="Recall by person")
    rest = f" The {len(rates) - BARS} others are recognised at least as well." if len(rates) > BARS else ""
    st.caption(f"{perfect} of {count(len(rates), 'person', 'people')}: every photo right.{rest}")
