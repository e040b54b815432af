"""How a training went: loss and accuracy, epoch by epoch."""

from collections.abc import Sequence
from math import inf, nan

import streamlit as st

from pages.components.curves import SURE, TRAINING, VALIDATION, Line, curve_chart
from training.loop.observer import EpochRecord


def curves(history: Sequence[EpochRecord], best: int | None = None, epochs: int | None = None) -> None:
    """Two charts side by side.

    Args:
        history: one record an epoch, at least one.
        best: the epoch whose weights were kept; without it the best so far is marked.
        epochs: that there will be at most; without it those that there are.
    """
    best_so_far = max(history, key=_quality).epoch
    marked = best_so_far if best is None else best
    last = epochs or history[-1].epoch
    loss = [
        Line("Training, changed at random", TRAINING, [record.train_loss for record in history]),
        Line("Validation", VALIDATION, [record.validation_loss for record in history]),
    ]
    accuracy = [
        Line("Training: right person", TRAINING, _metric(history, "train_accuracy")),
        Line("Validation: right person", VALIDATION, _metric(history, "validation_rank1")),
        Line("Validation: right and sure", SURE, _metric(history, "validation_tpir")),
    ]
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Loss**: how wrong it is; lower is better")
        st.altair_chart(curve_chart(loss, "Loss", "~g", last, marked), width="stretch", alt="Loss by epoch")
    with right:
        st.markdown("**Accuracy**: photos it gets right; higher is better")
        st.altair_chart(curve_chart(accuracy, "Share of photos", "%", last, marked), width="stretch", alt="Accuracy by epoch")
    st.caption(
        f"The dashed line marks epoch {marked}, {'the best so far' if best is None else 'whose weights were kept'}. "
        "Training photos that keep getting better while validation photos get worse are overfitting: learned by heart."
    )


def _quality(record: EpochRecord) -> tuple[float, int]:
    """What the training itself goes by, so that its choice in the end is the best so far; of two as good, the earlier."""
    return record.metrics.get("validation_quality", -inf), -record.epoch


def _metric(history: Sequence[EpochRecord], name: str) -> list[float]:
    return [record.metrics.get(name, nan) for record in history]
