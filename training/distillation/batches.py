"""The batches: every epoch shows each face twice, once nearly as it is and once as a bad camera would have it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from recognition.networks import Network
from training.distillation.objective import DistilBatch
from training.distillation.unlabelled import UnlabelledFaces
from training.faces.augmentation import Augmentation, augment
from training.loop.prefetch import prefetched

CORRUPTED = Augmentation(strength="strong")
"""All that may happen to a training face: turned, shifted, covered, moved, blurred, down to 16 pixels, dark, noisy, JPEG."""

CLEAR = Augmentation(strength="light", parts=frozenset({"mirror", "rotation", "shift", "zoom", "colour"}))
"""What a clear face may differ by: where its landmarks were found, and the light."""


@dataclass(frozen=True, eq=False)
class DistilBatches:
    """The training data.

    Attributes:
        faces: all faces.
        rows: (N,) int64, those to learn from.
        targets: (len(faces), D) float32 unit, the teacher's embeddings.
        student: for its preprocessing.
        size: pictures in a batch, two of each face.
        seed: with the number of the epoch it decides the order and what happens to a face.
    """

    faces: UnlabelledFaces
    rows: NDArray[np.int64]
    targets: Tensor
    student: Network
    size: int
    seed: int

    def __len__(self) -> int:
        return len(self.rows) // self._faces_a_batch

    @property
    def _faces_a_batch(self) -> int:
        return min(self.size // 2, len(self.rows))

    def epoch(self, number: int) -> Iterator[DistilBatch]:
        """The batches of an epoch, made in a thread of their own. The few faces that fill no batch wait for another epoch."""
        return prefetched(self._drawn(number))

    def _drawn(self, number: int) -> Iterator[DistilBatch]:
        random = np.random.default_rng((self.seed, number))
        order = random.permutation(self.rows)
        for batch in range(len(self)):
            rows = order[batch * self._faces_a_batch : (batch + 1) * self._faces_a_batch]
            crops = self.faces.crops(rows)
            both = np.concatenate([augment(crops, CLEAR, random), augment(crops, CORRUPTED, random)])
            targets = self.targets[np.concatenate([rows, rows])].to(self.student.device)
            yield DistilBatch(self.student.preprocess(both), targets)
