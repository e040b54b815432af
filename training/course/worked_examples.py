"""The course's worked examples: small number grids that can be followed with pencil and paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from recognition.inspection.sliding_window import Padding
from training.course.convolution import KERNELS, Grid


@dataclass(frozen=True)
class Example:
    """A grid with the kernel it is worked with.

    Attributes:
        title: its name in lists.
        grid: (H, W) or (H, W, C).
        kernel: (f, f) or (f, f, C).
        padding: around the grid.
        bias: added to every sum.
    """

    title: str
    grid: Grid
    kernel: Grid
    padding: Padding = "none"
    bias: float = 0.0


def _digits(*rows: str) -> Grid:
    return np.array([[float(digit) for digit in row] for row in rows])


def _letter() -> Grid:
    letter = np.zeros((6, 6))
    letter[1, 1:5] = letter[1:5, 1] = letter[4, 1:5] = 0.6
    return letter


EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {
        "cross": Example(
            "5×5 picture, cross kernel",
            _digits("11100", "01110", "00111", "00110", "01100"),
            KERNELS["Cross"],
        ),
        "edge": Example("6×6, left half bright", np.repeat([[9.0, 9, 9, 0, 0, 0]], 6, axis=0), KERNELS["Vertical edge"]),
        "digits": Example(
            "6×6 digits",
            _digits("301274", "158931", "272513", "013178", "421628", "245239"),
            KERNELS["Vertical edge"],
        ),
        "letter": Example("6×6 letter C in 0.6", _letter(), KERNELS["Sobel x"]),
        "colour": Example(
            "Colour: R, G, B and a bias",
            np.array([[[156, 167, 163], [155, 166, 162]], [[153, 164, 160], [154, 165, 161]]], dtype=np.float64),
            np.stack(
                [
                    np.array([[-1, -1, 1], [0, 1, -1], [0, 1, 1]], dtype=np.float64),
                    np.array([[1, 0, 0], [1, -1, -1], [1, 0, -1]], dtype=np.float64),
                    np.array([[0, 1, 1], [0, 1, 0], [1, -1, 1]], dtype=np.float64),
                ],
                axis=2,
            ),
            padding="same",
            bias=1.0,
        ),
    }
)
"""For convolution, by key."""

POOLED: Mapping[str, Grid] = MappingProxyType(
    {
        "first": np.array([[2, 1, 1, 3], [4, 5, 2, 1], [1, 4, 5, 3], [5, 1, 7, 6]], dtype=np.float64),
        "second": np.array([[2, 3, 1, 9], [4, 7, 3, 5], [8, 2, 2, 2], [1, 3, 4, 5]], dtype=np.float64),
        "third": np.array([[5, 3, 2, 6], [7, 4, 2, 1], [7, 5, 8, 1], [9, 5, 4, 1]], dtype=np.float64),
    }
)
"""For pooling, by key."""
