"""From a picture to names: detection, alignment, embedding and identification, as of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recognition.alignment import align
from recognition.detection import Detection, Detector, LiveDetector
from recognition.identification import GalleryIndex, Match
from recognition.networks.base import Embeddings, Network
from recognition.pacing import DetectionPacer
from recognition.pictures import Picture


@dataclass(frozen=True, eq=False)
class IdentifiedFace:
    """A face in a picture and the enrolled person it resembles most (None while nobody is enrolled).

    Attributes:
        face: where it is.
        crop: (CROP_SIZE, CROP_SIZE, 3) uint8 RGB, aligned.
        match: whom it resembles most, however unlike; `named` decides whether that is enough for a name.
    """

    face: Detection
    crop: Picture
    match: Match | None

    def named(self, min_confidence: float) -> Match | None:
        """The match if the face gets its name at a confidence threshold of 0 to 1, else None."""
        return self.match if self.match and self.match.accepted(min_confidence) else None


@dataclass(frozen=True, eq=False)
class Recognizer:
    """An immutable snapshot: detectors, a network, and the gallery at one revision by that network's templates.

    Whoever works on a frame or a picture takes one snapshot and uses it throughout: network and index always fit together.
    `recognition.snapshots` makes a new one when the network or the gallery changes. Safe to share between threads.

    Attributes:
        detector: for live pictures, where speed counts.
        fine_detector: for photos, where small faces count.
        network: embeds faces.
        index: the gallery by the network's templates.
        revision: the gallery's revision that the index was read at.
        pacer: shares the detector's time among the cameras that use it.
    """

    detector: LiveDetector
    fine_detector: Detector
    network: Network
    index: GalleryIndex
    revision: int = 0
    pacer: DetectionPacer = field(default_factory=DetectionPacer)

    def same_models(self, other: "Recognizer") -> bool:
        """Whether detector and network are the same, so that tracks and embeddings stay comparable."""
        return self.detector is other.detector and self.network is other.network

    def identify(self, picture: Picture) -> list[IdentifiedFace]:
        """All faces of a photo, (H, W, 3) uint8 RGB, largest first, each with whom it resembles most."""
        faces = self.fine_detector.detect(picture)
        crops = [align(picture, face.landmarks) for face in faces]
        matches = self.index.search(self.embed(crops, mirrored=True))
        return [IdentifiedFace(*parts) for parts in zip(faces, crops, matches, strict=True)]

    def embed(self, crops: Sequence[Picture], *, mirrored: bool = False) -> Embeddings:
        """Embed face crops, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB each, to unit rows (N, D)."""
        if not crops:
            return np.zeros((0, self.network.spec.dimension), dtype=np.float32)
        return self.network.embed(np.stack(crops), mirrored=mirrored)
