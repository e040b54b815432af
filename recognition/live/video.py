"""Recognising the people of a film: it is watched once, and names are decided afterwards, as often as wanted."""

import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recognition.drawing import Label, draw
from recognition.identification import Match
from recognition.live.appearances import AppearanceLog
from recognition.live.films import FilmPicture, read_film, rewrite_film
from recognition.live.naming import LiveRecognition, Sighting
from recognition.pictures import Picture
from recognition.recognizer import Recognizer
from recognition.stopwatch import Stopwatch

PREVIEW_INTERVAL = 0.2
"""Seconds between two preview pictures: enough to watch, too few to slow the work down."""

STAY_GAP = 1.0
"""Seconds without a face after which a person has been away, on the timeline."""


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


@dataclass(frozen=True, eq=False)
class _Glimpse:
    """A face in one frame, not named yet. `mean` and `face` are those of the last time it was settled, None before.
    `undecided`: nothing can be said of it; `waiting`: it is not a stranger, even if it is nobody known."""

    track: int
    box: NDArray[np.float32]
    match: Match | None
    undecided: bool
    waiting: bool
    mean: NDArray[np.float32] | None
    face: bytes | None


@dataclass(frozen=True, eq=False)
class NamedFace:
    """A face in one frame of a video.

    Attributes:
        track: stable while the face stays in view.
        box: (4,) float32, x1, y1, x2, y2 in pixels of the frame.
        person: number of the one of `VideoReport.people` this is; None as long as that is not settled.
        name: of an enrolled person, or None.
        confidence: how sure it is that this is the person it resembles most, 0 to 1; None while it is undecided.
    """

    track: int
    box: NDArray[np.float32]
    person: int | None
    name: str | None
    confidence: float | None


