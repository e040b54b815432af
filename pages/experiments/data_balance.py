"""Class balance: how many pictures there are of each class, and what helps where they differ."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.panels import explain
from pages.components.text import plain
from training.course.data.balance import BALANCED, class_weights, imbalance
from training.course.data.report import Report

COLOURS = {"Training": "#2a9d8f", "Test": "#5b8fd6"}
"""Can be seen on light and on dark."""

ENDS = 15
"""Of more than twice as many classes, the largest and the smallest so many are drawn."""


def show(report: Report, classes: Sequence[str], limit: int | None) -> None:
    """A bar for each class, with its weight in the loss; the remedies in two sentences."""
    train = {name: min(report.train[name], limit or report.train[name]) for name in classes}
    weights = dict(zip(train, class_weights(list(train.values())), strict=True))
    rows = [
        {"Class": name, "Part": part, "Pictures": counts[name], "Weight": float(weights[name])}
        for part, counts in (("Training", train), ("Test", report.test))
        if counts is not None
        for name in _drawn(train)
    ]
    st.subheader("Class balance")
    left, right = st.columns([3, 2], gap="medium")
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            x=alt.X("Pictures:Q", title="Pictures", axis=alt.Axis(tickMinStep=1, tickCount=6)),
            y=alt.Y("Class:N", title=None, sort=None, axis=alt.Axis(labelLimit=140)),
            color=alt.Color(
                "Part:N",
                scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
                legend=alt.Legend(orient="bottom", title=None) if report.test else None,
            ),
            order=alt.Order("Part:N", sort="descending"),
            tooltip=["Class:N", "Part:N", "Pictures:Q", alt.Tooltip("Weight:Q", title="Class weight", format=".2f")],
        )
        .properties(height=alt.Step(20))
    )
    with left:
        st.altair_chart(chart, width="stretch", alt="Pictures of each class")
        if len(train) > 2 * ENDS:
            st.caption(f"The {ENDS} largest and the {ENDS} smallest of {len(train):,} classes.")
    with right:
        st.markdown(_verdict(train))
        explain(
            "A small class is learned badly, because mistakes on it cost little in sum. Under Balance it can be drawn more "
            "often (sampling), count more in the loss (class weights, with N pictures in K classes), or be drawn more often "
            "and changed at random each time (augmentation).",
            r"w_c = \frac{N}{K \cdot n_c}",
        )


def _verdict(train: dict[str, int]) -> str:
    largest, smallest = max(train, key=train.__getitem__), min(train, key=train.__getitem__)
    times = imbalance(list(train.values()))
    if times == 1:
        return f":material/check: Balanced: {train[largest]:,} of each class."
    said = f"**{plain(largest)}** has {times:.1f} times as many pictures as **{plain(smallest)}**"
    if times <= BALANCED:
        return f":material/check: Balanced enough: {said}."
    return f":material/balance: **Not balanced:** {said}. One of the remedies will help it."


def _drawn(train: dict[str, int]) -> list[str]:
    if len(train) <= 2 * ENDS:
        return list(train)
    by_size = sorted(train, key=train.__getitem__, reverse=True)
    return by_size[:ENDS] + by_size[-ENDS:]
