"""A few handwritten digits, and a network that has learned them."""

from pathlib import Path

import pytest

from training.course.data.choice import DataChoice
from training.course.data.loading import load_split
from training.course.data.pictures import Split, SplitSettings
from training.course.experiments.recipe import Recipe, StackNetwork, TrainingChoice
from training.course.experiments.training import Outcome, run_experiment
from training.course.stack import Convolution, Dense, Dropout, Flatten, Pooling, Relu, Stack

CNN = Stack(
    height=8,
    width=8,
    channels=1,
    layers=(Convolution(filters=8, padding="same"), Relu(), Pooling(), Flatten(), Dropout(share=0.1), Dense(units=10)),
)
"""Learns digits in a second."""

RECIPE = Recipe(
    data=DataChoice(limit=40),
    network=StackNetwork(stack=CNN),
    training=TrainingChoice(epochs=3, batch=16, rate=1e-2),
)


@pytest.fixture(scope="session")
def few_digits(tmp_path_factory: pytest.TempPathFactory) -> Split:
    """40 pictures of each digit, split."""
    return load_split(RECIPE.data, SplitSettings(), tmp_path_factory.mktemp("storage"))


@pytest.fixture(scope="session")
def learned_digits(few_digits: Split, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What comes out of `RECIPE`."""
    storage: Path = tmp_path_factory.mktemp("storage")
    return run_experiment(RECIPE, few_digits, storage)
