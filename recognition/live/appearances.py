"""Who was seen when: one row per appearance, not per frame. In memory only, gone with the session."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from recognition.session import Appearance

GAP = 5.0
"""Seconds out of view after which a return counts as a new appearance."""

MAX_ROWS = 500

_numbers = itertools.count(1)
"""Of rows and of versions of all logs: a number that a page has kept never means another row, or another log."""


class AppearanceLog:
    """The appearances of one session, newest first. Safe between threads.

    Args:
        same_face: cosine similarity from which two unknown faces count as the same stranger.
        clock: the time in UTC.
        gap: seconds out of view after which a return counts as a new appearance.
    """

    def __init__(self, same_face: float, clock: Callable[[], datetime] = lambda: datetime.now(UTC), gap: float = GAP) -> None:
        self._same_face = same_face
        self._clock = clock
        self._gap = gap
        self._lock = threading.Lock()
        self._rows: list[Appearance] = []
        self._faces: dict[int, NDArray[np.float32]] = {}
        self._version = next(_numbers)

    @property
    def version(self) -> int:
        """Grows when rows begin, get another name or are dropped; not when one only goes on."""
        return self._version

    def rows(self) -> list[Appearance]:
        """All appearances, the most recently started first."""
        with self._lock:
            return list(reversed(self._rows))

    def row(self, number: int) -> Appearance | None:
        """The appearance of this number, None when it was dropped."""
        with self._lock:
            return next((row for row in self._rows if row.id == number), None)

    def see(
        self,
        person_id: int | None,
        name: str | None,
        confidence: float | None,
        embedding: NDArray[np.float32],
        face: Callable[[], bytes],
    ) -> int:
        """Note that a face is in view now; continues its row or starts one. The row's number.

        Args:
            person_id, name: who, or None for unknown.
            confidence: how sure that is, 0 to 1; None for unknown.
            embedding: (D,) unit float32.
            face: gives the face crop as a JPEG; asked only where a row starts.
        """
        now = self._clock()
        with self._lock:
            for position in range(len(self._rows) - 1, -1, -1):
                row = self._rows[position]
                if (now - row.last_seen).total_seconds() <= self._gap and self._is_same(row, person_id, embedding):
                    best = max(filter(None, (row.confidence, confidence)), default=None)
                    self._rows[position] = replace(row, last_seen=now, confidence=best, name=name)
                    if row.name != name:
                        self._version = next(_numbers)
                    return row.id
            row = Appearance(next(_numbers), person_id, name, now, now, confidence, face())
            self._rows.append(row)
            self._faces[row.id] = embedding
            for old in self._rows[:-MAX_ROWS]:
                del self._faces[old.id]
            self._rows = self._rows[-MAX_ROWS:]
            self._version = next(_numbers)
            return row.id

    def name(self, number: int, person_id: int, name: str) -> None:
        """Give an unknown row, and those of the same stranger, a person. A row that was dropped meanwhile is passed over."""
        with self._lock:
            face = self._faces.get(number)
            if face is not None:
                self._rows = [
                    replace(row, person_id=person_id, name=name) if self._is_same(row, None, face) else row
                    for row in self._rows
                ]
                self._version = next(_numbers)

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
            kept = [row for row in self._rows if wanted(row)]
            if len(kept) < len(self._rows):
                self._rows = kept
                self._faces = {row.id: self._faces[row.id] for row in kept}
                self._version = next(_numbers)

    def _is_same(self, row: Appearance, person_id: int | None, embedding: NDArray[np.float32]) -> bool:
        if row.person_id is not None or person_id is not None:
            return row.person_id == person_id
        return float(self._faces[row.id] @ embedding) >= self._same_face
