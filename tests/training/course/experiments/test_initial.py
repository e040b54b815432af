"""The network that an experiment started from."""

from pathlib import Path

import pytest
import torch

from tests.training.course.conftest import RECIPE
from training.course.data.pictures import Split
from training.course.experiments.initial import load_start, make_start
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.recipe import ExperimentNetwork
from training.course.experiments.record import Record
from training.course.experiments.store import delete_experiment, load_classifier
from training.course.experiments.training import Outcome
from training.errors import TrainingError


@pytest.fixture
def kept(storage: Path, few_digits: Split, learned_digits: Outcome) -> Record:
    return keep_outcome(storage, RECIPE, few_digits, learned_digits)


def test_the_untrained_network_is_made_again_from_the_seed(kept: Record, storage: Path) -> None:
    torch.manual_seed(99)
    before = torch.random.get_rng_state()
    one, other = load_start(kept, storage), load_start(kept, storage)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert (one.classes, one.shape, one.mean, one.scale) == (kept.classes, kept.shape, kept.mean, kept.scale)
    begun = make_start(kept.recipe, kept.shape, len(kept.classes), storage).module.state_dict()
    trained = load_classifier(storage, kept.id).module.state_dict()
    for name, value in one.module.state_dict().items():
        assert torch.equal(value, other.module.state_dict()[name]) and torch.equal(value, begun[name])
        assert not torch.equal(value, trained[name])


def test_what_was_made_from_another_starts_with_that_one(kept: Record, storage: Path) -> None:
    network = ExperimentNetwork(experiment=kept.id)
    continued = kept.model_copy(update={"recipe": kept.recipe.model_copy(update={"network": network})})
    compressed = kept.model_copy(update={"parent": kept.id, "made_by": "pruned"})
    trained = load_classifier(storage, kept.id).module.state_dict()
    for record in (continued, compressed):
        started = load_start(record, storage).module.state_dict()
        assert all(torch.equal(value, trained[name]) for name, value in started.items())
    delete_experiment(storage, kept.id)
    for record in (continued, compressed):
        with pytest.raises(TrainingError, match="may have been deleted"):
            load_start(record, storage)
