"""How a training went: loss and accuracy, epoch by epoch."""

from collections.abc import Sequence
from math import isnan, nan

import altair as alt
import pandas as pd
import streamlit as st

from training.loop.observer import EpochRecord

TRAINING = "#c2607a"
VALIDATION = "#2a9d8f"
SURE = "#5b8fd6"
BEST = "#f0a014"
"""Seen on light and on dark."""

HEIGHT = 340
"""Pixels, the legend included."""

Lines = dict[str, tuple[str, list[float]]]
"""Colour and values by the line's name."""


def curves(history: Sequence[EpochRecord], best: int | None = None) -> None:
    """Two charts side by side.

    Args:
        history: one record an epoch, at least one.
        best: the epoch whose weights were kept; without it the best so far is marked.
    """
    best_so_far = max(history, key=_quality).epoch
    marked = best_so_far if best is None else best
    epochs = [record.epoch for record in history]
    loss: Lines = {
        "Training, changed at random": (TRAINING, [record.train_loss for record in history]),
        "Validation": (VALIDATION, [record.validation_loss for record in history]),
    }
    accuracy: Lines = {
        "Training: right person": (TRAINING, _metric(history, "train_accuracy")),
        "Validation: right person": (VALIDATION, _metric(history, "validation_rank1")),
        "Validation: right and sure": (SURE, _metric(history, "validation_tpir")),
    }
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Loss**: how wrong it is; lower is better")
        st.altair_chart(_chart(epochs, loss, "Loss", "~g", marked), width="stretch", alt="Loss by epoch")
    with right:
        st.markdown("**Accuracy**: photos it gets right; higher is better")
        st.altair_chart(_chart(epochs, accuracy, "Share of photos", "%", marked), width="stretch", alt="Accuracy by epoch")
    st.caption(
        f"The dashed line marks epoch {marked}, {'the best so far' if best is None else 'whose weights were kept'}. "
        "Training photos that keep getting better while validation photos get worse are overfitting: learned by heart."
    )


def _quality(record: EpochRecord) -> tuple[float, float, int]:
    """Of two epochs that are as good, the earlier. Rates are missing where there is no photo to measure them on."""
    return record.metrics.get("validation_tpir", -1.0), record.metrics.get("validation_rank1", -1.0), -record.epoch


def _metric(history: Sequence[EpochRecord], name: str) -> list[float]:
    return [record.metrics.get(name, nan) for record in history]


def _chart(epochs: list[int], lines: Lines, title: str, form: str, best: int) -> alt.LayerChart:
    rows = [
        {"Epoch": epoch, title: value, "Of": name}
        for name, (_, values) in lines.items()
        for epoch, value in zip(epochs, values, strict=True)
        if not isnan(value)
    ]
    colours = alt.Scale(domain=list(lines), range=[colour for colour, _ in lines.values()])
    across = alt.X(
        "Epoch:Q",
        title="Epoch",
        axis=alt.Axis(tickMinStep=1, format="d"),
        scale=alt.Scale(domain=[1, max(2, *epochs)], nice=False, zero=False),
    )
    drawn = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point={"size": 30})
        .encode(
            x=across,
            y=alt.Y(f"{title}:Q", title=title, axis=alt.Axis(format=form), scale=alt.Scale(zero=False)),
            color=alt.Color("Of:N", scale=colours, legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=400)),
            tooltip=["Epoch:Q", alt.Tooltip(f"{title}:Q", format=".1%" if form == "%" else ".3f"), "Of:N"],
        )
    )
    mark = alt.Chart(pd.DataFrame({"Epoch": [best]})).mark_rule(color=BEST, strokeDash=[5, 4], size=2).encode(x=across)
    chart: alt.LayerChart = (mark + drawn).properties(height=HEIGHT)
    return chart
