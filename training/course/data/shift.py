"""Test pictures that don't sit where the training pictures do: what a network makes of things elsewhere."""

import numpy as np

from training.course.data.pictures import Images
from training.errors import DataError


def shifted(images: Images, pixels: int, seed: int) -> Images:
    """Each picture moved by its own random number of pixels, up to so many to every side.

    What comes in from outside has the median colour of the picture's border: see docs/decisions.md, "The background of shifted
    pictures".

    Args:
        images: (N, H, W, C) uint8.
        pixels: 0 or more; less than height and width.
        seed: of the random numbers; the same one moves the same way.

    Raises:
        DataError: the pictures could be moved out of sight.
    """
    count, height, width, _ = images.shape
    if pixels >= min(height, width):
        raise DataError(f"A shift of {pixels} pixels moves {height}×{width} pictures out of sight. Choose a smaller one.")
    if not pixels or not count:
        return images
    random = np.random.default_rng(seed)
    down, right = random.integers(-pixels, pixels + 1, (2, count, 1))
    rows, columns = np.arange(height) - down, np.arange(width) - right
    moved: Images = images[
        np.arange(count)[:, None, None], rows.clip(0, height - 1)[:, :, None], columns.clip(0, width - 1)[:, None, :]
    ]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    moved[~inside] = np.broadcast_to(_background(images)[:, None, None], images.shape)[~inside]
    return moved


def _background(images: Images) -> Images:
    """(N, C): the median of the outermost pixels."""
    sides = (images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1])
    background: Images = np.median(np.concatenate(sides, axis=1), axis=1).astype(np.uint8)
    return background
