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
from recognition.live.portraits import Portraits
from recognition.pictures import Picture, encode_jpeg
from recognition.recognizer import Recognizer
from recognition.session import FrameResult, SeenFace
from recognition.stopwatch import RunningMean, Stopwatch
from recognition.tracking import Track, Tracker

FACE_QUALITY = 80
"""Of the JPEG of an appearance's face, 1 to 95."""

EARLY_OBSERVATIONS = 3
"""Times a new track is embedded, frame by frame, so that its name settles quickly."""

STALE_AFTER = 0.5
"""Seconds after which a track is embedded again when its name is beyond doubt."""

UNSURE_AFTER = 0.1
"""The same while it is not: a name that hangs in the balance is embedded more often."""

SURE = 0.97
"""Confidence from which a name, or one minus it below which its absence, is beyond doubt."""

MEMORY = 5
"""Embeddings that a track's mean is made of: all up to here, then the newest one counts a fifth."""

SAME_FACE = -1.3
"""Similarity of a frame to a track's mean down to which it is the same face, in spreads of the strangers' scores from the
threshold (`Calibration.score_at`). Below it is another face, or a very turned one, which waits for the next frame. See
docs/decisions.md, "Limits of similarity"."""

SAME_FACE_AFTER_A_JUMP = 0.65
"""The same after a jump in the picture: forgetting a name costs a frame, keeping a wrong one costs trust."""


