"""The guided round in front of a camera: it asks for poses and takes the good photos by itself."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recognition.enrollment.gate import Candidate, candidate, main_face
from recognition.erasure import Erased
from recognition.errors import GalleryError
from recognition.eyes import CLOSED, closedness
from recognition.gallery import EnrollReceipt, Gallery
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
"""Seconds after which a good frame is taken even if its pose is not asked for or the eyes seem closed: not everybody can turn
the head, another expression helps too, and of some eyes it can't be told."""

SAME_PERSON = -2.85
"""Similarity to the round's photos below which a new one is of another person, in spreads of the strangers' scores from the
threshold. See docs/decisions.md, "Limits of similarity"."""

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

    Attributes:
        name: of the person, as it was typed so far.
        consented: whether the person agreed to be enrolled.

    Args:
        recognizer: gives the recognizer in force. After another network was put to use, the photos taken so far are
            embedded by it.
        clock: seconds that only grow.
    """

    def __init__(self, recognizer: Callable[[], Recognizer], clock: Callable[[], float] = time.monotonic) -> None:
        self.name = ""
        self.consented = False
        self._provide = recognizer
        self._clock = clock
        # Held over a whole frame: photos and the face in view are compared by one network.
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._version = 0
        self._taken: list[_Taken] = []
        self._taken_at = float("-inf")
        self._closed_since: float | None = None
        self._recognizer = recognizer()
        self._tracker = self._new_tracker()

    def _new_tracker(self) -> Tracker:
        return Tracker(self._recognizer.detector, self._clock, self._recognizer.pacer)

    def _take_up(self, recognizer: Recognizer) -> None:
        """Go on with another snapshot; its network embeds the photos anew if it is another one."""
        before, self._recognizer = self._recognizer, recognizer
        if recognizer.same_models(before):
            return
        self._tracker = self._new_tracker()
        with self._lock:
            embeddings = recognizer.embed([photo.candidate.crop for photo in self._taken], mirrored=True)
            key = recognizer.network.spec.key
            self._taken = [
                replace(photo, candidate=replace(photo.candidate, embedding=embedding, network=key))
                for photo, embedding in zip(self._taken, embeddings, strict=True)
            ]

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
        with self._turn:
            # The snapshot of before holds their name and template.
            self._take_up(self._provide())
            self._tracker = self._new_tracker()
            mean = self._mean()
            if mean is not None and erased.resembles(self._recognizer.network.spec, mean):
                with self._lock:
                    self._taken.clear()
                    self._version += 1

    def candidates(self) -> list[Candidate]:
        """The kept photos, oldest first."""
        with self._lock:
            return [photo.candidate for photo in self._taken]

    @property
    def begun(self) -> bool:
        """Whether there is anything to lose."""
        return bool(self._taken or self.name.strip() or self.consented)

    def save(self, gallery: Gallery, owner: int | None = None) -> EnrollReceipt:
        """Store the kept photos: as a new person of this name, or added to the owner, somebody enrolled.

        Raises:
            GalleryError: no consent, or fewer photos than `MIN_PHOTOS`; or the gallery's own (`enroll`, `add_photos`).
            InvalidNameError, NameTakenError: about the name of a new person.
        """
        if not self.consented:
            raise GalleryError("Nothing is saved yet: ask whether they agree to their face being stored, then tick the box.")
        photos = [candidate.photo("camera") for candidate in self.candidates()]
        if len(photos) < MIN_PHOTOS:
            raise GalleryError(f"At least {MIN_PHOTOS} photos are needed. Take some more.")
        if owner is None:
            return gallery.enroll(self.name, photos, consented=self.consented)
        return gallery.add_photos(owner, photos)

    def resembles(self) -> Match | None:
        """The enrolled person the kept photos resemble most, however unlike; None without photos or people."""
        with self._turn:
            self._take_up(self._provide())
            mean = self._mean()
            return None if mean is None else self._recognizer.index.search(mean[None])[0]

    def frame(self, picture: Picture) -> FrameResult:
        """Take a frame, (H, W, 3) uint8 RGB, as a photo if it is good and shows something new; say what to do next."""
        watch = Stopwatch()
        with self._turn:
            self._take_up(self._provide())
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
        self._note_eyes(closedness(picture, face.landmarks) > CLOSED)
        state = self.round()
        if state.wanted_next is None:
            return Guidance("complete", "All photos taken. Look at them, then save.", good=True)
        pose = self._pose(quality.pose)
        waited = self._clock() - self._taken_at
        if pose is None or (state.taken[pose] >= WANTED[pose] and waited < PATIENCE):
            return Guidance(f"show_{state.wanted_next}", ASK[state.wanted_next], good=True)
        if waited < TAKE_INTERVAL:
            return Guidance("hold", "Good. Hold still…", good=True)
        if self._closed_since is not None and self._clock() - self._closed_since < PATIENCE:
            return Guidance("eyes_closed", "Hold still, eyes open")
        with watch("embed"):
            photo = candidate(picture, face, crop, quality, self._recognizer)
        mean = self._mean()
        same_person = self._recognizer.network.spec.calibration.score_at(SAME_PERSON)
        if mean is not None and float(mean @ photo.embedding) < same_person:
            return Guidance("other_person", "This looks like another person than in the photos so far")
        self._add(photo, pose)
        return Guidance("taken", "Good. Hold still…", good=True)

    def _note_eyes(self, closed: bool) -> None:
        if not closed:
            self._closed_since = None
        elif self._closed_since is None:
            self._closed_since = self._clock()

    def _add(self, photo: Candidate, pose: Pose) -> None:
        self._taken_at = self._clock()
        self._closed_since = None
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
