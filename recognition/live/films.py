"""Film files: their pictures, one after another, and a film that every browser plays, made of pictures."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from recognition.errors import PictureError
from recognition.pictures import MAX_PIXELS, Picture

LIVE_SIDE = 640
"""Longer side of the pictures, in pixels: what the live camera sends."""

USUAL_RATE = 25.0
"""Pictures a second of a film that doesn't say."""


@dataclass(frozen=True, eq=False)
class FilmPicture:
    """One picture of a film.

    Attributes:
        picture: (H, W, 3) uint8 RGB, the longer side at most `LIVE_SIDE`.
        position: its time in the film, in seconds.
        fraction: the share of the film that it stands at, 0 to 1.
        rate: pictures a second of the film.
    """

    picture: Picture
    position: float
    fraction: float
    rate: float


def read_film(film: Path | bytes) -> Iterator[FilmPicture]:
    """The pictures of a film, a file or its content, which stays in memory.

    Raises:
        PictureError: not a film we can read, without pictures, or of too many pixels.
    """
    name = film.name if isinstance(film, Path) else "This file"
    with _path_of(film) as path:
        capture = cv2.VideoCapture(str(path))
        try:
            if capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT) > MAX_PIXELS:
                raise PictureError(f"{name} has pictures of more than {MAX_PIXELS // 1_000_000} megapixels.")
            rate = capture.get(cv2.CAP_PROP_FPS)
            rate = rate if 1.0 <= rate <= 1000.0 else USUAL_RATE
            total = max(capture.get(cv2.CAP_PROP_FRAME_COUNT), 1.0)
            number, position = 0, 0.0
            while True:
                read, frame = capture.read()
                if not read:
                    break
                scale = LIVE_SIDE / max(frame.shape[:2])
                if scale < 1.0:
                    frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                # Phones film at a varying rate; a clock that stands still or goes back would stop the tracker.
                position = max(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, position + 0.001) if number else 0.0
                number += 1
                picture = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)
                yield FilmPicture(picture, position, min(number / total, 1.0), rate)
            if not number:
                raise PictureError(f"{name} is not a video we can read, or has no pictures.")
        finally:
            capture.release()


def rewrite_film(
    film: Path | bytes, change: Callable[[FilmPicture], Picture], progress: Callable[[float], None] = lambda fraction: None
) -> bytes:
    """The film with every picture changed, as `write_film` writes it.

    Args:
        change: gives the picture to write, (H, W, 3) uint8 RGB of the same size.
        progress: called after every picture with the share that is done; it may raise to stop.

    Raises:
        PictureError: not a film we can read, or this OpenCV can't write WebM.
    """
    pictures = read_film(film)
    first = next(pictures)

    def changed() -> Iterator[Picture]:
        written = 0
        for one in chain([first], pictures):
            picture = change(one)
            # The new film's rate is constant: a picture that was shown longer is written more than once.
            while written <= round(one.position * one.rate):
                yield picture
                written += 1
            progress(one.fraction)

    return write_film(changed(), first.rate)


def write_film(pictures: Iterable[Picture], rate: float) -> bytes:
    """A film without sound as WebM (VP8): what every OpenCV writes and every browser plays.

    Args:
        pictures: (H, W, 3) uint8 RGB, all of one size, at least one.
        rate: pictures a second.

    Raises:
        PictureError: this OpenCV can't write WebM.
    """
    with _writable() as (path, content):
        writer: cv2.VideoWriter | None = None
        try:
            for picture in pictures:
                # VP8 wants even sides.
                height, width = (side - side % 2 for side in picture.shape[:2])
                if writer is None:
                    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), rate, (width, height))
                    if not writer.isOpened():
                        raise PictureError("This computer's OpenCV can't write WebM films.")
                writer.write(cv2.cvtColor(picture[:height, :width], cv2.COLOR_RGB2BGR))
        finally:
            if writer is not None:
                writer.release()
        return content()


@contextmanager
def _path_of(film: Path | bytes) -> Iterator[Path]:
    """A path that OpenCV can open. For content in memory it leads to memory where the system has such files (Linux),
    elsewhere to a temporary file that is removed in the end. See docs/decisions.md, "Films from memory"."""
    if isinstance(film, Path):
        yield film
    elif hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("film"), "wb") as memory:
            memory.write(film)
            memory.flush()
            yield Path(f"/proc/self/fd/{memory.fileno()}")
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(film)
            file.flush()
            yield Path(file.name)


@contextmanager
def _writable() -> Iterator[tuple[Path, Callable[[], bytes]]]:
    """A path that OpenCV can write WebM to, and what gives its content; in memory where the system has such files."""
    # OpenCV tells the format by the name, which a file in memory has only through a link.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.webm"
        if hasattr(os, "memfd_create"):
            with os.fdopen(os.memfd_create("film"), "rb") as memory:
                path.symlink_to(f"/proc/self/fd/{memory.fileno()}")
                yield path, path.read_bytes
        else:
            yield path, path.read_bytes
