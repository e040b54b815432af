"""How sure an accuracy is that was counted on so many pictures or photos, and a difference between two."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

CONFIDENCE = 0.95
"""Of every interval here."""


@dataclass(frozen=True)
class Accuracy:
    """So many pictures right of so many.

    Raises:
        ValueError: no pictures, or more right than there are.
    """

    right: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.count or self.count < 1:
            raise ValueError(f"{self.right} of {self.count} pictures can't be right")

    @classmethod
    def of(cls, share: float, count: int) -> "Accuracy":
        """From a share, 0 to 1, that was counted on so many pictures."""
        return cls(round(share * count), count)

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.right / self.count

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Where the accuracy on endlessly many such pictures lies, 0 to 1 (Wilson 1927)."""
        found = binomtest(self.right, self.count).proportion_ci(CONFIDENCE, method="wilson")
        return float(found.low), float(found.high)

    @property
    def margin(self) -> float:
        """Half of the interval: the ± of the accuracy."""
        low, high = self.interval
        return (high - low) / 2


@dataclass(frozen=True)
class Difference:
    """How much better the first of two networks is.

    Attributes:
        value: difference of the accuracies, -1 to 1.
        low, high: the interval it lies in.
        paired: both answered the same pictures, so that only those count on which one is right and the other wrong.
    """

    value: float
    low: float
    high: float
    paired: bool

    @property
    def clear(self) -> bool:
        """Whether chance alone does not explain it."""
        return self.low > 0 or self.high < 0


def unpaired(first: Accuracy, second: Accuracy) -> Difference:
    """Of accuracies on different pictures (Newcombe 1998, method 10)."""
    value = first.share - second.share
    below = np.hypot(first.share - first.interval[0], second.interval[1] - second.share)
    above = np.hypot(first.interval[1] - first.share, second.share - second.interval[0])
    return Difference(value, value - float(below), value + float(above), paired=False)


def paired(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Difference:
    """Of two networks on the same pictures, as McNemar's exact test sees it (1947): clear where p < 0.05.

    Args:
        first, second: (N,) bool, which pictures each has right.

    Raises:
        ValueError: not as many answers, or none.
    """
    if first.shape != second.shape or not len(first):
        raise ValueError(f"answers must be on the same pictures, got {first.shape} and {second.shape}")
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    split = only_first + only_second
    value = (only_first - only_second) / len(first)
    if split == 0:
        return Difference(value, value, value, paired=True)
    share = binomtest(only_first, split).proportion_ci(CONFIDENCE, method="exact")
    low, high = ((2 * float(end) - 1) * split / len(first) for end in share)
    return Difference(value, low, high, paired=True)
