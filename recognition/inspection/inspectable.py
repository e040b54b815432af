"""What a network must offer to be looked into."""

from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn


class Inspectable(Protocol):
    """A network with its preprocessing, shared between threads: a face network, or a classifier of anything else."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the pictures it takes."""

    def exclusive(self) -> AbstractContextManager[nn.Module]:
        """The network's module for one thread alone."""

    def cut(self, pictures: NDArray[np.uint8], /) -> NDArray[np.uint8]:
        """The part of (N, H, W, 3) uint8 RGB that it looks at, as a view: what its maps belong over."""

    def preprocess(self, pictures: NDArray[np.uint8], /) -> Tensor:
        """(N, H, W, 3) uint8 RGB of any size to what the module takes, (N, channels, height, width) float32."""
