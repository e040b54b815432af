"""From a picture to names: detection, alignment, embedding and identification in one call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recognition.alignment import align
from recognition.detection import Detection, Detector
from recognition.identification import GalleryIndex, Match
from recognition.networks.base import Embeddings, Network
from recognition.pacing import DetectionPacer
from recognition.pictures import Picture


@dataclass(frozen=True, eq=False)
class IdentifiedFace:
    """A face in a picture and the enrolled person it resembles most (None while nobody is enrolled).

    Whether the match is good enough for a name is the caller's threshold: see `named`.
    """

    face: Detection
    crop: Picture
    match: Match | None

    def named(self, min_confidence: float) -> Match | None:
        """The match if it is sure enough, else None: unknown."""
        return self.match if self.match and self.match.confidence >= min_confidence else None


class Recognizer:
    """A detector, a network and the gallery as it is now. Safe to share between threads.

    Args:
        detector: for live pictures, where speed counts.
        fine_detector: for photos, where small faces count.
        network: embeds faces.
        index: gives the gallery's current index; called whenever names are needed.

    Attributes:
        pacer: shares the detector's time among the cameras that use it.
    """

    def __init__(
        self, detector: Detector, fine_detector: Detector, network: Network, index: Callable[[], GalleryIndex]
    ) -> None:
        self.detector = detector
        self.fine_detector = fine_detector
        self.network = network
        self.index = index
        self.pacer = DetectionPacer()

    def identify(self, picture: Picture) -> list[IdentifiedFace]:
        """All faces of a photo, (H, W, 3) uint8 RGB, largest first, each with whom it resembles most."""
        faces = self.fine_detector.detect(picture)
        crops = [align(picture, face.landmarks) for face in faces]
        matches = self.index().search(self.embed(crops, mirrored=True))
        return [IdentifiedFace(*parts) for parts in zip(faces, crops, matches, strict=True)]

    def embed(self, crops: Sequence[Picture], *, mirrored: bool = False) -> Embeddings:
        """Embed face crops, (150, 150, 3) uint8 RGB each, to unit rows (N, D)."""
        if not crops:
            return np.zeros((0, self.network.spec.dimension), dtype=np.float32)
        return self.network.embed(np.stack(crops), mirrored=mirrored)