@dataclass(frozen=True, eq=False)
class VideoPerson:
    """Somebody in a video.

    Attributes:
        number: of this person or stranger in this report.
        name: None for a stranger.
        confidence: the highest, 0 to 1; None for a stranger.
        face: the first face crop, as a JPEG.
        stays: when they were in view: begin and end in seconds.
    """

    number: int
    name: str | None
    confidence: float | None
    face: bytes
    stays: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class VideoReport:
    """Who is in a video, and where, at one confidence threshold.

    Attributes:
        people: in the order in which they come.
        faces: of every frame.
        positions: of every frame, in seconds.
        size: (width, height) of the frames looked at, in pixels.
        length: of the video.
    """

    people: tuple[VideoPerson, ...]
    faces: tuple[tuple[NamedFace, ...], ...]
    positions: tuple[float, ...]
    size: tuple[int, int]
    length: timedelta

    def table(self) -> str:
        """Every stay as a line of CSV."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["name", "from_seconds", "to_seconds", "highest_confidence"])
        strangers = [person.number for person in self.people if person.name is None]
        for person in self.people:
            name = person.name or f"Unknown {strangers.index(person.number) + 1}"
            # No classifier is ever certain.
            sure = "" if person.confidence is None else f"{min(person.confidence, 0.999):.3f}"
            writer.writerows([name, f"{begin:.2f}", f"{end:.2f}", sure] for begin, end in person.stays)
        return out.getvalue()


@dataclass(frozen=True, eq=False)
class WatchedVideo:
    """What was seen in a video, with its scores and without names: `named` decides on these, at any threshold."""

    size: tuple[int, int]
    positions: tuple[float, ...]
    glimpses: tuple[tuple[_Glimpse, ...], ...]
    same_face: float
    length: timedelta

    def named(self, min_confidence: float) -> VideoReport:
        """Who they are, given the confidence needed for a name, 0 to 1."""
        clock = _VideoClock()
        log = AppearanceLog(self.same_face, clock.utc, gap=float("inf"))
        stays: dict[int, list[list[float]]] = {}
        faces = []
        for clock.now, seen in zip(self.positions, self.glimpses, strict=True):
            faces.append(tuple(_named(glimpse, min_confidence, log) for glimpse in seen))
            for number in {face.person for face in faces[-1] if face.person is not None}:
                spans = stays.setdefault(number, [])
                if spans and clock.now - spans[-1][1] <= STAY_GAP:
                    spans[-1][1] = clock.now
                else:
                    spans.append([clock.now, clock.now])
        people = tuple(
            VideoPerson(row.id, row.name, row.confidence, row.face, tuple((begin, end) for begin, end in stays[row.id]))
            for row in reversed(log.rows())
        )
        return VideoReport(people, tuple(faces), self.positions, self.size, self.length)


def _named(glimpse: _Glimpse, min_confidence: float, log: AppearanceLog) -> NamedFace:
    match = glimpse.match
    known = match if match and match.accepted(min_confidence) else None
    if glimpse.undecided or (known is None and glimpse.waiting):
        return NamedFace(glimpse.track, glimpse.box, None, None, None)
    person_id, name, sure = (known.person_id, known.name, known.confidence) if known else (None, None, None)
    number = None
    if glimpse.mean is not None and (face := glimpse.face) is not None:
        number = log.see(person_id, name, sure, glimpse.mean, lambda: face)
    return NamedFace(glimpse.track, glimpse.box, number, name, match.confidence if match else 0.0)


def watch_video(
    video: Path | bytes,
    recognizer: Callable[[], Recognizer],
    min_confidence: float,
    progress: Callable[[VideoProgress], None] = lambda state: None,
) -> WatchedVideo:
    """Watch a video as a live camera would be watched.

    Args:
        video: a file in any format that OpenCV reads, or the content of one, which stays in memory.
        recognizer: gives the recognizer in force.
        min_confidence: from which confidence a face gets its name in the previews, 0 to 1.
        progress: called after every frame; it may raise to stop.

    Raises:
        PictureError: not a video we can read.
    """
    # Everything that asks for the time gets the video's own time, so that a fast computer sees the same as a slow one.
    clock = _VideoClock()
    session = LiveRecognition(recognizer, min_confidence, clock.seconds, clock.utc, paced=False)
    positions: list[float] = []
    glimpses: list[tuple[_Glimpse, ...]] = []
    before: dict[int, _Glimpse] = {}
    size, last = (1, 1), 0.0
    started = time.perf_counter()
    shown_at = float("-inf")
    for one in read_film(video):
        clock.now = one.position
        waiting = bool(recognizer().index.waiting)
        seen = tuple(
            _glimpse(sighting, before.get(sighting.track.id), waiting) for sighting in session.look(one.picture, Stopwatch())
        )
        before = {glimpse.track: glimpse for glimpse in seen}
        positions.append(one.position)
        glimpses.append(seen)
        size, last = (one.picture.shape[1], one.picture.shape[0]), one.position + 1 / one.rate
        elapsed = time.perf_counter() - started
        preview = None
        if elapsed - shown_at >= PREVIEW_INTERVAL:
            shown_at = elapsed
            unlisted = AppearanceLog(session.same_face)
            preview = annotate(one.picture, [_named(glimpse, min_confidence, unlisted) for glimpse in seen])
        progress(VideoProgress(one.fraction, timedelta(seconds=one.position), preview, len(positions) / max(elapsed, 1e-6)))
    return WatchedVideo(size, tuple(positions), tuple(glimpses), session.same_face, timedelta(seconds=last))


def _glimpse(sighting: Sighting, before: _Glimpse | None, waiting: bool) -> _Glimpse:
    """What is kept of a face in a frame. Its picture is encoded once a track, or again where it became another face."""
    mean = face = None
    if sighting.settled:
        mean = sighting.direction
        face = before.face if before and before.face and not sighting.undecided else sighting.face()
        # Most frames change nothing: they share the numbers of the frame before.
        if before and before.mean is not None and np.array_equal(before.mean, mean):
            mean = before.mean
    track = sighting.track
    return _Glimpse(track.id, track.face.box, sighting.match, sighting.undecided, waiting, mean, face)


def annotate(picture: Picture, faces: tuple[NamedFace, ...] | list[NamedFace]) -> Picture:
    """The frame, (H, W, 3) uint8 RGB, with its faces named."""
    return draw(picture, [Label(face.box, face.name, face.confidence) for face in faces])


def annotate_video(
    video: Path | bytes, report: VideoReport, progress: Callable[[float], None] = lambda fraction: None
) -> bytes:
    """The video with its boxes and names, as WebM without sound.

    Args:
        video: the one the report is of.
        report: its faces.
        progress: called after every frame with the share that is done; it may raise to stop.

    Raises:
        PictureError: not a video we can read, or this computer can't write one.
    """
    faces = dict(zip(report.positions, report.faces, strict=True))

    def change(one: FilmPicture) -> Picture:
        return annotate(one.picture, faces.get(one.position, ()))

    return rewrite_film(video, change, progress)


class _VideoClock:
    """The time inside a video, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)
