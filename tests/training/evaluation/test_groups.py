"""False matches by group."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recognition.networks import Network
from recognition.pictures import encode_png
from tests.training.unlabelled import picture_of, zip_of
from training.errors import DataError
from training.evaluation.groups import count_matches, false_matches, read_groups


def test_pairs_within_a_group_are_counted_once() -> None:
    # Three people who are one to the network, two who are not, and one by himself.
    embeddings = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 2, 0]]
    rows = count_matches(embeddings, np.array(["a", "a", "a", "b", "b", "c"]), 0.5)
    assert [(row.group, row.faces, row.false_match_rate) for row in rows] == [("a", 3, 1.0), ("b", 2, 0.0), ("c", 1, 0.0)]
    # Of all 15 pairs the six among rows 0, 1, 2 and 5 match.
    assert rows[0].times_all == pytest.approx(15 / 6)


@given(st.integers(2, 30), st.integers(0, 2**31), st.floats(-1, 1))
def test_rates_are_shares_and_one_group_is_all(people: int, seed: int, threshold: float) -> None:
    vectors = np.random.default_rng(seed).normal(size=(people, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    (row,) = count_matches(vectors, np.array(["all"] * people), threshold)
    assert 0.0 <= row.false_match_rate <= 1.0
    assert row.times_all in (0.0, pytest.approx(1.0))


def test_labels_are_read_from_the_names(
    tmp_path: Path, collins_crop: NDArray[np.uint8], hopper_crop: NDArray[np.uint8], network: Network
) -> None:
    collins, hopper = (encode_png(picture_of(crop)) for crop in (collins_crop, hopper_crop))
    pictures = {"41_1_0_1.png": collins, "41_1_0_2.png": collins, "60_1_0_3.png": hopper, "20_0_3_4.png": hopper}
    # As three files of UTKFace are called.
    faces = read_groups(zip_of(tmp_path / "groups.zip", pictures | {"61_1_2017.png": hopper}))
    assert faces.unlabelled == 1
    assert sorted(faces.groups) == ["Indian men", "White women", "White women", "White women"]
    rows = false_matches(faces, network)
    # One picture twice among three women: one pair of three matches.
    assert [(row.group, row.faces, row.false_match_rate) for row in rows] == [
        ("White women", 3, pytest.approx(1 / 3)),
        ("Indian men", 1, 0.0),
    ]


def test_names_without_labels_are_told(tmp_path: Path, collins_crop: NDArray[np.uint8]) -> None:
    source = zip_of(tmp_path / "groups.zip", {"collins.png": encode_png(picture_of(collins_crop))})
    with pytest.raises(DataError, match="has labels: names are age_gender_group_number"):
        read_groups(source)
