"""Handwritten digits that are always here, because they come with a library."""

import numpy as np
from sklearn.datasets import load_digits

from training.course.data.pictures import Pictures, PictureSet

_INK = 16
"""The brightest value in scikit-learn's copy."""


def digits() -> PictureSet:
    """scikit-learn's copy of the UCI handwritten digits: 1,797 pictures, (8, 8, 1), without a test part."""
    bunch = load_digits()
    images = np.rint(bunch.images / _INK * 255).astype(np.uint8)[..., None]
    return PictureSet("Digits", tuple(map(str, bunch.target_names)), Pictures(images, bunch.target.astype(np.int64)))
