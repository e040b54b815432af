"""A small set of faces to train on: two public-domain portraits, and people invented from them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.alignment import TEMPLATE
from recognition.networks import Network
from recognition.pictures import encode_png
from tests.training.unlabelled import picture_of, zip_of
from training.distillation import UnlabelledFaces, read_faces
from training.faces.augmentation import Augmentation, draws
from training.faces.dataset import FaceSet
from training.faces.settings import FitSettings
from training.faces.training_set import TrainingSet, prepare

PHOTOS = 5

SMALL = FitSettings(epochs=2, epoch_faces=8, batch_size=4, mixup_ratio=0.5, whitening=16, test=0.2, held_out=0.25, patience=9)
"""A training of a few seconds."""

LIGHT = Augmentation(strength="strong", parts=frozenset({"rotation", "shift", "zoom", "colour", "mirror"}))


def people_of(collins: NDArray[np.uint8], hopper: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Four people: the two, and two that are halves of both."""
    overlaid = (collins.astype(float) + hopper) / 2
    nose = round(TEMPLATE[2, 1])
    joined = np.concatenate([hopper[:nose], collins[nose:]])
    return [collins, hopper, overlaid.astype(np.uint8), joined]


@pytest.fixture(scope="session")
def faces(collins_crop: NDArray[np.uint8], hopper_crop: NDArray[np.uint8]) -> FaceSet:
    """Four people, five photos each."""
    people = people_of(collins_crop, hopper_crop)
    crops = np.concatenate([draws(person, LIGHT, PHOTOS, seed) for seed, person in enumerate(people)])
    keys = tuple(str(10 + number) for number in range(len(people)))
    return FaceSet(
        crops,
        np.repeat(np.arange(len(people)), PHOTOS),
        keys,
        tuple(f"person {key}" for key in keys),
        tuple(str(number) for number in range(len(crops))),
    )


@pytest.fixture(scope="session")
def training_set(faces: FaceSet, network: Network) -> TrainingSet:
    """Those faces and half as many invented ones."""
    return prepare(faces.crops, faces.labels, network, 0.5, seed=0)


@pytest.fixture(scope="session")
def faces_zip(
    tmp_path_factory: pytest.TempPathFactory, collins_crop: NDArray[np.uint8], hopper_crop: NDArray[np.uint8]
) -> Path:
    """32 faces without names: the two portraits and what lies between them, and a file that is none."""
    people = people_of(collins_crop, hopper_crop)
    crops = np.concatenate([draws(person, LIGHT, 8, seed) for seed, person in enumerate(people)])
    pictures = {f"faces/{number:02d}.png": encode_png(picture_of(crop)) for number, crop in enumerate(crops)}
    return zip_of(tmp_path_factory.mktemp("distil") / "faces.zip", pictures | {"README.md": b"faces"})


@pytest.fixture(scope="session")
def unlabelled(faces_zip: Path) -> UnlabelledFaces:
    """Those faces, read."""
    return read_faces(faces_zip)
