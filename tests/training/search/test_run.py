"""Workers in processes of their own."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from recognition.errors import CancelledError
from tests.browsing import ROOT
from tests.training.search.digits import Digits, study_settings
from tests.waiting import TRAINING_SECONDS, wait_until
from training.loop.observer import NullObserver
from training.search.ledger import Ledger
from training.search.run import run_study
from training.search.settings import Budget, Stopping
from training.search.study import Study, create_study, study_folder

SUPERVISOR = Path(__file__).with_name("supervisor.py")


class Listener(NullObserver):
    """Keeps the lines; stops the study when told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.done: list[int] = []
        self.stop = False

    def log(self, text: str) -> None:
        self.lines.append(text)

    def step(self, done: int, total: int, seconds_left: float) -> None:
        self.done.append(done)
        if self.stop:
            raise CancelledError("stopped")


class Run(threading.Thread):
    """A study that runs beside the test."""

    def __init__(self, storage: Path, study: Study, hold: Path) -> None:
        super().__init__()
        self.observer = Listener()
        self.error: Exception | None = None
        self._run = lambda: run_study(storage, study, Digits(hold), hold / "work", self.observer)
        self.start()

    def run(self) -> None:
        try:
            self._run()
        except CancelledError as error:
            self.error = error


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def worker_of(ledger: Ledger) -> int:
    """The process that trains, once a trial has an epoch."""
    found: list[int] = []

    def known() -> bool:
        found[:] = [trial.process for trial in ledger.trials() if trial.state == "running" and trial.curve and trial.process]
        return bool(found)

    wait_until(known, TRAINING_SECONDS)
    return found[0]


def test_a_killed_worker_loses_its_trial_and_a_stopped_study_goes_on_where_it_was(storage: Path, tmp_path: Path) -> None:
    study = create_study(storage, "Rates", study_settings(stopping=Stopping(rule="none"), budget=Budget(trials=3)))
    ledger = Ledger(study_folder(storage, study.id), study.settings)
    (tmp_path / "hold").touch()
    run = Run(storage, study, tmp_path)
    os.kill(worker_of(ledger), signal.SIGKILL)
    wait_until(lambda: ledger.trials()[0].state == "failed", TRAINING_SECONDS)
    worker = worker_of(ledger)
    run.observer.stop = True
    run.join(TRAINING_SECONDS)
    assert isinstance(run.error, CancelledError) and not (tmp_path / "work").exists()
    assert not is_alive(worker)
    assert [trial.state for trial in ledger.trials()] == ["failed", "interrupted", "waiting"]
    (tmp_path / "hold").unlink()
    observer = Listener()
    found = run_study(storage, study, Digits(), tmp_path / "work", observer)
    assert [trial.state for trial in found] == ["failed", "interrupted", "complete", "complete"]
    assert found[2].values == found[1].values
    assert "ended from outside" in (found[0].reason or "")
    assert observer.done[-1] == 1000 and len(observer.lines) == 2


def test_workers_end_with_the_process_that_runs_the_study(storage: Path, tmp_path: Path) -> None:
    study = create_study(storage, "Rates", study_settings(stopping=Stopping(rule="none"), budget=Budget(trials=1)))
    ledger = Ledger(study_folder(storage, study.id), study.settings)
    (tmp_path / "hold").touch()
    parent = subprocess.Popen([sys.executable, str(SUPERVISOR), str(storage), study.id, str(tmp_path)], cwd=ROOT)
    worker = worker_of(ledger)
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_alive(worker), TRAINING_SECONDS)
    ledger.prepare("digits")
    assert [trial.state for trial in ledger.trials()] == ["interrupted", "waiting"], "only what ran is lost"
