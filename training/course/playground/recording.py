"""A training as a recording: what a network says of the whole plane, and its weights, after every epoch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.course.playground.errors import PlaygroundError
from training.course.playground.points import REACH, Points

SIDE = 40
"""Places in a row and in a column at which the network is asked; what draws it interpolates."""

State = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class Recording:
    """Every epoch of a training, the first frame before it.

    Attributes:
        scores: (F, K - 1, SIDE, SIDE) float32, by how much the network prefers class 1, 2 … to class 0 (its logits less that
            of class 0), on an even grid over the plane; row 0 is at the bottom.
        losses: (F,) float64, over all points.
        accuracies: (F,) float64, 0 to 1.
        states: (F,) the network's weights.
        trouble: a sentence where the training stopped before its time.
    """

    scores: NDArray[np.float32]
    losses: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    states: tuple[State, ...]
    trouble: str | None = None

    @property
    def epochs(self) -> int:
        """Epochs shown; the recording has one frame more."""
        return len(self.states) - 1


class Recorder:
    """Takes frames of a network.

    Args:
        network: whose weights are kept.
        scores: what it says of (N, 2) float64 places, (N, K - 1); see `Recording`.
        points: what it learns.
        loss: of (N, K - 1) scores towards (N,) labels.
    """

    def __init__(
        self,
        network: nn.Module,
        scores: Callable[[Tensor], Tensor],
        points: Points,
        loss: Callable[[Tensor, Tensor], Tensor],
    ) -> None:
        self._network, self._scores, self._loss = network, scores, loss
        steps = torch.linspace(-REACH, REACH, SIDE, dtype=torch.float64)
        self._grid = torch.cartesian_prod(steps, steps).flip(1)
        self._places, self._labels = tensors(points)
        self._frames: list[tuple[NDArray[np.float32], float, float, State]] = []

    def take(self) -> None:
        """A frame of the network as it is now.

        Raises:
            PlaygroundError: its numbers have run away.
        """
        with torch.inference_mode():
            scores = self._scores(torch.cat([self._grid, self._places]))
            of_points = scores[len(self._grid) :]
            loss = float(self._loss(of_points, self._labels))
            right = predicted(of_points) == self._labels
        if not (torch.isfinite(scores).all() and np.isfinite(loss)):
            raise PlaygroundError("The network's numbers run away: the learning rate is too high. Lower it.")
        field = scores[: len(self._grid)].T.reshape(-1, SIDE, SIDE).float().numpy()
        state = {name: tensor.clone() for name, tensor in self._network.state_dict().items()}
        self._frames.append((field, loss, float(right.double().mean()), state))

    def recording(self, trouble: str | None = None) -> Recording:
        """All frames so far."""
        fields, losses, accuracies, states = zip(*self._frames, strict=True)
        return Recording(np.stack(fields), np.array(losses), np.array(accuracies), states, trouble)


def tensors(points: Points) -> tuple[Tensor, Tensor]:
    """Places (N, 2) float64 and labels (N,) int64."""
    return torch.from_numpy(points.places.copy()), torch.from_numpy(points.labels.copy())


def predicted(scores: Tensor) -> Tensor:
    """(N, K - 1) scores to (N,) classes: class 0 where all are negative."""
    best, which = scores.max(dim=1)
    return torch.where(best >= 0, which + 1, 0)
