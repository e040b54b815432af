"""The folder of data sets: whole or not there, whatever happens."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from recognition.errors import InvalidNameError, StorageError
from tests.training.course.data.folders_of import classes, folder, zipped
from training.course.data.choice import DataChoice, Stored
from training.course.data.digits import digits
from training.course.data.library import (
    Added,
    add,
    add_pictures,
    damaged_data_sets,
    delete_data_set,
    list_data_sets,
    open_pictures,
    read_data_set,
    rename_data_set,
)
from training.course.data.loading import load_pictures
from training.course.data.report import examine
from training.errors import DataError

PETS = classes("cat", "dog", under="train/") | classes("cat", "dog", each=2, under="test/", first=50)


def pets(storage: Path, title: str = "Pets", first: int = 0) -> Added:
    return add_pictures(storage, zipped(classes("cat", "dog", first=first)), title)


def load(storage: Path, key: str) -> object:
    return load_pictures(DataChoice(source=Stored(key=key)), storage, 0)


def test_a_folder_is_kept_decoded(storage: Path, tmp_path: Path) -> None:
    place = folder(tmp_path / "Cats & Dogs", PETS)
    added = add_pictures(storage, place, place.name)
    assert not added.already_here
    assert (added.data_set.key, added.data_set.title) == ("cats-dogs", "Cats & Dogs")
    assert added.data_set.source == str(place)
    assert list_data_sets(storage) == [added.data_set] == [read_data_set(storage, "cats-dogs")]
    data = open_pictures(storage, "cats-dogs")
    assert data.title == "Cats & Dogs" and data.classes == ("cat", "dog") and data.test is not None
    assert data.train.images.shape == (8, 12, 12, 3) and isinstance(data.train.images, np.memmap)
    assert data.test.labels.tolist() == [0, 0, 1, 1]
    assert added.data_set.report.test == {"cat": 2, "dog": 2}


def test_a_set_without_a_test_part(storage: Path) -> None:
    added = add(storage, examine(digits()), "scikit-learn")
    assert added.data_set.shape == (8, 8, 1)
    assert open_pictures(storage, added.data_set.key).test is None


def test_the_same_pictures_are_kept_once(storage: Path) -> None:
    first, again = pets(storage), pets(storage, "Other")
    assert again.already_here and again.data_set == first.data_set


def test_titles_and_folders_are_numbered_where_they_are_taken(storage: Path) -> None:
    sets = [
        pets(storage, title, 20 * number).data_set
        for number, title in enumerate(["Pets", "pets", "Pets!", "鳥", "<b>", "Digits"])
    ]
    assert [one.title for one in sets] == ["Pets", "pets (2)", "Pets!", "鳥", "<b>", "Digits"]
    assert [one.key for one in sets] == ["pets", "pets-2", "pets-3", "data", "b", "digits-2"]


def test_names_that_show_nothing_are_refused(storage: Path) -> None:
    with pytest.raises(InvalidNameError):
        pets(storage, " ")
    assert list_data_sets(storage) == []


def test_renaming_keeps_the_key(storage: Path) -> None:
    pets(storage)
    pets(storage, "Others", 20)
    assert rename_data_set(storage, "pets", " My  pets ").title == "My pets"
    assert open_pictures(storage, "pets").title == "My pets"
    with pytest.raises(DataError, match="already a data set called Others"):
        rename_data_set(storage, "pets", "OTHERS")
    assert rename_data_set(storage, "pets", "MY PETS").title == "MY PETS"


def test_deleting(storage: Path) -> None:
    pets(storage)
    delete_data_set(storage, "pets")
    assert list_data_sets(storage) == [] and not (storage / "datasets" / "pets").exists()
    for change in (delete_data_set, read_data_set, open_pictures):
        with pytest.raises(DataError, match="no data set 'pets'"):
            change(storage, "pets")


@pytest.mark.parametrize("key", ["../secrets", ".", "", "pets/../pets"])
def test_no_key_leads_out_of_the_folder(storage: Path, key: str) -> None:
    pets(storage)
    (storage / "secrets").mkdir()
    with pytest.raises(DataError, match="no data set"):
        delete_data_set(storage, key)
    assert (storage / "secrets").exists()


@pytest.mark.parametrize("what", ["dataset.json", "train-images.npy", "test-labels.npy"])
@pytest.mark.parametrize("how", ["gone", "cut", "nonsense"])
def test_a_damaged_data_set_is_told_and_can_be_deleted(storage: Path, what: str, how: str) -> None:
    add_pictures(storage, zipped(PETS), "Pets")
    file = storage / "datasets" / "pets" / what
    content = file.read_bytes()
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2] if how == "cut" else b"nonsense")
    with pytest.raises(DataError, match=r"damaged.*Delete it and import it again"):
        load(storage, "pets")
    if what == "dataset.json":
        assert damaged_data_sets(storage) == ["pets"] and list_data_sets(storage) == []
    delete_data_set(storage, "pets")
    assert damaged_data_sets(storage) == []


def test_one_changed_pixel_fails_the_checksum(storage: Path) -> None:
    pets(storage)
    file = storage / "datasets" / "pets" / "train-images.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        load(storage, "pets")


@pytest.mark.parametrize("write", range(1, 6))
def test_a_full_disk_is_told_and_leaves_nothing_behind(storage: Path, monkeypatch: pytest.MonkeyPatch, write: int) -> None:
    original, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == write:
            raise OSError(28, "No space left on device")
        original(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"No space left on device.*free space"):
        add_pictures(storage, zipped(PETS), "Pets")
    assert [entry.name for entry in (storage / "datasets").iterdir()] == [".lock"]


@pytest.mark.parametrize("write", range(1, 6))
def test_killed_at_any_moment_nothing_half_is_seen_and_the_next_import_works(storage: Path, write: int) -> None:
    killed = os.fork()
    if not killed:
        calls = 0

        def dies(descriptor: int) -> None:
            nonlocal calls
            calls += 1
            if calls == write:
                os._exit(9)

        os.fsync = dies
        add_pictures(storage, zipped(PETS), "Pets")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(killed, 0)[1]) == 9
    assert list_data_sets(storage) == [] and damaged_data_sets(storage) == []
    assert add_pictures(storage, zipped(PETS), "Pets").data_set.key == "pets"
    assert sorted(entry.name for entry in (storage / "datasets").iterdir()) == [".lock", "pets"]


def test_imports_at_once_all_find_a_place(storage: Path) -> None:
    start = threading.Barrier(4)

    def work(number: int) -> None:
        start.wait()
        pets(storage, "Same", 20 * number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.title for one in list_data_sets(storage)] == ["Same", "Same (2)", "Same (3)", "Same (4)"]
