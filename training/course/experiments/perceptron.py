"""Rosenblatt's perceptron as a network that the training loop trains by the perceptron's own rule."""

from typing import cast

from torch import Tensor, nn

from training.loop.objective import BatchResult, Objective


class Perceptron(nn.Module):
    """One threshold unit a class on raw pixels, z = w·x + b (Rosenblatt 1958). Starts from zeros, as he did.

    Takes (N, C, H, W), gives (N, K) z; the class with the largest z wins.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.units = nn.Linear(inputs, classes)
        nn.init.zeros_(self.units.weight)
        nn.init.zeros_(self.units.bias)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.units(self.flatten(x)))


class PerceptronRule(Objective[tuple[Tensor, Tensor]]):
    """w ← w + η (y − ŷ) x, b ← b + η (y − ŷ), with ŷ = 1 where z ≥ 0, else 0; the mean over a batch.

    It is what one step of plain gradient descent does with the perceptron criterion (ŷ − y)·z, ŷ held fixed.
    """

    def forward(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> BatchResult:
        inputs, labels = batch
        z: Tensor = model(inputs)
        wanted = nn.functional.one_hot(labels, z.shape[1]).to(z)
        fired = (z.detach() >= 0).to(z)
        loss = ((fired - wanted) * z).sum(dim=1).mean()
        right = int((z.detach().argmax(dim=1) == labels).sum())
        return BatchResult(loss, len(labels), {"accuracy": (right, len(labels))})
