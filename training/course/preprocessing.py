"""From a drawing or a photo to what a network was trained on: prepared as its data set was."""

from typing import Any, Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.pictures import Picture
from training.course.data.sizes import Channelled, with_channels

Ink = NDArray[np.float32]
"""(H, W) float32: 0 is paper, 1 is ink."""

Region = tuple[int, int, int, int]
"""x1, y1, x2, y2 in pixels of a picture; the last two are one past the last pixel."""

Shape = tuple[int, int, int]
"""Height, width and channels of a network's input."""

Reading = Literal["picture", "mnist", "digits", "paper"]
"""What a network is given of a picture: the picture as it is, or only its ink: light on dark as in MNIST, in blocks as in
scikit-learn's digits, or as in MNIST but dark on light."""

PHOTO_SIDE = 160
"""Pixels, of the square in which ink is looked for: a pen's stroke is still some pixels wide."""

NEIGHBOURHOOD = 81
"""Pixels of that square, a side: more than half of such a part is paper, even in the middle of a bold digit."""

LEAST_CONTRAST = 30
"""Grey levels between ink and paper, of 255; below are shadows and noise. See docs/decisions.md, "Drawings and photos of
handwriting"."""

SMALLEST_STROKE = 0.03
"""Share of the largest stroke's pixels below which a spot is dirt."""

# NISTIR 5469: pixels of the 32×32 bitmap from which strokes are thinned, and below which they are thickened, once or twice.
THICK = (412, 560)
THIN = (256, 108)

Numbers = TypeVar("Numbers", NDArray[np.uint8], NDArray[np.float32])


def region_of(picture: Picture, shape: Shape) -> Region:
    """The largest part in the middle of a picture that has the aspect ratio of a network's input."""
    height, width = picture.shape[:2]
    scale = min(height / shape[0], width / shape[1])
    part_height, part_width = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
    left, top = (width - part_width) // 2, (height - part_height) // 2
    return left, top, left + part_width, top + part_height


def from_picture(picture: Picture, shape: Shape) -> Channelled:
    """A picture as it is: resized to `shape`, grey where the network is grey."""
    resized = _resized(picture, shape[0], shape[1])
    return resized if shape[2] == 3 else _grey(resized)[:, :, None]


def from_ink(ink: Ink, shape: Shape, reading: Reading) -> Channelled:
    """Handwriting as the data set would have it; an empty page where there is no ink.

    Args:
        ink: from `ink_of_drawing` or `ink_of_photo`.
        shape: of the network's input, and of what is returned (uint8).
        reading: any but "picture".
    """
    height, width, channels = shape
    side = min(height, width)
    square = _resized(as_digits(ink), side, side) if reading == "digits" else as_mnist(ink, side)
    page = np.zeros((height, width), np.uint8)
    top, left = (height - side) // 2, (width - side) // 2
    page[top : top + side, left : left + side] = square
    return with_channels((255 - page if reading == "paper" else page)[:, :, None], channels)


def ink_of_drawing(picture: Picture) -> Ink:
    """Black strokes on white, (H, W, 3) uint8 RGB."""
    return (1.0 - _grey(picture) / 255.0).astype(np.float32)


