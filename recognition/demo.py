"""Something to try everything with where there is no camera: two people and a film of them, made from pictures in the public
domain that come with the installed packages.

Eileen Collins: NASA, from scikit-image. Grace Hopper: US Navy, from matplotlib, which torchcam needs.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from matplotlib.cbook import get_sample_data
from skimage import data

from recognition.gallery import ArchivedPicture
from recognition.live.films import write_film
from recognition.live.video import annotate_video, watch_video
from recognition.pictures import Picture, encode_jpeg, read_picture
from recognition.recognizer import Recognizer

COLLINS, HOPPER = "Eileen Collins (demo)", "Grace Hopper (demo)"

NAMES = (COLLINS, HOPPER)

FRAMES_PER_SECOND = 12
SECONDS = 6
WIDTH, HEIGHT = 640, 360

_HEADS = {COLLINS: (100, 0, 350, 250), HOPPER: (70, 0, 440, 370)}
"""Head and shoulders in their pictures: x1, y1, x2, y2."""

_VARIATIONS = (
    (1.0, 0.0, False),
    (0.8, -6.0, False),
    (1.15, 6.0, False),
    (0.9, 0.0, True),
    (1.1, -6.0, True),
    (0.75, 6.0, True),
)
"""Light, degrees to turn by, whether mirrored."""


def portraits() -> dict[str, Picture]:
    """Their heads, square (S, S, 3) uint8 RGB, by name."""
    pictures = {COLLINS: data.astronaut(), HOPPER: read_picture(Path(get_sample_data("grace_hopper.jpg", asfileobj=False)))}
    return {name: _cut(pictures[name], box) for name, box in _HEADS.items()}


def demo_pictures() -> list[ArchivedPicture]:
    """Photos to enroll the two from: in other light, turned a little, mirrored."""
    return [
        ArchivedPicture(name, f"{number}.jpg", encode_jpeg(_varied(portrait, *how)))
        for name, portrait in portraits().items()
        for number, how in enumerate(_VARIATIONS)
    ]


def demo_film() -> bytes:
    """Both walk through the picture: a WebM that every browser plays and the Live page takes."""
    return write_film(_frames(), FRAMES_PER_SECOND)


def named_film(recognizer: Recognizer, min_confidence: float) -> bytes:
    """The same film with boxes and names, as the live camera would show it.

    Args:
        min_confidence: from which a face gets its name, 0 to 1.
    """
    film = demo_film()
    return annotate_video(film, watch_video(film, lambda: recognizer, min_confidence).named(min_confidence))


def _cut(picture: Picture, box: tuple[int, int, int, int]) -> Picture:
    x1, y1, x2, y2 = box
    return np.ascontiguousarray(picture[y1:y2, x1:x2])


def _varied(portrait: Picture, light: float, degrees: float, mirrored: bool) -> Picture:
    side = portrait.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1.0)
    turned = cv2.warpAffine(portrait, turn, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    lit = np.clip(turned * light, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(lit[:, ::-1]) if mirrored else lit


def _frames() -> Iterator[Picture]:
    """(HEIGHT, WIDTH, 3) uint8 RGB each."""
    down = np.linspace(1.0, 0.55, HEIGHT)[:, None, None]
    wall = np.broadcast_to(down * np.array([120.0, 138.0, 134.0]), (HEIGHT, WIDTH, 3)).astype(np.uint8)
    heads = [cv2.resize(portrait, (230, 230), interpolation=cv2.INTER_AREA) for portrait in portraits().values()]
    count = FRAMES_PER_SECOND * SECONDS
    for step in range(count):
        turn = 2 * np.pi * step / count
        frame = wall.copy()
        for head, side in zip(heads, (-1, 1), strict=True):
            x = round(WIDTH / 2 + side * (165 + 25 * np.sin(turn)) - 115)
            y = round(75 + 22 * np.sin(2 * turn + side))
            frame[y : y + 230, x : x + 230] = head
        yield frame
