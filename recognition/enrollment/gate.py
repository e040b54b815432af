"""The quality gate: a picture becomes a candidate photo, or is refused with a reason in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.alignment import align, cut_out
from recognition.detection import Detection
from recognition.gallery import NewPhoto, PhotoQuality
from recognition.pictures import Picture
from recognition.quality import FaceQuality, measure, problem
from recognition.recognizer import Recognizer
from recognition.session import Guidance

BYSTANDER = 0.6
"""A second face smaller than this share of the largest one stands in the background and is left out."""

NO_FACE = Guidance("no_face", "No face in the picture")
SEVERAL_FACES = Guidance("several_faces", "Several faces: only one person at a time")


@dataclass(frozen=True, eq=False)
class Candidate:
    """A face that passed the gate.

    Attributes:
        picture: (H, W, 3) uint8 RGB, the face's cut_out. landmarks: (5, 2) float32 in its pixels.
        crop: (CROP_SIZE, CROP_SIZE, 3) uint8 RGB.
        quality: what was measured.
        embedding: (D,) unit float32, crop and mirror image averaged.
        network: key of the network that made the embedding.
    """

    picture: Picture
    landmarks: NDArray[np.float32]
    crop: Picture
    quality: FaceQuality
    embedding: NDArray[np.float32]
    network: str

    def photo(self, source: str) -> NewPhoto:
        """As the gallery stores it. source: camera, upload or command line."""
        measured = self.quality
        return NewPhoto(
            picture=self.picture,
            crop=self.crop,
            landmarks=self.landmarks,
            source=source,
            quality=PhotoQuality(
                detection_score=measured.detection_score,
                face_pixels=measured.face_pixels,
                sharpness=measured.sharpness,
                brightness=measured.brightness,
                yaw=measured.pose.yaw,
                pitch=measured.pose.pitch,
                roll=measured.pose.roll,
            ),
            templates={self.network: self.embedding},
        )


@dataclass(frozen=True)
class Refusal:
    """Why a picture was not taken."""

    code: str
    reason: str


def main_face(faces: Sequence[Detection]) -> Detection | Guidance:
    """The one face a picture is of, or what is wrong. faces: largest first."""
    if not faces:
        return NO_FACE
    if len(faces) > 1 and faces[1].size >= BYSTANDER * faces[0].size:
        return SEVERAL_FACES
    return faces[0]


def assess(picture: Picture, recognizer: Recognizer) -> Candidate | Refusal:
    """Put a photo, (H, W, 3) uint8 RGB, through the gate."""
    face = main_face(recognizer.fine_detector.detect(picture))
    if isinstance(face, Guidance):
        return Refusal(face.code, face.text)
    crop = align(picture, face.landmarks)
    quality = measure(picture, face, crop)
    wrong = problem(quality)
    if wrong is not None:
        return Refusal(wrong.code, wrong.text)
    return candidate(picture, face, crop, quality, recognizer)


def candidate(picture: Picture, face: Detection, crop: Picture, quality: FaceQuality, recognizer: Recognizer) -> Candidate:
    """A candidate from a face that passed."""
    part, landmarks = cut_out(picture, face.box, face.landmarks)
    (embedding,) = recognizer.embed([crop], mirrored=True)
    return Candidate(part, landmarks, crop, quality, embedding, recognizer.network.spec.key)
