"""Who was seen when: one row per appearance, not per frame. In memory only, gone with the session."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from recognition.pictures import Picture, encode_jpeg

GAP = 5.0
"""Seconds out of view after which a return counts as a new appearance."""

MAX_ROWS = 500

FACE_QUALITY = 80
"""Of the JPEG of a row's face, 1 to 95."""


@dataclass(frozen=True, eq=False)
class Appearance:
    """One stay in view.

    Attributes:
        person_id, name: who, or None for unknown.
        first_seen, last_seen: UTC.
        confidence: the highest of the stay, 0 to 1; None for unknown.
        face: the first crop of the stay, as a JPEG.
    """

    id: int
    person_id: int | None
    name: str | None
    first_seen: datetime
    last_seen: datetime
    confidence: float | None
    face: bytes

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended by this time (UTC): it won't change any more."""
        return (now - self.last_seen).total_seconds() > GAP


class AppearanceLog:
    """The appearances of one session, newest first. Safe between threads.

    Args:
        same_face: cosine similarity from which two unknown faces count as the same stranger.
        clock: the time in UTC.
    """

    def __init__(self, same_face: float, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._same_face = same_face
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._rows: list[Appearance] = []
        self._faces: dict[int, NDArray[np.float32]] = {}

    def rows(self) -> list[Appearance]:
        """All appearances, the most recently started first."""
        with self._lock:
            return list(reversed(self._rows))

    def see(
        self,
        person_id: int | None,
        name: str | None,
        confidence: float | None,
        embedding: NDArray[np.float32],
        crop: Picture,
    ) -> None:
        """Note that a face is in view now; continues its row or starts one. embedding: (D,) unit float32."""
        now = self._clock()
        with self._lock:
            for position in range(len(self._rows) - 1, -1, -1):
                row = self._rows[position]
                if not row.is_over(now) and self._is_same(row, person_id, embedding):
                    best = max(filter(None, (row.confidence, confidence)), default=None)
                    self._rows[position] = replace(row, last_seen=now, confidence=best, name=name)
                    return
            face = encode_jpeg(crop, quality=FACE_QUALITY)
            row = Appearance(next(self._numbers), person_id, name, now, now, confidence, face)
            self._rows.append(row)
            self._faces[row.id] = embedding
            for old in self._rows[:-MAX_ROWS]:
                del self._faces[old.id]
            self._rows = self._rows[-MAX_ROWS:]

    def forget_people_not_in(self, people: frozenset[int]) -> None:
        """Drop the rows of people who are no longer enrolled: deletion reaches the log too."""
        self._drop_unless(lambda row: row.person_id is None or row.person_id in people)

    def forget(self, person_id: int, is_theirs: Callable[[NDArray[np.float32]], bool]) -> None:
        """Drop the rows of a person, and the unknown ones that may be theirs.

        Args:
            person_id: who was erased.
            is_theirs: whether the face of an embedding, (D,) unit float32, may be theirs.
        """
        self._drop_unless(
            lambda row: row.person_id != person_id and (row.person_id is not None or not is_theirs(self._faces[row.id]))
        )

    def _drop_unless(self, wanted: Callable[[Appearance], bool]) -> None:
        """Drop the rows that are not wanted, with their embeddings."""
        with self._lock:
            self._rows = [row for row in self._rows if wanted(row)]
            self._faces = {row.id: self._faces[row.id] for row in self._rows}

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._faces.clear()

    def _is_same(self, row: Appearance, person_id: int | None, embedding: NDArray[np.float32]) -> bool:
        if row.person_id is not None or person_id is not None:
            return row.person_id == person_id
        return float(self._faces[row.id] @ embedding) >= self._same_face
