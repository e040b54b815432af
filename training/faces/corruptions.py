"""Hard probes: aligned faces corrupted in a fixed way, to see what a network does with a bad camera.

A quarter each, in an order that only the seed decides: shrunk until the face has 22 pixels, and back; darkened to
30 % with Gaussian noise of 10 grey levels; covered from the nose down with one colour; blurred over 13 pixels in one
direction.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np

from recognition.alignment import FACE
from recognition.networks import Crops
from recognition.pictures import Picture
from training.faces.augmentation import line_kernel, shrunk

SHRUNK_SIDE = 22
BRIGHTNESS = 0.3
NOISE = 10.0
COVERED_FROM = 85
MOTION = 13
"""In pixels of `FACE`, where they are pixels."""


def corrupt(crops: Crops, seed: int = 0, way: str | None = None) -> Crops:
    """Make face crops worse, all in one of `WAYS`, or a quarter each. The same for the same seed and number."""
    random = np.random.default_rng(seed)
    names = tuple(WAYS) if way is None else (way,)
    ways = random.permutation(np.arange(len(crops)) % len(names))
    if not len(crops):
        return crops
    return np.stack([WAYS[names[way]](crop, random) for way, crop in zip(ways, crops, strict=True)])


def _shrunk(crop: Picture, random: np.random.Generator) -> Picture:  # noqa: ARG001  # all ways are called alike
    return shrunk(crop, SHRUNK_SIDE, cv2.INTER_CUBIC)


def _dark(crop: Picture, random: np.random.Generator) -> Picture:
    noisy = crop * BRIGHTNESS + random.normal(0.0, NOISE, crop.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


def _covered(crop: Picture, random: np.random.Generator) -> Picture:
    out = crop.copy()
    out[FACE.top + COVERED_FROM :] = random.integers(60, 200, 3)
    return out


def _moved(crop: Picture, random: np.random.Generator) -> Picture:
    kernel = line_kernel(MOTION, random.uniform(0.0, np.pi))
    return np.asarray(cv2.filter2D(crop, -1, kernel, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


WAYS: Mapping[str, Callable[[Picture, np.random.Generator], Picture]] = MappingProxyType(
    {"small": _shrunk, "dark": _dark, "covered": _covered, "blurred": _moved}
)
"""What may be done to a face, by name."""
