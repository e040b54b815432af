"""Boxes and names drawn into a picture, for photos and video files (the live overlay is drawn by the browser)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from recognition.pictures import Picture

KNOWN = (26, 163, 135)
UNKNOWN = (217, 134, 34)


@dataclass(frozen=True, eq=False)
class Label:
    """What to draw.

    Attributes:
        box: (4,) float32 x1, y1, x2, y2 in pixels.
        name: of the person, None for unknown.
        confidence: 0 to 1, how sure that is; None while it is undecided who this is.
    """

    box: NDArray[np.float32]
    name: str | None
    confidence: float | None

    def __post_init__(self) -> None:
        if self.box.shape != (4,) or not np.isfinite(self.box).all():
            raise ValueError(f"box must be four finite numbers, got {self.box}")
        if self.confidence is not None and not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence must be 0 to 1, got {self.confidence}")


def draw(picture: Picture, labels: Sequence[Label]) -> Picture:
    """A copy of the picture, (H, W, 3) uint8 RGB, with a box and a caption for every face."""
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    line = max(2, round(min(image.size) / 250))
    font = ImageFont.load_default(size=max(12, round(min(image.size) / 28)))
    for label in labels:
        colour = KNOWN if label.name else UNKNOWN
        x1, y1, x2, y2 = (float(value) for value in label.box)
        pen.rounded_rectangle((x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)), radius=3 * line, outline=colour, width=line)
        text = caption(label.name, label.confidence)
        _, _, width, height = pen.textbbox((0, 0), text, font=font)
        pad = line * 2
        left = min(max(x1, 0), max(image.width - width - 2 * pad, 0))
        top = y1 - height - 2 * pad if y1 > height + 2 * pad else min(y2, image.height - height - 2 * pad)
        pen.rounded_rectangle((left, top, left + width + 2 * pad, top + height + 2 * pad), radius=2 * line, fill=colour)
        pen.text((left + pad, top + pad), text, fill="white", font=font)
    return np.asarray(image, dtype=np.uint8)


def caption(name: str | None, confidence: float | None) -> str:
    """`Ann · 97 %`, `Ann · > 99 %`, `Unknown`, or `Not sure yet` while it is undecided. Nothing is ever 100 % sure."""
    if confidence is None:
        return name or "Not sure yet"
    if name is None:
        return "Unknown"
    return f"{name} · > 99 %" if confidence >= 0.995 else f"{name} · {confidence * 100:.0f} %"
