"""Random variants of aligned faces: what a photo could have been, on another day and with another camera.

Each part has a chance and a strength of its own, drawn for every face anew. The strengths are for aligned crops, where
a shift of 4 pixels is already more than the alignment's own error.

See docs/decisions.md, "Augmentation by OpenCV, crop by crop".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_serializer

from recognition.alignment import CROP_SIZE, FACE, TEMPLATE
from recognition.networks import Crops
from recognition.pictures import Picture

Strength = Literal["none", "light", "strong"]
Part = Literal[
    "mirror",
    "rotation",
    "shift",
    "zoom",
    "colour",
    "greyscale",
    "darkness",
    "noise",
    "blur",
    "motion",
    "resolution",
    "jpeg",
    "erasing",
    "occlusion",
]
PARTS: tuple[Part, ...] = get_args(Part)

LUMA = (0.299, 0.587, 0.114)
"""Shares of R, G and B in brightness (ITU-R BT.601)."""

MASKS = 0.7
"""Share of the coverings that are masks; the others are sunglasses."""

GREY = 127


class Augmentation(BaseModel):
    """What may happen to a training face.

    Attributes:
        strength: how much and how often; `none` leaves every face as it is.
        parts: which kinds are allowed at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    strength: Strength = "strong"
    parts: frozenset[Part] = Field(frozenset(PARTS), description="The kinds of change that are allowed.")

    @field_serializer("parts")
    def _in_order(self, parts: frozenset[Part]) -> list[Part]:
        """The same JSON for the same settings, in every process."""
        return [part for part in PARTS if part in parts]

    def steps(self) -> list["Step"]:
        """What may happen, in order; nothing where the strength is `none`."""
        if self.strength == "none":
            return []
        return [step for step in _steps(self.strength == "strong") if step.part in self.parts]


@dataclass(frozen=True)
class Step:
    """One part of an augmentation.

    Attributes:
        chance: that it happens to a face, 0 to 1.
        change: what then happens to a (CROP_SIZE, CROP_SIZE, 3) uint8 RGB face; the result has the same shape.
    """

    part: Part
    chance: float
    change: Callable[[Picture, Generator], Picture]


def augment(crops: Crops, augmentation: Augmentation, random: Generator) -> Crops:
    """One random variant of each face crop. What happens to a face does not depend on the others."""
    steps = augmentation.steps()
    changed = crops.copy()
    for row, crop in enumerate(crops):
        for step in steps:
            if random.random() < step.chance:
                crop = step.change(crop, random)
        changed[row] = crop
    return changed


def draws(crop: Picture, augmentation: Augmentation, count: int, seed: int) -> Crops:
    """`count` random variants of one face, (count, CROP_SIZE, CROP_SIZE, 3) uint8 RGB; the same for the same seed."""
    return augment(np.repeat(crop[None], count, axis=0), augmentation, np.random.default_rng(seed))


def _steps(strong: bool) -> list[Step]:
    """The parts in the order of a real camera: the face moves, the light changes, something covers it, the lens and the
    sensor lose detail, the file loses more."""
    grow = 2.0 if strong else 1.0
    often = 0.3 if strong else 0.15
    longest, smallest, darkest, worst = (17, 16, 0.2, 20) if strong else (9, 40, 0.5, 50)
    return [
        Step("mirror", 0.5, lambda face, random: _picture(face[:, ::-1])),
        Step("rotation", 0.5, lambda face, random: _moved(face, degrees=random.uniform(-4, 4) * grow)),
        Step("shift", 0.5, lambda face, random: _moved(face, shift=random.uniform(-0.02, 0.02, 2) * grow)),
        Step("zoom", 0.5, lambda face, random: _moved(face, zoom=random.uniform(1 - 0.04 * grow, 1 + 0.04 * grow))),
        Step("colour", 0.5, lambda face, random: _recoloured(face, *random.uniform(1 - 0.2 * grow, 1 + 0.2 * grow, 3))),
        Step("greyscale", 0.1, lambda face, random: _recoloured(face, saturation=0.0)),
        Step("occlusion", often, lambda face, random: (_masked if random.random() < MASKS else _sunglasses)(face, random)),
        Step("erasing", often / 2, lambda face, random: _erased(face, random.uniform(0.02, 0.05 * grow), random)),
        Step("motion", often, lambda face, random: _motion_blurred(face, random.uniform(3, longest), random)),
        Step("blur", often, lambda face, random: _blurred(face, random.uniform(0.3, 1.2 * grow))),
        Step("resolution", often, lambda face, random: _shrunk(face, random.integers(smallest, 76), random)),
        Step("darkness", often, lambda face, random: _recoloured(face, random.uniform(darkest, 0.9))),
        Step("noise", often, lambda face, random: _noisy(face, random.uniform(0, 6.0 * grow), random)),
        Step("jpeg", often, lambda face, random: _compressed(face, random.integers(worst, 91))),
    ]


