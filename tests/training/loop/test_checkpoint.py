"""A training's state on disk."""

import os
import pickle
from math import isnan
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.training.made import record
from training.errors import CheckpointError
from training.loop import checkpoint

STATE = checkpoint.State(
    context={"rate": 0.1},
    history=[],
    best_epoch=0,
    best_quality=float("-inf"),
    seconds=1.5,
    scheduler={"last_epoch": 3},
    scaler={},
    rates=[0.1],
)
TENSORS = {"model.weight": torch.arange(6.0).reshape(2, 3)}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    checkpoint.write(tmp_path / "new", STATE, TENSORS)
    found = checkpoint.read(tmp_path / "new")
    assert found is not None
    written = {"tensors", "sha256"}
    assert found[0].model_dump(exclude=written) == STATE.model_dump(exclude=written)
    assert checkpoint.read_state(tmp_path / "new") == found[0]
    assert torch.equal(found[1]["model.weight"], TENSORS["model.weight"])


def test_a_loss_that_could_not_be_measured_does_not_make_a_checkpoint_unreadable(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, STATE.model_copy(update={"history": [record(1)]}), TENSORS)
    found = checkpoint.read(tmp_path)
    assert found is not None and isnan(found[0].history[0].validation_loss)


def test_a_checkpoint_of_an_earlier_version_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / checkpoint.STATE).write_text('{"settings": {}, "fingerprint": "f", "history": [], "tensors": "", "sha256": ""}')
    with pytest.raises(CheckpointError, match=r"another version of the app\. Start the training again"):
        checkpoint.read(tmp_path)


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert checkpoint.read(tmp_path) is None


@pytest.mark.parametrize("damage", ["json", "tensors", "missing", "pickle"])
def test_a_damaged_checkpoint_is_told_and_never_unpickled(tmp_path: Path, damage: str) -> None:
    checkpoint.write(tmp_path, STATE, TENSORS)
    tensors = next(tmp_path.glob("*.safetensors"))
    match damage:
        case "json":
            (tmp_path / checkpoint.STATE).write_text("{")
        case "tensors":
            tensors.write_bytes(tensors.read_bytes()[:-4])
        case "missing":
            tensors.unlink()
        case _:
            tensors.write_bytes(pickle.dumps({"model.weight": 1}))
    with pytest.raises(CheckpointError, match="Start the training again"):
        checkpoint.read(tmp_path)


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.write(tmp_path, STATE, TENSORS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match="No space left"):
        checkpoint.write(tmp_path, STATE.model_copy(update={"seconds": 9.0}), TENSORS)
    monkeypatch.undo()
    found = checkpoint.read(tmp_path)
    assert found is not None
    assert found[0].seconds == 1.5
    assert len(list(tmp_path.iterdir())) == 2


def test_an_optimiser_goes_on_where_it_was() -> None:
    def steps(module: nn.Linear, optimizer: torch.optim.Optimizer, count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            module(torch.ones(1, 3)).sum().backward()
            optimizer.step()

    torch.manual_seed(0)
    whole = nn.Linear(3, 2)
    halves = nn.Linear(3, 2)
    halves.load_state_dict(whole.state_dict())
    one = torch.optim.AdamW(whole.parameters(), lr=0.1)
    steps(whole, one, 6)
    two = torch.optim.AdamW(halves.parameters(), lr=0.1)
    steps(halves, two, 3)
    resumed = torch.optim.AdamW(halves.parameters(), lr=0.1)
    checkpoint.fill_optimizer(resumed, checkpoint.optimizer_tensors(two))
    steps(halves, resumed, 3)
    assert torch.equal(whole.weight, halves.weight)


def test_tensors_of_another_network_are_refused() -> None:
    with pytest.raises(CheckpointError, match="another network"):
        checkpoint.fill(nn.Linear(2, 2), checkpoint.under("model", TENSORS))
