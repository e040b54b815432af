"""Pictures in memory as the batches of a training."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.course.data.augmentation import Changes, change
from training.course.data.balance import Balance, drawing_order
from training.course.data.pictures import Pictures
from training.loop.prefetch import prefetched

Batch = tuple[Tensor, Tensor]
"""(N, C, H, W) float32, channels last in memory, and (N,) int64."""


@dataclass(frozen=True, eq=False)
class PictureBatches:
    """An epoch goes through the pictures in random order, changed at random. The loop's `Batches`.

    Attributes:
        pictures: to learn from.
        size: of a batch; the pictures are shared out evenly, so that no batch is left with a single one.
        mean, scale: (pixel - mean) / scale, one number a channel.
        changes: augmentation.
        balance: how pictures are drawn.
        seed: of order and changes.
    """

    pictures: Pictures
    size: int
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    changes: Changes
    balance: Balance
    seed: int

    def __len__(self) -> int:
        return ceil(len(self.pictures) / self.size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Made in a thread of its own where they are changed, while the network learns from the batch before."""
        batches = self._batches(number)
        return prefetched(batches) if self.changes.any else batches

    def _batches(self, number: int) -> Iterator[Batch]:
        random = np.random.default_rng((self.seed, number))
        changing = torch.Generator().manual_seed(int(random.integers(2**62)))
        order = drawing_order(self.pictures.labels, self.balance, random)
        seen = np.zeros(len(self.pictures), dtype=bool)
        for rows in np.array_split(order, len(self)):
            images, labels = self.pictures.images[rows], self.pictures.labels[rows]
            batch = to_float(images)
            if self.changes.any and self.balance == "augmentation":
                again = seen[rows] | _repeated(rows)
                seen[rows] = True
                changed = change(batch, self.changes, changing)
                batch = torch.where(torch.from_numpy(again).view(-1, 1, 1, 1), changed, batch)
            elif self.changes.any:
                batch = change(batch, self.changes, changing)
            yield normalise(batch, self.mean, self.scale), torch.from_numpy(labels)


def _repeated(rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which rows stand in the list before already."""
    first = np.unique(rows, return_index=True)[1]
    again = np.ones(len(rows), dtype=bool)
    again[first] = False
    return again


def in_order(pictures: Pictures, size: int, mean: tuple[float, ...], scale: tuple[float, ...]) -> Iterator[Batch]:
    """All pictures as they are, for a validation or a test."""
    for start in range(0, len(pictures), size):
        part = pictures.take(slice(start, start + size))
        yield normalise(to_float(part.images), mean, scale), torch.from_numpy(part.labels)


def to_float(images: NDArray[np.uint8]) -> Tensor:
    """(N, H, W, C) uint8 to (N, C, H, W) float32, 0 to 255, channels last in memory."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float()


def normalise(batch: Tensor, mean: tuple[float, ...], scale: tuple[float, ...]) -> Tensor:
    """(batch - mean) / scale, one number a channel."""
    mean_, scale_ = (torch.tensor(values, dtype=torch.float32).view(1, -1, 1, 1) for values in (mean, scale))
    return (batch - mean_) / scale_