def _moved(face: Picture, degrees: float = 0.0, zoom: float = 1.0, shift: NDArray[np.float64] | None = None) -> Picture:
    """Turned and enlarged about its middle, or shifted right and down by shares of its side, in whole pixels; black comes in
    at the edges."""
    middle = (FACE.left + (FACE.side - 1) / 2, FACE.top + (FACE.side - 1) / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(middle, degrees, zoom), dtype=np.float64)
    if shift is not None:
        matrix[:, 2] += np.round(shift * FACE.side)
    return _picture(cv2.warpAffine(face, matrix, (CROP_SIZE, CROP_SIZE), flags=cv2.INTER_LINEAR))


def _recoloured(face: Picture, brightness: float = 1.0, contrast: float = 1.0, saturation: float = 1.0) -> Picture:
    """Brightness times a factor; contrast about the mean brightness and saturation about each pixel's, 1 being as it is."""
    grey = np.tile(LUMA, (3, 1))
    mean = brightness * float(np.dot(LUMA, cv2.mean(face)[:3]))
    linear = contrast * brightness * (saturation * np.eye(3) + (1.0 - saturation) * grey)
    return _picture(cv2.transform(face, np.column_stack([linear, np.full(3, (1.0 - contrast) * mean)])))


def _masked(face: Picture, random: Generator) -> Picture:
    """A medical mask, or a scarf: one colour from the nose down."""
    out = face.copy()
    out[FACE.top + int(random.uniform(0.52, 0.66) * FACE.side) :] = random.integers(0, 256, 3)
    return out


def _sunglasses(face: Picture, random: Generator) -> Picture:
    """Two dark discs and a bar over the eyes, whose places the alignment fixes."""
    (left, eyes), (right, _) = TEMPLATE[:2]
    radius = random.uniform(0.10, 0.15) * FACE.side
    rows, columns = np.ogrid[:CROP_SIZE, :CROP_SIZE]
    covered = ((rows - eyes) ** 2 + np.minimum((columns - left) ** 2, (columns - right) ** 2)) < radius**2
    covered |= (np.abs(rows - eyes) < 0.015 * FACE.side) & (columns > left) & (columns < right)
    out = face.copy()
    out[covered] = random.integers(0, 64, 3)
    return out


def _erased(face: Picture, share: float, random: Generator) -> Picture:
    """A grey rectangle over a share of the face, up to 3.3 times as high as wide or as wide as high (Zhong et al. 2020)."""
    ratio = np.exp(random.uniform(np.log(0.3), np.log(3.3)))
    tall = min(FACE.side - 1, round(FACE.side * np.sqrt(share * ratio)))
    wide = min(FACE.side - 1, round(FACE.side * np.sqrt(share / ratio)))
    top, left = random.integers(0, FACE.side - tall), random.integers(0, FACE.side - wide)
    out = face.copy()
    FACE.cut(out)[top : top + tall, left : left + wide] = GREY
    return out


def _motion_blurred(face: Picture, length: float, random: Generator) -> Picture:
    """The camera or the head moves in a straight line of `length` pixels while the shutter is open."""
    kernel = line_kernel(length, random.uniform(0, np.pi))
    # In float32: OpenCV filters that twice as fast as uint8 with a kernel of this size.
    filtered = cv2.filter2D(face.astype(np.float32), -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.round(filtered).clip(0, 255).astype(np.uint8)


def _blurred(face: Picture, sigma: float) -> Picture:
    """Out of focus: a Gaussian of `sigma` pixels."""
    return _picture(cv2.GaussianBlur(face, (9, 9), sigma))


def _shrunk(face: Picture, side: int | np.int64, random: Generator) -> Picture:
    """Shrunk until it has `side` pixels without its margin and enlarged again, as when it is far from the camera."""
    return shrunk(face, int(side), cv2.INTER_CUBIC if random.random() < 0.5 else cv2.INTER_LINEAR)


def _noisy(face: Picture, deviation: float, random: Generator) -> Picture:
    """Sensor noise: independent and Gaussian in every channel of every pixel, in grey levels of 0 to 255."""
    noise = random.standard_normal(face.shape, dtype=np.float32) * np.float32(deviation)
    return _picture(cv2.add(face, noise, dtype=cv2.CV_8U))


def _compressed(face: Picture, quality: int | np.int64) -> Picture:
    """What JPEG leaves of a face; quality 1 to 100."""
    _, data = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return _picture(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


def shrunk(face: Picture, side: int, back: int) -> Picture:
    """A crop shrunk until its `FACE` has `side` pixels, then enlarged again by OpenCV's interpolation `back`."""
    small = round(side * CROP_SIZE / FACE.side)
    averaged = cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA)
    return _picture(cv2.resize(averaged, (CROP_SIZE, CROP_SIZE), interpolation=back))


def line_kernel(length: float, angle: float) -> NDArray[np.float32]:
    """A line through the middle as a filter that sums to 1.

    Args:
        length: of the line, in pixels.
        angle: in radians.

    Returns:
        (k, k) float32 with odd k.
    """
    reach = int(np.ceil(length / 2))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    kernel = (1 - np.abs(across)).clip(0) * (np.abs(along) <= length / 2)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def _picture(array: object) -> Picture:
    return np.asarray(array, dtype=np.uint8)
