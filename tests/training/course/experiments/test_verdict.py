"""Over- and underfitting said in words, and never where chance explains the gap."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.course.choices import dense_network, with_dropout
from training.course.data.augmentation import Changes
from training.course.data.choice import DataChoice
from training.course.experiments.recipe import PerceptronNetwork, Recipe, StackNetwork, TrainingChoice, TransferNetwork
from training.course.experiments.verdict import Evidence, Verdict, judge, share
from training.course.presets import PRESETS
from training.loop.observer import EpochRecord
from training.uncertainty import Accuracy

CNN = Recipe(network=StackNetwork(stack=PRESETS["two-convolutions"].stack))
FLAT = [1.0, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4]


def history(train: list[float], validation: list[float] | None = None) -> list[EpochRecord]:
    pairs = zip(train, validation or train, strict=True)
    return [EpochRecord(number, *losses, {}, 1e-3, 1.0) for number, losses in enumerate(pairs, start=1)]


def verdict(
    train: float,
    validation: float,
    *,
    count: int = 5000,
    recipe: Recipe = CNN,
    losses: list[float] | None = None,
    best_epoch: int = 6,
    chance: float = 0.1,
) -> Verdict:
    fit = Accuracy.of(train, 9 * count), Accuracy.of(validation, count)
    return judge(Evidence(history(losses or FLAT), best_epoch, *fit, chance, recipe))


def test_the_course_s_own_example_learns_by_heart() -> None:
    found = verdict(1.0, 0.93)
    assert found.kind == "by heart"
    assert found.text == "Training 1.00, validation 0.93 ± 0.01: it learns by heart (overfitting)."
    assert found.advice == ("augmentation", "dropout", "fewer parameters", "weight decay", "more pictures")


def test_what_is_done_already_is_not_advised() -> None:
    recipe = CNN.model_copy(
        update={
            "network": StackNetwork(stack=with_dropout(PRESETS["two-convolutions"].stack, 0.5)),
            "training": TrainingChoice(changes=Changes(flip=True), weight_decay=1e-4),
            "data": DataChoice(limit=100),
        }
    )
    assert verdict(1.0, 0.7, recipe=recipe).advice == ("fewer parameters", "more than 100 pictures a class")


def test_a_network_trained_whole_is_told_of_frozen_features() -> None:
    recipe = Recipe(network=TransferNetwork(backbone="vgg16", scope="all"))
    assert "frozen features" in verdict(1.0, 0.7, recipe=recipe).advice[0]


@pytest.mark.parametrize(("train", "validation"), [(1.0, 0.995), (0.93, 0.93), (0.99, 0.985)])
def test_training_and_validation_alike_are_good(train: float, validation: float) -> None:
    assert verdict(train, validation).kind == "good"


def test_a_gap_on_few_pictures_may_be_chance() -> None:
    assert verdict(1.0, 0.96, count=100).kind == "good"
    assert "may be chance" in verdict(1.0, 0.96, count=100).text
    assert verdict(1.0, 0.96, count=5000).kind == "by heart"


def test_so_few_pictures_that_nothing_can_be_told() -> None:
    found = verdict(0.95, 0.9, count=10)
    assert found.kind == "too few pictures"
    assert "10 validation pictures" in found.text
    # Where half of them are wrong, even ten are enough.
    assert verdict(1.0, 0.4, count=10).kind == "by heart"


def test_underfitting_is_told_what_gives_more_room() -> None:
    found = verdict(0.7, 0.7)
    assert (found.kind, found.advice[0]) == ("underfitting", "a larger network")
    linear = Recipe(network=StackNetwork(stack=dense_network()))
    assert "hidden layer" in verdict(0.7, 0.7, recipe=linear).advice[0]
    assert "hidden layer" in verdict(0.7, 0.7, recipe=Recipe(network=PerceptronNetwork())).advice[0]
    frozen = Recipe(network=TransferNetwork(backbone="vgg16"))
    assert "more of the network" in verdict(0.7, 0.7, recipe=frozen).advice[0]


def test_a_training_that_was_cut_short_is_told_to_go_on() -> None:
    falling = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    found = verdict(0.8, 0.8, losses=falling, best_epoch=8)
    assert (found.kind, found.advice[0]) == ("still improving", "16 epochs")
    assert verdict(0.8, 0.8, losses=falling, best_epoch=3).kind == "underfitting"
    assert verdict(0.99, 0.985, losses=falling, best_epoch=8).kind == "good"


def test_a_loss_that_grows_has_diverged() -> None:
    found = verdict(0.5, 0.5, losses=[2.0, 2.5, 90.0])
    assert found.kind == "diverged"
    assert found.advice == ("a learning rate of 0.0001 instead of 0.001",)
    assert verdict(0.5, 0.5, losses=[2.0, nan]).kind == "diverged"


def test_guessing_is_called_so() -> None:
    assert verdict(0.1, 0.1).kind == "nothing learned"
    assert verdict(0.62, 0.62, chance=0.63).kind == "nothing learned"


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.data())
def test_whatever_was_measured_there_is_a_verdict(trained: int, validated: int, data: st.DataObject) -> None:
    train = Accuracy(data.draw(st.integers(0, trained)), trained)
    validation = Accuracy(data.draw(st.integers(0, validated)), validated)
    found = judge(Evidence(history([0.5]), 1, train, validation, 0.1, CNN))
    assert share(train.share) in found.text and share(validation.share) in found.text
    if train.share <= validation.share:
        assert found.kind != "by heart"


def test_nearly_all_is_not_all() -> None:
    assert [share(value) for value in (1.0, 0.998, 0.93, 0.994)] == ["1.00", "0.998", "0.93", "0.99"]
