"""What a network gets right and wrong, class by class, from its probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from training.course.data.pictures import Labels
from training.course.experiments.classifier import Probabilities
from training.uncertainty import Accuracy


@dataclass(frozen=True)
class Mistake:
    """A picture that was taken for another class.

    Attributes:
        index: of the picture in the set that was asked about.
        truth, said: places in the tuple of classes.
        probability: that the network gave to what it said, 0 to 1.
        of_truth: that it gave to the right class.
    """

    index: int
    truth: int
    said: int
    probability: float
    of_truth: float


def said(probabilities: Probabilities) -> Labels:
    """(N,) int64: the class with the highest probability."""
    answers: Labels = probabilities.argmax(axis=1).astype(np.int64)
    return answers


def confusion(labels: Labels, probabilities: Probabilities) -> NDArray[np.int64]:
    """(K, K) int64: pictures of each class (rows) by what they were taken for (columns)."""
    matrix: NDArray[np.int64] = confusion_matrix(labels, said(probabilities), labels=np.arange(probabilities.shape[1]))
    return matrix


def by_class(matrix: NDArray[np.int64]) -> list[Accuracy | None]:
    """The accuracy of each class (its recall), from a confusion matrix; None for one without pictures."""
    return [Accuracy(int(row[label]), int(row.sum())) if row.any() else None for label, row in enumerate(matrix)]


def mistakes(labels: Labels, probabilities: Probabilities) -> list[Mistake]:
    """All wrong answers, the surest first."""
    answers = said(probabilities)
    wrong = np.flatnonzero(answers != labels)
    sure = probabilities[wrong, answers[wrong]]
    return [
        Mistake(
            int(index),
            int(labels[index]),
            int(answers[index]),
            float(probabilities[index, answers[index]]),
            float(probabilities[index, labels[index]]),
        )
        for index in wrong[np.argsort(-sure, kind="stable")]
    ]
