"""Finding faces, and following them from frame to frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from recognition.mtcnn import O_NET_SCORE, O_NET_SIZE, Cascade
from recognition.pictures import Picture

FINE_MIN_FACE = 24
"""Smallest face looked for in photos, in pixels: group pictures have small ones, and photos don't come 30 times a second."""

SHIFTS = np.array([(0, 0), (0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)], np.float32)
"""How far the crops are moved whose landmarks are averaged, x and y in sides of the face's square. See docs/decisions.md,
"Landmarks in photos"."""

MIRRORED = [1, 0, 2, 4, 3]
"""The landmarks of a mirrored face in the order of the unmirrored one."""


@dataclass(frozen=True, eq=False)
class Detection:
    """A face found in a picture.

    Attributes:
        box: (4,) float32 x1, y1, x2, y2 in pixels; may reach beyond the picture's edges.
        landmarks: (5, 2) float32 pixels: left eye, right eye, nose, left and right mouth corner as seen in the picture.
        score: the detector's confidence, 0 to 1.
    """

    box: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    score: float

    def __post_init__(self) -> None:
        if self.box.shape != (4,) or self.landmarks.shape != (5, 2):
            raise ValueError(f"box must be (4,) and landmarks (5, 2), got {self.box.shape}, {self.landmarks.shape}")

    @property
    def size(self) -> float:
        """The face's size in pixels: the geometric mean of the box's sides."""
        width, height = np.maximum(self.box[2:] - self.box[:2], 0.0)
        return float(np.sqrt(width * height))


class Detector(Protocol):
    """What finds faces. Safe to share between threads."""

    def detect(self, picture: Picture) -> list[Detection]:
        """All faces, largest first. picture: (H, W, 3) uint8 RGB."""
        ...


class LiveDetector(Detector, Protocol):
    """A detector that also follows faces through a video, for less time than finding them anew takes."""

    def follow(self, picture: Picture, boxes: Sequence[NDArray[np.float32]]) -> list[Detection | None]:
        """Find faces again near where they were in the frame before.

        Args:
            picture: (H, W, 3) uint8 RGB.
            boxes: (4,) float32 each, the faces' boxes in the frame before.

        Returns:
            One entry a box: the face, or None where it is lost.
        """
        ...


class MtcnnDetector:
    """MTCNN's three stages, and its last one (O-Net) alone for following a face from frame to frame.

    Safe to share between threads: the networks are only read.

    Args:
        min_face: smallest face looked for, in pixels. Time grows with the inverse square of it.
        device: where the networks run.
    """

    def __init__(self, min_face: int = 40, device: torch.device | None = None) -> None:
        self._cascade = Cascade(min_face, device or torch.device("cpu"))

    def detect(self, picture: Picture) -> list[Detection]:
        """All faces, largest first. picture: (H, W, 3) uint8 RGB."""
        if min(picture.shape[:2]) < O_NET_SIZE:
            return []
        faces = [
            Detection(box, landmarks, float(score))
            for box, landmarks, score in zip(*self._cascade.detect(picture), strict=True)
        ]
        return sorted(faces, key=lambda face: face.size, reverse=True)

    def follow(self, picture: Picture, boxes: Sequence[NDArray[np.float32]]) -> list[Detection | None]:
        """See `LiveDetector`: O-Net alone on the box of the frame before."""
        if not boxes:
            return []
        squares = [_square(box) for box in boxes]
        offsets, points, scores = self._cascade.run_onet(np.stack([_crop(picture, square) for square in squares]))
        return [
            _in_picture(square, offset, point, float(score[1]))
            for square, offset, point, score in zip(squares, offsets, points, scores, strict=True)
        ]


class FineDetector(MtcnnDetector):
    """A detector for photos, where there is time: finds smaller faces and places landmarks more exactly.

    Args:
        device: where the networks run.
    """

    def __init__(self, device: torch.device | None = None) -> None:
        super().__init__(FINE_MIN_FACE, device)

    def detect(self, picture: Picture) -> list[Detection]:
        """All faces, largest first. picture: (H, W, 3) uint8 RGB."""
        return [replace(face, landmarks=self._refine_landmarks(picture, face.box)) for face in super().detect(picture)]

    def _refine_landmarks(self, picture: Picture, box: NDArray[np.float32]) -> NDArray[np.float32]:
        """The mean of O-Net's landmarks in ten crops of a face: five that are moved a little, and their mirror images.

        Returns:
            (5, 2) float32 pixels in the picture.
        """
        square = _square(box)
        side = square[2] - square[0]
        squares = np.stack([square + side * np.tile(shift, 2) for shift in SHIFTS])
        crops = np.stack([_crop(picture, one) for one in squares])
        _, points, _ = self._cascade.run_onet(np.concatenate([crops, crops[:, :, ::-1]]))
        landmarks = np.stack([points[:, :5], points[:, 5:]], axis=2)
        as_is, mirrored = landmarks[: len(SHIFTS)], landmarks[len(SHIFTS) :, MIRRORED]
        mean = (as_is + np.stack([1 - mirrored[..., 0], mirrored[..., 1]], axis=2)) / 2
        return np.asarray((squares[:, None, :2] + side * mean).mean(axis=0), np.float32)


def iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of boxes, 0 to 1.

    Args:
        a, b: (…, 4) float32 x1, y1, x2, y2; their leading axes are broadcast against each other.

    Returns:
        (…) float32.
    """
    sides = np.maximum(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0.0)
    shared = sides[..., 0] * sides[..., 1]
    areas = _area(a) + _area(b)
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float32)


def boxes_of(faces: Sequence[Detection]) -> NDArray[np.float32]:
    """(N, 4) float32: the boxes of faces."""
    return np.array([face.box for face in faces], np.float32).reshape(-1, 4)


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]), np.float32)


def _square(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """The square around the box's centre with its longer side, which is what O-Net was trained on."""
    centre = (box[:2] + box[2:]) / 2
    half = max(float((box[2:] - box[:2]).max()), 1.0) / 2
    return np.concatenate([centre - half, centre + half]).astype(np.float32)


def _crop(picture: Picture, square: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The square resized to O-Net's input, (48, 48, 3) uint8 RGB; black beyond the picture's edges."""
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = np.round(square).astype(int)
    inside = picture[max(y1, 0) : max(y2, 0), max(x1, 0) : max(x2, 0)]
    if inside.size == 0:
        return np.zeros((O_NET_SIZE, O_NET_SIZE, 3), np.uint8)
    edges = (max(-y1, 0), max(y2 - height, 0), max(-x1, 0), max(x2 - width, 0))
    if any(edges):
        inside = cv2.copyMakeBorder(inside, *edges, cv2.BORDER_CONSTANT, value=(0, 0, 0)).astype(np.uint8)
    return np.asarray(cv2.resize(inside, (O_NET_SIZE, O_NET_SIZE), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _in_picture(
    square: NDArray[np.float32], offset: NDArray[np.float32], points: NDArray[np.float32], score: float
) -> Detection | None:
    """O-Net's outputs for a square, which are in its sides, as a face in the picture; None where it is none."""
    if score < O_NET_SCORE:
        return None
    side = float(square[2] - square[0])
    landmarks = square[:2] + side * np.stack([points[:5], points[5:]], axis=1)
    return Detection((square + side * offset).astype(np.float32), landmarks.astype(np.float32), score)
