"""What comes out of a training."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from recognition.networks import Network
from tests.training import made
from tests.training.conftest import SMALL
from training.faces.dataset import FaceSet
from training.faces.interpolation import WEIGHTS, Candidate, choose, interpolate, whiten_unless_worse
from training.faces.open_set import EvaluationResult, EvaluationSet, evaluate
from training.faces.training_set import TrainingSet


@pytest.fixture(scope="module")
def evaluation_set(faces: FaceSet) -> EvaluationSet:
    """The first two photos of each of three people make templates, two are probes; the fourth person is a stranger."""
    number = [list(faces.labels[:row]).count(label) for row, label in enumerate(faces.labels)]
    inside = faces.labels < 3
    first, later = inside & [n < 2 for n in number], inside & [n in (2, 3) for n in number]
    return EvaluationSet(
        faces.crops[first], faces.labels[first], faces.crops[later], faces.labels[later], faces.crops[faces.labels == 3]
    )


def test_interpolated_weights_lie_between(network: Network) -> None:
    other = network.architecture.build()
    middle = interpolate(network, other, 0.5)
    for between, own, tuned in zip(middle.parameters(), network.module.parameters(), other.parameters(), strict=True):
        assert torch.allclose(between, (own + tuned) / 2, atol=1e-6)


def test_an_interpolation_that_forgets_is_not_chosen_while_another_does_not(
    evaluation_set: EvaluationSet, network: Network
) -> None:
    """Between good old and good new weights lies a network to which all faces are alike: at the first of the shares."""
    first, second, *_ = WEIGHTS
    tuned = deepcopy(network.module)
    before = network.module.dense.weight.detach()
    alike = before[:1].expand_as(before) * 1e-3
    with torch.no_grad():
        tuned.dense.weight.copy_((alike - (1 - first) * before) / first)
    untuned = evaluate(network, evaluation_set, mirrored=False)
    collapsed = evaluate(network.with_module(interpolate(network, tuned, first)), evaluation_set, mirrored=False)
    assert collapsed.clean_quality < untuned.clean_quality
    found = choose(network, tuned, "all", evaluation_set, untuned)
    assert found.weight == second
    assert found.result.clean_quality >= untuned.clean_quality


def test_weights_that_did_not_change_evaluate_as_before(evaluation_set: EvaluationSet, network: Network) -> None:
    untuned = evaluate(network, evaluation_set, mirrored=False)
    unchanged = choose(network, network.module, "all", evaluation_set, untuned)
    assert (unchanged.weight, unchanged.whitened) == (WEIGHTS[0], False)
    assert unchanged.result.quality == pytest.approx(untuned.quality, abs=1e-3)


def test_of_the_harmless_weights_the_smallest_that_cant_be_told_from_the_best_is_chosen(
    evaluation_set: EvaluationSet, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    untuned = evaluate(network, evaluation_set, mirrored=False)
    results = iter([(0.5, 1.0), (0.9, 0.8), (0.7, 1.0), (0.72, 1.0)])

    def scripted(*_: object, **__: object) -> EvaluationResult:
        quality, clean_quality = next(results)
        return made.scored(untuned, quality, clean_quality)

    monkeypatch.setattr("training.faces.interpolation.evaluate", scripted)
    assert choose(network, network.module, "all", evaluation_set, made.scored(untuned, 0.5, 1.0)).weight == 0.75


def test_from_random_numbers_there_is_nothing_to_interpolate_with(evaluation_set: EvaluationSet, network: Network) -> None:
    untuned = evaluate(network, evaluation_set, mirrored=False)
    assert choose(network, network.architecture.build(), "scratch", evaluation_set, untuned).weight == 1.0


def test_whitening_must_not_be_worse_and_must_not_forget(
    evaluation_set: EvaluationSet, network: Network, training_set: TrainingSet
) -> None:
    result = evaluate(network, evaluation_set, mirrored=False)
    plain = Candidate(network, 0.5, whitened=False, result=made.scored(result, 0.0, 0.0))
    found = whiten_unless_worse(plain, training_set, SMALL, evaluation_set, made.scored(result, 0.0, 0.0))
    assert found.whitened
    assert found.weight == 0.5
    assert found.result.quality > 0
    assert not torch.equal(found.network.module.dense.weight, network.module.dense.weight)
    assert whiten_unless_worse(plain, training_set, SMALL, evaluation_set, made.scored(result, 1.1, 1.1)) is plain
    better = replace(plain, result=made.scored(result, 1.1, 1.1))
    assert whiten_unless_worse(better, training_set, SMALL, evaluation_set, result) is better
