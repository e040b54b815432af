"""How far open-set rates hang on who happened to be in the data: the bootstrap over people (Efron 1979)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.metrics import Nearest, Scores, threshold_at

SAMPLES = 1000
LEVEL = 0.95

Interval = tuple[float, float]
"""Lower and upper end, rates from 0 to 1."""


@dataclass(frozen=True)
class Intervals:
    """In 95 of 100 such samples of people the rate lies between these."""

    rank1: Interval
    tpir_at_fpir_1: Interval
    tpir_at_fpir_5: Interval


def open_set_intervals(
    found: Nearest, truths: NDArray[np.int64], strangers: Scores, missed: int = 0, *, samples: int = SAMPLES, seed: int = 0
) -> Intervals:
    """Draw people, and strangers, anew with replacement, and compute the rates of each draw. Who is enrolled stays.

    Photos of one person are alike, so people are drawn and not photos.

    Args:
        found, truths, strangers, missed: as in `training.metrics.open_set`.
    """
    random = np.random.default_rng(seed)
    people, owner = np.unique(truths, return_inverse=True)
    right = found.people == truths
    rates = np.empty((samples, 3))
    for row in range(samples):
        weights = np.bincount(random.integers(0, len(people), len(people)), minlength=len(people))[owner]
        drawn = strangers[random.integers(0, len(strangers), len(strangers))]
        total = weights.sum() + missed
        for column, threshold in enumerate((-np.inf, threshold_at(drawn, 0.01), threshold_at(drawn, 0.05))):
            rates[row, column] = weights[right & (found.scores > threshold)].sum() / max(total, 1)
    ends = np.quantile(rates, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    return Intervals(*((float(low), float(high)) for low, high in ends.T))
