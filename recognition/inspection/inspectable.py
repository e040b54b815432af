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

    def preprocess(self, pictures: NDArray[np.uint8], /) -> Tensor:
        """(N, H, W, 3) uint8 RGB of any size to what the module takes, (N, channels, height, width) float32."""
