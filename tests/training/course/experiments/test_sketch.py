"""What an experiment will be: every network counted to the digit without its memory, and a time that follows its size."""

from pathlib import Path

import pytest

from recognition.inspection.errors import FitError
from training.course.choices import dense_network, with_activation, with_batch_normalisation, with_dropout
from training.course.data.augmentation import Changes
from training.course.experiments.catalogue import STACKS, default_name, network_title
from training.course.experiments.initial import resolve
from training.course.experiments.networks import rebuild
from training.course.experiments.recipe import (
    NetworkChoice,
    PerceptronNetwork,
    Recipe,
    StackNetwork,
    TrainingChoice,
    TransferNetwork,
)
from training.course.experiments.sketch import seconds, sketch, suggested
from training.course.stack import Stack

CIFAR = (32, 32, 3)


def of(key: str) -> StackNetwork:
    return StackNetwork(stack=STACKS[key].stack, preset=key)


@pytest.mark.parametrize("network", [PerceptronNetwork(), *(of(key) for key in STACKS)])
def test_the_sketch_counts_what_is_built(network: NetworkChoice, storage: Path) -> None:
    found = sketch(network, CIFAR, 7, storage)
    built = rebuild(resolve(network, CIFAR, 7, storage), CIFAR, 7)
    assert found.parameters == found.trained == sum(parameter.numel() for parameter in built.parameters())
    assert sum(layer.parameters for layer in found.layers) == found.parameters
    assert found.layers[-1].output == "7"
    assert found.multiply_adds > 0


def test_a_pretrained_network_is_sketched_without_its_weights(storage: Path) -> None:
    head = sketch(TransferNetwork(backbone="vgg16"), CIFAR, 2, storage)
    assert (head.parameters, head.trained) == (14_714_688 + 1026, 1026)
    whole = sketch(TransferNetwork(backbone="vgg16", scope="all"), CIFAR, 2, storage)
    assert whole.trained == whole.parameters == head.parameters


def test_a_network_too_deep_for_the_pictures_is_told_its_layer(storage: Path) -> None:
    with pytest.raises(FitError, match="Layer 6, Max-pooling 2×2"):
        sketch(of("mnist"), (8, 8, 1), 10, storage)


def test_rows_of_pixels_that_are_lost_are_told(storage: Path) -> None:
    assert "never looked at" in sketch(of("mnist"), (28, 28, 1), 10, storage).warnings[0]


def test_the_estimate_grows_with_pictures_epochs_and_network(storage: Path) -> None:
    small, large = (sketch(of(key), CIFAR, 10, storage) for key in ("softmax-regression", "two-convolutions"))
    usual = TrainingChoice()
    longer = TrainingChoice(epochs=2 * usual.epochs)
    network = of("two-convolutions")
    assert seconds(small, network, usual, 1000) < seconds(large, network, usual, 1000)
    assert seconds(large, network, longer, 1000) == pytest.approx(2 * seconds(large, network, usual, 1000))
    frozen = TransferNetwork(backbone="vgg16")
    vgg = sketch(frozen, CIFAR, 2, storage)
    augmented = TrainingChoice(changes=Changes(flip=True))
    assert 10 * seconds(vgg, frozen, usual, 1000) < seconds(vgg, frozen, augmented, 1000)


@pytest.mark.parametrize("pictures", [10, 1_000, 10_000, 100_000])
def test_every_network_has_a_training_that_suits_it(pictures: int) -> None:
    networks = [PerceptronNetwork(), *(of(key) for key in STACKS), TransferNetwork(backbone="vgg16", scope="all")]
    for network in networks:
        Recipe(network=network, training=suggested(network, pictures))
    assert suggested(networks[-1], pictures).rate < suggested(networks[1], pictures).rate


def test_a_name_says_the_network_and_what_was_changed_in_it() -> None:
    changed = with_batch_normalisation(
        with_dropout(with_activation(STACKS["two-convolutions"].stack, "tanh"), 0.3), wanted=True
    )
    network = StackNetwork(stack=changed, preset="two-convolutions")
    assert network_title(network) == "Two convolutions, tanh, dropout 0.3, batch normalisation"
    assert network_title(StackNetwork(stack=dense_network([64, 32]), preset="dense-digits")) == "Dense network 64-32"
    assert (
        network_title(StackNetwork(stack=with_dropout(STACKS["mnist"].stack, 0), preset="mnist")) == "MNIST stack, no dropout"
    )
    assert network_title(StackNetwork(stack=Stack())) == "Own stack of 0 layers"
    assert network_title(TransferNetwork(backbone="vgg16", scope="last")) == "VGG-16, last blocks"
    recipe = Recipe(network=of("softmax-regression"), training=TrainingChoice(changes=Changes(shift=0.1)))
    assert default_name(recipe, "Digits") == "Digits: Softmax regression, augmented"
