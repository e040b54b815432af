"""The trials of a study: proposed, followed, stopped and kept by Optuna, in a SQLite file of the study's own.

See docs/decisions.md, "Search: SQLite instead of a journal".
"""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import filelock
import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import OptunaError
from optuna.pruners import BasePruner, HyperbandPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from training.errors import SearchError
from training.search.budget import effort, spent
from training.search.settings import Stopping, StudySettings
from training.search.space import Values
from training.search.trials import State, Trial

TRIALS: Final = "trials.db"

_NAME = "study"
"""What Optuna calls every study. Hyperband's brackets depend on the name: with a fixed one, they depend on nothing else."""

BUSY_SECONDS = 60
"""How long to wait for another worker that writes."""

FAILURES = 8
"""Trials that fail one after the other until the search is given up: then it isn't the settings."""

_STATES: dict[TrialState, State] = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "stopped",
    TrialState.FAIL: "failed",
}

# Names of what we note beside Optuna's own columns.
_DATA, _PROCESS, _REASON, _CUT, _INTERRUPTED = "data", "process", "reason", "cut", "interrupted"


def create_trials(folder: Path) -> None:
    """Make the file of a new study, without a trial.

    Raises:
        SearchError: it can't be written.
    """
    file = folder / TRIALS
    with _explained(file):
        storage = _storage(file)
        optuna.create_study(study_name=_NAME, storage=storage, direction="maximize")
        # The folder is about to be renamed.
        storage.engine.dispose()


class Ledger:
    """The trials of one study. Several processes may have one each.

    Every method may raise SearchError: the file is missing, damaged or can't be written to.

    Args:
        folder: of the study.
        settings: of the study.
    """

    def __init__(self, folder: Path, settings: StudySettings) -> None:
        self._settings = settings
        self._file = folder / TRIALS
        self._turn = filelock.FileLock(folder / "turn.lock")
        self._distributions: dict[str, BaseDistribution] = settings.space.distributions()
        self._grid = settings.space.grid(settings.points) if settings.proposals == "grid" else []
        # In random order, so that a budget that ends early has seen all of the space.
        random.Random(settings.seed).shuffle(self._grid)  # noqa: S311  # no secret
        with self._explained():
            # SQLite would make an empty one.
            self._file.stat()
            self._storage = _storage(self._file)
            try:
                self._study = optuna.load_study(
                    study_name=_NAME,
                    storage=self._storage,
                    sampler=RandomSampler(),
                    pruner=_pruner(settings.stopping, settings.base.epochs),
                )
            except KeyError as error:
                raise _unusable(self._file, "it is empty") from error

    def trials(self) -> list[Trial]:
        """All trials, in order."""
        with self._explained():
            return [_trial(found) for found in self._study.get_trials(deepcopy=False)]

    def prepare(self, data: str) -> None:
        """Make ready for workers, while there are none: what a killed one left running is interrupted.

        Args:
            data: digest of what is learned from.

        Raises:
            SearchError: the study has trials on other data.
        """
        with self._explained():
            if self._study.user_attrs.get(_DATA, data) != data:
                raise SearchError(
                    "The pictures are not those that this study began with, so new trials can't be compared with its earlier "
                    "ones. Start a new study."
                )
            self._study.set_user_attr(_DATA, data)
            self.interrupt_running()

    def begin(self) -> "RunningTrial | None":
        """Begin another trial; None where the budget is spent.

        Raises:
            SearchError: the last `FAILURES` trials all failed; says why.
        """
        with self._explained(), self._turn:
            trials = self.trials()
            _check_failures(trials)
            if spent(self._settings, trials) >= 1:
                return None
            if self._grid and not any(trial.state == "waiting" for trial in trials):
                tried = {frozenset(trial.values.items()) for trial in trials}
                left = next((one for one in self._grid if frozenset(one.items()) not in tried), None)
                if left is None:
                    return None
                self._study.enqueue_trial(left)
            self._study.sampler = _sampler(self._settings, len(trials))
            trial = self._study.ask(self._distributions)
            trial.set_user_attr(_PROCESS, os.getpid())
            return RunningTrial(self, trial, self._settings.base.epochs)

    def report(self, trial: optuna.Trial, epoch: int, quality: float) -> None:
        """Write down an epoch of a trial."""
        with self._explained():
            trial.report(quality, epoch)

    def is_over(self, trial: optuna.Trial) -> bool:
        """Whether a trial stops after the epoch that it reported: others were better, or the budget is used up."""
        with self._explained():
            if trial.should_prune():
                return True
            cut = effort(self._settings, self.trials()) >= 1
            if cut:
                trial.set_user_attr(_CUT, True)
            return cut

    def end(self, trial: optuna.Trial, result: float | None, reason: str | None = None) -> None:
        """Write down how a trial ended: with a result, stopped without one, or failed for a reason."""
        with self._explained():
            if reason is not None:
                trial.set_user_attr(_REASON, reason)
                self._study.tell(trial, state=TrialState.FAIL)
            elif result is None:
                self._study.tell(trial, state=TrialState.PRUNED)
            else:
                self._study.tell(trial, result)

    def interrupt_running(self) -> None:
        """The processes of all running trials are gone: their settings are queued anew."""
        with self._explained(), self._turn:
            for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
                self._fail(trial, _INTERRUPTED, value=True)
                if set(trial.params) == set(self._distributions):
                    self._study.enqueue_trial(trial.params)

    def fail_of(self, process: int, reason: str) -> bool:
        """What a process that has ended was at has failed: tried again, it might end the next one too. Whether there was a
        trial."""
        with self._explained(), self._turn:
            running = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
            lost = [trial for trial in running if trial.user_attrs.get(_PROCESS) == process]
            for trial in lost:
                self._fail(trial, _REASON, reason)
            return bool(lost)

    def _fail(self, trial: FrozenTrial, attribute: str, value: str | bool) -> None:
        """End the trial of another process, with a note."""
        study = self._storage.get_study_id_from_name(_NAME)
        number = self._storage.get_trial_id_from_study_id_trial_number(study, trial.number)
        self._storage.set_trial_user_attr(number, attribute, value)
        self._study.tell(trial.number, state=TrialState.FAIL)

    def _explained(self) -> AbstractContextManager[None]:
        return _explained(self._file)


