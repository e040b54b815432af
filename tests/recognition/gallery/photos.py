"""Enrollable photos made of one real face."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import data

from recognition.alignment import CROP_SIZE, TEMPLATE
from recognition.gallery import NewPhoto, PhotoQuality

NETWORK = "net"

QUALITY = PhotoQuality(detection_score=0.99, face_pixels=96.0, sharpness=0.5, brightness=120.0, yaw=-3.0, pitch=2.0, roll=1.0)

LANDMARKS = TEMPLATE.round()


def face() -> NDArray[np.uint8]:
    """(CROP_SIZE, CROP_SIZE, 3) uint8 RGB."""
    return np.ascontiguousarray(data.astronaut()[20 : 20 + CROP_SIZE, 130 : 130 + CROP_SIZE])


def unit(seed: int, size: int = 128) -> NDArray[np.float32]:
    """A (size,) float32 vector of length 1."""
    vector = np.random.default_rng(seed).normal(size=size)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def photo(seed: int, **changes: Any) -> NewPhoto:
    """The face, lit differently for each seed, so that every photo has files of its own."""
    light = np.random.default_rng(seed).uniform(0.5, 1.0, size=3)
    picture = (face() * light).astype(np.uint8)
    templates: Mapping[str, NDArray[np.float32]] = {NETWORK: unit(seed)}
    values: dict[str, Any] = {
        "picture": picture,
        # A plain colour: of a picture, PNG takes ten times as long.
        "crop": np.full_like(picture, picture[0, 0]),
        "landmarks": LANDMARKS,
        "source": "camera",
        "quality": QUALITY,
        "templates": templates,
    }
    return NewPhoto(**(values | changes))
