"""Feature maps, kernels and heat maps as RGB pictures."""

from collections.abc import Sequence
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.inspection.errors import FitError
from recognition.pictures import Picture

Map = NDArray[np.float32]
"""(H, W) float32: one channel of a feature map, or a heat map."""

Palette = Literal["grey", "viridis", "magma", "signed"]
"""`signed` is blue for negative, white for zero, red for positive."""

_TABLES = {"viridis": cv2.COLORMAP_VIRIDIS, "magma": cv2.COLORMAP_MAGMA}
_BLUE, _WHITE, _RED = (33, 102, 172), (247, 247, 247), (178, 24, 43)


def colourise(
    values: NDArray[np.floating[Any]], palette: Palette = "viridis", limits: tuple[float, float] | None = None
) -> Picture:
    """Numbers as colours.

    Args:
        values: (H, W).
        palette: the colours, dark for low.
        limits: the values that get the first and the last colour; by default the smallest and largest value,
            and for `signed` the largest magnitude both ways, so that zero stays white.

    Returns:
        (H, W, 3) uint8 RGB. A map without contrast becomes the first colour (`signed`: white at zero).
    """
    finite = np.nan_to_num(np.asarray(values, dtype=np.float64))
    if limits is None:
        top = float(np.abs(finite).max(initial=0.0))
        limits = (-top, top) if palette == "signed" else (float(finite.min()), float(finite.max()))
    low, high = limits
    rest = 0.5 if palette == "signed" else 0.0
    share = np.clip((finite - low) / (high - low), 0.0, 1.0) if high > low else np.full(finite.shape, rest)
    if palette == "signed":
        stops = np.array([_BLUE, _WHITE, _RED], dtype=np.float64)
        return (
            np.stack([np.interp(share, [0.0, 0.5, 1.0], stops[:, channel]) for channel in range(3)], axis=2)
            .round()
            .astype(np.uint8)
        )
    bytes_ = np.round(share * 255).astype(np.uint8)
    if palette == "grey":
        return np.repeat(bytes_[:, :, None], 3, axis=2)
    coloured = cv2.applyColorMap(bytes_, _TABLES[palette])
    return np.asarray(cv2.cvtColor(coloured, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def as_picture(values: NDArray[np.floating[Any]], *, centre: float = 0.0) -> Picture:
    """A filtered picture, (H, W) or (H, W, 3), as RGB: 0 to 1 becomes 0 to 255, the rest is cut off.

    Args:
        values: the result of a kernel on a picture scaled to 0 to 1.
        centre: added first; 0.5 shows the negative answers of an edge kernel too, with zero as middle grey.
    """
    shown = np.clip(np.nan_to_num(values) + centre, 0.0, 1.0)
    bytes_ = np.round(shown * 255).astype(np.uint8)
    return bytes_ if bytes_.ndim == 3 else np.repeat(bytes_[:, :, None], 3, axis=2)


def enlarge(picture: Picture, side: int, *, smooth: bool = False) -> Picture:
    """The picture with its longer side `side` pixels; cells stay sharp squares unless `smooth`."""
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    kind = cv2.INTER_CUBIC if smooth else (cv2.INTER_NEAREST if factor >= 1 else cv2.INTER_AREA)
    return np.asarray(cv2.resize(picture, size, interpolation=kind), dtype=np.uint8)


def tile(pictures: Sequence[Picture], columns: int, gap: int = 2, background: int = 128) -> Picture:
    """Pictures of one size as a grid, row by row; missing ones at the end are background.

    Raises:
        FitError: no pictures, or of different sizes.
    """
    if not pictures:
        raise FitError("There is no picture to show.")
    height, width = pictures[0].shape[:2]
    if any(picture.shape[:2] != (height, width) for picture in pictures):
        raise FitError("Pictures of one grid must have one size.")
    columns = max(1, min(columns, len(pictures)))
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), background, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def overlay(crop: Picture, heat: Map, strength: float = 0.55) -> Picture:
    """A heat map over a face.

    Args:
        crop: (H, W, 3) uint8 RGB.
        heat: (h, w), 0 to 1; enlarged to the crop.
        strength: opacity of the hottest place, 0 to 1; cold places leave the face as it is.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    height, width = crop.shape[:2]
    enlarged = cv2.resize(heat.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    large = np.clip(np.asarray(enlarged, dtype=np.float32), 0.0, 1.0)
    colours = colourise(large, "magma", (0.0, 1.0)).astype(np.float32)
    alpha = (strength * large)[:, :, None]
    return np.round(crop * (1 - alpha) + colours * alpha).astype(np.uint8)


def with_box(picture: Picture, box: tuple[int, int, int, int], thickness: int = 1) -> Picture:
    """The picture with a box (x1, y1, x2, y2, one past the last pixel), the rest dimmed."""
    x1, y1, x2, y2 = box
    result = (picture * 0.45).astype(np.uint8)
    result[y1:y2, x1:x2] = picture[y1:y2, x1:x2]
    cv2.rectangle(result, (x1, y1), (max(x1, x2 - 1), max(y1, y2 - 1)), (255, 196, 0), thickness)
    return result


def with_number(picture: Picture, number: int) -> Picture:
    """The picture with a small number in its upper left corner, readable on any colour."""
    result = picture.copy()
    text, face, scale = str(number), cv2.FONT_HERSHEY_SIMPLEX, 0.4
    (width, height), _ = cv2.getTextSize(text, face, scale, 1)
    corner = result[: height + 6, : width + 5]
    corner[:] = corner // 4
    cv2.putText(result, text, (2, height + 3), face, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return result