class RunningTrial:
    """A trial that this process trains."""

    def __init__(self, ledger: Ledger, trial: optuna.Trial, epochs: int) -> None:
        self._ledger = ledger
        self._trial = trial
        self._epochs = epochs

    @property
    def number(self) -> int:
        return self._trial.number

    @property
    def values(self) -> Values:
        return self._trial.params

    def report(self, epoch: int, quality: float) -> None:
        """Write down an epoch.

        Raises:
            TrialPruned: it is not worth going on. Never after the last epoch, when nothing is saved by it.
        """
        self._ledger.report(self._trial, epoch, quality)
        if epoch < self._epochs and self._ledger.is_over(self._trial):
            raise optuna.TrialPruned

    def complete(self, result: float) -> None:
        """It was trained to its end."""
        self._ledger.end(self._trial, result)

    def stop(self) -> None:
        """It was stopped early."""
        self._ledger.end(self._trial, None)

    def fail(self, reason: str) -> None:
        """It can't go on."""
        self._ledger.end(self._trial, None, reason)


def _storage(file: Path) -> RDBStorage:
    # Its lines about each trial are for developers; failures stand in the trials.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return RDBStorage(f"sqlite:///{file}", engine_kwargs={"connect_args": {"timeout": BUSY_SECONDS}})


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    """Errors of the file become a sentence."""
    try:
        yield
    except (OptunaError, SQLAlchemyError, OSError) as error:
        # The innermost says what it is: "database or disk is full", "file is not a database".
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        text = " ".join(str(getattr(cause, "orig", cause)).split())
        raise _unusable(file, text) from error


def _unusable(file: Path, text: str) -> SearchError:
    return SearchError(
        f"The trials in {file} can't be read or written ({text}). Free some space if the disk is full, then resume the study; "
        "if the file is damaged, delete the study."
    )


def _trial(found: FrozenTrial) -> Trial:
    state = _STATES[found.state]
    if state == "stopped" and _CUT in found.user_attrs:
        state = "cut"
    if state == "failed" and _INTERRUPTED in found.user_attrs:
        state = "interrupted"
    begun, over = found.datetime_start, found.datetime_complete
    return Trial(
        number=found.number,
        state=state,
        values=found.params or found.system_attrs.get("fixed_params", {}),
        curve=tuple(value for _, value in sorted(found.intermediate_values.items())),
        result=found.value if state == "complete" else None,
        # Optuna's times are local ones without a zone.
        seconds=0.0 if begun is None else ((over or datetime.now()) - begun).total_seconds(),
        reason=found.user_attrs.get(_REASON),
        process=found.user_attrs.get(_PROCESS),
    )


def _check_failures(trials: Sequence[Trial]) -> None:
    ended = [trial for trial in trials if trial.ended]
    last = ended[-FAILURES:]
    if len(last) == FAILURES and all(trial.state == "failed" for trial in last):
        raise SearchError(f"{FAILURES} trials in a row failed; the last one: {last[-1].reason}")


def _sampler(settings: StudySettings, number: int) -> BaseSampler:
    """Made anew for each trial from the seed and its number: a study that was resumed proposes what it would have proposed."""
    seed = (settings.seed * 1_000_003 + number) % 2**32
    return TPESampler(seed=seed) if settings.proposals == "tpe" else RandomSampler(seed=seed)


def _pruner(stopping: Stopping, epochs: int) -> BasePruner:
    match stopping.rule:
        case "none":
            return NopPruner()
        case "halving":
            return SuccessiveHalvingPruner(min_resource=stopping.first, reduction_factor=stopping.factor)
        case "hyperband":
            return HyperbandPruner(
                min_resource=min(stopping.first, epochs), max_resource=epochs, reduction_factor=stopping.factor
            )
