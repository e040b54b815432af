"""Turning and scaling a face into the one position from which every network cuts what it looks at."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.transform import SimilarityTransform

from recognition.pictures import Picture

Landmarks = NDArray[np.float32]
"""(5, 2) float32, x and y in pixels: left eye, right eye, nose, left and right corner of the mouth."""

CROP_SIZE = 192
"""Height and width of a face crop in pixels."""


@dataclass(frozen=True)
class Window:
    """A square part of a face crop, in pixels.

    Raises:
        ValueError: it is not inside of the crop.
    """

    left: int
    top: int
    side: int

    def __post_init__(self) -> None:
        if min(self.left, self.top) < 0 or self.side < 1 or max(self.left, self.top) + self.side > CROP_SIZE:
            raise ValueError(f"{self} is not inside of a crop of {CROP_SIZE} pixels")

    def cut(self, crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """This part of (…, CROP_SIZE, CROP_SIZE, 3), as a view of (…, side, side, 3)."""
        return crops[..., self.top : self.top + self.side, self.left : self.left + self.side, :]


FACE = Window(left=21, top=38, side=150)
"""The face without hair and background, from the eyebrows to the chin: what dlib's networks look at, and where a face is
measured. The margin around it holds what other networks look at. See docs/decisions.md, "One crop for every network"."""

FACE_TEMPLATE = np.array([[46.79, 45.47], [102.44, 45.88], [73.93, 79.13], [48.81, 101.43], [100.16, 101.34]], dtype=np.float32)
"""Where the landmarks lie in `FACE`: the median of MTCNN's landmarks on 74 crops that dlib had aligned."""

TEMPLATE = FACE_TEMPLATE + np.array([FACE.left, FACE.top], dtype=np.float32)
"""Where the landmarks lie in a face crop."""


def window_of(template: Landmarks, size: int) -> Window:
    """The part of a face crop that a network looks at, from where it wants the landmarks.

    The least-squares shift and scale of `TEMPLATE` to the network's template, to whole pixels. Turning is left out: templates
    differ by half a degree, which is less than landmarks are exact to.

    Args:
        template: in pixels of the network's input.
        size: height and width of that input.
    """
    ours, theirs = TEMPLATE - TEMPLATE.mean(axis=0), template - template.mean(axis=0)
    scale = float((ours * theirs).sum() / (ours**2).sum())
    left, top = TEMPLATE.mean(axis=0) - template.mean(axis=0) / scale
    return Window(round(float(left)), round(float(top)), round(size / scale))


def align(picture: Picture, landmarks: Landmarks) -> Picture:
    """Cut out a face by the least-squares similarity transform of its landmarks (Umeyama 1991).

    Args:
        picture: (H, W, 3) uint8 RGB.
        landmarks: in the picture.

    Returns:
        The face crop, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB; black where it reaches beyond the picture.

    Raises:
        ValueError: the landmarks lie in one point.
    """
    transform = SimilarityTransform.from_estimate(landmarks, TEMPLATE)
    if not transform or not np.isfinite(transform.params).all():
        raise ValueError("the five landmarks lie in one point")
    # A large face is cut out at a whole multiple of the size and then averaged down: plain sampling would alias.
    multiple = max(1, int(1.0 / max(float(transform.scale), 1e-3)))
    multiple = min(multiple, 8)
    matrix = np.asarray(transform.params[:2], dtype=np.float64) * multiple
    side = CROP_SIZE * multiple
    crop = cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR)
    if multiple > 1:
        crop = cv2.resize(crop, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(crop, dtype=np.uint8)


def with_margin(face: Picture, picture: Picture, landmarks: Landmarks) -> Picture:
    """A face crop whose `FACE` is known; only the margin is taken from the picture.

    Args:
        face: (FACE.side, FACE.side, 3) uint8 RGB.
        picture: (H, W, 3) uint8 RGB.
        landmarks: in the picture.

    Raises:
        ValueError: the landmarks lie in one point.
    """
    crop = align(picture, landmarks)
    FACE.cut(crop)[:] = face
    return crop


def cut_out(picture: Picture, box: NDArray[np.float32], landmarks: Landmarks, max_side: int = 640) -> tuple[Picture, Landmarks]:
    """The face with half a face of margin on every side, which is all an enrolled photo keeps of the picture.

    Args:
        picture: (H, W, 3) uint8 RGB.
        box: (4,) float32, the face.
        landmarks: in the picture.
        max_side: the longer side of the result at most, in pixels.

    Returns:
        The cut-out (h, w, 3) uint8 RGB and the landmarks in its pixels.
    """
    height, width = picture.shape[:2]
    margin = (box[2:] - box[:2]) * 0.5
    x1, y1 = np.maximum(np.floor(box[:2] - margin), 0).astype(int)
    x2, y2 = np.minimum(np.ceil(box[2:] + margin), (width, height)).astype(int)
    part = np.ascontiguousarray(picture[y1:y2, x1:x2])
    moved = landmarks - np.array([x1, y1], dtype=np.float32)
    scale = max_side / max(part.shape[:2])
    if scale < 1.0:
        size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        moved = moved * scale
    return part, moved.astype(np.float32)
