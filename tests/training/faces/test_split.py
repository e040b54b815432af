"""Which photos are for what."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.training.made import noise_set
from training.errors import DataError
from training.faces.dataset import FaceSet
from training.faces.split import near_duplicates, rows_of, split

Picture = NDArray[np.uint8]


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
