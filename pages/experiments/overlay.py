"""The curves of several experiments in one chart."""

from collections.abc import Mapping, Sequence
from math import isnan, nan

import altair as alt
import pandas as pd
import streamlit as st

from training.course.experiments.record import Record

COLOURS = ("#2a9d8f", "#f0a014", "#5b8fd6", "#c2607a", "#8a6fc2", "#7d8a87", "#b5763a", "#4c9f4c")
"""Seen on light and on dark."""

HEIGHT = 360


def overlay(records: Mapping[str, Record]) -> None:
    """Loss and accuracy over the epochs; solid for validation, dashed for training.

    Args:
        records: by a name that no other has.
    """
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Loss**: lower is better; dashed on training pictures")
        losses = {
            name: ([epoch.train_loss for epoch in one.history], [epoch.validation_loss for epoch in one.history])
            for name, one in records.items()
        }
        st.altair_chart(_chart(losses, "Loss", "~g"), width="stretch", alt="Loss by epoch")
    with right:
        st.markdown("**Accuracy**: higher is better; dashed on training pictures")
        rates = {name: (_metric(one, "train_accuracy"), _metric(one, "validation_accuracy")) for name, one in records.items()}
        st.altair_chart(_chart(rates, "Share of pictures", "%"), width="stretch", alt="Accuracy by epoch")


def _metric(record: Record, name: str) -> list[float]:
    return [epoch.metrics.get(name, nan) for epoch in record.history]


def _chart(lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], title: str, form: str) -> alt.Chart:
    rows = [
        {"Epoch": epoch, title: value, "Experiment": name, "Pictures": part}
        for name, parts in lines.items()
        for part, values in zip(("Training", "Validation"), parts, strict=True)
        for epoch, value in enumerate(values, start=1)
        if not isnan(value)
    ]
    names = list(lines)
    chart: alt.Chart = (
        alt.Chart(pd.DataFrame(rows, columns=["Epoch", title, "Experiment", "Pictures"]))
        .mark_line()
        .encode(
            x=alt.X("Epoch:Q", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(zero=False, nice=False)),
            y=alt.Y(f"{title}:Q", axis=alt.Axis(format=form), scale=alt.Scale(zero=False)),
            color=alt.Color(
                "Experiment:N",
                scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])),
                legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=400),
            ),
            strokeDash=alt.StrokeDash(
                "Pictures:N",
                scale=alt.Scale(domain=["Validation", "Training"], range=[[1, 0], [4, 3]]),
                legend=None,
            ),
            tooltip=["Experiment", "Pictures", "Epoch", alt.Tooltip(f"{title}:Q", format=".1%" if form == "%" else ".3f")],
        )
        .properties(height=HEIGHT)
    )
    return chart
