"""Bringing pictures to one size, and grey and coloured ones together."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.course.data.pictures import Images

Channelled = NDArray[np.uint8]
"""(H, W, C) uint8, 0 to 255; C is 1 for grey, 3 for RGB."""


def without_colour(picture: Channelled) -> Channelled:
    """A picture with one channel where its three say the same."""
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    return picture[..., :1] if np.array_equal(red, green) and np.array_equal(green, blue) else picture


def with_channels(picture: Channelled, channels: int) -> Channelled:
    """A picture with so many channels; grey becomes three that say the same."""
    return picture if picture.shape[2] == channels else np.repeat(picture, channels, axis=2)


def square(picture: Channelled, side: int) -> Channelled:
    """The middle of a picture, (side, side, C): cut to a square, then averaged down or interpolated up."""
    height, width, channels = picture.shape
    if (height, width) == (side, side):
        return picture
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    middle = np.ascontiguousarray(picture[top : top + edge, left : left + edge])
    resized = cv2.resize(middle, (side, side), interpolation=cv2.INTER_AREA if edge > side else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8).reshape(side, side, channels)


def squares(images: Images, side: int) -> Images:
    """Every picture as `square` makes it, (N, side, side, C)."""
    out = np.empty((len(images), side, side, images.shape[3]), np.uint8)
    for picture, place in zip(images, out, strict=True):
        place[:] = square(picture, side)
    return out
