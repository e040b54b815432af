"""Turning and scaling a face into the one position the networks know."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.transform import SimilarityTransform

from recognition.pictures import Picture

CROP_SIZE = 150
"""Height and width of a face crop in pixels."""

TEMPLATE = np.array([[46.79, 45.47], [102.44, 45.88], [73.93, 79.13], [48.81, 101.43], [100.16, 101.34]], dtype=np.float32)
"""Where the five landmarks lie in a face crop: the median of MTCNN's landmarks on 74 crops that dlib had aligned."""


def align(picture: Picture, landmarks: NDArray[np.float32]) -> Picture:
    """Cut out a face by the least-squares similarity transform of its landmarks (Umeyama 1991).

    Args:
        picture: (H, W, 3) uint8 RGB.
        landmarks: (5, 2) float32 pixels in the picture.

    Returns:
        The face crop, (150, 150, 3) uint8 RGB; black where it reaches beyond the picture.

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


def cut_out(
    picture: Picture, box: NDArray[np.float32], landmarks: NDArray[np.float32], max_side: int = 640
) -> tuple[Picture, NDArray[np.float32]]:
    """The face with half a face of margin on every side, which is all an enrolled photo keeps of the picture.

    Args:
        picture: (H, W, 3) uint8 RGB.
        box: (4,) float32, the face.
        landmarks: (5, 2) float32 pixels in the picture.
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
