"""All faces in the plane, before and after."""

import altair as alt
import pandas as pd
import streamlit as st

from pages.train.names import Names
from training.faces.report import EmbeddingMap

LEGEND_UP_TO = 12
"""People up to which the colours have a legend; hovering tells the name in any case."""


def maps(found: EmbeddingMap, names: Names) -> None:
    """Two scatter charts side by side."""
    st.markdown(
        "Every photo as a dot, one colour a person, placed by t-SNE so that faces the network finds alike lie together. "
        "Tight, separate islands are good; only who is whose neighbour means something, not the axes or large distances."
    )
    people = [names(key) for key in found.people]
    left, right = st.columns(2, gap="medium")
    for place, title, points in ((left, "Untuned", found.untuned), (right, "Tuned", found.tuned)):
        with place:
            st.markdown(f"**{title}**")
            st.altair_chart(_chart(people, points), width="stretch", alt=f"Faces in the plane, {title.lower()}")


def _chart(people: list[str], points: list[tuple[float, float]]) -> alt.Chart:
    frame = pd.DataFrame({"x": [x for x, _ in points], "y": [y for _, y in points], "Person": people})
    few = len(set(people)) <= LEGEND_UP_TO
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_circle(size=70, opacity=0.8)
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False)),
            color=alt.Color(
                "Person:N",
                scale=alt.Scale(scheme="category10" if len(set(people)) <= 10 else "category20"),
                legend=alt.Legend(orient="bottom", title=None, columns=2) if few else None,
            ),
            tooltip=["Person"],
        )
        .properties(height=360)
    )
    return chart
