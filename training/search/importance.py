"""Which settings matter: how much of the difference between trials each one explains."""

import warnings
from collections.abc import Sequence

import optuna
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import create_trial

from training.search.space import Space
from training.search.trials import Trial

ENOUGH = 6
"""Trials below which a difference is luck."""


def importance(space: Space, trials: Sequence[Trial]) -> dict[str, float]:
    """Share of each setting in the variance of the trials' quality, adding up to 1, the largest first: functional ANOVA over a
    random forest (Hutter, Hoos and Leyton-Brown 2014). Trials that were stopped early count with the best they had reached.

    Empty where fewer than `ENOUGH` trials have a quality, or all have the same.
    """
    distributions = space.distributions()
    seen = [trial for trial in trials if trial.state in ("complete", "stopped", "cut") and trial.quality is not None]
    if len(seen) < ENOUGH or len({trial.quality for trial in seen}) < 2:
        return {}
    study = optuna.create_study(direction="maximize")
    study.add_trials(
        [create_trial(value=trial.quality, params=dict(trial.values), distributions=distributions) for trial in seen]
    )
    with warnings.catch_warnings():
        # The forest warns of settings with a single value: they explain nothing.
        warnings.simplefilter("ignore")
        found = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
    return {key: float(share) for key, share in found.items()}
