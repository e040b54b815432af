"""How the scores of a tuned network are read: from which score on a face gets a name, and how sure that is."""

import numpy as np

from recognition.calibration import STRANGERS_NAMED, Calibration
from training.faces.open_set import EvaluationResult
from training.metrics import platt, threshold_at

ENOUGH_STRANGERS = 100
"""Strangers' photos from which 1 % of them means something."""

FLATTEST, STEEPEST = 1.0, 1000.0
"""Bounds of the confidence's slope: scores that separate perfectly would make it infinite, inverted ones negative."""

NARROWEST = 1e-4
"""Smallest spread of strangers' scores; a network that gives all of them one score has none."""

ENOUGH_FOR_STRETCH = 30
"""Strangers' photos from which the stretch of their scores is believed. See docs/decisions.md, "Stretch of few scores"."""

STRETCH = (0.25, 4.0)
"""Bounds of how much a training may stretch the scores of strangers, judged by a few of them."""


def calibrate(parent: Calibration, untuned: EvaluationResult, tuned: EvaluationResult, *, related: bool) -> Calibration:
    """The calibration of a tuned network. Its threshold is the score that about 1 in 100 strangers reach.

    With enough strangers it is measured on them. With few, the parent's own, which was, is carried over: tuning shifts and
    stretches the scores of strangers, and the same shift and stretch is applied to the parent's threshold, slope and spread.

    Args:
        parent: of the untuned network.
        untuned, tuned: the same evaluation set by both.
        related: whether the tuned network still answers like its parent, and the parent recognises people at all; not so
            for one trained from scratch.
    """
    if related and len(tuned.strangers) < ENOUGH_STRANGERS:
        ratio = float(np.std(tuned.strangers)) / max(float(np.std(untuned.strangers)), 1e-6)
        trust = min(1.0, len(tuned.strangers) / ENOUGH_FOR_STRETCH)
        stretch = float(np.clip(ratio, *STRETCH)) ** trust
        shift = float(np.mean(tuned.strangers) - stretch * np.mean(untuned.strangers))
        return Calibration(
            threshold=_cosine(stretch * parent.threshold + shift),
            slope=parent.slope / stretch,
            spread=_spread(parent.spread * stretch),
            source="its parent's, carried over",
        )
    slope, _ = platt(tuned.genuine, tuned.strangers)
    return Calibration(
        threshold=_cosine(threshold_at(tuned.strangers, STRANGERS_NAMED)),
        slope=float(np.clip(slope, FLATTEST, STEEPEST)),
        spread=_spread(float(np.std(tuned.strangers))),
        source="measured on strangers after the training",
    )


def _cosine(value: float) -> float:
    return float(np.clip(value, -0.999, 0.999))


def _spread(value: float) -> float:
    return float(np.clip(value, NARROWEST, 1.0))
