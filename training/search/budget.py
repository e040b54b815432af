"""How much of a search's budget is used up."""

from collections.abc import Sequence

from training.search.settings import StudySettings
from training.search.trials import Trial


def spent(settings: StudySettings, trials: Sequence[Trial]) -> float:
    """Share of the budget that is taken by what has ended and what runs, from 0; at 1 no trial is begun any more."""
    return max(effort(settings, trials), _share_of_trials(settings, float(len(_counted(trials)))))


def progress(settings: StudySettings, trials: Sequence[Trial]) -> float:
    """The same, 0 to 1, where a running trial counts by the epochs that it has had."""
    done = sum(1.0 if trial.ended else trial.epochs / settings.base.epochs for trial in _counted(trials))
    return min(max(effort(settings, trials), _share_of_trials(settings, done)), 1.0)


def effort(settings: StudySettings, trials: Sequence[Trial]) -> float:
    """Share of the budgets that a trial uses up while it runs, epochs and minutes; at 1 it is cut."""
    budget, counted = settings.budget, _counted(trials)
    shares = [0.0]
    if budget.epochs is not None:
        shares.append(sum(trial.epochs for trial in counted) / budget.epochs)
    if budget.minutes is not None:
        shares.append(sum(trial.seconds for trial in counted) / (60 * settings.workers * budget.minutes))
    return max(shares)


def _share_of_trials(settings: StudySettings, done: float) -> float:
    shares = [0.0]
    if settings.budget.trials is not None:
        shares.append(done / settings.budget.trials)
    if settings.proposals == "grid":
        shares.append(done / settings.space.grid_size(settings.points))
    return max(shares)


def _counted(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.ended or trial.state == "running"]
