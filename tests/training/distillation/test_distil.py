"""A student that learns from a teacher on faces without names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from recognition.alignment import FACE
from recognition.errors import CancelledError
from recognition.networks import Architecture, Network
from recognition.networks.familiar import load_familiar
from training.distillation import DistilSettings, UnlabelledFaces, distil
from training.distillation.start import solved
from training.distillation.weights import Recipe, write_weights
from training.errors import CheckpointError, DataError, TrainingError
from training.loop.observer import EpochRecord, NullObserver

SETTINGS = DistilSettings(epochs=3, batch_size=8, rate=5e-3, validation=8, from_scratch=True)


def small() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 7, stride=5), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, 128))


@pytest.fixture
def student(network: Network) -> Network:
    """A network of one convolution."""
    torch.manual_seed(0)
    built = Architecture(small, 150, (127.5,) * 3, (128.0,) * 3, FACE)
    return Network(replace(network.spec, key="small", title="Small"), small(), built, torch.device("cpu"))


class StopAfter(NullObserver):
    def __init__(self, epoch: int) -> None:
        self._epoch = epoch
        self.lines: list[str] = []

    def log(self, text: str) -> None:
        self.lines.append(text)

    def epoch(self, record: EpochRecord) -> None:
        if record.epoch == self._epoch:
            raise CancelledError("stopped")


def test_the_student_comes_nearer_to_the_teacher(
    unlabelled: UnlabelledFaces, network: Network, student: Network, tmp_path: Path
) -> None:
    before = student.module.state_dict()["0.weight"].clone()
    made = distil(unlabelled, network, student, SETTINGS, tmp_path)
    clear = [record.metrics["validation_clear"] for record in made.history]
    assert len(clear) == 3 and clear[-1] > clear[0] + 0.02 and clear[-1] > 0.6
    assert all("validation_corrupted" in record.metrics for record in made.history)
    assert torch.equal(student.module.state_dict()["0.weight"], before), "the student that was given is not changed"


def test_one_that_was_stopped_goes_on_to_the_same_result(
    unlabelled: UnlabelledFaces, network: Network, student: Network, tmp_path: Path
) -> None:
    whole = distil(unlabelled, network, student, SETTINGS, tmp_path / "whole")
    with pytest.raises(CancelledError):
        distil(unlabelled, network, student, SETTINGS, tmp_path / "parts", StopAfter(1))
    rest = StopAfter(99)
    parts = distil(unlabelled, network, student, SETTINGS, tmp_path / "parts", rest)
    assert "Going on after epoch 1." in rest.lines
    assert not any("Asking" in line for line in rest.lines), "the teacher is asked once"
    assert [record.train_loss for record in parts.history] == [record.train_loss for record in whole.history]
    crops = unlabelled.crops(np.arange(4))
    assert np.array_equal(parts.network.embed(crops), whole.network.embed(crops))
    with pytest.raises(CheckpointError, match="other settings"):
        distil(unlabelled, network, student, SETTINGS.model_copy(update={"rate": 1e-3}), tmp_path / "parts")


def test_too_few_faces_are_told(unlabelled: UnlabelledFaces, network: Network, student: Network, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="32 faces are too few to hold 1,000 of them back"):
        distil(unlabelled, network, student, DistilSettings(), tmp_path)


def test_the_last_layer_is_solved_for_the_teacher(unlabelled: UnlabelledFaces, network: Network, student: Network) -> None:
    targets = torch.from_numpy(network.embed(unlabelled.crops(np.arange(len(unlabelled))), mirrored=True))
    module = solved(student, unlabelled, np.arange(8, 32), targets)
    crops = unlabelled.crops(np.arange(8, 32))
    alike = (student.with_module(module).embed(crops) * targets[8:].numpy()).sum(axis=1)
    assert alike.mean() > 0.95 > 0.5 > abs((student.embed(crops) * targets[8:].numpy()).sum(axis=1).mean())
    with pytest.raises(TrainingError, match="doesn't end in a dense layer of 64 numbers"):
        solved(student, unlabelled, np.arange(8), targets[:, :64])


def test_the_weights_are_written_as_the_app_ships_them(unlabelled: UnlabelledFaces, network: Network, tmp_path: Path) -> None:
    settings = DistilSettings(epochs=1, batch_size=16, validation=8, rate=1e-5)
    made = distil(unlabelled, network, network, settings, tmp_path / "work")
    recipe = Recipe(
        settings=settings, teacher="dlib", student="dlib", faces=32, fingerprint=unlabelled.fingerprint, seconds=1.0,
        cosine_clear=0.9, cosine_corrupted=0.8,
    )  # fmt: skip
    write_weights(made, recipe, tmp_path / "own.safetensors")
    assert (tmp_path / "own.safetensors").stat().st_size < 12_000_000
    crops = unlabelled.crops(np.arange(8))
    again = network.with_module(load_familiar(tmp_path / "own.safetensors")).embed(crops)
    assert (again * made.network.embed(crops)).sum(axis=1).min() > 0.9999
