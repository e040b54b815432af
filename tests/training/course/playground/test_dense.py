"""The dense network on points."""

import numpy as np
import pytest
import torch
from torch import nn

from training.course.playground.activations import ACTIVATIONS, Activation
from training.course.playground.backpropagation import backpropagate
from training.course.playground.dense import DenseNetwork, DenseSettings, layers_of, train_dense
from training.course.playground.errors import PlaygroundError
from training.course.playground.points import Points, make_points


@pytest.mark.parametrize(("hidden", "parameters"), [(0, 3 * 2), (1, 3 * 4 + 5 * 2), (3, 3 * 4 + 2 * 5 * 4 + 5 * 2)])
def test_the_network_has_the_layers_it_was_given(hidden: int, parameters: int) -> None:
    network = DenseNetwork(DenseSettings(hidden=hidden, units=4), 2)
    assert sum(isinstance(module, nn.Tanh) for module in network) == hidden
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_a_hidden_layer_learns_xor_and_none_cannot() -> None:
    points = make_points("XOR", 0.1, 0)
    with_layer = train_dense(points, DenseSettings(hidden=1, units=4, epochs=60))
    without = train_dense(points, DenseSettings(hidden=0, epochs=20))
    assert with_layer.accuracies[-1] == 1.0
    assert without.accuracies.max() <= 0.8
    assert with_layer.losses[-1] < 0.1 < without.losses[-1]
    assert (with_layer.epochs, without.epochs) == (60, 20)


def test_three_classes_have_two_scores() -> None:
    recording = train_dense(
        Points.read("A-100_0~A-90_10~B100_0~B90_10~C0_100~C10_90"), DenseSettings(hidden=0, epochs=60, rate=1)
    )
    assert recording.scores.shape[1] == 2
    assert recording.accuracies[-1] == 1.0


def test_equal_seeds_give_equal_recordings() -> None:
    points = make_points("Moons", 0.1, 0)
    one, two, other = (train_dense(points, DenseSettings(epochs=2, seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.scores, two.scores)
    assert not np.array_equal(one.scores, other.scores)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_numbers_shown_are_the_networks_own_and_the_step_is_torchs(activation: Activation) -> None:
    """Forwards against the module; the written-out update against one step of torch's SGD on that point."""
    points = make_points("Circles", 0.1, 0)
    settings = DenseSettings(hidden=2, units=3, activation=activation, epochs=1, rate=0.3)
    state = train_dense(points, settings).states[-1]
    network = DenseNetwork(settings, 2)
    network.load_state_dict(state)
    x, label = points.places[7], int(points.labels[7])
    passes = backpropagate(layers_of(state, settings), x, np.eye(2)[label])
    logits = network(torch.from_numpy(x)[None])
    np.testing.assert_allclose(passes.layers[-1].outputs, logits.softmax(1)[0].detach(), rtol=1e-9)

    optimizer = torch.optim.SGD(network.parameters(), lr=settings.rate)
    loss = nn.functional.cross_entropy(logits, torch.tensor([label]))
    loss.backward()
    optimizer.step()
    assert passes.loss == pytest.approx(loss.item())
    for layer, after in zip(passes.layers, layers_of(network.state_dict(), settings), strict=True):
        np.testing.assert_allclose(layer.stepped(settings.rate).weights, after.weights, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(layer.stepped(settings.rate).biases, after.biases, rtol=1e-9, atol=1e-12)


def test_numbers_that_run_away_end_the_recording_with_a_sentence() -> None:
    recording = train_dense(make_points("Moons", 0.1, 0), DenseSettings(activation="ReLU", hidden=3, rate=1e200))
    assert recording.trouble is not None
    assert "learning rate is too high" in recording.trouble
    assert len(recording.states) >= 1
    assert np.isfinite(recording.scores).all() and np.isfinite(recording.losses).all()


def test_a_point_of_two_classes_is_trained_on_all_the_same() -> None:
    recording = train_dense(Points.read("A0_0~B0_0"), DenseSettings(epochs=5))
    assert recording.accuracies[-1] == 0.5


def test_one_class_is_nothing_to_learn() -> None:
    with pytest.raises(PlaygroundError, match="All points are of class A"):
        train_dense(Points.read("A0_0~A1_1"), DenseSettings())
