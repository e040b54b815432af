"""Naming the faces of a live picture: who a track is gets decided over many frames, so that names don't flicker."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from recognition.erasure import Erased
from recognition.identification import Match
from recognition.live.appearances import AppearanceLog
from recognition.pictures import Picture
from recognition.recognizer import Recognizer
from recognition.session import FrameResult, SeenFace
from recognition.stopwatch import RunningMean, Stopwatch
from recognition.tracking import Track, Tracker

EARLY_OBSERVATIONS = 3
"""A new track is embedded on each of its first frames, this many times, so that its name settles quickly."""

STALE_AFTER = 0.5
"""Seconds after which a track is embedded again when its name is beyond doubt."""

UNSURE_AFTER = 0.1
"""The same while it is not: a name that hangs in the balance gets more looks."""

SURE = 0.97
"""Calibrated probability from which a name, or one minus it below which its absence, is beyond doubt."""

MEMORY = 5
"""Embeddings that a track's mean is made of: all up to here, then the newest one counts a fifth."""

SAME_FACE = -5.0
"""Log-odds from the threshold for a name down to which a new look at a track is the same face. Below it is another one, or a
very turned one, which waits for the next frame. For the built-in network that is a cosine of 0.92; frames of one face in two
test clips stay above 0.96 to their mean."""

SAME_FACE_AFTER_A_JUMP = 2.5
"""The same after a jump in the picture: forgetting a name costs a frame, keeping a wrong one costs trust."""


@dataclass(eq=False)
class Identity:
    """What is known of a track: the running mean of its embeddings and whom that resembles.

    The mean is not scaled back to unit length: its score is then the mean of the frames' scores, which the threshold
    was calibrated for. Scaled, the scores of strangers would grow with every frame.
    """

    mean: NDArray[np.float32]
    looks: int
    looked_at: float
    match: Match | None
    mismatched: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether another look would hardly change the name."""
        return self.match is None or not 1.0 - SURE < self.match.confidence < SURE


class LiveRecognition:
    """One camera's live recognition; a `CameraSession`.

    Args:
        recognizer: gives the recognizer in force; when it changes (another network), everybody is looked at afresh.
        min_confidence: from which calibrated probability a face gets its name, 0 to 1; may be changed at any time.
        clock: seconds that only grow. utc: the time of day, for the list of appearances.
        paced: share the detector's time with other cameras. A film from a file need not: it can take its time.

    Attributes:
        appearances: who was seen when. timings: milliseconds a frame by stage, recent mean.
    """

    def __init__(
        self,
        recognizer: Callable[[], Recognizer],
        min_confidence: float,
        clock: Callable[[], float] = time.monotonic,
        utc: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        paced: bool = True,
    ) -> None:
        self.min_confidence = min_confidence
        self._provide = recognizer
        self._clock = clock
        self._utc = utc
        self._paced = paced
        self.timings = RunningMean()
        self._start_over(recognizer())

    def _follow_anew(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._index = recognizer.index()
        self._tracker = Tracker(recognizer.detector, self._clock, recognizer.pacer if self._paced else None)
        self._identities: dict[int, Identity] = {}

    def _start_over(self, recognizer: Recognizer) -> None:
        self._follow_anew(recognizer)
        self._calibration = recognizer.network.spec.calibration
        self.appearances = AppearanceLog(self._calibration.from_threshold(SAME_FACE), self._utc)

    def round(self) -> None:
        """Live recognition has no enrollment round."""

    def discard(self, photo_id: str) -> None:
        """Live recognition keeps no photos."""

    def forget(self, erased: Erased) -> None:
        """Drop the rows of an erased person and the faces in view, which the next frame finds anew."""
        if erased.person_id is not None:
            network = self._recognizer.network.spec
            self.appearances.forget(erased.person_id, lambda face: erased.resembles(network, face))
        self._follow_anew(self._provide())

    def frame(self, picture: Picture) -> FrameResult:
        """Follow, embed where needed, and name the faces of a frame, (H, W, 3) uint8 RGB."""
        recognizer = self._provide()
        if recognizer is not self._recognizer:
            self._start_over(recognizer)
        watch = Stopwatch()
        with watch("detect"):
            tracks = self._tracker.update(picture)
        with watch("embed"):
            self._look(tracks)
        with watch("identify"):
            self._follow_gallery()
            faces = tuple(self._seen(track) for track in tracks)
        self.timings.add(watch.milliseconds)
        return FrameResult((picture.shape[1], picture.shape[0]), faces, None, watch.milliseconds)

    def _look(self, tracks: list[Track]) -> None:
        """Embed the tracks that are new, doubtful or stale, in one call of the network."""
        alive = {track.id for track in tracks}
        self._identities = {key: value for key, value in self._identities.items() if key in alive}
        now = self._clock()
        due = [track for track in tracks if self._is_due(track, now)]
        embeddings = self._recognizer.embed([track.crop for track in due])
        for track, embedding in zip(due, embeddings, strict=True):
            self._learn(track, embedding, now)

    def _is_due(self, track: Track, now: float) -> bool:
        identity = self._identities.get(track.id)
        return (
            identity is None
            or track.doubtful
            or identity.mismatched
            or identity.looks < EARLY_OBSERVATIONS
            or now - identity.looked_at >= (STALE_AFTER if identity.is_sure else UNSURE_AFTER)
        )

    def _learn(self, track: Track, embedding: NDArray[np.float32], now: float) -> None:
        identity = self._identities.get(track.id)
        if identity is not None and not self._is_same(identity, embedding, track.doubtful):
            if not track.doubtful and not identity.mismatched:
                identity.mismatched = True
                return
            identity = None
        if identity is None:
            mean, looks = embedding, 1
        else:
            looks = identity.looks + 1
            mean = identity.mean + (embedding - identity.mean) / np.float32(min(looks, MEMORY))
        self._identities[track.id] = Identity(mean, looks, now, self._index.search(mean[None])[0])

    def _is_same(self, identity: Identity, embedding: NDArray[np.float32], doubtful: bool) -> bool:
        likeness = float(identity.mean @ embedding) / float(np.linalg.norm(identity.mean))
        return likeness >= self._calibration.from_threshold(SAME_FACE_AFTER_A_JUMP if doubtful else SAME_FACE)

    def _follow_gallery(self) -> None:
        """After a change of the gallery: name everybody anew from what is known, and forget who was deleted."""
        index = self._recognizer.index()
        if index is self._index:
            return
        self._index = index
        self.appearances.forget_people_not_in(index.people)
        for identity in self._identities.values():
            identity.match = index.search(identity.mean[None])[0]

    def _seen(self, track: Track) -> SeenFace:
        identity = self._identities[track.id]
        if identity.mismatched:
            return SeenFace(track.id, track.face.box, track.face.landmarks)
        match = identity.match
        known = match if match and match.confidence >= self.min_confidence else None
        person_id, name = (known.person_id, known.name) if known else (None, None)
        if identity.looks >= EARLY_OBSERVATIONS:
            confidence = known.confidence if known else None
            self.appearances.see(person_id, name, confidence, identity.mean, track.crop)
        return SeenFace(
            track.id,
            track.face.box,
            track.face.landmarks,
            person_id=person_id,
            name=name,
            score=match.score if match else -1.0,
            confidence=match.confidence if match else 0.0,
        )
