"""What comes out of a training: a mix of old and new weights, whose last layer is whitened if that helps."""

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
"""Shares of the tuned weights that are tried in the end. On five folds of enrolled photos 0.25 gained less than 0.35, or as
much, and neither forgot anything."""

USUAL_WEIGHT = WEIGHTS[0]
"""The share at which epochs are compared: what will probably come out of it."""


@dataclass(frozen=True, eq=False)
class Mix:
    """A candidate.

    Attributes:
        network: with the mixed weights.
        weight: share of the tuned ones, 0 to 1.
        whitened: whether its last layer was solved anew.
        measured: its exam.
    """

    network: Network
    weight: float
    whitened: bool
    measured: EvaluationResult


def choose(parent: Network, tuned: nn.Module, scope: Scope, evaluation_set: EvaluationSet, untuned: EvaluationResult) -> Mix:
    """A mix of untuned and tuned weights (WiSE-FT, Wortsman et al. 2022) that forgets nothing of clean faces.

    Of those that can't be told from the best, the one that changes least: within one standard error, as Breiman et al.
    (1984) prune trees. A few dozen photos can't tell a gain of a percentage point from luck, and forgetting is certain.
    """

    def mix(weight: float, module: nn.Module) -> Mix:
        network = parent.with_module(module)
        return Mix(network, weight, whitened=False, measured=evaluate(network, evaluation_set, mirrored=False))

    if scope == "scratch":
        return mix(1.0, tuned)
    candidates = [mix(weight, interpolate(parent, tuned, weight)) for weight in WEIGHTS]
    harmless = [one for one in candidates if one.measured.clean_quality >= untuned.clean_quality] or candidates
    best = max((one.measured for one in harmless), key=lambda measured: measured.quality)
    least = best.quality - _standard_error(best, evaluation_set)
    return next(one for one in harmless if one.measured.quality >= least)


def whiten_unless_worse(
    mix: Mix, training_set: TrainingSet, settings: FitSettings, evaluation_set: EvaluationSet, untuned: EvaluationResult
) -> Mix:
    """The mix with its last layer whitened, unless it forgets clean faces or is worse by more than one standard error.

    On twenty folds it was better on average; a few dozen photos can't overrule that by less.
    """
    module = whitened(mix.network, training_set, settings.augmentation.pipeline(), faces=settings.whitening, seed=settings.seed)
    network = mix.network.with_module(module)
    measured = evaluate(network, evaluation_set, mirrored=False)
    least = mix.measured.quality - _standard_error(mix.measured, evaluation_set)
    if measured.quality < least or measured.clean_quality < untuned.clean_quality:
        return mix
    return Mix(network, mix.weight, whitened=True, measured=measured)


def interpolate(parent: Network, tuned: nn.Module, weight: float) -> nn.Module:
    """The CNN whose parameters lie between the untuned and the tuned ones; weight 1 is all tuned."""
    mixed = deepcopy(tuned)
    with parent.exclusive() as module, torch.no_grad():
        for own, other in zip(mixed.parameters(), module.parameters(), strict=True):
            own.copy_(torch.lerp(other, own, weight))
    return mixed


def _standard_error(measured: EvaluationResult, evaluation_set: EvaluationSet) -> float:
    """Of the quality, as of a share of the judged faces."""
    return math.sqrt(max(measured.quality * (1.0 - measured.quality), 0.0) / evaluation_set.evaluated)
