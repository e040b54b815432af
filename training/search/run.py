"""A search from its beginning, or from where it stopped, to the end of its budget: workers in processes of their own."""

import os
import shutil
import sys
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from training.errors import SearchError
from training.loop.observer import NullObserver, Observer
from training.search.budget import progress
from training.search.ledger import Ledger
from training.search.study import Study, running, study_folder
from training.search.subject import Subject
from training.search.trials import Trial, best_of
from training.search.worker import run_worker

POLL_SECONDS = 0.5
"""Between two looks at the trials."""

# Threads of PyTorch and of the database don't survive a fork. A server that has none is forked in their place: it imports
# everything once, for all workers.
_CONTEXT = get_context("spawn") if sys.platform == "win32" else get_context("forkserver")
_CONTEXT.set_forkserver_preload([run_worker.__module__, "training.search.experiments", "training.search.faces"])

STEPS = 1000
"""Of the progress that is reported: thousandths of the budget."""


@dataclass(frozen=True, eq=False)
class _Worker:
    process: BaseProcess
    problem: Connection

    @property
    def complaint(self) -> str | None:
        """Why it couldn't go on, in its own words."""
        try:
            text: str | None = self.problem.recv() if self.problem.poll() else None
        except EOFError:
            return None
        return text


def run_study(
    storage: Path,
    study: Study,
    subject: Subject,
    folder: Path,
    observer: Observer = NullObserver(),  # noqa: B008  # it has no state
) -> list[Trial]:
    """Run a study until its budget is spent. What an earlier run was at when it ended is tried again first.

    Args:
        storage: the storage folder.
        study: that is in it.
        subject: what is trained.
        folder: for checkpoints; it is removed.
        observer: gets a line for each trial that ends, and the progress in thousandths of the budget.

    Returns:
        All trials.

    Raises:
        SearchError: the study runs already, its trials can't be written, or fail one after the other.
        CancelledError: the observer stopped it. The running trials are lost, and tried again when the study is run again.
    """
    with running(storage, study.id):
        ledger = Ledger(study_folder(storage, study.id), study.settings)
        ledger.prepare(subject.data)
        account = _Account(study, ledger.trials(), observer)
        crew: list[_Worker] = []
        try:
            for number in range(study.settings.workers):
                crew.append(_start(storage, study, subject, folder / str(number)))
            while crew:
                wait([worker.process.sentinel for worker in crew], timeout=POLL_SECONDS)
                for worker in [one for one in crew if not one.process.is_alive()]:
                    crew.remove(worker)
                    if _is_done(worker, ledger):
                        continue
                    crew.append(_start(storage, study, subject, folder / str(worker.process.pid)))
                account.tell(ledger.trials())
        finally:
            for worker in crew:
                worker.process.kill()
                worker.process.join()
            shutil.rmtree(folder, ignore_errors=True)
            ledger.interrupt_running()
        return ledger.trials()


def _start(storage: Path, study: Study, subject: Subject, folder: Path) -> _Worker:
    problem, theirs = _CONTEXT.Pipe(duplex=False)
    threads = max(1, (os.cpu_count() or 1) // study.settings.workers)
    process = _CONTEXT.Process(
        target=run_worker,
        args=(study_folder(storage, study.id), study.settings, subject, folder, threads, theirs),
        name=f"study-{study.id}",
    )
    process.start()
    theirs.close()
    return _Worker(process, problem)


def _is_done(worker: _Worker, ledger: Ledger) -> bool:
    """Whether a worker that has ended is through; else it was killed, and another takes its place.

    Raises:
        SearchError: it couldn't go on.
    """
    if complaint := worker.complaint:
        raise SearchError(complaint)
    if worker.process.exitcode == 0:
        return True
    reason = "Its process was ended from outside, perhaps because memory ran out."
    if not ledger.fail_of(worker.process.pid or 0, reason):
        raise SearchError("A worker ended before it began a trial, perhaps because memory ran out. Use fewer workers.")
    return False


class _Account:
    """Tells an observer how a study goes."""

    def __init__(self, study: Study, trials: list[Trial], observer: Observer) -> None:
        self._study = study
        self._observer = observer
        self._told = {trial.number for trial in trials if trial.ended}
        self._before = len(self._told)
        self._began, self._already = time.monotonic(), progress(study.settings, trials)

    def tell(self, trials: list[Trial]) -> None:
        best = best_of(trials)
        for trial in trials:
            if trial.ended and trial.number not in self._told:
                self._told.add(trial.number)
                self._observer.log(in_words(trial, is_best=trial == best))
        share = progress(self._study.settings, trials)
        gained = share - self._already
        # The first trial has to wait for its worker to start: it says nothing about the others.
        begun = gained > 0 and len(self._told) > self._before
        left = (time.monotonic() - self._began) * (1 - share) / gained if begun else 0.0
        self._observer.step(round(share * STEPS), STEPS, left)


def in_words(trial: Trial, *, is_best: bool) -> str:
    """How a trial ended, as a line of the log."""
    if trial.state == "failed":
        return f"Trial {trial.number} failed: {trial.reason}"
    quality = "–" if trial.quality is None else f"{trial.quality:.1%}"
    how = {"stopped": ", stopped early", "cut": ", cut by the end of the budget"}.get(trial.state, "")
    epochs = "epoch" if trial.epochs == 1 else "epochs"
    return f"Trial {trial.number}: {quality} after {trial.epochs} {epochs}{how}{', the best so far' if is_best else ''}."
