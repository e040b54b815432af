"""Remedies for classes of different size."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from training.course.data.pictures import Labels

Balance = Literal["none", "sampling", "weights", "augmentation"]
"""Against classes of different size: drawing small classes more often, weighing their loss more, or drawing them more often
and changing at random only what is drawn again."""


BALANCED = 1.5
"""Times as many pictures, from the smallest to the largest class, up to which nothing needs a remedy."""


def imbalance(counts: Sequence[int]) -> float:
    """How many times as many pictures the largest class has as the smallest; infinite where one has none."""
    return max(counts) / min(counts) if min(counts) else float("inf")


def class_weights(counts: Sequence[int]) -> NDArray[np.float32]:
    """(K,) float32: how much each class counts in the loss, inverse to its number of pictures; 1 in the mean over pictures.

    A class without pictures counts nothing. scikit-learn's "balanced" weights (King and Zeng 2001).
    """
    labels = np.repeat(np.arange(len(counts)), counts)
    weights = np.zeros(len(counts), np.float32)
    present = np.unique(labels)
    weights[present] = compute_class_weight("balanced", classes=present, y=labels)
    return weights


def sampling_weights(labels: Labels) -> NDArray[np.float64]:
    """(N,) float64: the chance with which each picture is drawn so that all classes come alike often; they add up to 1."""
    weights = compute_sample_weight("balanced", labels)
    result: NDArray[np.float64] = weights / weights.sum()
    return result


def drawing_order(labels: Labels, balance: Balance, random: np.random.Generator) -> NDArray[np.intp]:
    """(N,) the pictures of one epoch, by their places: each once in random order, or drawn so that classes come alike often."""
    if balance in ("sampling", "augmentation"):
        return random.choice(len(labels), len(labels), p=sampling_weights(labels))
    return random.permutation(len(labels))
