"""The guided round in front of a camera: it asks for poses and takes the good photos by itself."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.enrollment.gate import Candidate, candidate, main_face
from recognition.erasure import Erased
from recognition.identification import Match
from recognition.pictures import Picture, encode_jpeg
from recognition.quality import HeadPose, measure, problem
from recognition.recognizer import Recognizer
from recognition.session import FrameResult, Guidance, Pose, RoundState, SeenFace, TakenPhoto
from recognition.stopwatch import Stopwatch
from recognition.tracking import Track, Tracker

WANTED: dict[Pose, int] = {"straight": 2, "left": 2, "right": 2, "up": 1, "down": 1}

MIN_PHOTOS = 3
"""Fewer photos than this make a template that depends on the luck of one."""

TAKE_INTERVAL = 0.4
"""Seconds between two photos: two frames in a row show the same thing."""

PATIENCE = 4.0
"""Seconds after which a good frame is taken even if its pose is not asked for: not everybody can turn the head, and
another expression helps too."""

SAME_PERSON = -11.0
"""Log-odds from the threshold for a name below which a new photo is not of the person of this round. For the built-in network
that is a cosine of 0.90: strangers of LFW reach 0.91 at the median against their nearest of 40 people, two photos of one
person within a round stay above 0.95."""

STRAIGHT_YAW, STRAIGHT_PITCH = 7.0, 25.0
"""Degrees within which the first photo counts as straight; cameras look at a face from above or below, hence pitch."""

TURN_YAW, TURN_PITCH = 16.0, 9.0
"""Degrees from the straight photo from which a head counts as turned."""

ASK: dict[Pose, str] = {
    "straight": "Look straight into the camera",
    "left": "Turn your head slowly to your left",
    "right": "Turn your head slowly to your right",
    "up": "Lift your chin a little",
    "down": "Lower your chin a little",
}


@dataclass(frozen=True)
class _Taken:
    candidate: Candidate
    shown: TakenPhoto


class GuidedRound:
    """One enrollment round of one person; a `CameraSession`.

    Args:
        recognizer: gives the recognizer in force. A change of network starts the round over.
        clock: seconds that only grow.
    """

    def __init__(self, recognizer: Callable[[], Recognizer], clock: Callable[[], float] = time.monotonic) -> None:
        self._provide = recognizer
        self._clock = clock
        self._lock = threading.Lock()
        self._version = 0
        self._taken: list[_Taken] = []
        self._start_over(recognizer())

    def _start_over(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._tracker = Tracker(recognizer.detector, self._clock, recognizer.pacer)
        self._taken_at = float("-inf")
        with self._lock:
            self._taken.clear()
            self._version += 1

    def round(self) -> RoundState:
        """Where the round stands."""
        with self._lock:
            taken = {pose: sum(photo.shown.pose == pose for photo in self._taken) for pose in WANTED}
            full = len(self._taken) >= sum(WANTED.values())
            missing = (pose for pose in WANTED if taken[pose] < WANTED[pose] and not full)
            shown = tuple(photo.shown for photo in self._taken)
            return RoundState(self._version, taken, WANTED, next(missing, None), shown)

    def discard(self, photo_id: str) -> None:
        """Throw a photo away; the round asks for its pose again."""
        with self._lock:
            self._taken = [photo for photo in self._taken if photo.shown.id != photo_id]
            self._version += 1

    def forget(self, erased: Erased) -> None:
        """Start over if the photos are of an erased person. The faces in view are found anew in any case."""
        self._tracker = Tracker(self._recognizer.detector, self._clock, self._recognizer.pacer)
        mean = self._mean()
        if mean is not None and erased.resembles(self._recognizer.network.spec, mean):
            with self._lock:
                self._taken.clear()
                self._version += 1

    def candidates(self) -> list[Candidate]:
        """The kept photos, oldest first."""
        with self._lock:
            return [photo.candidate for photo in self._taken]

    def network(self) -> str:
        """Key of the network that embedded the kept photos."""
        return self._recognizer.network.spec.key

    def resembles(self) -> Match | None:
        """The enrolled person the kept photos resemble most, however unlike; None without photos or people."""
        mean = self._mean()
        return None if mean is None else self._recognizer.index().search(mean[None])[0]

    def frame(self, picture: Picture) -> FrameResult:
        """Look at a frame, (H, W, 3) uint8 RGB; take it if it is good and shows something new."""
        recognizer = self._provide()
        if recognizer is not self._recognizer:
            self._start_over(recognizer)
        watch = Stopwatch()
        with watch("detect"):
            tracks = self._tracker.update(picture)
        with watch("quality"):
            guidance = self._guide(picture, tracks, watch)
        faces = tuple(SeenFace(track.id, track.face.box, track.face.landmarks) for track in tracks)
        return FrameResult((picture.shape[1], picture.shape[0]), faces, guidance, watch.milliseconds)

    def _guide(self, picture: Picture, tracks: list[Track], watch: Stopwatch) -> Guidance:
        face = main_face([track.face for track in tracks])
        if isinstance(face, Guidance):
            return face
        crop = tracks[0].crop
        quality = measure(picture, face, crop)
        wrong = problem(quality)
        if wrong is not None:
            return wrong
        state = self.round()
        if state.wanted_next is None:
            return Guidance("complete", "All photos taken. Check them below, then save.", good=True)
        pose = self._pose(quality.pose)
        waited = self._clock() - self._taken_at
        if pose is None or (state.taken[pose] >= WANTED[pose] and waited < PATIENCE):
            return Guidance(f"show_{state.wanted_next}", ASK[state.wanted_next], good=True)
        if waited < TAKE_INTERVAL:
            return Guidance("hold", "Good. Hold still…", good=True)
        with watch("embed"):
            embeddings = self._recognizer.embed([crop], mirrored=True)
        mean = self._mean()
        same_person = self._recognizer.network.spec.calibration.from_threshold(SAME_PERSON)
        if mean is not None and float(mean @ embeddings[0]) < same_person:
            return Guidance("other_person", "This looks like another person than in the photos so far")
        self._keep(candidate(picture, face, crop, quality, embeddings), pose)
        return Guidance("taken", "Good. Hold still…", good=True)

    def _keep(self, photo: Candidate, pose: Pose) -> None:
        self._taken_at = self._clock()
        shown = TakenPhoto(secrets.token_urlsafe(6), pose, encode_jpeg(photo.crop, quality=85))
        with self._lock:
            self._taken.append(_Taken(photo, shown))
            self._version += 1

    def _pose(self, head: HeadPose) -> Pose | None:
        """Which pose a head shows, measured from the round's straight photos, since cameras hang high or low."""
        with self._lock:
            straight = [p.candidate.quality.pose for p in self._taken if p.shown.pose == "straight"]
        if not straight:
            return "straight" if abs(head.yaw) <= STRAIGHT_YAW and abs(head.pitch) <= STRAIGHT_PITCH else None
        yaw = head.yaw - float(np.mean([pose.yaw for pose in straight]))
        pitch = head.pitch - float(np.mean([pose.pitch for pose in straight]))
        if abs(yaw) >= TURN_YAW:
            return "left" if yaw > 0 else "right"
        if abs(pitch) >= TURN_PITCH and abs(yaw) <= STRAIGHT_YAW:
            return "up" if pitch > 0 else "down"
        if abs(yaw) <= STRAIGHT_YAW and abs(pitch) <= TURN_PITCH:
            return "straight"
        return None

    def _mean(self) -> NDArray[np.float32] | None:
        with self._lock:
            if not self._taken:
                return None
            total = np.sum([photo.candidate.embedding for photo in self._taken], axis=0)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), dtype=np.float32)
