"""Who is taken for whom, and who is recognised least."""

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.curves import BEST, VALIDATION
from pages.components.text import count
from pages.train.names import Names
from training.faces.report import Guess

ALL_UP_TO = 20
"""People up to which everyone is in the matrix."""

BARS = 30
"""People in the bar chart at most; the rest are recognised better."""

CELL = 24

RIGHT, WRONG = ("#cfe9e3", "#4fb8a3"), ("#fbe6bd", "#f0a014")
"""From few of a person's photos to all of them."""

INK = "#17211f"
"""Readable on all of these, in both themes."""


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
        people = [name for name in people if name in mixed]
        frame = frame[frame["Truth"].isin(mixed) & frame["Guess"].isin(mixed)]
    cells = frame.groupby(["Truth", "Guess"]).size().reset_index(name="Photos")
    cells["Share"] = cells["Photos"] / cells.groupby("Truth")["Photos"].transform("sum")
    base = alt.Chart(cells).encode(
        x=alt.X("Guess:N", sort=people, scale=alt.Scale(domain=people), axis=_names("Taken for")),
        y=alt.Y("Truth:N", sort=people, scale=alt.Scale(domain=people), axis=_names("Really")),
        tooltip=["Truth", "Guess", "Photos"],
    )
    right = base.transform_filter("datum.Truth === datum.Guess").mark_rect().encode(color=_shades(RIGHT))
    wrong = base.transform_filter("datum.Truth !== datum.Guess").mark_rect().encode(color=_shades(WRONG))
    numbers = base.mark_text(fontSize=11, color=INK).encode(text="Photos:Q")
    squares = alt.layer(right, wrong).resolve_scale(color="independent")
    st.altair_chart(
        (squares + numbers).properties(height=max(160, CELL * len(people) + 110)), width="stretch", alt="Confusion matrix"
    )


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
            y=alt.Y("Person:N", sort=shown["Person"].tolist(), axis=_names(None)),
            color=alt.condition("datum.Recall < 1", alt.value(BEST), alt.value(VALIDATION)),
            tooltip=["Person", alt.Tooltip("Recall:Q", format=".0%"), "Photos"],
        )
    )
    st.altair_chart(chart.properties(height=max(120, 24 * len(shown) + 60)), width="stretch", alt="Recall by person")
    rest = f" The {len(rates) - BARS} others are recognised at least as well." if len(rates) > BARS else ""
    st.caption(f"{perfect} of {count(len(rates), 'person', 'people')}: every photo right.{rest}")


def _shades(colours: tuple[str, str]) -> alt.Color:
    return alt.Color("Share:Q", scale=alt.Scale(domain=[0, 1], range=list(colours)), legend=None)


def _names(title: str | None) -> alt.Axis:
    return alt.Axis(
        title=title,
        labelLimit=120,
        labelOverlap=False,
        labelFlush=False,
        labelBound=False,
        labelAngle=-45 if title == "Taken for" else 0,
    )
