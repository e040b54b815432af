"""The faces to learn from, and their division."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from recognition.detection import Detector
from recognition.enrollment import enroll_pictures
from recognition.gallery import ArchivedPicture, Gallery
from recognition.gallery.files import crop_file
from recognition.pictures import encode_png
from recognition.recognizer import Recognizer
from training.errors import DataError
from training.faces.dataset import FaceSet, from_folder, from_gallery, near_duplicates, rows_of, split

Picture = NDArray[np.uint8]


def noise_set(photos: list[int], *, seed: int = 0) -> FaceSet:
    """People with so many photos each, none like another."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(photos)), photos)
    crops = random.integers(0, 255, (len(labels), 6, 6, 3), dtype=np.uint8)
    keys = tuple(f"p{number}" for number in range(len(photos)))
    return FaceSet(crops, labels, keys, keys, tuple(f"{number}" for number in range(len(labels))))


def write(picture: Picture, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def test_a_folder_of_folders_is_read_and_what_is_unusable_is_listed(
    tmp_path: Path, detector: Detector, collins: Picture, hopper: Picture
) -> None:
    write(collins, tmp_path / "Eileen" / "1.png")
    write(hopper, tmp_path / "Grace" / "deep" / "1.jpg")
    write(np.full((80, 80, 3), 90, np.uint8), tmp_path / "Grace" / "wall.png")
    (tmp_path / "Grace" / "broken.jpg").write_bytes(b"\xff\xd8 nothing")
    (tmp_path / "Nobody").mkdir()
    faces = from_folder(tmp_path, detector)
    assert faces.people == ("Eileen", "Grace")
    assert faces.photos == ("Eileen/1.png", "Grace/deep/1.jpg")
    assert {key for key, _ in faces.skipped} == {"Grace/wall.png", "Grace/broken.jpg"}
    assert faces.crops.shape == (2, 150, 150, 3)


def test_a_folder_that_is_missing_or_holds_no_folders_is_told(tmp_path: Path, detector: Detector) -> None:
    with pytest.raises(DataError, match="can't be read"):
        from_folder(tmp_path / "gone", detector)
    with pytest.raises(DataError, match="folder with the person's name"):
        from_folder(tmp_path, detector)


def test_the_gallery_is_read_and_a_damaged_photo_left_out(
    tmp_path: Path, recognizer: Recognizer, collins: Picture, hopper: Picture
) -> None:
    with Gallery.open(tmp_path) as gallery:
        files = [ArchivedPicture("Eileen", "1.png", encode_png(collins)), ArchivedPicture("Grace", "1.png", encode_png(hopper))]
        enroll_pictures(files, gallery, recognizer, source="upload", consented=True)
        whole = from_gallery(gallery)
        assert whole.names == ("Eileen", "Grace")
        assert whole.people == tuple(str(person.id) for person in gallery.people())
        photo = gallery.photos(gallery.people()[0].id)[0]
        (tmp_path / crop_file(photo.crop_sha256)).write_bytes(b"rust")
        damaged = from_gallery(gallery)
    assert damaged.names == ("Grace",)
    assert len(damaged.skipped) == 1
    assert whole.fingerprint != damaged.fingerprint


def test_an_empty_gallery_is_told(tmp_path: Path) -> None:
    with Gallery.open(tmp_path) as gallery, pytest.raises(DataError, match="no usable photo"):
        from_gallery(gallery)


def test_the_fingerprint_does_not_depend_on_the_order() -> None:
    faces = noise_set([2, 3])
    turned = FaceSet(faces.crops[::-1], faces.labels[::-1], faces.people, faces.names, faces.photos[::-1])
    assert turned.fingerprint == faces.fingerprint


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 12), min_size=2, max_size=12),
    st.floats(0.05, 0.5),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.integers(0, 1000),
)
def test_a_split_is_a_division_and_everybody_is_trained_on(
    photos: list[int], validation: float, test: float, held_out: float, seed: int
) -> None:
    faces = noise_set(photos)
    parts = split(faces, validation=validation, test=test, held_out=held_out, seed=seed)
    everything = parts.train + parts.validation + parts.test
    assert sorted(everything) == sorted(faces.photos)
    trained = set(faces.labels[rows_of(faces, parts.train)].tolist())
    assert trained == set(range(len(photos)))
    assert len(photos) - len(parts.held_out) >= 2
    trained_on = [count for person, count in enumerate(photos) if f"p{person}" not in parts.held_out and count > 1]
    owners = faces.labels[rows_of(faces, parts.validation)]
    evaluated = [person for person in owners if f"p{person}" not in parts.held_out]
    assert bool(evaluated) == bool(trained_on)
    assert abs(len(evaluated) - validation * sum(trained_on)) <= 1 + len(photos)
    assert parts == split(faces, validation=validation, test=test, held_out=held_out, seed=seed)


def test_of_two_photos_each_only_some_are_kept_back() -> None:
    parts = split(noise_set([2] * 40), validation=0.2, test=0.2, held_out=0, seed=0)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (64, 16, 0)


def test_of_five_photos_each_one_chooses_and_one_tests() -> None:
    parts = split(noise_set([5] * 40), validation=0.2, test=0.2, held_out=0, seed=0)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (120, 40, 40)


def test_near_duplicates_stay_on_one_side(faces: FaceSet) -> None:
    twice = FaceSet(
        np.concatenate([faces.crops, np.clip(faces.crops.astype(int) + 2, 0, 255).astype(np.uint8)]),
        np.concatenate([faces.labels, faces.labels]),
        faces.people,
        faces.names,
        faces.photos + tuple(f"{photo} again" for photo in faces.photos),
    )
    groups = near_duplicates(twice)
    assert (groups[: len(faces)] == groups[len(faces) :]).all()
    parts = split(twice, validation=0.2, test=0.2, held_out=0, seed=1)
    for side in (parts.train, parts.validation, parts.test):
        assert {photo.removesuffix(" again") for photo in side} == {photo for photo in side if " again" not in photo}


def test_different_people_are_never_near_duplicates(faces: FaceSet) -> None:
    same = FaceSet(faces.crops[[0, 0]], np.array([0, 1]), ("a", "b"), ("a", "b"), ("1", "2"))
    assert len(set(near_duplicates(same).tolist())) == 2


def test_one_person_alone_can_not_be_told_apart() -> None:
    with pytest.raises(DataError, match="at least two people"):
        split(noise_set([5]), validation=0.2, test=0.2, held_out=0.2, seed=0)


def test_photos_that_are_gone_are_told() -> None:
    with pytest.raises(DataError, match="1 of the photos"):
        rows_of(noise_set([1, 1]), ["0", "deleted"])
