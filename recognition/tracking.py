"""Following faces from frame to frame: MTCNN's last stage every frame, all of MTCNN now and then.

The last stage looks again where a face was and costs about a millisecond; the full detector finds new faces and
confirms the followed ones.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.alignment import align
from recognition.detection import Detection, Detector, overlap
from recognition.pacing import DetectionPacer
from recognition.pictures import Picture

DETECT_INTERVAL = 0.3
"""Seconds between two full detections while every face is being followed: a newcomer waits this long at most."""

SAME_FACE_OVERLAP = 0.35
"""Intersection over union from which a detection and a track, or two tracks, are one face."""

CONTESTED_OVERLAP = 0.1
"""Intersection over union of two tracks from which one may slip onto the other's face: both must be looked at again."""

MAX_UNCONFIRMED = 3
"""Full detections in a row that may miss a followed face before it is dropped as not a face."""

JUMP_CORRELATION = 0.7
"""Correlation of a face's picture with the frame before below which it may be another face (a cut, a swap)."""


@dataclass(eq=False)
class Track:
    """A face that is being followed.

    Attributes:
        id: stable while the face stays in view.
        face: where it is in the newest frame.
        crop: its aligned crop in the newest frame, (150, 150, 3) uint8 RGB.
        doubtful: in the newest frame this may have become another face; whoever knows its name must look again.
    """

    id: int
    face: Detection
    crop: Picture
    doubtful: bool = False
    _unconfirmed: int = 0
    _look: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def move(self, face: Detection, picture: Picture) -> None:
        """Take the face's place in a new frame and see whether it still looks alike."""
        self.face = face
        self.crop = align(picture, face.landmarks)
        look = _look(self.crop)
        self.doubtful = bool(self._look.size) and float(look @ self._look) < JUMP_CORRELATION
        self._look = look


class Tracker:
    """Follows all faces of one camera. Not for several threads at a time.

    Args:
        detector: finds and follows.
        clock: seconds that only grow.
        pacer: shares the time for full detections with other cameras; without one there is no limit.
    """

    def __init__(
        self,
        detector: Detector,
        clock: Callable[[], float] = time.monotonic,
        pacer: DetectionPacer | None = None,
    ) -> None:
        self._detector = detector
        self._clock = clock
        self._pacer = pacer
        self._rests_until = float("-inf")
        self._numbers = itertools.count(1)
        self._tracks: list[Track] = []
        self._detected_at = float("-inf")

    def update(self, picture: Picture) -> list[Track]:
        """The faces of a new frame, (H, W, 3) uint8 RGB, largest first."""
        followed = self._detector.follow(picture, [track.face.box for track in self._tracks])
        places = dict(zip((track.id for track in self._tracks), followed, strict=True))
        self._drop_doubles(places)
        if self._detection_is_due(places):
            self._confirm(picture, places)
        self._tracks = [track for track in self._tracks if places.get(track.id) is not None]
        for track in self._tracks:
            face = places[track.id]
            assert face is not None
            track.move(face, picture)
        self._mark_contested()
        return sorted(self._tracks, key=lambda track: track.face.size, reverse=True)

    def _detection_is_due(self, places: dict[int, Detection | None]) -> bool:
        now = self._clock()
        wanted = not places or None in places.values() or now - self._detected_at >= DETECT_INTERVAL
        return wanted and now >= self._rests_until

    def _drop_doubles(self, places: dict[int, Detection | None]) -> None:
        """Two tracks that ended up on one face: the older one keeps it, the other is lost."""
        kept: list[Detection] = []
        for track_id in sorted(places):
            face = places[track_id]
            if face is None:
                continue
            if any(overlap(face.box, other.box) > SAME_FACE_OVERLAP for other in kept):
                places[track_id] = None
            else:
                kept.append(face)

    def _confirm(self, picture: Picture, places: dict[int, Detection | None]) -> None:
        """Run the full detector: it corrects followed faces, finds lost ones again and starts new tracks."""
        began = time.perf_counter()
        found = self._detector.detect(picture)
        self._detected_at = self._clock()
        if self._pacer is not None:
            self._rests_until = self._detected_at + self._pacer.pause(id(self), time.perf_counter() - began)
        for track in self._tracks:
            last = places[track.id] or track.face
            best = max(found, key=lambda face: overlap(face.box, last.box), default=None)
            if best is not None and overlap(best.box, last.box) >= SAME_FACE_OVERLAP:
                found.remove(best)
                places[track.id] = best
                track._unconfirmed = 0
            else:
                track._unconfirmed += 1
                if track._unconfirmed >= MAX_UNCONFIRMED:
                    places[track.id] = None
        for face in found:
            track = Track(next(self._numbers), face, picture)
            self._tracks.append(track)
            places[track.id] = face

    def _mark_contested(self) -> None:
        for a, b in itertools.combinations(self._tracks, 2):
            if overlap(a.face.box, b.face.box) > CONTESTED_OVERLAP:
                a.doubtful = b.doubtful = True


def _look(crop: Picture) -> NDArray[np.float32]:
    """A crop as 256 grey values of zero mean and unit length: a dot product of two is their correlation."""
    grey = cv2.cvtColor(cv2.resize(crop, (16, 16), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    values = grey.astype(np.float32).ravel()
    values -= values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)
