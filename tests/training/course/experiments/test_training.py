"""Experiments, from recipe to measured network."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch

from recognition.errors import CancelledError
from recognition.inspection.errors import FitError
from tests.training.course.conftest import RECIPE
from training.course.data.augmentation import Changes
from training.course.data.pictures import Pictures, Split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.recipe import (
    ExperimentNetwork,
    NetworkChoice,
    PerceptronNetwork,
    Recipe,
    StackNetwork,
    TrainingChoice,
    TransferNetwork,
)
from training.course.experiments.training import Outcome, accuracy, run_experiment
from training.course.presets import PRESETS
from training.course.stack import Convolution, Dense, Flatten, Relu, Stack
from training.errors import TrainingError
from training.loop.observer import EpochRecord, NullObserver

SHORT = TrainingChoice(epochs=2, batch=16, rate=1e-2)


def with_training(**changes: object) -> Recipe:
    return RECIPE.model_copy(update={"training": RECIPE.training.model_copy(update=changes)})


def weights(outcome: Outcome) -> dict[str, torch.Tensor]:
    return outcome.classifier.module.state_dict()


def test_a_small_cnn_learns_digits(learned_digits: Outcome, few_digits: Split) -> None:
    assert learned_digits.test_accuracy > 0.8
    assert learned_digits.train_accuracy > 0.8
    assert len(learned_digits.history) == RECIPE.training.epochs
    assert all("train_accuracy" in record.metrics for record in learned_digits.history)
    # What it says of the test pictures is what the classifier that comes out says.
    assert np.allclose(
        learned_digits.classifier.probabilities(few_digits.test.images), learned_digits.test.probabilities, atol=1e-5
    )
    assert accuracy(learned_digits.test) == learned_digits.test_accuracy


def test_the_same_recipe_gives_the_same_numbers(learned_digits: Outcome, few_digits: Split, storage: Path) -> None:
    again = run_experiment(RECIPE, few_digits, storage)
    assert [record.train_loss for record in again.history] == [record.train_loss for record in learned_digits.history]
    assert all(torch.equal(value, weights(again)[name]) for name, value in weights(learned_digits).items())
    other = run_experiment(with_training(seed=1), few_digits, storage)
    assert not all(torch.equal(value, weights(other)[name]) for name, value in weights(learned_digits).items())


def test_an_experiment_that_was_stopped_goes_on_to_the_same_numbers(
    learned_digits: Outcome, few_digits: Split, storage: Path, tmp_path: Path
) -> None:
    class StopAfterOne(NullObserver):
        def epoch(self, record: EpochRecord) -> None:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        run_experiment(RECIPE, few_digits, storage, folder=tmp_path, observer=StopAfterOne())
    resumed = run_experiment(RECIPE, few_digits, storage, folder=tmp_path)
    assert all(torch.equal(value, weights(resumed)[name]) for name, value in weights(learned_digits).items())


@pytest.mark.parametrize(
    "network",
    [
        PerceptronNetwork(),
        StackNetwork(stack=PRESETS["softmax-regression"].stack),
        StackNetwork(stack=PRESETS["dense-digits"].stack),
    ],
)
def test_every_kind_of_network_is_fitted_to_the_pictures(network: NetworkChoice, few_digits: Split, storage: Path) -> None:
    training = TrainingChoice(epochs=4, batch=8, rate=1e-2)
    outcome = run_experiment(RECIPE.model_copy(update={"network": network, "training": training}), few_digits, storage)
    assert outcome.test_accuracy > 0.6


@pytest.mark.parametrize(
    "changes",
    [
        {"optimiser": "sgd"},
        {"optimiser": "momentum"},
        {"optimiser": "adamw", "weight_decay": 0.01},
        {"schedule": "constant"},
        {"balance": "weights"},
        {"balance": "sampling"},
        {"balance": "augmentation", "changes": Changes(shift=0.1)},
        {"smoothing": 0.1},
        {"changes": Changes(shift=0.1, rotate=10, zoom=0.1, light=0.2, erase=0.2)},
    ],
    ids=str,
)
def test_every_way_to_train_learns_something(changes: dict[str, object], few_digits: Split, storage: Path) -> None:
    outcome = run_experiment(with_training(epochs=2, **changes), few_digits, storage)
    assert outcome.history[-1].train_loss < outcome.history[0].train_loss


def coloured(count: int = 24) -> Split:
    """Two classes that differ in colour."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 2
    images = random.integers(0, 100, (count, 32, 32, 3), dtype=np.uint8)
    images[labels == 1, :, :, 0] += 120
    pictures = Pictures(images, labels)
    return Split("Colours", ("blue", "red"), pictures, pictures, pictures)


