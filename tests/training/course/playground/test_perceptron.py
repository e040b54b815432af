"""Rosenblatt's rule, at one point and over epochs."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.course.playground.errors import PlaygroundError
from training.course.playground.perceptron import Correction, Perceptron, PerceptronSettings, correction, train_perceptron
from training.course.playground.points import REACH, Points, make_points
from training.course.playground.recording import SIDE

number = st.floats(-10, 10)
place = st.floats(-REACH, REACH)


@settings(deadline=None, max_examples=50)
@given(number, number, number, place, place, st.integers(0, 1), st.floats(1e-3, 10))
def test_the_rule(w1: float, w2: float, b: float, x1: float, x2: float, label: int, rate: float) -> None:
    rule = Correction(np.array([w1, w2]), b, np.array([x1, x2]), label, rate)
    assert rule.z == pytest.approx(w1 * x1 + w2 * x2 + b)
    assert rule.answer == (1 if rule.z >= 0 else 0)
    np.testing.assert_allclose(
        rule.new_weight, [w1 + rate * (label - rule.answer) * x1, w2 + rate * (label - rule.answer) * x2]
    )
    assert rule.new_bias == pytest.approx(b + rate * (label - rule.answer))
    # A wrong point is moved towards its own side; a right one moves nothing.
    moved = float(rule.new_weight @ rule.x + rule.new_bias) - rule.z
    assert moved * rule.error >= 0
    assert (moved == 0) == (rule.error == 0)


def test_a_worked_example() -> None:
    rule = Correction(np.array([0.5, -1.0]), 0.2, np.array([1.0, 0.5]), 0, 0.1)
    assert (rule.z, rule.answer, rule.error) == (pytest.approx(0.2), 1, -1)
    np.testing.assert_allclose(rule.new_weight, [0.4, -1.05])
    assert rule.new_bias == pytest.approx(0.1)


def test_a_perceptron_learns_as_the_rule_says() -> None:
    perceptron = Perceptron(0)
    x = np.array([1.0, -1.0])
    wrong = 1 - correction(perceptron.state_dict(), x, 0, 1.0).answer
    rule = correction(perceptron.state_dict(), x, wrong, 1.0)
    assert perceptron.learn(x, wrong, 1.0)
    np.testing.assert_array_equal(perceptron.weight.numpy(), rule.new_weight)
    assert float(perceptron.bias) == rule.new_bias


def test_separable_points_are_learned_and_then_nothing_changes() -> None:
    recording = train_perceptron(make_points("Blobs", 0.1, 0), PerceptronSettings())
    assert recording.accuracies[-1] == 1.0
    assert recording.losses[-1] == 0.0
    assert 1 < recording.epochs < 50, "it stops when nothing is wrong"
    # The last epoch found no mistake, so it left the weights as they were.
    assert torch.equal(recording.states[-1]["weight"], recording.states[-2]["weight"])


def test_xor_is_never_learned() -> None:
    recording = train_perceptron(make_points("XOR", 0.1, 0), PerceptronSettings(epochs=20))
    assert recording.epochs == 20
    assert recording.accuracies.max() <= 0.8


def test_the_recording_is_the_networks_own_answer() -> None:
    recording = train_perceptron(make_points("Blobs", 0.1, 0), PerceptronSettings())
    assert recording.scores.shape == (recording.epochs + 1, 1, SIDE, SIDE)
    for scores, state in zip(recording.scores, recording.states, strict=True):
        w1, w2 = state["weight"].tolist()
        # Row 0 is at the bottom, column 0 on the left.
        assert scores[0, 0, 0] == pytest.approx(-REACH * w1 - REACH * w2 + float(state["bias"]), abs=1e-5)
        assert scores[0, 0, -1] == pytest.approx(REACH * w1 - REACH * w2 + float(state["bias"]), abs=1e-5)
        assert scores[0, -1, 0] == pytest.approx(-REACH * w1 + REACH * w2 + float(state["bias"]), abs=1e-5)


def test_equal_seeds_give_equal_recordings_and_leave_torchs_random_numbers_alone() -> None:
    points = make_points("XOR", 0.2, 0)
    before = torch.get_rng_state()
    one, two, other = (train_perceptron(points, PerceptronSettings(epochs=3, seed=seed)) for seed in (4, 4, 5))
    np.testing.assert_array_equal(one.scores, two.scores)
    assert not np.array_equal(one.scores, other.scores)
    assert torch.equal(torch.get_rng_state(), before)


def test_three_classes_are_too_many() -> None:
    with pytest.raises(PlaygroundError, match="only A and B"):
        train_perceptron(Points.read("A0_0~B10_10~C20_20"), PerceptronSettings())
