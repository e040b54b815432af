"""What a page or a command sees of a job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

Status = Literal["waiting", "queued", "running", "done", "failed", "cancelled", "interrupted"]
"""`waiting`: for another training to end; `queued`: the few seconds in which its process starts; `interrupted`: it was killed,
or the machine restarted."""


@dataclass(frozen=True)
class Job:
    """A training in a process of its own, as it stood when it was read. Times are UTC.

    Attributes:
        kind: key of its kind, see `training.jobs.kinds`.
        settings: of the training, of its kind's class.
        name: what to call what it makes; None leaves it to the kind.
        epochs: how many it takes at most.
        done, total: steps of the optimiser; both 0 until the first one is over.
        seconds_left: estimate, None while there is none.
        error: the sentence for the person, of a failed one.
        model: key of what it made, when done.
        can_resume: it has ended without a model, and has a checkpoint to go on from.
    """

    id: int
    kind: str
    status: Status
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    settings: BaseModel
    name: str | None
    epochs: int
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

    @property
    def ended(self) -> bool:
        """It is over: there is a model, or the training stopped before."""
        return self.status in ("done", "failed", "cancelled", "interrupted")


@dataclass(frozen=True)
class Line:
    """A line of a job's log; ids grow."""

    id: int
    at: datetime
    text: str
