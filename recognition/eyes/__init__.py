"""Whether somebody's eyes are closed, told from the edges around the two eye landmarks."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.feature import hog
from skimage.transform import SimilarityTransform

from recognition.alignment import FACE_TEMPLATE, Landmarks
from recognition.pictures import Picture

CLOSED = 0.4
"""Closedness above which eyes count as closed. See docs/decisions.md, "Closed eyes"."""

_WIDTH, _HEIGHT = 32, 24
"""Of the part that is looked at around an eye, where the eyes are 56 pixels apart."""


def closedness(picture: Picture, landmarks: Landmarks) -> float:
    """How closed the eyes are, that eye counting which is more open: below 0 for open ones, mostly -4 to 4.

    Args:
        picture: (H, W, 3) uint8 RGB.
        landmarks: in the picture.

    Raises:
        ValueError: the landmarks lie in one point.
    """
    *weights, bias = _weights()
    return float((edges(picture, landmarks) @ np.array(weights) + bias).min())


def edges(picture: Picture, landmarks: Landmarks) -> NDArray[np.float32]:
    """Histograms of oriented gradients (Dalal and Triggs 2005) around the eyes, (2, 216) float32, the right eye mirrored.

    Args:
        picture: (H, W, 3) uint8 RGB.
        landmarks: in the picture.

    Raises:
        ValueError: the landmarks lie in one point.
    """
    transform = SimilarityTransform.from_estimate(landmarks, FACE_TEMPLATE)
    if not transform or not np.isfinite(transform.params).all():
        raise ValueError("the five landmarks lie in one point")
    upright = np.asarray(transform.params[:2], dtype=np.float64)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    found = []
    for eye, step in ((0, 1), (1, -1)):
        matrix = upright.copy()
        matrix[:, 2] = np.array([_WIDTH - 1, _HEIGHT - 1]) / 2 - upright[:, :2] @ landmarks[eye]
        part = cv2.warpAffine(grey, matrix, (_WIDTH, _HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        found.append(hog(part[:, ::step], orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2)))
    return np.array(found, dtype=np.float32)


@cache
def _weights() -> NDArray[np.float32]:
    """(217,) float32: one for each value of `edges`, then the bias."""
    return np.asarray(np.load(Path(__file__).with_name("weights.npy"), allow_pickle=False))
