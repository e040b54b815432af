"""What a page or a command sees of a job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from training.faces.settings import FitSettings

Status = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
"""`queued` is the few seconds in which the process starts; `interrupted`: it was killed, or the machine restarted."""


@dataclass(frozen=True)
class Job:
    """A training in a process of its own, as it stood when it was read. Times are UTC.

    Attributes:
        settings: of the training.
        name: what its model is to be called; None: `training.models.default_name`.
        done, total: steps of the optimiser; both 0 until the first one is over.
        seconds_left: estimate, None while there is none.
        error: the sentence for the person, of a failed one.
        model: key of the model it made, when done.
        can_resume: it has ended without a model, and has a checkpoint to go on from.
    """

    id: int
    status: Status
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    settings: FitSettings
    name: str | None
    done: int
    total: int
    seconds_left: float | None
    error: str | None
    model: str | None
    can_resume: bool

    @property
    def active(self) -> bool:
        """It is running, or about to."""
        return self.status in ("queued", "running")


@dataclass(frozen=True)
class Line:
    """A line of a job's log; ids grow."""

    id: int
    at: datetime
    text: str
