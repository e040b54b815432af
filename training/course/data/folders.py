"""Reading a folder or zip of pictures, one folder a class.

See docs/decisions.md, "Pictures are decoded by the one safe reader" and "Sizes of pictures".
"""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from recognition.errors import PictureError
from recognition.pictures import read_picture
from training.course.data.files import open_files
from training.course.data.layout import LabelledFile, layout
from training.course.data.pictures import Images, Pictures, PictureSet
from training.course.data.report import Examined, LeftOut, examine
from training.course.data.sizes import Channelled, square, with_channels, without_colour
from training.errors import DataError

MIXED_SIDE = 64
"""Side that pictures of different sizes are brought to when nobody says another."""

MAX_COMMON_SIDE = 256
"""Pictures that are all alike keep their size up to this side."""

MAX_BYTES = 2 * 1024**3
"""Of all pictures in memory."""

Progress = Callable[[int, int], None]
"""Called with pictures read and pictures in all. It may raise to stop."""


def read_pictures(
    source: Path | BinaryIO,
    title: str,
    side: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Examined:
    """Decode every picture of a folder or zip into memory; `layout` says how its folders are understood.

    Pictures become upright 8-bit RGB, or grey where all of them are grey whatever their format: (N, H, W, 1 or 3). Of an
    animation the first picture counts. Where all are of one size up to `MAX_COMMON_SIDE` they keep it; others are cut to
    their middle square and resized to `MIXED_SIDE`. Files that can't be read are in the report.

    Args:
        source: a folder, a zip, or a zip's content as a stream that can seek.
        title: what to call the data set.
        side: height and width of all pictures instead.
        progress: see `Progress`.

    Raises:
        DataError: nothing there, or nothing that can be learned from (see `layout`), or more than fits into memory.
        ArchiveError: the zip is damaged, unsafe or too large.
    """
    gathered = _Gathered(side)
    read: list[LabelledFile] = []
    with open_files(source) as files:
        found = layout(files.paths)
        left_out = list(found.left_out)
        for done, file in enumerate(found.files):
            progress(done, len(found.files))
            name = "/".join(file.path)
            try:
                gathered.add(read_picture(files.read(file.path), name))
            except PictureError as error:
                left_out.append(LeftOut(file=name, reason=str(error)))
            else:
                read.append(file)
    pictures = _assembled(title, found.classes, gathered.images(), read)
    names = ["/".join(file.path) for file in read]
    return examine(pictures, names, gathered.sizes, left_out)


def title_of(path: Path) -> str:
    """What to call a folder or zip."""
    path = path.resolve()
    return path.name if path.is_dir() else path.stem


def _assembled(title: str, classes: tuple[str, ...], images: Images, files: list[LabelledFile]) -> PictureSet:
    """The two parts; a class all of whose pictures were unreadable has none, which is told."""
    labels = np.array([file.label for file in files], np.int64)
    held_from = sum(not file.test for file in files)
    train = Pictures(images[:held_from], labels[:held_from])
    empty = [name for name, count in zip(classes, train.counts(len(classes)), strict=True) if not count]
    if empty:
        raise DataError(f"No picture of {', '.join(empty[:5])} can be read.")
    if np.bincount(train.labels).max() == 1:
        raise DataError("Each class has only one picture. At least three are needed: to learn from, to validate, and to test.")
    test = Pictures(images[held_from:], labels[held_from:]) if held_from < len(files) else None
    return PictureSet(title, classes, train, test)


class _Gathered:
    """Pictures as they come, brought to one size as soon as two sizes have come."""

    def __init__(self, side: int | None) -> None:
        self._side = side
        self._pictures: list[Channelled] = []
        self._sizes: set[tuple[int, ...]] = set()
        self._bytes = 0

    @property
    def sizes(self) -> int:
        return len(self._sizes)

    def add(self, rgb: Channelled) -> None:
        picture = without_colour(rgb)
        self._sizes.add(picture.shape[:2])
        if self._side is None and (len(self._sizes) > 1 or max(picture.shape) > MAX_COMMON_SIDE):
            self._side = MIXED_SIDE
            self._pictures = [square(earlier, MIXED_SIDE) for earlier in self._pictures]
            self._bytes = sum(earlier.nbytes for earlier in self._pictures)
        # A copy: a view would keep the whole picture in memory.
        self._pictures.append(square(picture, self._side) if self._side else picture.copy())
        self._bytes += self._pictures[-1].nbytes
        if self._bytes > MAX_BYTES:
            height, width, _ = self._pictures[-1].shape
            raise DataError(
                f"The pictures take more than {MAX_BYTES // 1024**3} GB of memory at {height}×{width} pixels. "
                "Choose a smaller side, or fewer pictures."
            )

    def images(self) -> Images:
        channels = max((picture.shape[2] for picture in self._pictures), default=1)
        shape = self._pictures[0].shape[:2] if self._pictures else (1, 1)
        images = np.empty((len(self._pictures), *shape, channels), np.uint8)
        for place, picture in zip(images, self._pictures, strict=True):
            place[:] = with_channels(picture, channels)
        return images
