"""A network that knows digits, to be tried."""

import pytest

from tests.training.course.conftest import RECIPE
from training.course.data.loading import load_split
from training.course.data.pictures import Split
from training.course.experiments.training import Outcome, run_experiment


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Split, Outcome]:
    """The pictures and what came out of them."""
    storage = tmp_path_factory.mktemp("storage")
    split = load_split(RECIPE.data, RECIPE.split, storage)
    return split, run_experiment(RECIPE, split, storage)