def ink_of_photo(picture: Picture) -> Ink:
    """The strokes in a photo of paper or of a board, whichever of strokes and ground is lighter.

    The ground's brightness is the neighbourhood's median, for light falls unevenly. Ink is what differs most from it (Otsu's
    threshold). Spots are left out, and what touches the edge: fingers, the paper's end; unless there is nothing else.

    Returns:
        (PHOTO_SIDE, PHOTO_SIDE) of 0 and 1; all 0 where no ink is found.
    """
    grey = _resized(_grey(picture), PHOTO_SIDE, PHOTO_SIDE)
    difference = grey.astype(np.int16) - cv2.medianBlur(grey, NEIGHBOURHOOD)
    darkest, lightest = np.percentile(difference, (1, 99))
    strength = np.clip(difference if lightest > -darkest else -difference, 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(strength, 0, 255, cv2.THRESH_OTSU)
    return _strokes(strength > max(threshold, LEAST_CONTRAST))


def as_mnist(ink: Ink, side: int = 28) -> NDArray[np.uint8]:
    """As MNIST was made (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998):
    shrunk into a box of 20 of 28 pixels, its aspect ratio kept, grey by area; its centre of mass at pixel 14 (of 0 to 27).

    Returns:
        (side, side), light on dark; dark where there is no ink.
    """
    found = _cropped(ink)
    if found is None:
        return np.zeros((side, side), np.uint8)
    scale = side * 20 / 28 / max(found.shape)
    height, width = (max(1, round(length * scale)) for length in found.shape)
    small = _resized(found, height, width)
    # On a larger page first: with its mass in the middle, a long tail may reach beyond the edge.
    page = np.zeros((3 * side, 3 * side), np.float32)
    top, left = (side + round(side / 2 - _middle(small, axis)) for axis in (0, 1))
    page[top : top + height, left : left + width] = small
    return _bytes(page[side : 2 * side, side : 2 * side])


def as_digits(ink: Ink) -> NDArray[np.uint8]:
    """As scikit-learn's digits were made (Alpaydin and Kaynak, "Cascading classifiers", 1998, with NIST's programs, NISTIR
    5469): scaled to 20×32 in the middle of a 32×32 bitmap, thick strokes thinned and thin ones thickened, straightened, and
    counted in blocks of 4×4. Unlike there, what is narrow is not stretched: a straight 1 would become a block.

    Returns:
        (8, 8), light on dark; dark where there is no ink.
    """
    found = _cropped(ink)
    if found is None:
        return np.zeros((8, 8), np.uint8)
    width = max(1, min(20, round(32 * found.shape[1] / found.shape[0])))
    left = (32 - width) // 2
    bitmap = np.zeros((32, 32), np.uint8)
    bitmap[:, left : left + width] = _resized(found, 32, width) > 0.5
    blocks = _straightened(_evened(bitmap)).reshape(8, 4, 8, 4).mean(axis=(1, 3))
    return _bytes(blocks)


def _evened(bitmap: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A bitmap of 0 and 1 whose strokes are neither thick nor thin."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    pixels = int(bitmap.sum())
    thinned = cv2.erode(bitmap, cross, iterations=sum(pixels > limit for limit in THICK), borderValue=0)
    return np.asarray(cv2.dilate(thinned, cross, iterations=sum(pixels < limit for limit in THIN)), np.uint8)


def _straightened(bitmap: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Sheared until the leftmost pixels of its first and last row are above each other."""
    rows = np.flatnonzero(bitmap.any(axis=1))
    if len(rows) < 2:
        return bitmap
    first, last = rows[0], rows[-1]
    slant = (bitmap[last].argmax() - bitmap[first].argmax()) / (last - first)
    straight = [np.roll(row, -round(slant * (place - (first + last) / 2))) for place, row in enumerate(bitmap)]
    return np.stack(straight)


def _strokes(mask: NDArray[np.bool_]) -> Ink:
    """The connected parts of a mask that are strokes."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    left, top, width, height, area = stats[1:].T
    inside = (left > 0) & (top > 0) & (left + width < mask.shape[1]) & (top + height < mask.shape[0])
    strokes = inside if inside.any() else np.ones(count - 1, bool)
    large = area >= SMALLEST_STROKE * area[strokes].max(initial=0)
    return np.isin(labels, 1 + np.flatnonzero(strokes & large)).astype(np.float32)


def _cropped(ink: Ink) -> Ink | None:
    """The part of a page that has ink."""
    inked = ink > 0.5
    if not inked.any():
        return None
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _middle(ink: Ink, axis: int) -> float:
    """Number of the pixel at the centre of mass, along an axis."""
    mass = ink.sum(axis=1 - axis)
    return float(np.arange(len(mass)) @ mass / mass.sum())


def _resized(picture: Numbers, height: int, width: int) -> Numbers:
    """By the area that a pixel covers where it becomes smaller, linear where it becomes larger."""
    shrinks = height * width < picture.shape[0] * picture.shape[1]
    kind = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=kind), dtype=picture.dtype)


def _grey(picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _bytes(shares: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    return np.asarray(np.round(np.clip(shares, 0.0, 1.0) * 255), np.uint8)
