"""Following faces from frame to frame: MTCNN's last stage every frame, all of MTCNN now and then.

The last stage, on the box of the frame before, takes about a millisecond; the full detector finds new faces and confirms
the followed ones.
"""

import itertools
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.alignment import FACE, align
from recognition.detection import Detection, LiveDetector, boxes_of, iou
from recognition.pacing import DetectionPacer
from recognition.pictures import Picture

DETECT_INTERVAL = 0.3
"""Seconds between two full detections while one face is being followed: a new face waits this long at most."""

EMPTY_INTERVAL = 0.06
"""The same while nobody is in view: every second frame of a camera, so that an empty room costs little."""

BUSY_INTERVAL = 0.1
"""The same while several faces are followed: where several people are, others come and go."""

SAME_FACE_OVERLAP = 0.35
"""Intersection over union from which a detection and a track, or two tracks, are one face."""

CONTESTED_OVERLAP = 0.1
"""Intersection over union of two tracks from which one may slip onto the other's face: both must be embedded again."""

MAX_UNCONFIRMED = 3
"""Full detections in a row that may miss a followed face before it is dropped as not a face."""

JUMP_CORRELATION = 0.7
"""Correlation of a face's thumbnail with the frame before below which it may be another face (a cut, a swap)."""


class Track:
    """A face that is being followed.

    Attributes:
        id: stable while the face stays in view.
        face: where it is in the newest frame.
        crop: its aligned crop in the newest frame, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB.
        doubtful: in the newest frame this may have become another face; it has to be embedded again.
        lost: it was not found in the newest frame.
        unconfirmed: full detections in a row that did not find it.
    """

    def __init__(self, number: int, face: Detection, picture: Picture) -> None:
        self.id = number
        self._thumbnail: NDArray[np.float32] | None = None
        self.doubtful = False
        self.unconfirmed = 0
        self.move(face, picture)

    def move(self, face: Detection, picture: Picture) -> None:
        """Take over the face's position in a new frame; doubtful if its crop hardly resembles the one before."""
        self.face = face
        self.lost = False
        self.crop = align(picture, face.landmarks)
        thumbnail = _thumbnail(self.crop)
        if self._thumbnail is not None and float(thumbnail @ self._thumbnail) < JUMP_CORRELATION:
            self.doubtful = True
        self._thumbnail = thumbnail


class Tracker:
    """Follows all faces of one camera. Not for several threads at a time.

    Args:
        detector: finds and follows.
        clock: seconds that only grow.
        pacer: shares the time for full detections with other cameras; without one there is no limit.
    """

    def __init__(
        self,
        detector: LiveDetector,
        clock: Callable[[], float] = time.monotonic,
        pacer: DetectionPacer | None = None,
    ) -> None:
        self._detector = detector
        self._clock = clock
        self._pacer = pacer
        self._no_detection_before = float("-inf")
        self._numbers = itertools.count(1)
        self._tracks: list[Track] = []
        self._detected_at = float("-inf")

    def update(self, picture: Picture) -> list[Track]:
        """The faces of a new frame, (H, W, 3) uint8 RGB, largest first."""
        for track in self._tracks:
            track.doubtful = False
        self._follow(picture)
        if self._should_detect():
            self._confirm(picture)
        self._tracks = [track for track in self._tracks if not track.lost]
        self._mark_contested()
        return sorted(self._tracks, key=lambda track: track.face.size, reverse=True)

    def _follow(self, picture: Picture) -> None:
        """Find every face near where it was; of two tracks that end up on one face the older one keeps it."""
        followed = self._detector.follow(picture, [track.face.box for track in self._tracks])
        kept: list[Detection] = []
        for track, face in zip(self._tracks, followed, strict=True):
            if face is None or (iou(boxes_of(kept), face.box) > SAME_FACE_OVERLAP).any():
                track.lost = True
            else:
                track.move(face, picture)
                kept.append(face)

    def _should_detect(self) -> bool:
        now = self._clock()
        interval = {0: EMPTY_INTERVAL, 1: DETECT_INTERVAL}.get(len(self._tracks), BUSY_INTERVAL)
        # A face that changes from one frame to the next is a cut, and after a cut there may be others.
        cut = any(track.lost or track.doubtful for track in self._tracks)
        return now >= self._no_detection_before and (cut or now - self._detected_at >= interval)

    def _confirm(self, picture: Picture) -> None:
        """Run the full detector: it corrects followed faces, finds lost ones again and starts new tracks."""
        began = self._clock()
        found = self._detector.detect(picture)
        self._detected_at = self._clock()
        if self._pacer is not None:
            self._no_detection_before = self._detected_at + self._pacer.pause(id(self), self._detected_at - began)
        for track in self._tracks:
            overlaps = iou(boxes_of(found), track.face.box)
            if (overlaps >= SAME_FACE_OVERLAP).any():
                track.move(found.pop(int(overlaps.argmax())), picture)
                track.unconfirmed = 0
            else:
                track.unconfirmed += 1
                track.lost = track.lost or track.unconfirmed >= MAX_UNCONFIRMED
        self._tracks += [Track(next(self._numbers), face, picture) for face in found]

    def _mark_contested(self) -> None:
        if len(self._tracks) < 2:
            return
        boxes = boxes_of([track.face for track in self._tracks])
        overlaps = iou(boxes[:, None], boxes)
        np.fill_diagonal(overlaps, 0.0)
        for track, highest in zip(self._tracks, overlaps.max(axis=1).tolist(), strict=True):
            track.doubtful = track.doubtful or highest > CONTESTED_OVERLAP


def _thumbnail(crop: Picture) -> NDArray[np.float32]:
    """A crop as 256 grey values of zero mean and unit length: a dot product of two is their correlation."""
    grey = cv2.cvtColor(cv2.resize(FACE.cut(crop), (16, 16), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    values = grey.astype(np.float32).ravel()
    values -= values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)
