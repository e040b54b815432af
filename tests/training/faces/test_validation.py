"""Validation after an epoch."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from recognition.networks import Network
from training.faces.dataset import FaceSet
from training.faces.heads import MarginHead
from training.faces.objectives import FaceBatch, FaceObjective
from training.faces.open_set import validation_set
from training.faces.split import Split
from training.faces.training_set import TrainingSet
from training.faces.validation import BATCH, FaceValidation, ValidationPhotos, validation_photos


@pytest.fixture
def objective(training_set: TrainingSet) -> FaceObjective:
    head = MarginHead("cosface", training_set.prototypes, 0.0)
    return FaceObjective(head, people=training_set.people, classification_weight=1.0, distillation_weight=16.0)


def photos_of(faces: FaceSet, network: Network, copies: int) -> ValidationPhotos:
    crops = np.concatenate([faces.crops] * copies)
    targets = torch.from_numpy(network.embed(faces.crops, mirrored=True)).repeat(copies, 1)
    return ValidationPhotos(crops, torch.from_numpy(np.tile(faces.labels, copies)), targets)


class Watched(nn.Module):
    """A network that records how many faces it was given at once."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.sizes: list[int] = []

    def forward(self, pictures: Tensor) -> Tensor:
        self.sizes.append(len(pictures))
        answer: Tensor = self.module(pictures)
        return answer


def loss_of(watched: nn.Module, objective: FaceObjective, batches: Iterator[FaceBatch]) -> float:
    with torch.inference_mode():
        found = [(float(objective(watched, batch).loss), len(batch.labels)) for batch in batches]
    return sum(loss * size for loss, size in found) / sum(size for _, size in found)


def test_validation_never_forwards_more_faces_at_once_than_a_batch(
    faces: FaceSet, network: Network, objective: FaceObjective
) -> None:
    photos = photos_of(faces, network, copies=5)
    assert len(photos.crops) > BATCH
    watched = Watched(network.module).eval()
    evaluation_set = validation_set(faces, Split(faces.photos[1::2], faces.photos[::2], ()), None)
    validation = FaceValidation(watched, objective, network, "scratch", photos, evaluation_set)
    found = validation()
    assert max(watched.sizes) <= BATCH
    assert found.metrics.keys() == {"rank1", "tpir", "quality"}
    # The loss is that of all photos together.
    whole = FaceBatch(network.preprocess(photos.crops), photos.labels, photos.targets)
    assert found.loss == pytest.approx(loss_of(network.module, objective.eval(), iter([whole])), rel=1e-4)


def test_only_people_trained_on_count(faces: FaceSet, network: Network) -> None:
    train = tuple(photo for row, photo in enumerate(faces.photos) if row % 5 < 3)
    held = tuple(photo for row, photo in enumerate(faces.photos) if row % 5 == 3)
    photos = validation_photos(faces, Split(train, held, (), (faces.people[1],)), network)
    # Person 1 is held out: the head knows the others as 0, 1 and 2.
    assert photos.labels.tolist() == [0, 1, 2]
    assert photos.targets.shape == (3, 128)
