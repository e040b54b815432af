"""What a camera session says after each frame: the border between recognition and the /api server.

What crosses it is checked here, once: a `ValueError` is a mistake in this app, never in what a camera sent.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from recognition.erasure import Erased
from recognition.pictures import Picture

Pose = Literal["straight", "left", "right", "up", "down"]


@dataclass(frozen=True, eq=False)
class SeenFace:
    """A face in one frame, with the name its track has earned so far.

    Attributes:
        track: number of the track, stable while the face stays in view.
        box: (4,) float32, x1, y1, x2, y2 in pixels of the frame; may reach beyond its edges.
        landmarks: (5, 2) float32 pixels: left eye, right eye, nose, left and right mouth corner as seen in the picture.
        person_id: the enrolled person, or None for unknown.
        name: that person's name, or None for unknown.
        score: cosine similarity to the best person's mean template, -1 to 1; None while it is undecided who this is.
        confidence: how sure that is, 0 to 1; None while it is undecided.
        appearance: number of its row in the list of who was in view, None where there is no such list or row yet.
    """

    track: int
    box: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    person_id: int | None = None
    name: str | None = None
    score: float | None = None
    confidence: float | None = None
    appearance: int | None = None

    def __post_init__(self) -> None:
        if self.box.shape != (4,) or self.landmarks.shape != (5, 2):
            raise ValueError(f"box must be (4,) and landmarks (5, 2), got {self.box.shape}, {self.landmarks.shape}")
        if not (np.isfinite(self.box).all() and np.isfinite(self.landmarks).all()):
            raise ValueError(f"box and landmarks must be finite, got {self.box}, {self.landmarks}")
        if (self.person_id is None) != (self.name is None):
            raise ValueError(f"a person has an id and a name, got {self.person_id} and {self.name!r}")
        # A cosine of float32 vectors may be a little over 1.
        if self.score is not None and not abs(self.score) <= 1.001:
            raise ValueError(f"score is a cosine, -1 to 1, got {self.score}")
        if self.confidence is not None and not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence must be 0 to 1, got {self.confidence}")


@dataclass(frozen=True, eq=False)
class Appearance:
    """One stay in view.

    Attributes:
        id: number of the row; no other has it as long as the process lives.
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

    def __post_init__(self) -> None:
        if (self.person_id is None) != (self.name is None):
            raise ValueError(f"a person has an id and a name, got {self.person_id} and {self.name!r}")
        if self.last_seen < self.first_seen:
            raise ValueError(f"nobody is last seen before first, got {self.first_seen} and {self.last_seen}")


class Appearances(Protocol):
    """Who was in view, as a list."""

    @property
    def version(self) -> int:
        """Grows when rows begin, get another name or are dropped; not when one only goes on."""
        ...

    def rows(self) -> Sequence[Appearance]:
        """The most recently started first."""
        ...


@dataclass(frozen=True)
class Guidance:
    """What the person should do now. `code` is stable, `text` is for reading; `good` is true when nothing is wrong."""

    code: str
    text: str
    good: bool = False


@dataclass(frozen=True)
class Guess:
    """What a network takes a part of a frame for.

    Attributes:
        region: that part: x1, y1, x2, y2 in pixels of the frame.
        seen: what the network got of it, as a PNG of its own size.
        probabilities: 0 to 1 by class name, always in the same order; of many classes the most probable.
    """

    region: tuple[int, int, int, int]
    seen: bytes
    probabilities: Mapping[str, float]

    def __post_init__(self) -> None:
        x1, y1, x2, y2 = self.region
        if not (0 <= x1 < x2 and 0 <= y1 < y2):
            raise ValueError(f"a region has a width and a height above 0, got {self.region}")
        if not self.seen or not self.probabilities:
            raise ValueError("a guess has a picture and classes")
        if not all(0.0 <= share <= 1.0 for share in self.probabilities.values()):
            raise ValueError(f"probabilities are from 0 to 1, got {dict(self.probabilities)}")


