"""Model selection after a training: interpolated between old and new weights, the last layer whitened if that helps."""

import math
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn

from recognition.networks import Network, Scope
from training.faces.open_set import EvaluationResult, EvaluationSet, evaluate
from training.faces.settings import FitSettings
from training.faces.training_set import TrainingSet
from training.faces.whitening import whitened

WEIGHTS = (0.35, 0.5, 0.75, 1.0)
"""Shares of the tuned weights that are tried in the end. See docs/decisions.md, "Weights of the interpolation"."""

USUAL_WEIGHT = WEIGHTS[0]
"""The share at which epochs are compared: what will probably come out of it."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A network that may come out of the training.

    Attributes:
        network: with interpolated weights.
        weight: share of the tuned ones, 0 to 1.
        whitened: whether its last layer was solved anew.
        result: of its evaluation on the validation photos.
    """

    network: Network
    weight: float
    whitened: bool
    result: EvaluationResult


def choose(
    parent: Network, tuned: nn.Module, scope: Scope, evaluation_set: EvaluationSet, untuned: EvaluationResult
) -> Candidate:
    """An interpolation of untuned and tuned weights (WiSE-FT, Wortsman et al. 2022) that forgets nothing of clean faces.

    Of those that can't be told from the best, the one that changes least: within one standard error, as Breiman et al.
    (1984) prune trees. A few dozen photos can't tell a gain of a percentage point from luck, and forgetting is certain.
    """

    def candidate(weight: float, module: nn.Module) -> Candidate:
        network = parent.with_module(module)
        return Candidate(network, weight, whitened=False, result=evaluate(network, evaluation_set, mirrored=False))

    if scope == "scratch":
        return candidate(1.0, tuned)
    candidates = [candidate(weight, interpolate(parent, tuned, weight)) for weight in WEIGHTS]
    harmless = [one for one in candidates if one.result.clean_quality >= untuned.clean_quality] or candidates
    best = max((one.result for one in harmless), key=lambda result: result.quality)
    least = best.quality - _standard_error(best, evaluation_set)
    return next(one for one in harmless if one.result.quality >= least)


def whiten_unless_worse(
    chosen: Candidate,
    training_set: TrainingSet,
    settings: FitSettings,
    evaluation_set: EvaluationSet,
    untuned: EvaluationResult,
) -> Candidate:
    """The candidate with its last layer whitened, unless it forgets clean faces or is worse by more than one standard error.

    See docs/decisions.md, "Whitening unless worse".
    """
    module = whitened(
        chosen.network,
        training_set,
        settings.augmentation,
        faces=settings.whitening,
        floor=settings.whitening_floor,
        seed=settings.seed,
    )
    network = chosen.network.with_module(module)
    result = evaluate(network, evaluation_set, mirrored=False)
    least = chosen.result.quality - _standard_error(chosen.result, evaluation_set)
    if result.quality < least or result.clean_quality < untuned.clean_quality:
        return chosen
    return Candidate(network, chosen.weight, whitened=True, result=result)


def interpolate(parent: Network, tuned: nn.Module, weight: float) -> nn.Module:
    """The CNN whose parameters lie between the untuned and the tuned ones; weight 1 is all tuned."""
    between = deepcopy(tuned)
    with parent.exclusive() as module, torch.no_grad():
        for own, other in zip(between.parameters(), module.parameters(), strict=True):
            own.copy_(torch.lerp(other, own, weight))
    return between


def _standard_error(result: EvaluationResult, evaluation_set: EvaluationSet) -> float:
    """Of the quality, as of a share of the evaluated faces."""
    return math.sqrt(max(result.quality * (1.0 - result.quality), 0.0) / evaluation_set.evaluated)
