"""The rows of jobs, within a transaction."""

from dataclasses import fields
from datetime import UTC, datetime
from math import isfinite
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from recognition.gallery.queries import VISIBLE_PHOTO
from recognition.gallery.tables import Photo
from training.errors import JobError
from training.jobs.records import Line
from training.jobs.tables import TrainingEpoch, TrainingJob, TrainingLine, TrainingPhoto
from training.loop.observer import EpochRecord

ACTIVE = ("queued", "running")

_EPOCH = [field.name for field in fields(EpochRecord)]


def insert_job(
    session: Session, kind: str, settings: str, name: str | None, status: Literal["waiting", "queued"] = "queued"
) -> int:
    """A new job. settings: JSON."""
    job = TrainingJob(kind=kind, status=status, name=name, settings=settings, created_at=datetime.now(UTC))
    session.add(job)
    session.flush()
    return job.id


def queue(session: Session, job_id: int) -> int:
    """A waiting or ended job, queued."""
    _update(session, job_id, status="queued", cancel=False, error=None, ended_at=None, seconds_left=None)
    return job_id


def begin(session: Session, job_id: int) -> TrainingJob | None:
    """A queued job is running now. None if it is not queued (any more)."""
    job = session.get(TrainingJob, job_id)
    if job is None or job.status != "queued":
        return None
    job.status = "running"
    job.started_at = job.started_at or datetime.now(UTC)
    return job


def end(
    session: Session,
    job_id: int,
    status: Literal["done", "failed", "cancelled", "interrupted"],
    *,
    error: str | None = None,
    model: str | None = None,
) -> None:
    """A job is over. Which photos a model learned from stands in its own record."""
    _update(session, job_id, status=status, error=error, model=model, ended_at=datetime.now(UTC), seconds_left=None)
    if status == "done":
        session.execute(sa.delete(TrainingPhoto).where(TrainingPhoto.job_id == job_id))


def request_cancel(session: Session, job_id: int) -> None:
    """Set the flag that the training polls; a waiting one is cancelled at once. JobError if it has ended."""
    status = get_job(session, job_id).status
    if status == "waiting":
        end(session, job_id, "cancelled")
    elif status in ACTIVE:
        _update(session, job_id, cancel=True)
    else:
        raise JobError("This training is not running.")


def cancel_requested(session: Session, job_id: int) -> bool:
    """Whether the flag is set."""
    return bool(session.execute(sa.select(TrainingJob.cancel).where(TrainingJob.id == job_id)).scalar_one_or_none())


def exists(session: Session, job_id: int) -> bool:
    """Whether the job is there."""
    return session.execute(sa.select(TrainingJob.id).where(TrainingJob.id == job_id)).first() is not None


def put_position(session: Session, job_id: int, done: int, total: int, seconds_left: float) -> None:
    """How far a job is."""
    _update(session, job_id, done=done, total=total, seconds_left=seconds_left)


def put_epoch(session: Session, job_id: int, record: EpochRecord) -> None:
    """An epoch, in place of an earlier account of it."""
    values = {name: getattr(record, name) for name in _EPOCH}
    # JSON has no word for a number that is none; such a metric was not measured.
    values["metrics"] = {name: value for name, value in record.metrics.items() if isfinite(value)}
    session.merge(TrainingEpoch(job_id=job_id, **values))


def put_line(session: Session, job_id: int, at: datetime, text: str) -> None:
    """A line of the log."""
    session.add(TrainingLine(job_id=job_id, at=at, text=text))


def get_job(session: Session, job_id: int) -> TrainingJob:
    """One job by id, or JobError."""
    job = session.get(TrainingJob, job_id)
    if job is None:
        raise JobError("This training is not there (any more).")
    return job


def list_jobs(session: Session) -> list[TrainingJob]:
    """All jobs, newest first."""
    return list(session.scalars(sa.select(TrainingJob).order_by(TrainingJob.id.desc())))


def active_jobs(session: Session) -> list[int]:
    """Ids of the jobs that are queued or running, as far as the rows know."""
    return list(session.scalars(sa.select(TrainingJob.id).where(TrainingJob.status.in_(ACTIVE))))


def next_waiting(session: Session) -> int | None:
    """Id of the job that has waited the longest."""
    return session.scalars(sa.select(sa.func.min(TrainingJob.id)).where(TrainingJob.status == "waiting")).one()


def list_epochs(session: Session, job_id: int) -> list[EpochRecord]:
    """A job's epochs, in order."""
    query = sa.select(TrainingEpoch).where(TrainingEpoch.job_id == job_id).order_by(TrainingEpoch.epoch)
    return [EpochRecord(**{name: getattr(row, name) for name in _EPOCH}) for row in session.scalars(query)]


def list_lines(session: Session, job_id: int, after: int) -> list[Line]:
    """A job's lines with a greater id than `after`, in order."""
    query = sa.select(TrainingLine).where(TrainingLine.job_id == job_id, TrainingLine.id > after).order_by(TrainingLine.id)
    return [Line(row.id, row.at, row.text) for row in session.scalars(query)]


def delete_job(session: Session, job_id: int) -> None:
    """Delete a job; the database deletes its epochs, lines and claims with it."""
    session.execute(sa.delete(TrainingJob).where(TrainingJob.id == job_id))


def claim_photos(session: Session, job_id: int) -> bool:
    """Write down that a job reads every photo that is to be seen in the gallery. False if one it claimed before is gone."""
    claimed = sa.exists().where(TrainingPhoto.job_id == job_id, TrainingPhoto.photo_id == Photo.id)
    fresh = sa.select(sa.literal(job_id), Photo.id).where(~claimed, VISIBLE_PHOTO)
    session.execute(sa.insert(TrainingPhoto).from_select(["job_id", "photo_id"], fresh))
    return job_id not in jobs_of_deleted_photos(session)


def jobs_of_deleted_photos(session: Session) -> dict[int, bool]:
    """Jobs without a model that read photos which have been deleted since; whether each is queued or running."""
    gone = sa.select(TrainingPhoto.job_id).where(~sa.exists().where(Photo.id == TrainingPhoto.photo_id))
    query = sa.select(TrainingJob.id, TrainingJob.status).where(TrainingJob.id.in_(gone))
    return {job_id: status in ACTIVE for job_id, status in session.execute(query)}


def _update(session: Session, job_id: int, **values: object) -> None:
    session.execute(sa.update(TrainingJob).where(TrainingJob.id == job_id).values(values))
