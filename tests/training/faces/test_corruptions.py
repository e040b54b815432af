"""Corrupted faces."""

import numpy as np
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE, TEMPLATE
from recognition.networks import Network
from training.faces.corruptions import corrupt


def test_a_quarter_each_is_made_worse_the_same_way_every_time(collins_crop: NDArray[np.uint8]) -> None:
    crops = np.repeat(collins_crop[None], 8, axis=0)
    first = corrupt(crops, seed=4)
    assert np.array_equal(first, corrupt(crops, seed=4))
    assert not np.array_equal(first, corrupt(crops, seed=5))
    assert all(not np.array_equal(one, collins_crop) for one in first)
    dark = [one for one in first if one.mean() < 0.5 * collins_crop.mean()]
    covered = [one for one in first if (one[round(TEMPLATE[2, 1]) + 10 :] == one[-1, 0]).all()]
    assert (len(dark), len(covered)) == (2, 2)


def test_a_hard_face_is_less_like_itself(collins_crop: NDArray[np.uint8], network: Network) -> None:
    crops = np.repeat(collins_crop[None], 8, axis=0)
    clean = network.embed(crops[:1], mirrored=True)[0]
    scores = network.embed(corrupt(crops), mirrored=True) @ clean
    assert scores.max() < 0.995
    assert scores.min() > 0.5


def test_no_faces_are_no_faces() -> None:
    assert len(corrupt(np.zeros((0, CROP_SIZE, CROP_SIZE, 3), np.uint8))) == 0
