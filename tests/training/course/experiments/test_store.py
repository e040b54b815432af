"""Experiments on the disk."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from recognition.errors import InvalidNameError, StorageError
from tests.training.course.conftest import RECIPE
from training.course.data.pictures import Split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.record import Record
from training.course.experiments.store import (
    MAX_NOTE,
    delete_experiment,
    find_experiment,
    folders,
    list_experiments,
    load_classifier,
    read_experiment,
    read_note,
    read_predictions,
    rename_experiment,
    write_note,
)
from training.course.experiments.training import Outcome
from training.errors import CheckpointError, DataError, TrainingError


@pytest.fixture
def kept(storage: Path, few_digits: Split, learned_digits: Outcome) -> Record:
    return keep_outcome(storage, RECIPE, few_digits, learned_digits)


def test_an_experiment_is_read_as_it_was_kept(kept: Record, storage: Path, few_digits: Split, learned_digits: Outcome) -> None:
    read = read_experiment(storage, kept.id)
    assert read == kept
    assert read.recipe == RECIPE
    assert (read.train, read.validation, read.test) == (len(few_digits.train), len(few_digits.validation), len(few_digits.test))
    assert read.test_accuracy == learned_digits.test_accuracy
    classifier = load_classifier(storage, kept.id)
    images = few_digits.test.images
    assert np.array_equal(classifier.probabilities(images), learned_digits.classifier.probabilities(images))
    predictions = read_predictions(storage, kept.id)
    assert np.array_equal(predictions.labels, few_digits.test.labels)
    assert np.array_equal(predictions.probabilities, learned_digits.test.probabilities)
    assert list_experiments(storage) == [kept]


def test_names_and_notes_can_be_changed(kept: Record, storage: Path) -> None:
    assert kept.name.startswith("Digits: ")
    rename_experiment(storage, kept.id, "  My   first ")
    assert read_experiment(storage, kept.id).name == "My first"
    assert find_experiment(storage, "my FIRST").id == kept.id
    assert find_experiment(storage, kept.id).id == kept.id
    with pytest.raises(InvalidNameError):
        rename_experiment(storage, kept.id, " ")
    assert read_note(storage, kept.id) == ""
    write_note(storage, kept.id, "ä <b>bold</b>\n" + "x" * MAX_NOTE)
    assert read_note(storage, kept.id).startswith("ä <b>bold</b>\n")
    assert len(read_note(storage, kept.id)) == MAX_NOTE


def test_a_deleted_experiment_is_gone_from_the_disk(kept: Record, storage: Path) -> None:
    delete_experiment(storage, kept.id)
    assert list_experiments(storage) == []
    assert not [path for path in folders(storage).root.iterdir() if path.name != ".lock"]
    for use in (read_experiment, load_classifier, read_predictions, delete_experiment, read_note):
        with pytest.raises(TrainingError, match="may have been deleted"):
            use(storage, kept.id)


@pytest.mark.parametrize("address", ["..", "../../etc", "", ".", "nothing", "0" * 12, "a/b"])
def test_an_id_from_an_address_never_leads_out_of_the_folder(kept: Record, storage: Path, address: str) -> None:
    with pytest.raises(TrainingError, match="may have been deleted"):
        read_experiment(storage, address)
    with pytest.raises(TrainingError, match="may have been deleted"):
        delete_experiment(storage, address)
    assert list_experiments(storage) == [kept]


@pytest.mark.parametrize("file", ["experiment.json", "weights.safetensors", "test.safetensors"])
@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_damage_is_told_and_can_be_deleted(kept: Record, storage: Path, file: str, damage: str) -> None:
    path = folders(storage).root / kept.id / file
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else json.dumps({"version": 9}).encode())
    use = {"experiment.json": read_experiment, "weights.safetensors": load_classifier, "test.safetensors": read_predictions}
    with pytest.raises(CheckpointError):
        use[file](storage, kept.id)
    delete_experiment(storage, kept.id)
    assert list_experiments(storage) == []


def test_one_that_may_not_appear_leaves_nothing_behind(storage: Path, few_digits: Split, learned_digits: Outcome) -> None:
    @contextmanager
    def refuse() -> Iterator[None]:
        raise DataError("Photos are gone.")
        yield

    with pytest.raises(DataError):
        keep_outcome(storage, RECIPE, few_digits, learned_digits, publish=refuse)
    assert not [path for path in folders(storage).root.iterdir() if path.name != ".lock"]


def test_what_a_killed_writer_left_is_removed_by_the_next(kept: Record, storage: Path) -> None:
    root = folders(storage).root
    for leftover in (".0123456789ab.part", ".0123456789ab.gone"):
        (root / leftover).mkdir()
        (root / leftover / "weights.safetensors").write_bytes(b"half")
    assert list_experiments(storage) == [kept]
    write_note(storage, kept.id, "x")
    assert {path.name for path in root.iterdir()} == {".lock", kept.id}


def test_a_folder_that_can_not_be_made_is_told(storage: Path, few_digits: Split, learned_digits: Outcome) -> None:
    storage.mkdir(parents=True, exist_ok=True)
    (storage / "experiments").write_text("a file in the way")
    with pytest.raises(StorageError, match="experiments"):
        keep_outcome(storage, RECIPE, few_digits, learned_digits)
