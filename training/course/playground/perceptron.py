"""Rosenblatt's perceptron: one unit with a step, and the rule by which it learns from each mistake.

F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the brain" (1958).
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.course.playground.points import Points, require_classes
from training.course.playground.recording import Recorder, Recording, State


@dataclass(frozen=True)
class PerceptronSettings:
    """How a perceptron learns.

    Attributes:
        rate: η, above 0.
        epochs: times through all points at most; it stops after one without a mistake, which changes nothing any more.
        seed: of the first weights and of the order of the points.
    """

    rate: float = 0.01
    epochs: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        if self.rate <= 0 or self.epochs < 1:
            raise ValueError("the rate must be above 0, and there must be at least one epoch")


@dataclass(frozen=True, eq=False)
class Correction:
    """The rule at one point, with all its numbers.

    Attributes:
        weight, bias: before: w (2,), b. x: the point (2,). label: y, 0 or 1. rate: η.
    """

    weight: NDArray[np.float64]
    bias: float
    x: NDArray[np.float64]
    label: int
    rate: float

    @property
    def z(self) -> float:
        """w·x + b."""
        return float(self.weight @ self.x + self.bias)

    @property
    def answer(self) -> int:
        """ŷ = φ(z): 1 where z is not negative."""
        return int(self.z >= 0)

    @property
    def error(self) -> int:
        """y − ŷ: 0 where the answer is right."""
        return self.label - self.answer

    @property
    def new_weight(self) -> NDArray[np.float64]:
        """w + η (y − ŷ) x."""
        return self.weight + self.rate * self.error * self.x

    @property
    def new_bias(self) -> float:
        """b + η (y − ŷ)."""
        return self.bias + self.rate * self.error


class Perceptron(nn.Module):
    """(N, 2) float64 to (N, 1) float64: z. The class is 1 where z is not negative."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        self.weight = nn.Parameter(torch.randn(2, dtype=torch.float64, generator=random), requires_grad=False)
        self.bias = nn.Parameter(torch.randn((), dtype=torch.float64, generator=random), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return (x @ self.weight + self.bias)[:, None]

    def loss(self, scores: Tensor, labels: Tensor) -> Tensor:
        """How far points are on the wrong side, on average: mean of max(0, −s z) / |(w, b)|, with s = ±1 by class.

        The perceptron criterion by the length of the weights, or it would fall only because they get smaller.

        Args:
            scores: (N, 1) what `forward` gave. labels: (N,) 0 or 1.
        """
        signs = labels.to(scores.dtype) * 2 - 1
        length = torch.cat([self.weight, self.bias[None]]).norm().clamp(min=1e-12)
        loss: Tensor = (-signs * scores[:, 0]).clamp(min=0).mean() / length
        return loss

    def learn(self, x: NDArray[np.float64], label: int, rate: float) -> bool:
        """Correct the weights at one point; whether there was anything to correct."""
        rule = correction(self.state_dict(), x, label, rate)
        self.weight.copy_(torch.from_numpy(rule.new_weight))
        self.bias.fill_(rule.new_bias)
        return rule.error != 0


def correction(state: State, x: NDArray[np.float64], label: int, rate: float) -> Correction:
    """What the rule does at a point, x (2,) and 0 or 1, to a perceptron with these weights."""
    return Correction(state["weight"].numpy().copy(), float(state["bias"]), x, label, rate)


def train_perceptron(points: Points, settings: PerceptronSettings) -> Recording:
    """Learn two classes, point by point, and keep every epoch.

    Raises:
        PlaygroundError: no points, or not two classes.
    """
    require_classes(points, 2)
    perceptron = Perceptron(settings.seed)
    order = np.random.default_rng(settings.seed)
    recorder = Recorder(perceptron, perceptron, points, perceptron.loss)
    recorder.take()
    for _ in range(settings.epochs):
        visits = order.permutation(len(points))
        mistakes = sum(perceptron.learn(points.places[at], int(points.labels[at]), settings.rate) for at in visits)
        recorder.take()
        if mistakes == 0:
            break
    return recorder.recording()
