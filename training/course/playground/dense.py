"""A dense network of up to three hidden layers, which learns points by gradient descent."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from training.course.playground.activations import ACTIVATIONS, Activation
from training.course.playground.backpropagation import Layer
from training.course.playground.points import CLASSES, Points, require_classes
from training.course.playground.recording import Recorder, Recording, State, tensors
from training.errors import TrainingError
from training.loop.objective import Classification
from training.loop.observer import EpochRecord, NullObserver
from training.loop.train import LoopSettings, Task, train

MAX_HIDDEN, MAX_UNITS = 3, 8

BATCH = 10
"""Points a step; see docs/decisions.md, "Steps in the playground"."""


@dataclass(frozen=True)
class DenseSettings:
    """A dense network and how it learns.

    Attributes:
        hidden: hidden layers, 0 to `MAX_HIDDEN`.
        units: in each of them, 1 to `MAX_UNITS`.
        activation: of the hidden units; the last layer is softmax.
        rate: η of plain gradient descent, above 0.
        epochs: times through all points.
        seed: of the first weights and of the order of the points.
    """

    hidden: int = 2
    units: int = 6
    activation: Activation = "tanh"
    rate: float = 0.3
    epochs: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.hidden <= MAX_HIDDEN and 1 <= self.units <= MAX_UNITS):
            raise ValueError(f"there are 0 to {MAX_HIDDEN} hidden layers of 1 to {MAX_UNITS} units")
        if self.rate <= 0 or self.epochs < 1:
            raise ValueError("the rate must be above 0, and there must be at least one epoch")


class DenseNetwork(nn.Sequential):
    """(N, 2) float64 to (N, K) float64 logits. Equal settings begin with equal weights, as torch draws them by default."""

    def __init__(self, settings: DenseSettings, classes: int) -> None:
        super().__init__()
        sizes = [2, *[settings.units] * settings.hidden]
        for inputs, units in pairwise(sizes):
            self.append(nn.Linear(inputs, units, dtype=torch.float64))
            self.append(ACTIVATIONS[settings.activation].module())
        self.append(nn.Linear(sizes[-1], classes, dtype=torch.float64))
        # Random numbers of its own: those of torch are one for all who use the app.
        random = torch.Generator().manual_seed(settings.seed)
        for linear in self:
            if isinstance(linear, nn.Linear):
                for parameter in linear.parameters():
                    nn.init.uniform_(parameter, -(linear.in_features**-0.5), linear.in_features**-0.5, generator=random)

    def scores(self, x: Tensor) -> Tensor:
        """(N, K - 1): the logits less that of the first class, as `Recording` wants them."""
        logits: Tensor = self(x)
        return logits[:, 1:] - logits[:, :1]


def _cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.cross_entropy(nn.functional.pad(scores, (1, 0)), labels)


@dataclass(frozen=True, eq=False)
class _Shuffled:
    """All points once an epoch, in another order each time."""

    places: Tensor
    labels: Tensor
    seed: int

    def __len__(self) -> int:
        return -(-len(self.labels) // BATCH)

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        order = np.random.default_rng([self.seed, number]).permutation(len(self.labels))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            yield self.places[chosen], self.labels[chosen]


class _TakeFrames(NullObserver):
    """Takes a frame after every epoch."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def epoch(self, record: EpochRecord) -> None:  # noqa: ARG002
        self._recorder.take()


def train_dense(points: Points, settings: DenseSettings) -> Recording:
    """Learn two or three classes by stochastic gradient descent, and keep every epoch.

    Raises:
        PlaygroundError: no points, or one class only.
    """
    require_classes(points, len(CLASSES))
    network = DenseNetwork(settings, points.classes)
    recorder = Recorder(network, network.scores, points, _cross_entropy)
    recorder.take()
    task = Task(
        model=network,
        objective=Classification(),
        batches=_Shuffled(*tensors(points), settings.seed),
        optimizer=torch.optim.SGD(network.parameters(), lr=settings.rate),
    )
    try:
        train(task, LoopSettings(epochs=settings.epochs, seed=settings.seed), observer=_TakeFrames(recorder))
    except TrainingError as error:
        return recorder.recording(str(error))
    return recorder.recording()


def layers_of(state: State, settings: DenseSettings) -> tuple[Layer, ...]:
    """The layers of a frame's weights as numbers, first to last."""
    names = [name.removesuffix(".weight") for name in state if name.endswith(".weight")]
    arrays = [(state[f"{name}.weight"].numpy(), state[f"{name}.bias"].numpy()) for name in names]
    hidden = [Layer(weights, biases, settings.activation) for weights, biases in arrays[:-1]]
    return (*hidden, Layer(*arrays[-1], "softmax"))
