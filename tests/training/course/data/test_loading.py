"""From a choice to pictures, and to the three parts."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.course.data.folders_of import classes, folder
from training.course.data.choice import DataChoice, EnrolledFaces, Folder, Stored
from training.course.data.digits import digits
from training.course.data.loading import load_pictures, load_split
from training.course.data.pictures import Pictures, PictureSet, SplitSettings
from training.course.data.shift import shifted
from training.errors import DataError


def chosen(storage: Path, seed: int = 0, **choice: object) -> PictureSet:
    return load_pictures(DataChoice.model_validate(choice), storage, seed)


def test_digits_are_always_here(storage: Path) -> None:
    data = chosen(storage)
    assert data.train.images.shape == (1797, 8, 8, 1) and data.test is None
    assert (data.train.images.min(), data.train.images.max()) == (0, 255)
    assert data.classes == tuple("0123456789")
    assert not storage.exists()


def test_classes_are_taken_in_the_order_asked_for(storage: Path) -> None:
    data = chosen(storage, classes=("7", "1"))
    everything = digits().train
    assert data.classes == ("7", "1")
    for label, digit in enumerate((7, 1)):
        assert np.array_equal(data.train.images[data.train.labels == label], everything.images[everything.labels == digit])


@pytest.mark.parametrize(("names", "says"), [(("1", "x"), "no class x. Its classes are 0, 1"), (("1", "1"), "a class twice")])
def test_classes_that_are_not_there_are_named(storage: Path, names: tuple[str, ...], says: str) -> None:
    with pytest.raises(DataError, match=says):
        chosen(storage, classes=names)


def test_a_limit_takes_so_many_of_each_class_by_the_seed(storage: Path) -> None:
    one, again, other = (chosen(storage, seed, limit=5) for seed in (1, 1, 2))
    assert one.train.counts(10) == [5] * 10
    assert np.array_equal(one.train.images, again.train.images)
    assert not np.array_equal(one.train.images, other.train.images)
    assert chosen(storage, limit=1000).train.counts(10) == digits().train.counts(10)


def test_a_limit_leaves_the_test_part_alone(storage: Path, tmp_path: Path) -> None:
    place = folder(tmp_path / "pets", classes("a", "b", under="train/") | classes("a", "b", under="test/", first=50))
    data = chosen(storage, source=Folder(path=place), limit=2, side=8)
    assert data.title == "pets" and data.test is not None
    assert data.train.counts(2) == [2, 2] and data.test.counts(2) == [4, 4]
    assert data.train.images.shape[1:] == data.test.images.shape[1:] == (8, 8, 3)


def test_files_left_out_of_a_folder_are_logged(storage: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    chosen(storage, source=Folder(path=folder(tmp_path / "pets", classes("a", "b") | {"a/torn.png": b""})))
    assert "a/torn.png" in caplog.text


def test_a_stored_set_that_is_not_here(storage: Path) -> None:
    with pytest.raises(DataError, match="no data set 'mnist' here"):
        chosen(storage, source=Stored(key="mnist"))


def test_enrolled_faces_come_from_whoever_knows_them(storage: Path) -> None:
    faces = PictureSet("Faces", ("Ada", "Ben"), Pictures(np.zeros((6, 150, 150, 3), np.uint8), np.repeat([0, 1], 3)))
    choice = DataChoice(source=EnrolledFaces(), side=32)
    assert load_pictures(choice, storage, 0, lambda: faces).train.images.shape == (6, 32, 32, 3)
    with pytest.raises(DataError, match="can't be used here"):
        load_pictures(choice, storage, 0)


def test_only_the_test_part_is_shifted_wherever_it_comes_from(storage: Path, tmp_path: Path) -> None:
    place = folder(tmp_path / "pets", classes("a", "b", under="train/") | classes("a", "b", under="test/", first=50))
    settings = SplitSettings(seed=3)
    for choice in (DataChoice(), DataChoice(source=Folder(path=place))):
        still, moved = (load_split(choice.model_copy(update={"shift": pixels}), settings, storage) for pixels in (0, 2))
        assert np.array_equal(still.train.images, moved.train.images)
        assert np.array_equal(still.validation.images, moved.validation.images)
        assert np.array_equal(still.test.labels, moved.test.labels)
        assert np.array_equal(moved.test.images, shifted(still.test.images, 2, 3))
        assert not np.array_equal(still.test.images, moved.test.images)


def test_one_picture_a_class_is_too_few_to_split(storage: Path, tmp_path: Path) -> None:
    place = folder(tmp_path / "pets", classes("a", "b") | classes("c", each=1, first=50))
    with pytest.raises(DataError, match="only one picture is left for c"):
        load_split(DataChoice(source=Folder(path=place)), SplitSettings(), storage)
