"""Recognising the people of a video file, from its first frame to its last."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from recognition.drawing import Label, draw
from recognition.errors import PictureError
from recognition.live.appearances import Appearance
from recognition.live.naming import LiveRecognition
from recognition.pictures import MAX_PIXELS, Picture
from recognition.recognizer import Recognizer
from recognition.session import FrameResult

LIVE_SIDE = 640
"""Longer side of the frames looked at, in pixels: what the live camera sends."""

PREVIEW_INTERVAL = 0.2
"""Seconds between two preview pictures: enough to watch, too few to slow the work down."""


@dataclass(frozen=True)
class VideoProgress:
    """How far a video has been watched.

    Attributes:
        fraction: 0 to 1. position: the time in the video.
        preview: the newest annotated frame, (H, W, 3) uint8 RGB, or None when none is due.
        frames_per_second: frames worked on in a second of real time.
    """

    fraction: float
    position: timedelta
    preview: Picture | None
    frames_per_second: float


@dataclass(frozen=True)
class VideoReport:
    """Who was in a video: appearances with times that count from the start of 1 January 1970, UTC."""

    appearances: tuple[Appearance, ...]
    frames: int
    length: timedelta


def recognise_video(
    video: Path | bytes,
    recognizer: Callable[[], Recognizer],
    min_confidence: float,
    progress: Callable[[VideoProgress], None] = lambda state: None,
) -> VideoReport:
    """Watch a video as a live camera would be watched.

    Args:
        video: a file in any format that OpenCV reads, or the content of one, which stays in memory.
        recognizer: gives the recognizer in force.
        min_confidence: from which calibrated probability a face gets its name, 0 to 1.
        progress: called after every frame; it may raise to stop.

    Raises:
        PictureError: not a video we can read.
    """
    # Everything that asks for the time gets the video's own time, so that a fast computer sees the same as a slow one.
    clock = _VideoClock()
    session = LiveRecognition(recognizer, min_confidence, clock.seconds, clock.utc, paced=False)
    count = 0
    started = time.perf_counter()
    shown_at = float("-inf")
    name = video.name if isinstance(video, Path) else "This file"
    with _path_of(video) as path:
        for frame, position, fraction in _frames(path, name):
            clock.now = position
            result = session.frame(frame)
            count += 1
            elapsed = time.perf_counter() - started
            preview = None
            if elapsed - shown_at >= PREVIEW_INTERVAL:
                shown_at, preview = elapsed, annotate(frame, result)
            progress(VideoProgress(fraction, timedelta(seconds=position), preview, count / max(elapsed, 1e-6)))
    if not count:
        raise PictureError(f"{name} is not a video we can read, or has no pictures.")
    return VideoReport(tuple(session.appearances.rows()), count, timedelta(seconds=clock.now))


def annotate(frame: Picture, result: FrameResult) -> Picture:
    """The frame with its faces named."""
    return draw(frame, [Label(face.box, face.name, face.confidence) for face in result.faces])


@contextmanager
def _path_of(video: Path | bytes) -> Iterator[Path]:
    """A path that OpenCV can open. For content in memory it leads to memory where the system has such files (Linux),
    elsewhere to a temporary file that is removed in the end. See docs/decisions.md, "Films from memory"."""
    if isinstance(video, Path):
        yield video
    elif hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("video"), "wb") as memory:
            memory.write(video)
            memory.flush()
            yield Path(f"/proc/self/fd/{memory.fileno()}")
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(video)
            file.flush()
            yield Path(file.name)


def _frames(path: Path, name: str) -> Iterator[tuple[Picture, float, float]]:
    """The frames as RGB of at most LIVE_SIDE, each with its time in seconds and the share of the video it stands at."""
    capture = cv2.VideoCapture(str(path))
    try:
        if capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT) > MAX_PIXELS:
            raise PictureError(f"{name} has pictures of more than {MAX_PIXELS // 1_000_000} megapixels.")
        rate = capture.get(cv2.CAP_PROP_FPS)
        rate = rate if 1.0 <= rate <= 1000.0 else 25.0
        total = max(capture.get(cv2.CAP_PROP_FRAME_COUNT), 1.0)
        number = 0
        while True:
            read, frame = capture.read()
            if not read:
                return
            scale = LIVE_SIDE / max(frame.shape[:2])
            if scale < 1.0:
                frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            number += 1
            picture = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)
            yield picture, number / rate, min(number / total, 1.0)
    finally:
        capture.release()


class _VideoClock:
    """The time inside a video, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)
