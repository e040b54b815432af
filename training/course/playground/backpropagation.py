"""Backpropagation written out: every number on the way forwards, every derivative on the way back.

The formulas are calculated one by one, as on paper; `autograd` lets torch do the same, for comparison.
D. Rumelhart, G. Hinton, R. Williams, "Learning representations by back-propagating errors" (1986).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from scipy.special import log_softmax
from torch import nn

from training.course.playground.activations import ACTIVATIONS, Activation, Numbers
from training.course.playground.errors import PlaygroundError


@dataclass(frozen=True, eq=False)
class Layer:
    """A dense layer.

    Attributes:
        weights: (M, N) float64, one row a unit.
        biases: (M,) float64.
        activation: of its units; `softmax` only in the last layer.
    """

    weights: Numbers
    biases: Numbers
    activation: Activation | Literal["softmax"]


@dataclass(frozen=True, eq=False)
class Pass:
    """A layer with what went through it, forwards and back.

    Attributes:
        layer: itself.
        inputs: (N,) what came in.
        z: (M,) weighted sums, W a + b.
        outputs: (M,) φ(z).
        pulls: (M,) ∂L/∂output; None for softmax, whose cross-entropy is derived in one step.
        slopes: (M,) φ'(z); None for softmax.
        deltas: (M,) δ = ∂L/∂z, which is also ∂L/∂b.
        gradient: (M, N) ∂L/∂W: δ of the unit times the input.
    """

    layer: Layer
    inputs: Numbers
    z: Numbers
    outputs: Numbers
    pulls: Numbers | None
    slopes: Numbers | None
    deltas: Numbers
    gradient: Numbers

    def stepped(self, rate: float) -> Layer:
        """The layer after one step down the gradient: w − η ∂L/∂w."""
        return Layer(self.layer.weights - rate * self.gradient, self.layer.biases - rate * self.deltas, self.layer.activation)


@dataclass(frozen=True, eq=False)
class Passes:
    """One example through a network.

    Attributes:
        layers: first to last.
        loss: L: cross-entropy where the last layer is softmax, else half the squared error, ½ Σ (output − target)².
    """

    layers: tuple[Pass, ...]
    loss: float


def backpropagate(layers: Sequence[Layer], x: Numbers, target: Numbers) -> Passes:
    """Send one example through a network and its error back.

    Args:
        layers: first to last. x: (N,) input. target: (K,); with softmax, probabilities that add up to 1.

    Raises:
        PlaygroundError: numbers so large that their products are none any more, or targets of a softmax that are no
            probabilities.
    """
    if layers[-1].activation == "softmax" and (target.min() < 0 or abs(target.sum() - 1) > 1e-6):
        raise PlaygroundError("With softmax the targets are probabilities: not negative, and together 1.")
    with np.errstate(over="ignore", invalid="ignore"):
        passes = _passes(layers, x, target)
    if not (np.isfinite(passes.loss) and all(np.isfinite(one.gradient).all() for one in passes.layers)):
        raise PlaygroundError("With inputs or weights this large the derivatives overflow. Take smaller numbers.")
    return passes


def _passes(layers: Sequence[Layer], x: Numbers, target: Numbers) -> Passes:
    forwards: list[tuple[Layer, Numbers, Numbers, Numbers]] = []
    signal = x
    for layer in layers:
        z = layer.weights @ signal + layer.biases
        outputs = np.exp(log_softmax(z)) if layer.activation == "softmax" else ACTIVATIONS[layer.activation].value(z)
        forwards.append((layer, signal, z, outputs))
        signal = outputs
    last, _, z, outputs = forwards[-1]
    loss = -target @ log_softmax(z) if last.activation == "softmax" else 0.5 * np.sum((outputs - target) ** 2)
    passes: list[Pass] = []
    for layer, inputs, z, outputs in reversed(forwards):
        # Of the loss at the end; before it, what comes back from the units behind.
        pulls = passes[-1].layer.weights.T @ passes[-1].deltas if passes else outputs - target
        if layer.activation == "softmax":
            passes.append(Pass(layer, inputs, z, outputs, None, None, pulls, np.outer(pulls, inputs)))
        else:
            slopes = ACTIVATIONS[layer.activation].slope(z)
            deltas = pulls * slopes
            passes.append(Pass(layer, inputs, z, outputs, pulls, slopes, deltas, np.outer(deltas, inputs)))
    return Passes(tuple(reversed(passes)), float(loss))


def autograd(layers: Sequence[Layer], x: Numbers, target: Numbers) -> list[tuple[Numbers, Numbers]]:
    """∂L/∂W (M, N) and ∂L/∂b (M,) of each layer, from torch.

    Args:
        layers, x, target: as for `backpropagate`.
    """
    network = nn.Sequential()
    for layer in layers:
        units, inputs = layer.weights.shape
        linear = nn.Linear(inputs, units, dtype=torch.float64)
        linear.load_state_dict({"weight": torch.from_numpy(layer.weights), "bias": torch.from_numpy(layer.biases)})
        network.append(linear)
        if layer.activation != "softmax":
            network.append(ACTIVATIONS[layer.activation].module())
    output, wanted = network(torch.from_numpy(x)), torch.from_numpy(target)
    if layers[-1].activation == "softmax":
        loss = nn.functional.cross_entropy(output, wanted)
    else:
        loss = 0.5 * nn.functional.mse_loss(output, wanted, reduction="sum")
    gradients = [gradient.numpy() for gradient in torch.autograd.grad(loss, list(network.parameters()))]
    return list(zip(gradients[::2], gradients[1::2], strict=True))
