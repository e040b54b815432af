"""FaceNet: facenet-pytorch's InceptionResnetV1 (Schroff et al. 2015; Szegedy et al. 2016), weights from a file."""

import hashlib
import pickle
import shutil
from pathlib import Path

import torch
from facenet_pytorch import InceptionResnetV1

from recognition.errors import StorageError, WeightsCorruptError, WeightsMissingError
from recognition.networks.base import Architecture, Weights

MEAN = (127.5, 127.5, 127.5)
SCALE = (128.0, 128.0, 128.0)
INPUT_SIZE = 160

ARCHITECTURE = Architecture(lambda: InceptionResnetV1(pretrained=None, classify=False), INPUT_SIZE, MEAN, SCALE)


def load_facenet(path: Path, weights: Weights) -> InceptionResnetV1:
    """The pretrained network, its classifier left out.

    Args:
        path: the weights file, as published by facenet-pytorch.
        weights: what the file should be.

    Raises:
        WeightsMissingError: no such file.
        WeightsCorruptError: the checksum or the parameters don't fit; nothing of the file is used.
    """
    if not path.is_file():
        raise WeightsMissingError(f"{path.name} is not on this machine yet: download it, or name a file, in the settings.")
    verify(path, weights)
    try:
        # weights_only: a restricted unpickler that builds tensors and nothing else.
        state = torch.load(path, map_location="cpu", weights_only=True)
        state = {name: value for name, value in state.items() if not name.startswith("logits.")}
        network = InceptionResnetV1(pretrained=None, classify=False)
        network.load_state_dict(state, strict=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, AttributeError, LookupError, ValueError, TypeError) as error:
        raise WeightsCorruptError(f"{path.name} does not hold the parameters of InceptionResnetV1.") from error
    return network


def verify(path: Path, weights: Weights) -> None:
    """Check a weights file against its published SHA-256, where there is one.

    Raises:
        WeightsCorruptError: it is another file, or damaged.
    """
    if weights.sha256 is None:
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(weights.sha256):
        raise WeightsCorruptError(
            f"{path.name} fails its checksum (SHA-256 {found[:12]}…, expected {weights.sha256[:12]}…): "
            "it is damaged or another file. Delete it and download it again."
        )


def adopt_weights(source: Path, weights: Weights, target: Path) -> None:
    """Copy a weights file that a person already has to where the app looks for it, once it has proved to be the one.

    Raises:
        WeightsMissingError: there is no such file.
        WeightsCorruptError: it is another file, or damaged; nothing is copied.
        StorageError: it can't be copied.
    """
    load_facenet(source, weights)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(target.suffix + ".new")
    try:
        shutil.copyfile(source, beside)
        beside.replace(target)
    except OSError as error:
        raise StorageError(f"{source.name} can't be copied to {target.parent}: {error.strerror or error}.") from error