@dataclass(frozen=True)
class FrameResult:
    """The answer to one frame.

    Attributes:
        size: (width, height) of the frame in pixels.
        faces: in the frame, largest first.
        guidance: what the person should do; None outside of enrollment.
        timings: milliseconds by stage name.
        guess: what a network takes the frame for; None where none is asked.
    """

    size: tuple[int, int]
    faces: tuple[SeenFace, ...]
    guidance: Guidance | None
    timings: Mapping[str, float]
    guess: Guess | None = None

    def __post_init__(self) -> None:
        if min(self.size) < 1:
            raise ValueError(f"a frame has a width and a height above 0, got {self.size}")
        if not all(0.0 <= spent < math.inf for spent in self.timings.values()):
            raise ValueError(f"timings are milliseconds from 0, got {dict(self.timings)}")


@dataclass(frozen=True)
class TakenPhoto:
    """A photo an enrollment round has taken: its id within the round, the pose it shows, a small JPEG of the crop."""

    id: str
    pose: Pose
    thumbnail: bytes

    def __post_init__(self) -> None:
        if not self.id or not self.thumbnail:
            raise ValueError("a taken photo has an id and a thumbnail")


@dataclass(frozen=True)
class RoundState:
    """Where a guided enrollment round stands.

    Attributes:
        version: grows with every change, so that a viewer knows when to look again.
        taken: photos kept so far, by pose. wanted: photos asked for, by pose.
        wanted_next: the pose to show next, None when there are photos enough.
        photos: the kept photos, oldest first.
    """

    version: int
    taken: Mapping[Pose, int]
    wanted: Mapping[Pose, int]
    wanted_next: Pose | None
    photos: tuple[TakenPhoto, ...]

    def __post_init__(self) -> None:
        if min(self.version, *self.taken.values(), *self.wanted.values()) < 0:
            raise ValueError(f"counts are from 0, got version {self.version}, {self.taken} of {self.wanted}")
        if self.wanted_next is not None and self.wanted_next not in self.wanted:
            raise ValueError(f"{self.wanted_next} is no pose that is wanted: {', '.join(self.wanted)}")
        if len({photo.id for photo in self.photos}) < len(self.photos):
            raise ValueError("two photos of a round have the same id")

    @property
    def complete(self) -> bool:
        return self.wanted_next is None


class CameraSession(Protocol):
    """One camera's session. `frame` and `discard` are called from worker threads, never two at a time."""

    def frame(self, picture: Picture) -> FrameResult:
        """Look at one frame, (H, W, 3) uint8 RGB."""
        ...

    def round(self) -> RoundState | None:
        """The enrollment round of this session, None for plain recognition."""
        ...

    def discard(self, photo_id: str) -> None:
        """Throw away a photo of the round; an unknown id is ignored."""
        ...

    def forget(self, erased: Erased) -> None:
        """Drop what is held of somebody who was erased from the gallery. Never called during `frame`."""
        ...


@runtime_checkable
class WatchingSession(CameraSession, Protocol):
    """A session that keeps a list of who was in view. The list may be replaced by another one."""

    @property
    def appearances(self) -> Appearances: ...


@runtime_checkable
class DrawingSession(CameraSession, Protocol):
    """A session that also shows something for its frames, as a stream of pictures."""

    @property
    def stamp(self) -> int:
        """Grows whenever there is something new to draw. Asked many times a second, so it must cost nothing."""
        ...

    def draw(self) -> bytes:
        """The newest drawing as a JPEG. Called from a worker thread, while another may be inside `frame`."""
        ...


@runtime_checkable
class TouchSession(CameraSession, Protocol):
    """A session that shows a network at work on its frames, for whoever asks."""

    @property
    def stamp(self) -> int:
        """Grows whenever there is something new. Must cost nothing."""
        ...

    def touch(self) -> bytes:
        """The newest, as a JSON object with a `stamp`. Called from a worker thread, while another may be inside `frame`."""
        ...
