"""The rows of jobs, within a transaction."""

from datetime import UTC, datetime
from math import isnan, nan
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from training.errors import JobError
from training.faces.settings import FitSettings
from training.jobs.records import Line
from training.jobs.tables import TrainingEpoch, TrainingJob, TrainingLine
from training.loop.observer import EpochRecord

ACTIVE = ("queued", "running")

_METRICS = ("train_accuracy", "validation_rank1", "validation_tpir")
"""The metrics that have a column."""


def insert_job(session: Session, settings: FitSettings, name: str | None) -> int:
    """A new job, queued."""
    job = TrainingJob(status="queued", name=name, settings=settings.model_dump_json(), created_at=datetime.now(UTC))
    session.add(job)
    session.flush()
    return job.id


def queue_again(session: Session, job_id: int) -> int:
    """An ended job, queued once more."""
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
    """A job is over."""
    _update(session, job_id, status=status, error=error, model=model, ended_at=datetime.now(UTC), seconds_left=None)


def ask_to_stop(session: Session, job_id: int) -> None:
    """Set the flag that the training looks at. JobError if it isn't running."""
    if get_job(session, job_id).status not in ACTIVE:
        raise JobError("This training is not running.")
    _update(session, job_id, cancel=True)


def is_asked_to_stop(session: Session, job_id: int) -> bool:
    """Whether the flag is set."""
    return bool(session.execute(sa.select(TrainingJob.cancel).where(TrainingJob.id == job_id)).scalar_one_or_none())


def put_position(session: Session, job_id: int, done: int, total: int, seconds_left: float) -> None:
    """How far a job is."""
    _update(session, job_id, done=done, total=total, seconds_left=seconds_left)


def put_epoch(session: Session, job_id: int, record: EpochRecord) -> None:
    """An epoch, in place of an earlier account of it."""
    session.merge(
        TrainingEpoch(
            job_id=job_id,
            epoch=record.epoch,
            train_loss=record.train_loss,
            validation_loss=record.validation_loss,
            learning_rate=record.learning_rate,
            seconds=record.seconds,
            **{name: record.metrics.get(name, nan) for name in _METRICS},
        )
    )


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


def list_epochs(session: Session, job_id: int) -> list[EpochRecord]:
    """A job's epochs, in order."""
    query = sa.select(TrainingEpoch).where(TrainingEpoch.job_id == job_id).order_by(TrainingEpoch.epoch)
    return [
        EpochRecord(
            epoch=row.epoch,
            train_loss=row.train_loss,
            validation_loss=row.validation_loss,
            metrics={name: value for name in _METRICS if not isnan(value := getattr(row, name))},
            learning_rate=row.learning_rate,
            seconds=row.seconds,
        )
        for row in session.scalars(query)
    ]


def list_lines(session: Session, job_id: int, after: int) -> list[Line]:
    """A job's lines with a greater id than `after`, in order."""
    query = sa.select(TrainingLine).where(TrainingLine.job_id == job_id, TrainingLine.id > after).order_by(TrainingLine.id)
    return [Line(row.id, row.at, row.text) for row in session.scalars(query)]


def delete_job(session: Session, job_id: int) -> None:
    """Delete a job; the database deletes its epochs and lines with it."""
    session.execute(sa.delete(TrainingJob).where(TrainingJob.id == job_id))


def _update(session: Session, job_id: int, **values: object) -> None:
    session.execute(sa.update(TrainingJob).where(TrainingJob.id == job_id).values(values))
