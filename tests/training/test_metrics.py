"""Error rates, against numbers worked out by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.metrics import (
    Nearest,
    best_threshold,
    curve,
    nearest,
    open_set,
    platt,
    threshold_at,
    verification,
)


def test_the_nearest_person_is_the_one_with_the_most_similar_mean() -> None:
    templates = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)
    found = nearest(templates, np.array([7, 7, 3]), np.array([[0.8, 0.6], [0, 1]], np.float32))
    assert found.people.tolist() == [7, 3]
    assert found.scores[1] == pytest.approx(1.0)


def test_open_set_rates_by_hand() -> None:
    found = Nearest(np.array([1, 1, 2, 2]), np.array([0.9, 0.7, 0.8, 0.6]))
    strangers = np.linspace(0, 0.75, 100)
    result = open_set(found, np.array([1, 1, 2, 1]), strangers, missed=1)
    assert result.rank1 == pytest.approx(3 / 5)
    # The second highest of 100 strangers is passed by one of them: 1 %.
    assert result.threshold == pytest.approx(np.sort(strangers)[-2])
    assert result.tpir_at_fpir_1 == pytest.approx(2 / 5)
    assert result.tpir_at_fpir_5 == pytest.approx(2 / 5)


@given(arrays(float, st.integers(1, 300), elements=st.floats(-1, 1)), st.floats(0, 0.5))
def test_no_more_strangers_than_allowed_are_above_the_threshold(scores: np.ndarray, rate: float) -> None:
    assert (scores > threshold_at(scores, rate)).mean() <= rate


def test_a_threshold_without_strangers_is_refused() -> None:
    with pytest.raises(ValueError, match="strangers"):
        threshold_at(np.zeros(0), 0.01)


@given(arrays(float, st.integers(2, 60), elements=st.floats(-1, 1).map(lambda value: round(value, 1))), st.integers(0, 2**32))
def test_no_threshold_is_more_accurate_than_the_best(scores: np.ndarray, seed: int) -> None:
    genuine = np.random.default_rng(seed).random(len(scores)) < 0.5
    reached = ((scores >= best_threshold(scores, genuine)) == genuine).mean()
    candidates = np.concatenate([scores, [scores.max() + 1]])
    assert reached == max(((scores >= threshold) == genuine).mean() for threshold in candidates)


def test_verification_by_hand() -> None:
    scores = np.array([0.9, 0.8, 0.3, 0.2, 0.95, 0.4, 0.6, 0.1])
    genuine = np.array([True, True, False, False, True, True, False, False])
    result = verification(scores, genuine, np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    # The other fold's threshold is 0.55 for the first fold... which has all right, and 0.55 for the second, two wrong.
    assert result.accuracy == pytest.approx((1.0 + 0.5) / 2)
    assert result.accuracy_std == pytest.approx(0.25)
    assert result.auc == pytest.approx(15 / 16)


def test_pairs_without_a_face_are_errors() -> None:
    scores, genuine = np.array([0.9, 0.1]), np.array([True, False])
    result = verification(scores, genuine, np.zeros(2, np.int64), wrong=2)
    assert result.accuracy == 0.5
    assert result.tar_at_far_1 == 0.5


def test_verification_needs_both_kinds() -> None:
    with pytest.raises(ValueError, match="pairs of one person and of two"):
        verification(np.array([0.5]), np.array([True]), np.zeros(1, np.int64))


def test_the_curve_falls_from_no_match_to_every_match() -> None:
    both = curve(np.array([0.9, 0.4, 0.5, 0.1]), np.array([True, True, False, False]))
    assert (both.fmr[0], both.fnmr[0]) == (0, 1)
    assert (both.fmr[-1], both.fnmr[-1]) == (1, 0)
    assert (np.diff(both.thresholds) < 0).all()


def test_confidence_is_a_half_between_two_equally_spread_kinds() -> None:
    random = np.random.default_rng(0)
    slope, offset = platt(random.normal(0.8, 0.1, 4000), random.normal(0.4, 0.1, 4000))
    assert slope > 0
    assert -offset / slope == pytest.approx(0.6, abs=0.01)
