"""The process of a job: started, watched until it has begun, and marked as interrupted when it died."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock
from sqlalchemy.orm import Session

from recognition.errors import GalleryBusyError, GalleryError, StorageError
from recognition.gallery.database import Database
from training.errors import JobError
from training.jobs import paths, rows

log = logging.getLogger(__name__)

DATABASE_URL = "FAMILIAR_DATABASE_URL"
"""The environment variable that hands the database's address to the process."""

COMMAND = (sys.executable, "-m", "training.jobs")

ROOT = Path(__file__).resolve().parents[2]

_TRY_SECONDS = 1.0
"""How long to try a lock that somebody may just be trying too."""

_ENDING_SECONDS = 30.0
"""How long a process may take to leave after its job has ended."""

_WATCH_SECONDS = 0.1


class Launcher:
    """Starts the processes of one storage folder's jobs, one at a time.

    Args:
        database: where the jobs are.
        storage: the storage folder.
        database_url: of the database, unless it is in the storage folder.
        command: starts the process, given the storage folder and the job's id.
    """

    def __init__(self, database: Database, storage: Path, database_url: str | None, command: Sequence[str]) -> None:
        self._database = database
        self._storage = storage
        self._url = database_url
        self._command = command

    def launch(
        self, queue: Callable[[Session], int], then: Callable[[], object] = lambda: None, *, patience: float = _ENDING_SECONDS
    ) -> int:
        """Queue a job and start its process, which goes on when the app ends. Returns the job's id.

        Args:
            queue: puts the job into the queue.
            then: called in another thread when the process has ended, if the app is still there.
            patience: seconds to wait for the process of a job that has ended to leave.

        Raises:
            JobError: another training is running, or the process can't be started.
            StorageError, GalleryBusyError: the storage folder or the database can't be used.
        """
        starting = paths.starting_lock(self._storage)
        with (
            self._explain_lock("A training is just being started."),
            self._locked(starting, _TRY_SECONDS, keep=True),
        ):
            with self._explain_lock("A training is running already. Wait until it is done, or cancel it."):
                self._mark_dead(0.0 if self._is_any_active() else patience)
            with self._database.write_unrevised() as session:
                job_id = queue(session)
            process = self._start_process(job_id)

        def follow() -> None:
            self._watch(job_id, process, starting)
            then()

        threading.Thread(target=follow, name=f"training-{job_id}", daemon=True).start()
        return job_id

    def mark_interrupted(self) -> bool:
        """Mark queued and running jobs whose process is gone as interrupted. Whether none is running now."""
        # Either lock is held while a job starts or runs: whoever gets both knows that none does.
        try:
            with self._locked(paths.starting_lock(self._storage), 0.0):
                self._mark_dead(0.0)
        except (filelock.Timeout, GalleryBusyError):
            return False
        return True

    def wait_until_idle(self, seconds: float) -> None:
        """Wait until no process trains.

        Raises:
            JobError: one still does.
        """
        with (
            self._explain_lock("A training that learned from what was erased has not ended yet. Try again in a moment."),
            self._locked(paths.training_lock(self._storage), seconds),
        ):
            return

    def _is_any_active(self) -> bool:
        with self._database.read() as session:
            return bool(rows.active_jobs(session))

    def _mark_dead(self, seconds: float) -> None:
        """With nobody starting a job: mark the dead ones. filelock.Timeout if one is still alive after some seconds."""
        with self._locked(paths.training_lock(self._storage), seconds), self._database.write_unrevised() as session:
            for job_id in rows.active_jobs(session):
                rows.end(session, job_id, "interrupted")

    def _start_process(self, job_id: int) -> subprocess.Popen[bytes]:
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH"))))
        environment[DATABASE_URL] = self._url or ""
        log_file = paths.log_file(self._storage, job_id)
        try:
            log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with log_file.open("ab") as output:
                return subprocess.Popen(  # noqa: S603  # this very app
                    [*self._command, str(self._storage), str(job_id)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    # Neither Ctrl-C nor a closed terminal reaches it.
                    start_new_session=True,
                )
        except OSError as error:
            problem = f"The training's process can't be started ({error.strerror or error})."
            self._fail(job_id, problem)
            raise JobError(problem) from error

    def _watch(self, job_id: int, process: subprocess.Popen[bytes], starting: filelock.BaseFileLock) -> None:
        """Until the process has begun, nobody may take its job for dead. When it ends, let the system forget it."""
        try:
            while process.poll() is None and self._is_queued(job_id):
                time.sleep(_WATCH_SECONDS)
            if process.poll() is not None and self._is_queued(job_id):
                where = paths.log_file(self._storage, job_id).relative_to(self._storage)
                self._fail(job_id, f"The training's process ended before it began; {where} in the storage folder says why.")
        finally:
            starting.release()
        process.wait()

    def _is_queued(self, job_id: int) -> bool:
        try:
            with self._database.read() as session:
                return rows.get_job(session, job_id).status == "queued"
        except JobError:
            return False
        except GalleryError:
            # A busy database: the next poll will know.
            return True

    def _fail(self, job_id: int, error: str) -> None:
        try:
            with self._database.write_unrevised() as session:
                rows.end(session, job_id, "failed", error=error)
        except GalleryError:
            log.warning("the failure of training %d can't be written; it will count as interrupted", job_id)

    @contextmanager
    def _locked(self, lock: filelock.BaseFileLock, seconds: float, *, keep: bool = False) -> Iterator[None]:
        """Hold a lock; `keep` it at the end unless there is an error. filelock.Timeout if somebody else has it."""
        try:
            lock.acquire(timeout=seconds)
        except filelock.Timeout:
            raise
        except OSError as error:
            raise StorageError(
                f"The storage folder {self._storage} can't be used ({error.strerror or error}). "
                "Check that it exists and may be written to."
            ) from error
        try:
            yield
        except BaseException:
            lock.release()
            raise
        if not keep:
            lock.release()

    @contextmanager
    def _explain_lock(self, text: str) -> Iterator[None]:
        """Turn a lock that somebody else has into a sentence."""
        try:
            yield
        except filelock.Timeout as error:
            raise JobError(text) from error
