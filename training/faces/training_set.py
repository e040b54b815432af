"""What is learned from: the training photos, invented faces, and the distillation target of each.

Mixtures of two people widen the few faces to many (mixup, Zhang et al. 2018; CutMix, Yun et al. 2019). What is learned from
them is in `training.faces.objectives`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.alignment import FACE
from recognition.identification import mean_templates
from recognition.networks import Crops, Network
from recognition.pictures import Picture
from training.faces.augmentation import Augmentation, augment
from training.faces.dataset import Labels
from training.faces.objectives import FaceBatch
from training.loop.prefetch import prefetched

MAX_INVENTED = 1000
"""Invented faces at most. See docs/decisions.md, "Invented faces"."""

SEAM = 8
"""Pixels over which the upper half of one face becomes the lower half of another."""


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Faces to learn from.

    Attributes:
        crops: (N, S, S, 3) uint8 RGB: photos first, then invented faces.
        labels: (N,) int64 classes: people from 0, then one class an invented face.
        targets: (N, D) float32 unit, the untuned network's embeddings of the faces as they are.
        prototypes: (C, D) float32 unit, the mean target of each class.
        photos: how many of the faces are photos.
    """

    crops: Crops
    labels: Tensor
    targets: Tensor
    prototypes: Tensor
    photos: int

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def people(self) -> int:
        """How many people the photos are of; the classes from there on are invented."""
        return int(self.labels[: self.photos].max()) + 1

    def real(self) -> "TrainingSet":
        """The photos alone, without invented faces."""
        return TrainingSet(
            self.crops[: self.photos],
            self.labels[: self.photos],
            self.targets[: self.photos],
            self.prototypes[: self.people],
            self.photos,
        )


def prepare(crops: Crops, labels: Labels, parent: Network, mixup_ratio: float, seed: int) -> TrainingSet:
    """Invent faces, and embed all of them with the untuned network.

    Args:
        crops, labels: the training photos; labels are 0 … P-1.
        parent: the untuned network.
        mixup_ratio: invented faces per photo.
        seed: of who is mixed with whom.
    """
    count = min(round(mixup_ratio * len(crops)), MAX_INVENTED)
    invented = mixup(crops, labels, count, np.random.default_rng(seed))
    everything = np.concatenate([crops, invented]) if len(invented) else crops
    people = int(labels.max()) + 1
    classes = np.concatenate([labels, people + np.arange(len(invented))])
    targets = parent.embed(everything, mirrored=True)
    _, prototypes = mean_templates(classes, targets)
    return TrainingSet(
        everything, torch.from_numpy(classes), torch.from_numpy(targets), torch.from_numpy(prototypes), len(crops)
    )


def mixup(crops: Crops, labels: Labels, count: int, random: np.random.Generator) -> Crops:
    """Invent faces from two people each: half of them overlaid (mixup), half with the eyes of one and the mouth of the other
    (CutMix along a soft seam).

    Returns:
        (count, CROP_SIZE, CROP_SIZE, 3) uint8 RGB; the alignment makes eyes meet eyes.
    """
    if len(np.unique(labels)) < 2:
        return crops[:0]
    mixed: list[Picture] = []
    rows = np.arange(crops.shape[1])[:, None, None]
    while len(mixed) < count:
        first, second = random.integers(0, len(crops), 2)
        if labels[first] == labels[second]:
            continue
        if random.random() < 0.5:
            share: float | NDArray[np.float64] = random.uniform(0.35, 0.65)
        else:
            seam = FACE.top + random.uniform(0.4, 0.6) * FACE.side
            share = np.clip((seam - rows) / (2 * SEAM) + 0.5, 0.0, 1.0)
        mixed.append(np.round(crops[first] * share + crops[second] * (1 - share)).astype(np.uint8))
    return np.stack(mixed) if mixed else crops[:0]


@dataclass(frozen=True, eq=False)
class FaceBatches:
    """The batches of a training: in each epoch, faces drawn anew, each changed by the augmentation.

    Everybody is drawn alike, however many photos there are of them; an invented face as often as a person's photo would be
    if all had the same number.

    Attributes:
        training_set: the faces.
        parent: the untuned network, for its preprocessing.
        augmentation: what may happen to a face.
        faces: drawn in an epoch.
        size: of a batch; the last one may be smaller.
        seed: with the number of the epoch it decides what is drawn.
    """

    training_set: TrainingSet
    parent: Network
    augmentation: Augmentation
    faces: int
    size: int
    seed: int

    def __len__(self) -> int:
        return -(-self.faces // self.size)

    def epoch(self, number: int) -> Iterator[FaceBatch]:
        """The batches of an epoch, made in a thread of their own."""
        return prefetched(self._drawn(number))

    def _drawn(self, number: int) -> Iterator[FaceBatch]:
        random = np.random.default_rng((self.seed, number))
        chances = _chances(self.training_set)
        for start in range(0, self.faces, self.size):
            rows = random.choice(len(self.training_set), size=min(self.size, self.faces - start), p=chances)
            yield FaceBatch(
                self.parent.preprocess(augment(self.training_set.crops[rows], self.augmentation, random)),
                self.training_set.labels[rows].to(self.parent.device),
                self.training_set.targets[rows].to(self.parent.device),
            )


def _chances(training_set: TrainingSet) -> NDArray[np.float64]:
    labels = training_set.labels.numpy()[: training_set.photos]
    counts = np.bincount(labels)
    weights = np.ones(len(training_set))
    weights[: training_set.photos] = len(labels) / (np.count_nonzero(counts) * counts[labels])
    chances: NDArray[np.float64] = weights / weights.sum()
    return chances
