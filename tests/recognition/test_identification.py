import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recognition.calibration import Calibration
from recognition.identification import GalleryIndex, mean_templates

CALIBRATION = Calibration(threshold=0.5, slope=10.0, spread=0.1, source="test")


def unit_rows(count: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_nobody_enrolled_means_no_match() -> None:
    index = GalleryIndex(np.zeros(0, np.int64), np.zeros((0, 0), np.float32), {}, CALIBRATION)
    assert index.search(unit_rows(3, 8)) == [None, None, None]
    assert len(index) == 0


def test_the_nearest_mean_wins_and_the_score_is_its_cosine() -> None:
    vectors = unit_rows(6, 16)
    owners = np.array([7, 7, 7, 9, 9, 9])
    index = GalleryIndex(owners, vectors, {7: "Ann", 9: "Bob"}, CALIBRATION)
    mean = vectors[3:].mean(axis=0)
    probe = (mean / np.linalg.norm(mean)).astype(np.float32)
    (match,) = index.search(probe[None])
    assert match is not None
    assert (match.person_id, match.name) == (9, "Bob")
    assert match.score == pytest.approx(1.0, abs=1e-6)
    assert match.confidence == pytest.approx(CALIBRATION.confidence(match.score))
    assert index.people == {7, 9}


@given(st.integers(1, 20), st.integers(1, 6), st.randoms())
def test_means_are_those_of_numpy_whatever_the_order(people: int, photos: int, random: object) -> None:
    owners = np.repeat(np.arange(people) * 3, photos)
    vectors = unit_rows(len(owners), 12, seed=people)
    order = np.random.default_rng(photos).permutation(len(owners))
    ids, means = mean_templates(owners[order], vectors[order])
    assert list(ids) == sorted(set(owners.tolist()))
    for person, mean in zip(ids, means, strict=True):
        expected = vectors[owners == person].mean(axis=0)
        assert np.abs(mean - expected / np.linalg.norm(expected)).max() < 1e-5


def test_ids_and_vectors_must_fit() -> None:
    with pytest.raises(ValueError, match="one person id"):
        GalleryIndex(np.zeros(2, np.int64), unit_rows(3, 4), {0: "Ann"}, CALIBRATION)
