"""Good pictures of the unknown faces in view, so that whoever is at the camera can say who they are. In memory only."""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from recognition.alignment import cut_out
from recognition.pictures import Picture, encode_jpeg
from recognition.quality import measure, problem
from recognition.tracking import Track

MOST_PICTURES = 8
"""Of one appearance: as many as a guided round takes."""

MOST_APPEARANCES = 20
"""The newest ones that pictures are kept of."""

INTERVAL = 0.6
"""Seconds between two looks at an appearance: pictures in a row show the same thing, and measuring takes a millisecond."""

JPEG_QUALITY = 95


@dataclass
class _Kept:
    """The pictures of one appearance, and when it was last looked at."""

    pictures: list[bytes] = field(default_factory=list)
    looked_at: float = float("-inf")


class Portraits:
    """Pictures of unknown faces, by appearance. Safe between threads.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[int, _Kept] = {}

    def offer(self, appearance: int, picture: Picture, track: Track) -> None:
        """Keep the face of a frame, (H, W, 3) uint8 RGB, if it is good enough to be enrolled and another one is wanted."""
        now = self._clock()
        with self._lock:
            kept = self._kept.setdefault(appearance, _Kept())
            if len(kept.pictures) >= MOST_PICTURES or now - kept.looked_at < INTERVAL:
                return
            kept.looked_at = now
            if len(self._kept) > MOST_APPEARANCES:
                del self._kept[min(self._kept)]
        if problem(measure(picture, track.face, track.crop)) is None:
            part, _ = cut_out(picture, track.face.box, track.face.landmarks)
            kept.pictures.append(encode_jpeg(part, JPEG_QUALITY))

    def of(self, appearance: int) -> tuple[bytes, ...]:
        """The pictures of an appearance as JPEGs, oldest first: the face with half a face around it."""
        with self._lock:
            kept = self._kept.get(appearance)
            return tuple(kept.pictures) if kept else ()

    def keep_only(self, appearances: Collection[int]) -> None:
        """Drop the pictures of all others."""
        with self._lock:
            self._kept = {number: kept for number, kept in self._kept.items() if number in appearances}
