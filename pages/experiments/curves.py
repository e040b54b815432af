"""Loss and accuracy of an experiment, epoch by epoch."""

from collections.abc import Sequence
from math import nan

import streamlit as st

from pages.components.curves import TRAINING, VALIDATION, Line, curve_chart
from training.loop.observer import EpochRecord


def curves(history: Sequence[EpochRecord], epochs: int, best: int | None = None) -> None:
    """Two charts side by side.

    Args:
        history: one record an epoch, at least one.
        epochs: where the axis ends.
        best: the epoch whose weights were kept; without it the best so far is marked.
    """
    marked = best or max(history, key=lambda record: (record.metrics.get("validation_accuracy", nan), -record.epoch)).epoch
    losses = [
        Line("Training", TRAINING, [record.train_loss for record in history]),
        Line("Validation", VALIDATION, [record.validation_loss for record in history]),
    ]
    accuracies = [
        Line("Training", TRAINING, [record.metrics.get("train_accuracy", nan) for record in history]),
        Line("Validation", VALIDATION, [record.metrics.get("validation_accuracy", nan) for record in history]),
    ]
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Loss**: how wrong it is; lower is better")
        st.altair_chart(curve_chart(losses, "Loss", "~g", epochs, marked), width="stretch", alt="Loss by epoch")
    with right:
        st.markdown("**Accuracy**: pictures it gets right; higher is better")
        chart = curve_chart(accuracies, "Share of pictures", "%", epochs, marked)
        st.altair_chart(chart, width="stretch", alt="Accuracy by epoch")
    st.caption(
        f"The dashed line marks epoch {marked}, {'whose weights were kept' if best else 'the best so far'}. Training is "
        "measured while it learns, with dropout and on changed pictures, so that it may lie below validation."
    )