def transferred(scope: Literal["head", "last"], split: Split, storage: Path, rate: float) -> Outcome:
    network = TransferNetwork(backbone="dlib", scope=scope)
    return run_experiment(Recipe(network=network, training=TrainingChoice(epochs=8, batch=8, rate=rate)), split, storage)


@pytest.mark.parametrize(("scope", "rate"), [("head", 1e-2), ("last", 1e-3)])
def test_a_face_network_is_transferred_to_other_classes(scope: Literal["head", "last"], rate: float, storage: Path) -> None:
    outcome = transferred(scope, coloured(), storage, rate)
    assert outcome.train_accuracy > 0.9
    assert outcome.classifier.shape == (32, 32, 3)


def test_frozen_features_leave_the_backbone_as_it_was(storage: Path) -> None:
    def backbone(rate: float) -> dict[str, torch.Tensor]:
        outcome = transferred("head", coloured(8), storage, rate)
        return {name: value for name, value in weights(outcome).items() if name.startswith("backbone.")}

    one, other = backbone(1e-2), backbone(1.0)
    assert one
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_batch_normalisation_of_single_pictures_is_refused(storage: Path) -> None:
    network = StackNetwork(stack=PRESETS["batch-normalised"].stack)
    with pytest.raises(TrainingError, match="two pictures a step"):
        run_experiment(Recipe(network=network, training=TrainingChoice(batch=1)), coloured(8), storage)


def test_pictures_too_small_for_a_pretrained_network_are_told(storage: Path) -> None:
    network = TransferNetwork(backbone="dlib", side=64)
    with pytest.raises(TrainingError, match="Choose a larger side"):
        run_experiment(Recipe(network=network), coloured(8), storage)


def test_an_earlier_network_is_gone_on_from_with_a_new_last_layer(
    learned_digits: Outcome, few_digits: Split, storage: Path
) -> None:
    before = keep_outcome(storage, RECIPE, few_digits, learned_digits)
    two = np.flatnonzero(few_digits.train.labels < 2)
    part = few_digits.train.take(two)
    split = Split("Two digits", ("0", "1"), part, part, part)
    recipe = Recipe(network=ExperimentNetwork(experiment=before.id, scope="head"), training=SHORT)
    outcome = run_experiment(recipe, split, storage)
    assert outcome.train_accuracy > 0.95
    assert torch.equal(weights(outcome)["0.weight"], weights(learned_digits)["0.weight"])
    assert outcome.classifier.probabilities(part.images).shape == (len(part), 2)


def test_a_network_too_deep_for_the_pictures_says_at_which_layer(few_digits: Split, storage: Path) -> None:
    deep = Stack(layers=(*(Convolution(filters=4), Relu()) * 4, Flatten(), Dense(units=10)))
    with pytest.raises(FitError, match=r"Layer 7, Convolution 4"):
        run_experiment(RECIPE.model_copy(update={"network": StackNetwork(stack=deep)}), few_digits, storage)


def test_numbers_that_run_away_are_told(few_digits: Split, storage: Path) -> None:
    with pytest.raises(TrainingError, match="learning rate"):
        run_experiment(
            with_training(optimiser="sgd", rate=10.0, schedule="constant", epochs=50), images_of_noise(few_digits), storage
        )


def images_of_noise(split: Split) -> Split:
    """Labels that nothing in the pictures explains: nothing to converge to."""
    labels = np.random.default_rng(0).permutation(split.train.labels)
    return replace(split, train=Pictures(split.train.images, labels))


def test_more_filters_than_memory_are_refused_before_they_are_trained(few_digits: Split, storage: Path) -> None:
    wide = Stack(layers=(Convolution(filters=4096, padding="same"), Relu(), Flatten(), Dense(units=10)))
    network, training = StackNetwork(stack=wide), TrainingChoice(batch=4096)
    large = replace(few_digits, train=Pictures(np.zeros((20, 8, 8, 1), np.uint8), np.arange(20) % 10))
    with pytest.raises(TrainingError, match="GB of memory"):
        run_experiment(Recipe(network=network, training=training), large, storage)


def test_a_stack_that_ends_with_maps_is_refused(few_digits: Split, storage: Path) -> None:
    open_end = Stack(layers=(Convolution(filters=10),))
    with pytest.raises(TrainingError, match="10×6×6"):
        run_experiment(RECIPE.model_copy(update={"network": StackNetwork(stack=open_end)}), few_digits, storage)
