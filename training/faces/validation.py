"""Validation after an epoch of fine-tuning: the network that would come out of it, on validation photos."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from recognition.networks import Crops, Network, Scope
from training.faces.dataset import FaceSet
from training.faces.interpolation import USUAL_WEIGHT, interpolate
from training.faces.objectives import FaceBatch, FaceObjective
from training.faces.open_set import EvaluationSet, evaluate
from training.faces.split import Split, rows_of
from training.loop.objective import measure
from training.loop.train import Validation

BATCH = 64
"""Photos in memory at once."""


@dataclass(frozen=True, eq=False)
class ValidationPhotos:
    """Validation photos of the people trained on.

    Attributes:
        crops: (N, S, S, 3) uint8 RGB.
        labels: (N,) int64, the classes of the head.
        targets: (N, D) float32 unit, the untuned network's embeddings.
    """

    crops: Crops
    labels: Tensor
    targets: Tensor

    def batches(self, parent: Network) -> Iterator[FaceBatch]:
        """All of them as they are, `BATCH` at a time."""
        for start in range(0, len(self.crops), BATCH):
            part = slice(start, start + BATCH)
            yield FaceBatch(
                parent.preprocess(self.crops[part]),
                self.labels[part].to(parent.device),
                self.targets[part].to(parent.device),
            )


def validation_photos(faces: FaceSet, parts: Split, parent: Network) -> ValidationPhotos:
    """Embed the validation photos of trained people with the untuned network."""
    trained = rows_of(faces, parts.train)
    people = np.unique(faces.labels[trained[~faces.belong_to(parts.held_out)[trained]]])
    rows = rows_of(faces, parts.validation)
    crops, labels = faces.subset(rows[np.isin(faces.labels[rows], people)])
    return ValidationPhotos(
        crops, torch.from_numpy(np.searchsorted(people, labels)), torch.from_numpy(parent.embed(crops, mirrored=True))
    )


@dataclass(frozen=True, eq=False)
class FaceValidation:
    """Called after every epoch.

    Attributes:
        backbone, objective: as they are being trained.
        parent: the untuned network.
        scope: of the training; all but `scratch` end in an interpolation with the parent.
        photos: for the loss.
        evaluation_set: for the quality.
    """

    backbone: nn.Module
    objective: FaceObjective
    parent: Network
    scope: Scope
    photos: ValidationPhotos
    evaluation_set: EvaluationSet

    def __call__(self) -> Validation:
        module = self.backbone if self.scope == "scratch" else interpolate(self.parent, self.backbone, USUAL_WEIGHT)
        result = evaluate(self.parent.with_module(module), self.evaluation_set, mirrored=False)
        clean, hard = result.rates.clean, result.rates.hard
        return Validation(
            quality=result.quality,
            loss=measure(self.backbone, self.objective, self.photos.batches(self.parent)).loss,
            metrics={
                "quality": result.quality,
                "rank1": (clean.rank1 + hard.rank1) / 2,
                "tpir": (clean.tpir_at_fpir_5 + hard.tpir_at_fpir_5) / 2,
            },
        )
