"""How the scores of a tuned network are read: from which score on a face gets a name, and how sure that is."""

import numpy as np

from recognition.networks import Calibration
from training.faces.open_set import EvaluationResult
from training.metrics import platt, threshold_at

ENOUGH_STRANGERS = 100
"""Strangers' photos from which 1 % of them means something."""

STEEPEST = 1000.0
"""Largest slope of the confidence: scores that separate perfectly would make it infinite."""


def calibrate(parent: Calibration, untuned: EvaluationResult, tuned: EvaluationResult, *, related: bool) -> Calibration:
    """The calibration of a tuned network.

    With enough strangers it is measured on them. With few, the parent's own, which was, is carried over: tuning shifts and
    stretches the scores of strangers, and the same shift and stretch is applied to the parent's threshold and confidence.

    Args:
        parent: of the untuned network.
        untuned, tuned: the same exam by both.
        related: whether the tuned network still answers like its parent, and the parent recognises people at all; not so
            for one trained from scratch.
    """
    if related and len(tuned.strangers) < ENOUGH_STRANGERS:
        stretch = float(np.std(tuned.strangers)) / max(float(np.std(untuned.strangers)), 1e-6)
        stretch = float(np.clip(stretch, 0.25, 4.0))
        shift = float(np.mean(tuned.strangers) - stretch * np.mean(untuned.strangers))
        slope = parent.slope / stretch
        return Calibration(
            threshold=_cosine(stretch * parent.threshold + shift),
            slope=slope,
            offset=parent.offset - slope * shift,
            source="its parent's, carried over",
        )
    slope, offset = platt(tuned.genuine, tuned.strangers)
    # Where strangers score higher than the people themselves, nothing is confident.
    slope = float(np.clip(slope, 1.0, STEEPEST))
    middle = -offset / slope if abs(offset) < slope else threshold_at(tuned.strangers, 0.01)
    return Calibration(
        threshold=_cosine(threshold_at(tuned.strangers, 0.01)),
        slope=slope,
        offset=-slope * _cosine(middle),
        source="measured on strangers after the training",
    )


def _cosine(value: float) -> float:
    return float(np.clip(value, -0.999, 0.999))
