"""The jobs of a gallery: started, followed, cancelled, resumed. Everything about them is rows and files, so that any process
may look: another session, another app, the same app after a restart."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import filelock
from pydantic import ValidationError
from sqlalchemy.orm import Session

from recognition.errors import GalleryBusyError, GalleryError, StorageError, WeightsMissingError
from recognition.gallery import Gallery
from recognition.networks import is_available, network_spec
from training.errors import DataError, JobError
from training.faces.settings import FitSettings
from training.jobs import paths, rows
from training.jobs.records import Job, Line, Status
from training.jobs.tables import TrainingJob
from training.loop.checkpoint import STATE
from training.loop.observer import EpochRecord
from training.models import free_name

log = logging.getLogger(__name__)

DATABASE_URL = "FAMILIAR_DATABASE_URL"
"""The environment variable that hands the database's address to the process."""

COMMAND = (sys.executable, "-m", "training.jobs")

ROOT = Path(__file__).resolve().parents[2]

_TRY_SECONDS = 1.0
"""How long to try a lock that somebody may just be trying too."""

_WATCH_SECONDS = 0.1


class JobBoard:
    """The trainings of one gallery. Cheap to make; it keeps nothing but where things are.

    Every method may raise StorageError and GalleryBusyError; those that take an id raise JobError for one that is not there.

    Args:
        gallery: whose photos are learned from, and in whose database the jobs are.
        storage: the gallery's storage folder.
        database_url: of the gallery's database, unless it is in the storage folder.
        command: starts the process, given the storage folder and the job's id.
    """

    def __init__(
        self, gallery: Gallery, storage: Path, database_url: str | None = None, command: Sequence[str] = COMMAND
    ) -> None:
        self._gallery = gallery
        self._storage = storage.absolute()
        self._url = database_url
        self._command = command

    def start(self, settings: FitSettings, name: str | None = None) -> int:
        """Start a training in a process of its own, which goes on when the app ends. Returns the job's id.

        Args:
            settings: of the training.
            name: what to call its model; None leaves it to `training.models.default_name`.

        Raises:
            JobError: another training is running, or the process can't be started.
            DataError: fewer than two people have photos.
            NetworkError: the network is unknown or its weights are not on this machine.
            TrainingError, InvalidNameError: the name is taken or not usable.
        """
        if name is not None:
            name = free_name(self._storage, name)
        spec = network_spec(settings.network, self._storage)
        if not is_available(spec, self._storage):
            raise WeightsMissingError(f"{spec.title} is not on this machine yet. Download it first.")
        if sum(person.photo_count > 0 for person in self._gallery.people()) < 2:
            raise DataError("Training needs at least two people with photos. Enroll somebody else first.")
        return self._launch(lambda session: rows.insert_job(session, settings, name))

    def resume(self, job_id: int) -> None:
        """Go on with a job that was cancelled, interrupted or failed, after its last epoch.

        Raises:
            JobError: another training is running, or there is nothing to go on from.
        """
        if not self.get(job_id).can_resume:
            raise JobError("This training has no checkpoint to go on from. Start a new one.")
        self._launch(lambda session: rows.queue_again(session, job_id))

    def cancel(self, job_id: int) -> None:
        """Ask a job to stop, which it does after the step it is at. What its last epoch saved is kept.

        Raises:
            JobError: it is not running.
        """
        self._settle()
        with self._gallery.database.write_unrevised() as session:
            rows.ask_to_stop(session, job_id)

    def delete(self, job_id: int) -> None:
        """Forget a job that has ended, with its curves and checkpoints. Its model stays.

        Raises:
            JobError: it is running.
        """
        if self.get(job_id).active:
            raise JobError("This training is running. Cancel it first.")
        paths.remove(paths.work_folder(self._storage, job_id))
        paths.remove(paths.tensorboard_folder(self._storage, job_id))
        with self._gallery.database.write_unrevised() as session:
            rows.delete_job(session, job_id)

    def get(self, job_id: int) -> Job:
        """One job."""
        self._settle()
        with self._gallery.database.read() as session:
            return self._job(rows.get_job(session, job_id))

    def list(self) -> list[Job]:
        """All jobs, newest first. Those of a version of the app with other settings are left out."""
        self._settle()
        jobs = []
        with self._gallery.database.read() as session:
            for row in rows.list_jobs(session):
                with suppress(ValidationError):
                    jobs.append(self._job(row))
        return jobs

    def latest(self) -> Job | None:
        """The newest job, or None."""
        return next(iter(self.list()), None)

    def epochs(self, job_id: int) -> Sequence[EpochRecord]:
        """A job's epochs so far, in order."""
        with self._gallery.database.read() as session:
            return rows.list_epochs(session, job_id)

    def lines(self, job_id: int, after: int = 0) -> Sequence[Line]:
        """A job's log, in order; only the lines whose id is greater than `after`."""
        with self._gallery.database.read() as session:
            return rows.list_lines(session, job_id, after)

    def _job(self, row: TrainingJob) -> Job:
        ended = row.status in ("failed", "cancelled", "interrupted")
        return Job(
            id=row.id,
            status=cast(Status, row.status),
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            settings=FitSettings.model_validate_json(row.settings),
            name=row.name,
            done=row.done,
            total=row.total,
            seconds_left=row.seconds_left,
            error=row.error,
            model=row.model,
            can_resume=ended and (paths.checkpoints(self._storage, row.id) / STATE).is_file(),
        )

    def _settle(self) -> None:
        """Jobs whose process is gone are interrupted."""
        with self._gallery.database.read() as session:
            if not rows.active_jobs(session):
                return
        # Either lock is held while a job starts or runs: whoever gets both knows that none does.
        with suppress(filelock.Timeout, GalleryBusyError), self._locked(paths.starting_lock(self._storage), 0.0):
            self._interrupt()

    def _interrupt(self) -> None:
        """With nobody starting a job: mark the dead ones. filelock.Timeout if one is alive."""
        with self._locked(paths.training_lock(self._storage), 0.0), self._gallery.database.write_unrevised() as session:
            for job_id in rows.active_jobs(session):
                rows.end(session, job_id, "interrupted")

    def _launch(self, queue: Callable[[Session], int]) -> int:
        """Put a job into the queue and start its process."""
        starting = paths.starting_lock(self._storage)
        with self._or_say("A training is just being started."), self._locked(starting, _TRY_SECONDS, keep=True):
            with self._or_say("A training is running already. Wait until it is done, or cancel it."):
                self._interrupt()
            with self._gallery.database.write_unrevised() as session:
                job_id = queue(session)
            process = self._process(job_id)
        threading.Thread(target=self._watch, args=(job_id, process, starting), name=f"training-{job_id}", daemon=True).start()
        return job_id

    def _process(self, job_id: int) -> subprocess.Popen[bytes]:
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
            with self._gallery.database.read() as session:
                return rows.get_job(session, job_id).status == "queued"
        except JobError:
            return False
        except GalleryError:
            # A busy database says nothing; the next look will.
            return True

    def _fail(self, job_id: int, error: str) -> None:
        try:
            with self._gallery.database.write_unrevised() as session:
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
    def _or_say(self, text: str) -> Iterator[None]:
        """Turn a lock that somebody else has into a sentence."""
        try:
            yield
        except filelock.Timeout as error:
            raise JobError(text) from error
