"""A trained network with what it needs to be used: pictures in, probabilities out."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.course.data.batches import normalise, to_float
from training.course.data.pictures import Images

BATCH = 256
"""Pictures a call of the network; bounds memory."""

Probabilities = NDArray[np.float32]
"""(N, K) float32, 0 to 1, rows that add up to 1."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """A network that tells classes apart.

    Attributes:
        module: (N, C, H, W) float32 to (N, K) logits, in evaluation mode.
        classes: names, in the order of the logits.
        shape: height, width and channels that it takes.
        mean, scale: preprocessing, (pixel - mean) / scale on 0 to 255, one number a channel.
    """

    module: nn.Module
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def prepare(self, images: Images) -> Tensor:
        """(N, H, W, C) uint8 to the network's input, (N, C, H, W) float32, channels last in memory.

        Raises:
            ValueError: another size than `shape`.
        """
        if images.shape[1:] != self.shape or images.dtype != np.uint8:
            raise ValueError(f"pictures must be (N, {', '.join(map(str, self.shape))}) uint8, got {images.shape}")
        return normalise(to_float(images), self.mean, self.scale)

    def probabilities(self, images: Images) -> Probabilities:
        """(N, K) float32: softmax of the logits.

        Args:
            images: (N, H, W, C) uint8 of the network's own size.
        """
        parts = []
        with torch.inference_mode():
            for start in range(0, len(images), BATCH):
                logits = self.module(self.prepare(images[start : start + BATCH]))
                parts.append(logits.float().softmax(dim=1).numpy())
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)