@dataclass(eq=False)
class Identity:
    """What is known of a track: the running mean of its embeddings and whom that resembles.

    Attributes:
        mean: (D,) float32. Not scaled back to unit length: its score is then the mean of the frames' scores, which the
            threshold was calibrated for. Scaled, the scores of strangers would grow with every frame.
        observations: embeddings it is made of, all told.
        observed_at: seconds on the session's clock of the newest one.
        match: the enrolled person it resembles most.
        mismatched: the newest embedding was of another face.
    """

    mean: NDArray[np.float32]
    observations: int
    observed_at: float
    match: Match | None
    mismatched: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether another embedding would hardly change the name."""
        return self.match is None or not 1.0 - SURE < self.match.confidence < SURE

    @property
    def direction(self) -> NDArray[np.float32]:
        """The mean scaled to unit length, to be compared with other embeddings."""
        return np.asarray(self.mean / max(float(np.linalg.norm(self.mean)), 1e-12), np.float32)


@dataclass(frozen=True, eq=False)
class Sighting:
    """What is known of a face in one frame, before it is decided whether that is enough for a name.

    Attributes:
        track: the face that is followed.
        match: whom it resembles most; None while nobody is enrolled.
        undecided: it may have become another face, so nothing can be said of it yet.
        settled: it was embedded often enough to be listed.
        direction: its mean embedding, (D,) unit float32.
    """

    track: Track
    match: Match | None
    undecided: bool
    settled: bool
    direction: NDArray[np.float32]

    def face(self) -> bytes:
        """The newest face crop as a JPEG."""
        return encode_jpeg(self.track.crop, quality=FACE_QUALITY)


class LiveRecognition:
    """One camera's live recognition; a `WatchingSession`.

    Args:
        recognizer: gives the recognizer in force. A frame works with one snapshot throughout; after another network was
            put to use, everybody is embedded afresh.
        min_confidence: the confidence threshold from which a face gets a name, 0 to 1; may be changed at any time.
        clock: seconds that only grow. utc: the time of day, for the list of appearances.
        paced: share the detector's time with other cameras. A film from a file need not: it can take its time.

    Attributes:
        appearances: who was seen when.
        portraits: good pictures of the unknown ones among them.
        timings: milliseconds a frame by stage, recent mean.
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
        self._tracker = Tracker(recognizer.detector, self._clock, recognizer.pacer if self._paced else None)
        self._identities: dict[int, Identity] = {}

    def _start_over(self, recognizer: Recognizer) -> None:
        self._follow_anew(recognizer)
        self._calibration = recognizer.network.spec.calibration
        self.appearances = AppearanceLog(self.same_face, self._utc)
        self.portraits = Portraits(self._clock)

    @property
    def same_face(self) -> float:
        """Similarity from which two faces count as the same, by the network in use."""
        return self._calibration.score_at(SAME_FACE)

    def round(self) -> None:
        """Live recognition has no enrollment round."""

    def discard(self, photo_id: str) -> None:
        """Live recognition keeps no photos."""

    def forget(self, erased: Erased) -> None:
        """Drop the rows of an erased person and the faces in view, which the next frame finds anew."""
        if erased.person_id is not None:
            network = self._recognizer.network.spec
            self.appearances.forget(erased.person_id, lambda face: erased.resembles(network, face))
            self._drop_portraits()
        # The snapshot of before holds their name and template.
        self._take_up(self._provide())
        self._follow_anew(self._recognizer)

    def name(self, appearance: int, person_id: int, name: str) -> None:
        """Let an unknown appearance be a person's from now on, who was enrolled from its portraits."""
        self.appearances.name(appearance, person_id, name)
        self._drop_portraits()

    def _drop_portraits(self) -> None:
        """Of whoever is not unknown any more, or was forgotten."""
        self.portraits.keep_only({row.id for row in self.appearances.rows() if row.person_id is None})

    def frame(self, picture: Picture) -> FrameResult:
        """Follow, embed where needed, and name the faces of a frame, (H, W, 3) uint8 RGB."""
        watch = Stopwatch()
        sightings = self.look(picture, watch)
        with watch("identify"):
            faces = tuple(self._named(sighting, picture) for sighting in sightings)
        self.timings.add(watch.milliseconds)
        return FrameResult((picture.shape[1], picture.shape[0]), faces, None, watch.milliseconds)

    def look(self, picture: Picture, watch: Stopwatch) -> list[Sighting]:
        """Follow, and embed where needed, the faces of a frame, (H, W, 3) uint8 RGB, without deciding on names."""
        self._take_up(self._provide())
        with watch("detect"):
            tracks = self._tracker.update(picture)
        with watch("embed"):
            self._embed(tracks)
        return [self._sighting(track) for track in tracks]

    def _sighting(self, track: Track) -> Sighting:
        identity = self._identities[track.id]
        return Sighting(
            track,
            identity.match,
            identity.mismatched,
            identity.observations >= EARLY_OBSERVATIONS,
            identity.direction,
        )

    def _take_up(self, recognizer: Recognizer) -> None:
        """Go on with another snapshot: forget who was deleted, and name everybody anew from what is known."""
        if recognizer is self._recognizer:
            return
        if not recognizer.same_models(self._recognizer):
            self._start_over(recognizer)
            return
        self._recognizer = recognizer
        self.appearances.forget_people_not_in(recognizer.index.people)
        for identity in self._identities.values():
            identity.match = recognizer.index.search(identity.mean[None])[0]

    def _embed(self, tracks: list[Track]) -> None:
        """Embed the tracks that are new, doubtful or stale, in one call of the network."""
        alive = {track.id for track in tracks}
        self._identities = {key: value for key, value in self._identities.items() if key in alive}
        now = self._clock()
        stale = [track for track in tracks if self._needs_embedding(track, now)]
        embeddings = self._recognizer.embed([track.crop for track in stale])
        for track, embedding in zip(stale, embeddings, strict=True):
            self._observe(track, embedding, now)

    def _needs_embedding(self, track: Track, now: float) -> bool:
        identity = self._identities.get(track.id)
        return (
            identity is None
            or track.doubtful
            or identity.mismatched
            or identity.observations < EARLY_OBSERVATIONS
            or now - identity.observed_at >= (STALE_AFTER if identity.is_sure else UNSURE_AFTER)
        )

    def _observe(self, track: Track, embedding: NDArray[np.float32], now: float) -> None:
        identity = self._identities.get(track.id)
        if identity is not None and not self._is_same(identity, embedding, track.doubtful):
            if not track.doubtful and not identity.mismatched:
                identity.mismatched = True
                return
            identity = None
        if identity is None:
            mean, observations = embedding, 1
        else:
            observations = identity.observations + 1
            mean = identity.mean + (embedding - identity.mean) / np.float32(min(observations, MEMORY))
        match = self._recognizer.index.search(mean[None])[0]
        self._identities[track.id] = Identity(mean, observations, now, match)

    def _is_same(self, identity: Identity, embedding: NDArray[np.float32], doubtful: bool) -> bool:
        similarity = float(identity.direction @ embedding)
        return similarity >= (self._calibration.score_at(SAME_FACE_AFTER_A_JUMP) if doubtful else self.same_face)

    def _named(self, sighting: Sighting, picture: Picture) -> SeenFace:
        track, match = sighting.track, sighting.match
        known = match if match and match.accepted(self.min_confidence) else None
        # While some people's templates are still being made, a face without a name may be theirs: never a stranger's.
        if sighting.undecided or (known is None and self._recognizer.index.waiting):
            return SeenFace(track.id, track.face.box, track.face.landmarks)
        appearance = None
        person_id, name = (known.person_id, known.name) if known else (None, None)
        if sighting.settled:
            confidence = known.confidence if known else None
            appearance = self.appearances.see(person_id, name, confidence, sighting.direction, sighting.face)
            if known is None:
                self.portraits.offer(appearance, picture, track)
        return SeenFace(
            track.id,
            track.face.box,
            track.face.landmarks,
            person_id=person_id,
            name=name,
            score=match.score if match else -1.0,
            confidence=match.confidence if match else 0.0,
            appearance=appearance,
        )
