"""What a training minimises, and what it measures meanwhile."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import nan
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

BatchT = TypeVar("BatchT")
BatchT_co = TypeVar("BatchT_co", covariant=True)


@dataclass(frozen=True, eq=False)
class BatchResult:
    """What an objective makes of one batch.

    Attributes:
        loss: scalar tensor, the mean over the batch; it carries the gradient.
        size: items in the batch.
        metrics: further numbers by name, each as its sum over the batch and the number of items that it is over.
    """

    loss: Tensor
    size: int
    metrics: Mapping[str, tuple[float, int]]


class Objective(nn.Module, Generic[BatchT]):
    """Turns a model and a batch into a loss.

    It is a module so that parameters of its own, such as a classification head, are trained, moved and saved with it.
    """

    def forward(self, model: nn.Module, batch: BatchT) -> BatchResult:
        """The loss and the metrics of one batch, in training or in evaluation mode."""
        raise NotImplementedError


class Batches(Protocol[BatchT_co]):
    """The training data."""

    def __len__(self) -> int:
        """Batches in an epoch, at least one."""

    def epoch(self, number: int) -> Iterator[BatchT_co]:
        """The batches of an epoch, from 1. What is random in them depends on `number` and torch's random numbers alone."""


class Classification(Objective[tuple[Tensor, Tensor]]):
    """Cross-entropy of a model that turns (N, …) inputs into (N, C) logits, towards (N,) int64 labels.

    Args:
        weights: (C,) how much each class counts; all alike without.
        smoothing: share of each label that is spread over all classes (label smoothing, Szegedy et al. 2016).
    """

    weights: Tensor | None

    def __init__(self, weights: Tensor | None = None, smoothing: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("weights", weights, persistent=False)
        self._smoothing = smoothing

    def forward(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> BatchResult:
        inputs, labels = batch
        logits: Tensor = model(inputs)
        right = int((logits.detach().argmax(dim=1) == labels).sum())
        loss = nn.functional.cross_entropy(logits.float(), labels, self.weights, label_smoothing=self._smoothing)
        return BatchResult(loss, len(labels), {"accuracy": (right, len(labels))})


class Means:
    """Means over batches, each item counted once."""

    def __init__(self) -> None:
        self._loss, self._items = 0.0, 0
        self._sums: dict[str, tuple[float, int]] = {}

    def add(self, result: BatchResult) -> None:
        """Count one more batch."""
        self._loss += float(result.loss.detach()) * result.size
        self._items += result.size
        for name, (value, count) in result.metrics.items():
            before, counted = self._sums.get(name, (0.0, 0))
            self._sums[name] = before + value, counted + count

    @property
    def loss(self) -> float:
        """NaN without an item."""
        return self._loss / self._items if self._items else nan

    @property
    def metrics(self) -> dict[str, float]:
        """Those with at least one item to be over."""
        return {name: value / count for name, (value, count) in self._sums.items() if count}


def measure(model: nn.Module, objective: Objective[BatchT], batches: Iterable[BatchT]) -> Means:
    """Loss and metrics over some batches in evaluation mode, without learning. One batch is in memory at a time."""
    means = Means()
    was_training = model.training, objective.training
    model.eval()
    objective.eval()
    try:
        with torch.inference_mode():
            for batch in batches:
                means.add(objective(model, batch))
    finally:
        model.train(was_training[0])
        objective.train(was_training[1])
    return means
