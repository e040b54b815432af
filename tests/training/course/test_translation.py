"""The dense-against-CNN experiment: both learn, the move tells them apart, and it repeats."""

import numpy as np
import pytest
import skimage.data
import torch

from recognition.inspection.errors import FitError
from training.course.translation import MAX_SHIFT, SIDE, Pair, placed, strangers, train_pair


@pytest.fixture(scope="module")
def pair() -> Pair:
    face = skimage.data.astronaut()[:220, 110:330]
    return train_pair([face, *strangers()])


def test_both_know_the_faces_where_they_learned_them_and_only_the_cnn_after_a_move(pair: Pair) -> None:
    dense, convolutional = pair.rates([0, 10])
    assert dense[0] == 1.0 and convolutional[0] == 1.0
    assert dense[1] < 0.7
    assert convolutional[1] > 0.9


def test_answers_are_probabilities(pair: Pair) -> None:
    for answer in pair.answers(0, 10):
        assert answer.probabilities.shape == (8,)
        assert answer.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert pair.answers(0, 0)[0].best == 0
    assert pair.answers(0, 10)[1].best == 0


def test_a_face_stays_in_view_when_it_moves_as_far_as_it_may() -> None:
    face = placed(np.zeros((50, 80, 3), np.uint8))
    assert face.shape == (SIDE, SIDE, 3)
    assert face[0].min() == 128 and face[MAX_SHIFT, MAX_SHIFT].max() == 0


def test_training_repeats_and_leaves_the_apps_random_numbers_alone() -> None:
    faces = strangers(3)
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    first = train_pair(faces, max_steps=10)
    assert torch.equal(torch.random.get_rng_state(), state)
    second = train_pair(faces, max_steps=10)
    np.testing.assert_array_equal(first.answers(1, 3)[0].probabilities, second.answers(1, 3)[0].probabilities)


def test_one_picture_is_not_enough() -> None:
    with pytest.raises(FitError, match="at least two"):
        train_pair(strangers(1))
