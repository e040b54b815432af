"""A worker: trains one trial after the other until the budget is spent, in a process of its own or in this one."""

import logging
import os
import shutil
import threading
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path

import optuna
import torch

from recognition.errors import RecognitionError
from training.errors import SearchError
from training.search.ledger import Ledger, RunningTrial
from training.search.settings import StudySettings
from training.search.subject import Subject

log = logging.getLogger(__name__)

_NO_MEMORY = "not enough memory"
"""In the text of PyTorch's plain RuntimeError where a CPU has none left."""


def work(ledger: Ledger, subject: Subject, folder: Path) -> None:
    """Train trials until the budget is spent.

    Args:
        ledger: of the study.
        subject: what is trained.
        folder: for checkpoints, of this worker alone.

    Raises:
        SearchError: the trials can't be written, or fail one after the other.
    """
    while (trial := ledger.begin()) is not None:
        try:
            _train(trial, subject, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def run_worker(study: Path, settings: StudySettings, subject: Subject, folder: Path, threads: int, problem: Connection) -> None:
    """The process of a worker.

    Args:
        study: the study's folder.
        settings: of the study.
        subject: what is trained.
        folder: for checkpoints.
        threads: that it may compute with.
        problem: gets the sentence if it can't go on.
    """
    threading.Thread(target=_leave_with_parent, name="parent", daemon=True).start()
    torch.set_num_threads(threads)
    try:
        work(Ledger(study, settings), subject, folder)
    except RecognitionError as error:
        problem.send(str(error))


def _train(trial: RunningTrial, subject: Subject, folder: Path) -> None:
    """One trial. Whatever is wrong with its settings ends it alone."""
    try:
        trial.complete(subject.train(trial.values, trial.report, folder))
    except optuna.TrialPruned:
        trial.stop()
    except SearchError:
        # The study itself can't be written.
        raise
    except RecognitionError as error:
        trial.fail(str(error))
    except (MemoryError, torch.OutOfMemoryError):
        trial.fail("The memory was too small for these settings.")
    except Exception as error:  # the next trial may well succeed, and the study says what happened to this one
        if _NO_MEMORY in str(error):
            trial.fail("The memory was too small for these settings.")
            return
        log.exception("trial %d failed", trial.number)
        trial.fail(f"Something unexpected went wrong: {type(error).__name__}: {error}")


def _leave_with_parent() -> None:
    """A worker that nobody follows any more ends at once: its checkpoints may remember somebody who was just erased."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
