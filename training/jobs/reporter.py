"""What a training reports becomes rows, and a row may ask it to stop."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from recognition.errors import CancelledError, GalleryError
from recognition.gallery.database import Database
from training.jobs import rows
from training.loop.observer import EpochRecord

log = logging.getLogger(__name__)

PAUSE = 0.25
"""Seconds between two writes of steps: a bar that moves four times a second looks alive."""

RETRY = 10.0
"""Seconds until the next try after the database could not be written to. Each try may hold the training up for
`recognition.gallery.database.BUSY_SECONDS`."""


class Reporter:
    """The observer of a job. What can't be written now is kept and written later: a busy database ends no training."""

    def __init__(self, database: Database, job_id: int) -> None:
        self._database = database
        self._job_id = job_id
        self._pending: list[Callable[[Session], None]] = []
        self._position: tuple[int, int, float] | None = None
        self._next_write = 0.0

    def log(self, text: str) -> None:
        at = datetime.now(UTC)
        self._pending.append(lambda session: rows.put_line(session, self._job_id, at, text))
        self.synchronise()

    def step(self, done: int, total: int, seconds_left: float) -> None:
        self._position = done, total, seconds_left
        self.synchronise()

    def epoch(self, record: EpochRecord) -> None:
        self._pending.append(lambda session: rows.put_epoch(session, self._job_id, record))
        self.synchronise()

    def synchronise(self) -> None:
        """Write what there is and see whether to stop, unless that was done a moment ago.

        Raises:
            CancelledError: a person asked for it.
        """
        if time.monotonic() < self._next_write:
            return
        try:
            with self._database.write_unrevised() as session:
                # A job that is gone was erased; its process is about to end.
                if rows.exists(session, self._job_id):
                    self.write(session)
                stop = rows.cancel_requested(session, self._job_id)
        except GalleryError as error:
            log.warning("progress can't be written: %s", error)
            self._next_write = time.monotonic() + RETRY
            return
        self._pending.clear()
        self._position = None
        self._next_write = time.monotonic() + PAUSE
        if stop:
            raise CancelledError("The training was stopped.")

    def write(self, session: Session) -> None:
        """Write everything that is not written yet, in a transaction of the caller's."""
        for pending in self._pending:
            pending(session)
        if self._position is not None:
            rows.put_position(session, self._job_id, *self._position)
