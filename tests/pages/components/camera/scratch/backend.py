"""What app and page share: the registry, the tokens, and sessions that need no network."""

import io
import math
import os
import time

import numpy as np
from PIL import Image

from recognition.erasure import Erased
from recognition.live.appearances import AppearanceLog
from recognition.pictures import Picture, encode_jpeg
from recognition.server import SessionRegistry, Tokens
from recognition.session import FrameResult, Guidance, Pose, RoundState, SeenFace, TakenPhoto

REGISTRY = SessionRegistry()
TOKENS = Tokens()
WORK_SECONDS = float(os.environ.get("SCRATCH_WORK_SECONDS", "0.005"))


class MovingFace:
    """A face that circles in the picture, named Ann, beside a stranger and one nobody has looked at yet. The first two are
    listed."""

    def __init__(self) -> None:
        self.appearances = AppearanceLog(0.9)
        ann, stranger = np.eye(2, dtype=np.float32)
        jpeg = encode_jpeg(np.full((40, 40, 3), 90, np.uint8))
        self._rows = [
            self.appearances.see(1, "Ann", 0.968, ann, lambda: jpeg),
            self.appearances.see(None, None, None, stranger, lambda: jpeg),
        ]

    def frame(self, picture: Picture) -> FrameResult:
        time.sleep(WORK_SECONDS)
        height, width = picture.shape[:2]
        faces = (
            _face(1, width, height, _circling(), "Ann", 0.71, 0.968, self._rows[0]),
            _face(2, width, height, (0.82, 0.3), None, 0.2, 0.1, self._rows[1]),
            _face(3, width, height, (0.12, 0.75), None, None, None),
        )
        return FrameResult((width, height), faces, None, {"detect": 1.0})

    def round(self) -> RoundState | None:
        return None

    def discard(self, photo_id: str) -> None:
        raise AssertionError(f"nothing to discard, but was asked for {photo_id}")

    def forget(self, erased: Erased) -> None:
        raise AssertionError("nobody is erased here")


class QuickRound:
    """Takes a photo of whatever it sees every few frames until each pose is there."""

    POSES: tuple[Pose, ...] = ("straight", "left", "right", "up", "down")

    def __init__(self, every: int = 15, wanted: int = 2) -> None:
        self._every = every
        self._wanted = wanted
        self._frames = 0
        self._version = 1
        self._photos: tuple[TakenPhoto, ...] = ()

    def frame(self, picture: Picture) -> FrameResult:
        time.sleep(WORK_SECONDS)
        self._frames += 1
        height, width = picture.shape[:2]
        pose = self._next()
        if pose and self._frames % self._every == 0:
            thumbnail = Image.open(io.BytesIO(encode_jpeg(picture))).resize((112, 112))
            taken = TakenPhoto(f"photo-{self._version}", pose, encode_jpeg(np.asarray(thumbnail)))
            self._photos = (*self._photos, taken)
            self._version += 1
        x, y = _circling()
        face = _face(1, width, height, (0.5 + (x - 0.5) * 0.2, 0.5 + (y - 0.5) * 0.2), None, None, None)
        if pose is None:
            guidance = Guidance("complete", "All photos taken", good=True)
        elif pose == "straight":
            guidance = Guidance("straight", "Look straight into the camera", good=True)
        else:
            guidance = Guidance(pose, f"Turn your head {pose}" if pose in ("left", "right") else f"Look {pose}")
        return FrameResult((width, height), (face,), guidance, {"detect": 1.0})

    def round(self) -> RoundState:
        taken = {pose: sum(photo.pose == pose for photo in self._photos) for pose in self.POSES}
        wanted = dict.fromkeys(self.POSES, self._wanted)
        return RoundState(self._version, taken, wanted, self._next(), self._photos)

    def discard(self, photo_id: str) -> None:
        self._photos = tuple(photo for photo in self._photos if photo.id != photo_id)
        self._version += 1

    def forget(self, erased: Erased) -> None:
        raise AssertionError("nobody is erased here")

    def _next(self) -> Pose | None:
        for pose in self.POSES:
            if sum(photo.pose == pose for photo in self._photos) < self._wanted:
                return pose
        return None


def _circling() -> tuple[float, float]:
    turn = time.monotonic()
    return 0.45 + 0.12 * math.cos(turn), 0.5 + 0.1 * math.sin(turn)


def _face(
    track: int,
    width: int,
    height: int,
    center: tuple[float, float],
    name: str | None,
    score: float | None,
    confidence: float | None,
    appearance: int | None = None,
) -> SeenFace:
    (x, y), half = (center[0] * width, center[1] * height), 0.17 * height
    box = np.array([x - half, y - half * 1.2, x + half, y + half * 1.2], np.float32)
    landmarks = np.tile(np.array([x, y], np.float32), (5, 1))
    return SeenFace(track, box, landmarks, 1 if name else None, name, score, confidence, appearance)
