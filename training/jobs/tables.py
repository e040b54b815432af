"""The tables of training jobs, in the gallery's database; `recognition/gallery/migrations` makes them."""

from datetime import datetime
from math import isfinite, nan

from sqlalchemy import JSON, Dialect, Float, ForeignKey, String, Text, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from recognition.gallery.records import MAX_NETWORK_KEY
from recognition.gallery.tables import Table, UtcDateTime
from recognition.names import MAX_NAME

MAX_KIND = 40


class NumberOrNan(TypeDecorator[float]):
    """A number that may be none, such as a loss without validation photos. Databases differ over NaN: it is stored as NULL."""

    impl = Float
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:  # noqa: ARG002
        return value if value is not None and isfinite(value) else None

    def process_result_value(self, value: float | None, dialect: Dialect) -> float | None:  # noqa: ARG002
        return nan if value is None else value


class TrainingJob(Table):
    """One training that was asked for.

    Attributes:
        kind: key of its `training.jobs.kinds.Kind`. settings: JSON of that kind's settings.
        cancel: whether it is asked to stop.
        model: key of what it made.
    """

    __tablename__ = "training_job"
    # A page that remembers the number of a deleted training never shows another one.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(MAX_KIND))
    status: Mapped[str] = mapped_column(String(12))
    name: Mapped[str | None] = mapped_column(String(MAX_NAME))
    settings: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    seconds_left: Mapped[float | None]
    cancel: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(String(MAX_NETWORK_KEY))


class TrainingEpoch(Table):
    """One `EpochRecord` of a job."""

    __tablename__ = "training_epoch"

    job_id: Mapped[int] = mapped_column(ForeignKey("training_job.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    train_loss: Mapped[float] = mapped_column(NumberOrNan, nullable=True)
    validation_loss: Mapped[float] = mapped_column(NumberOrNan, nullable=True)
    metrics: Mapped[dict[str, float]] = mapped_column(JSON)
    learning_rate: Mapped[float] = mapped_column(NumberOrNan, nullable=True)
    seconds: Mapped[float] = mapped_column(NumberOrNan, nullable=True)


class TrainingPhoto(Table):
    """A photo of the gallery that a job without a model reads. It outlives the photo: that is how a deletion finds the job."""

    __tablename__ = "training_photo"

    job_id: Mapped[int] = mapped_column(ForeignKey("training_job.id", ondelete="CASCADE"), primary_key=True)
    photo_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class TrainingLine(Table):
    """One line of a job's log."""

    __tablename__ = "training_line"
    # Numbers only ever grow: whoever asks for the lines after one gets all that are new.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("training_job.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)
