"""Derivatives by hand against autograd."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.course.playground.activations import ACTIVATIONS, Activation, Numbers
from training.course.playground.backpropagation import Layer, autograd, backpropagate
from training.course.playground.errors import PlaygroundError

numbers = st.floats(-3, 3)


def grids(*shape: int) -> st.SearchStrategy[Numbers]:
    return arrays(np.float64, shape, elements=numbers)


def agree(layers: tuple[Layer, ...], x: Numbers, target: Numbers) -> None:
    passes = backpropagate(layers, x, target)
    for one, (weights, biases) in zip(passes.layers, autograd(layers, x, target), strict=True):
        np.testing.assert_allclose(one.gradient, weights, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(one.deltas, biases, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(deadline=None, max_examples=50)
@given(grids(2), grids(3, 2), grids(3), grids(2, 3), grids(2), grids(2))
def test_every_derivative_of_a_2_3_2_network_is_autograds(
    activation: Activation, x: Numbers, w: Numbers, b: Numbers, v: Numbers, c: Numbers, target: Numbers
) -> None:
    agree((Layer(w, b, activation), Layer(v, c, "sigmoid")), x, target)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(deadline=None, max_examples=50)
@given(grids(2), grids(3, 2), grids(3), grids(2, 3), grids(2), st.floats(0, 1))
def test_and_with_softmax_too(
    activation: Activation, x: Numbers, w: Numbers, b: Numbers, v: Numbers, c: Numbers, share: float
) -> None:
    agree((Layer(w, b, activation), Layer(v, c, "softmax")), x, np.array([share, 1 - share]))


def test_and_of_a_deep_network() -> None:
    random = np.random.default_rng(0)
    sizes = (2, 5, 4, 3)
    layers = tuple(
        Layer(random.normal(size=(after, before)), random.normal(size=after), activation)
        for before, after, activation in zip(sizes, sizes[1:], ("ReLU", "tanh", "softmax"), strict=False)
    )
    agree(layers, random.normal(size=2), np.array([0.0, 0.0, 1.0]))


def test_a_worked_example() -> None:
    # One weight: o = σ(2 · 0.5) = 0.731, L = ½ (0.731 − 1)², ∂L/∂w = (0.731 − 1) · 0.731 · 0.269 · 2.
    passes = backpropagate((Layer(np.array([[0.5]]), np.zeros(1), "sigmoid"),), np.array([2.0]), np.ones(1))
    (layer,) = passes.layers
    assert layer.outputs[0] == pytest.approx(0.7310586, abs=1e-6)
    assert passes.loss == pytest.approx(0.0361647, abs=1e-6)
    assert layer.gradient[0, 0] == pytest.approx(-0.1057544, abs=1e-6)
    assert layer.stepped(0.1).weights[0, 0] == pytest.approx(0.5105754, abs=1e-6)


@settings(deadline=None, max_examples=50)
@given(grids(2), grids(3, 2), grids(2, 3), grids(2))
def test_a_small_step_lowers_the_loss(x: Numbers, w: Numbers, v: Numbers, target: Numbers) -> None:
    layers = (Layer(w, np.zeros(3), "tanh"), Layer(v, np.zeros(2), "sigmoid"))
    passes = backpropagate(layers, x, target)
    stepped = tuple(layer.stepped(1e-3) for layer in passes.layers)
    assert backpropagate(stepped, x, target).loss <= passes.loss + 1e-12


@pytest.mark.parametrize("value", [1e200, np.inf, np.nan])
def test_numbers_that_overflow_are_refused(value: float) -> None:
    layers = (Layer(np.array([[value]]), np.zeros(1), "ReLU"), Layer(np.array([[value]]), np.zeros(1), "ReLU"))
    with pytest.raises(PlaygroundError, match="Take smaller numbers"):
        backpropagate(layers, np.ones(1), np.ones(1))


@pytest.mark.parametrize("target", [[1.0, 1.0], [-0.5, 1.5], [0.0, 0.0]])
def test_targets_of_a_softmax_are_probabilities(target: list[float]) -> None:
    with pytest.raises(PlaygroundError, match="together 1"):
        backpropagate((Layer(np.ones((2, 1)), np.zeros(2), "softmax"),), np.ones(1), np.array(target))


def test_the_largest_numbers_give_finite_derivatives() -> None:
    for end in ("sigmoid", "softmax"):
        layers = (Layer(np.full((3, 2), 1000.0), np.zeros(3), "ReLU"), Layer(np.full((2, 3), -1000.0), np.zeros(2), end))
        passes = backpropagate(layers, np.full(2, 1000.0), np.array([0.0, 1.0]))
        assert np.isfinite(passes.loss)
        assert all(np.isfinite(layer.gradient).all() for layer in passes.layers)
