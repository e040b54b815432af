"""What one choice changes in a stack: nothing else, and it can still be built."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.course.choices import (
    activation_of,
    dense_network,
    dropout_of,
    is_batch_normalised,
    with_activation,
    with_batch_normalisation,
    with_dropout,
)
from training.course.presets import PRESETS
from training.course.stack import Activation, BatchNormalisation, Convolution, Dense, Dropout, Relu, Stack, build, describe

FITTING = [key for key in PRESETS if not key.startswith("photo") and key != "softmax-regression"]
"""Those in which there is something to change."""


def titles(stack: Stack) -> list[str]:
    return [layer.title for layer in stack.layers]


def test_a_dense_network_without_hidden_layers_is_softmax_regression() -> None:
    assert titles(dense_network()) == ["Flatten", "Dense 10"]
    assert titles(dense_network([64, 32])) == ["Flatten", "Dense 64", "ReLU", "Dense 32", "ReLU", "Dense 10"]


@pytest.mark.parametrize("key", FITTING)
def test_every_choice_gives_a_network_that_can_be_built(key: str) -> None:
    stack = PRESETS[key].stack
    changed = with_activation(with_batch_normalisation(with_dropout(stack, 0.3), wanted=True), "tanh")
    assert describe(changed).rows[-1].shape == describe(stack).rows[-1].shape
    assert activation_of(changed) == "tanh"
    assert dropout_of(changed) == 0.3
    assert is_batch_normalised(changed)
    build(changed)


@pytest.mark.parametrize("key", FITTING)
def test_taking_away_what_was_added_gives_the_same_network(key: str) -> None:
    stack = with_batch_normalisation(with_dropout(PRESETS[key].stack, 0), wanted=False)
    assert with_dropout(with_dropout(stack, 0.4), 0) == stack
    assert with_batch_normalisation(with_batch_normalisation(stack, wanted=True), wanted=False) == stack
    assert with_activation(with_activation(stack, "sigmoid"), "ReLU") == stack


@given(st.floats(0.01, 0.99))
def test_the_course_s_dropout_changes_its_share_and_stays_where_it_is(share: float) -> None:
    changed = with_dropout(PRESETS["mnist"].stack, share)
    assert changed.layers[-2] == Dropout(share=share)
    assert len(changed.layers) == len(PRESETS["mnist"].stack.layers)


def test_batch_normalisation_stands_before_the_activation() -> None:
    layers = with_batch_normalisation(PRESETS["two-convolutions"].stack, wanted=True).layers
    places = [place for place, layer in enumerate(layers) if isinstance(layer, BatchNormalisation)]
    assert len(places) == 3
    for place in places:
        assert isinstance(layers[place - 1], (Convolution, Dense))
        assert isinstance(layers[place + 1], Relu)


def test_softmax_regression_has_no_place_for_dropout() -> None:
    assert with_dropout(dense_network(), 0.5) == dense_network()


def test_mixed_activations_are_none_of_them() -> None:
    stack = Stack(layers=(Convolution(), Relu(), Convolution(), Activation(function="tanh")))
    assert activation_of(stack) is None
    assert activation_of(with_activation(stack, "leaky ReLU")) == "leaky ReLU"
    assert activation_of(dense_network()) is None
