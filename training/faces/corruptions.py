"""Hard probes: aligned faces corrupted in a fixed way, to see what a network does with a bad camera.

A quarter each, in an order that only the seed decides: shrunk to 22 pixels and back; darkened to 30 % with Gaussian noise
of 10 grey levels; covered from the nose down with one colour; blurred over 13 pixels in one direction.
"""

from collections.abc import Callable
from typing import Literal, get_args

import cv2
import numpy as np

from recognition.networks import Crops
from recognition.pictures import Picture
from training.faces.augmentation import line_kernel

Corruption = Literal["shrunk", "dark", "covered", "blurred"]

CORRUPTIONS: tuple[Corruption, ...] = get_args(Corruption)

SHRUNK_SIDE = 22
BRIGHTNESS = 0.3
NOISE = 10.0
COVERED_FROM = 85
MOTION = 13
"""In pixels of a crop of 150, where they are pixels."""


def corrupt(crops: Crops, seed: int = 0) -> Crops:
    """Make (N, H, W, 3) uint8 RGB faces worse, each in one of four ways. The same for the same seed and number."""
    random = np.random.default_rng(seed)
    ways = random.permutation(np.arange(len(crops)) % len(CORRUPTIONS))
    if not len(crops):
        return crops
    return np.stack([_WAYS[CORRUPTIONS[way]](crop, random) for way, crop in zip(ways, crops, strict=True)])


def corrupt_one(crop: Picture, way: Corruption) -> Picture:
    """One (H, W, 3) uint8 RGB face made worse in this way, always alike: to be shown just as a network saw it."""
    return _WAYS[way](crop, np.random.default_rng(0))


def _shrunk(crop: Picture, random: np.random.Generator) -> Picture:  # noqa: ARG001  # all ways are called alike
    small = cv2.resize(crop, (SHRUNK_SIDE, SHRUNK_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, crop.shape[1::-1], interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _dark(crop: Picture, random: np.random.Generator) -> Picture:
    noisy = crop * BRIGHTNESS + random.normal(0.0, NOISE, crop.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


def _covered(crop: Picture, random: np.random.Generator) -> Picture:
    out = crop.copy()
    out[COVERED_FROM:] = random.integers(60, 200, 3)
    return out


def _moved(crop: Picture, random: np.random.Generator) -> Picture:
    kernel = line_kernel(MOTION, random.uniform(0.0, np.pi))
    return np.asarray(cv2.filter2D(crop, -1, kernel, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


_WAYS: dict[Corruption, Callable[[Picture, np.random.Generator], Picture]] = {
    "shrunk": _shrunk,
    "dark": _dark,
    "covered": _covered,
    "blurred": _moved,
}
