"""Small films made of real faces, for tests of what happens over time."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.transform import resize

Picture = NDArray[np.uint8]


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float = 1 / 30) -> None:
        self.now += seconds


def face_picture(picture: Picture, box: tuple[int, int, int, int], side: int = 200) -> Picture:
    """A square cut out of a picture, (side, side, 3) uint8 RGB. box: x1, y1, x2, y2."""
    x1, y1, x2, y2 = box
    resized: NDArray[np.float64] = resize(picture[y1:y2, x1:x2], (side, side), anti_aliasing=True)
    return (resized * 255).astype(np.uint8)


def scene(*placed: tuple[Picture, int, int], size: tuple[int, int] = (480, 640)) -> Picture:
    """Pictures pasted on grey at x, y; later ones in front."""
    frame = np.full((*size, 3), 128, np.uint8)
    for face, x, y in placed:
        height, width = size
        x1, y1, x2, y2 = max(x, 0), max(y, 0), min(x + face.shape[1], width), min(y + face.shape[0], height)
        if x2 > x1 and y2 > y1:
            frame[y1:y2, x1:x2] = face[y1 - y : y2 - y, x1 - x : x2 - x]
    return frame


def nose_moved(face: Picture, nose: tuple[float, float], dx: float, dy: float, reach: float = 22.0) -> Picture:
    """A face whose nose is pulled dx, dy pixels aside, which to five landmarks is a turned head. nose: x, y."""
    height, width = face.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    pull = np.exp(-((xs - nose[0]) ** 2 + (ys - nose[1]) ** 2) / (2 * reach**2)).astype(np.float32)
    return np.asarray(cv2.remap(face, xs - dx * pull, ys - dy * pull, cv2.INTER_LINEAR), dtype=np.uint8)
