"""The jobs of a gallery: started, followed, cancelled, resumed, erased. Everything about them is rows and files, so that any
process may look: another session, another app, the same app after a restart."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ValidationError

from recognition.errors import GalleryError
from recognition.gallery import Gallery
from recognition.services import Services
from training.errors import JobError
from training.jobs import paths, rows, terminal
from training.jobs.kinds import find_kind, kind_of
from training.jobs.launcher import COMMAND, Launcher
from training.jobs.records import Job, Line, Status
from training.jobs.tables import TrainingJob
from training.loop.checkpoint import STATE
from training.loop.observer import EpochRecord
from training.models import remove_leftovers

ERASE_SECONDS = 30.0
"""How long the process of an erased job may take to end. See docs/decisions.md, "Ending an erased training"."""


def board_of(app: Services) -> "JobBoard":
    """The trainings of an app's gallery."""
    return JobBoard(app.gallery, app.settings.storage, app.settings.database_url)


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
        self._storage = storage.expanduser().absolute()
        self._launcher = Launcher(gallery.database, self._storage, database_url, command)

    def start(self, settings: BaseModel, name: str | None = None) -> int:
        """Start a training in a process of its own, which goes on when the app ends. Returns the job's id.

        Args:
            settings: of the training; their class says which kind it is.
            name: what to call what it makes; None leaves it to the kind.

        Raises:
            JobError: another training is running, or the process can't be started.
            TrainingError, InvalidNameError: the name is taken or not usable.
            RecognitionError: the kind refuses; says why.
        """
        name = self._check(settings, name)
        kind = kind_of(settings).key
        return self._launcher.launch(
            lambda session: rows.insert_job(session, kind, settings.model_dump_json(), name), self.start_waiting
        )

    def enqueue(self, settings: BaseModel, name: str | None = None) -> int:
        """As `start`, but where another training is running this one waits for it to end."""
        name = self._check(settings, name)
        with self._gallery.database.write_unrevised() as session:
            job_id = rows.insert_job(session, kind_of(settings).key, settings.model_dump_json(), name, "waiting")
        self.start_waiting()
        return job_id

    def start_waiting(self) -> None:
        """Start the job that has waited the longest, unless another one is running. Never raises: it is tried again whenever
        a job ends, or somebody looks."""
        with suppress(JobError, GalleryError):
            with self._gallery.database.read() as session:
                job_id = rows.next_waiting(session)
            if job_id is not None:
                self._launcher.launch(lambda session: rows.queue(session, job_id), self.start_waiting, patience=0.0)

    def resume(self, job_id: int) -> None:
        """Go on with a job that was cancelled, interrupted or failed, after its last epoch.

        Raises:
            JobError: another training is running, or there is nothing to go on from.
        """
        if not self.get(job_id).can_resume:
            raise JobError("This training has no checkpoint to go on from. Start a new one.")
        self._launcher.launch(lambda session: rows.queue(session, job_id), self.start_waiting)

    def start_over(self, job_id: int) -> int:
        """Start a training with the settings and the name of one that has ended, in its place. Returns the new job's id.

        Raises:
            JobError: a training is running.
            RecognitionError: the kind refuses; says why.
        """
        job = self.get(job_id)
        again = self.start(job.settings, job.name)
        self.delete(job_id)
        return again

    def cancel(self, job_id: int) -> None:
        """Ask a job to stop, which it does after the step it is at. What its last epoch saved is kept.

        Raises:
            JobError: it is not running.
        """
        self._launcher.mark_interrupted()
        with self._gallery.database.write_unrevised() as session:
            rows.request_cancel(session, job_id)

    def delete(self, job_id: int) -> None:
        """Remove a job that has ended, with its curves and checkpoints. What it made stays.

        Raises:
            JobError: it is running.
        """
        if self.get(job_id).active:
            raise JobError("This training is running. Cancel it first.")
        paths.remove_files(self._storage, job_id)
        with self._gallery.database.write_unrevised() as session:
            rows.delete_job(session, job_id)

    def erase_deleted_photos(self) -> None:
        """Stop and remove every training that reads photos which are not in the gallery any more, with all it learned.

        It goes by what is there, not by what was just deleted: what another process deleted, or what a crash left behind, is
        erased too.

        Raises:
            JobError: such a training is still running; it ends within seconds.
            StorageError: files can't be removed.
        """
        # Before the rows: the folder of a job that is being started has its row by then.
        with_files = paths.jobs_with_files(self._storage)
        with self._gallery.database.write_unrevised() as session:
            doomed = rows.jobs_of_deleted_photos(session)
            for job_id in doomed:
                rows.delete_job(session, job_id)
            there = {row.id for row in rows.list_jobs(session)}
        if any(doomed.values()):
            self._launcher.wait_until_idle(ERASE_SECONDS)
        for job_id in (with_files | set(doomed)) - there:
            paths.remove_files(self._storage, job_id)
        terminal.remove_erased(self._storage, self._gallery)
        # A process that ended while it was writing a model leaves that half written.
        remove_leftovers(self._storage)

    def get(self, job_id: int) -> Job:
        """One job."""
        self._refresh()
        with self._gallery.database.read() as session:
            return self._job(rows.get_job(session, job_id))

    def list(self, kind: type[BaseModel] = BaseModel) -> list[Job]:
        """All jobs, newest first. Those of another version of the app, with other settings, are left out.

        Args:
            kind: only those with settings of this class.
        """
        self._refresh()
        jobs = []
        with self._gallery.database.read() as session:
            for row in rows.list_jobs(session):
                with suppress(ValidationError, JobError):
                    jobs.append(self._job(row))
        return [job for job in jobs if isinstance(job.settings, kind)]

    def latest(self, kind: type[BaseModel] = BaseModel) -> Job | None:
        """The job that is running, else the newest; None without any."""
        jobs = self.list(kind)
        return next((job for job in jobs if job.active), jobs[0] if jobs else None)

    def epochs(self, job_id: int) -> Sequence[EpochRecord]:
        """A job's epochs so far, in order."""
        with self._gallery.database.read() as session:
            return rows.list_epochs(session, job_id)

    def lines(self, job_id: int, after: int = 0) -> Sequence[Line]:
        """A job's log, in order; only the lines whose id is greater than `after`."""
        with self._gallery.database.read() as session:
            return rows.list_lines(session, job_id, after)

    def _check(self, settings: BaseModel, name: str | None) -> str | None:
        """Refuse what can't become a training; the clean name."""
        kind = kind_of(settings)
        name = None if name is None else kind.clean_name(name, self._storage)
        kind.check(settings, self._gallery, self._storage)
        return name

    def _refresh(self) -> None:
        """Make the rows say what is true: jobs whose process is gone are interrupted, and one that waits is started."""
        with self._gallery.database.read() as session:
            active, waiting = rows.active_jobs(session), rows.next_waiting(session)
        idle = not active or self._launcher.mark_interrupted()
        if idle and waiting is not None:
            self.start_waiting()

    def _job(self, row: TrainingJob) -> Job:
        kind = find_kind(row.kind)
        settings = kind.settings.model_validate_json(row.settings)
        stopped = row.status in ("failed", "cancelled", "interrupted")
        return Job(
            id=row.id,
            kind=row.kind,
            status=cast(Status, row.status),
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            settings=settings,
            name=row.name,
            epochs=kind.epochs(settings),
            done=row.done,
            total=row.total,
            seconds_left=row.seconds_left,
            error=row.error,
            model=row.model,
            can_resume=stopped and (paths.checkpoints(self._storage, row.id) / STATE).is_file(),
        )
