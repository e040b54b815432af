"""Activation functions: as torch's modules, and as the formulas that are written out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from torch import nn

Numbers = NDArray[np.float64]

Activation = Literal["tanh", "ReLU", "sigmoid"]


@dataclass(frozen=True)
class Formula:
    """One activation function.

    Attributes:
        module: torch's.
        value: φ(z), number by number.
        slope: φ'(z), number by number; torch's choice where there is a kink.
    """

    module: type[nn.Module]
    value: Callable[[Numbers], Numbers]
    slope: Callable[[Numbers], Numbers]


def _relu(z: Numbers) -> Numbers:
    return np.maximum(z, 0.0)


def _relu_slope(z: Numbers) -> Numbers:
    return (z > 0).astype(np.float64)


def _tanh_slope(z: Numbers) -> Numbers:
    return 1 - np.tanh(z) ** 2


def _sigmoid(z: Numbers) -> Numbers:
    return np.asarray(expit(z), np.float64)


def _sigmoid_slope(z: Numbers) -> Numbers:
    return _sigmoid(z) * _sigmoid(-z)


ACTIVATIONS: Mapping[Activation, Formula] = MappingProxyType(
    {
        "tanh": Formula(nn.Tanh, np.tanh, _tanh_slope),
        "ReLU": Formula(nn.ReLU, _relu, _relu_slope),
        "sigmoid": Formula(nn.Sigmoid, _sigmoid, _sigmoid_slope),
    }
)
"""By name."""
