"""From a choice of data to pictures in memory."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.course.data.choice import DataChoice, Digits, EnrolledFaces, Folder, Source, Stored
from training.course.data.digits import digits
from training.course.data.folders import read_pictures, title_of
from training.course.data.library import open_pictures, read_data_set, verify
from training.course.data.pictures import Labels, Pictures, PictureSet, Split, SplitSettings, split
from training.course.data.shift import shifted
from training.course.data.sizes import squares
from training.errors import DataError

log = logging.getLogger(__name__)

Enrolled = Callable[[], PictureSet]
"""Gives the faces enrolled: the course itself knows nothing of people."""


def load_split(choice: DataChoice, settings: SplitSettings, storage: Path, enrolled: Enrolled | None = None) -> Split:
    """The pictures of an experiment in their three parts. The same arguments and data always give the same parts.

    The test pictures are shifted here, whether the data set holds them back itself or the split does.

    Raises:
        DataError, ArchiveError: as `load_pictures` and `split`; or the shift moves pictures out of sight.
    """
    parts = split(load_pictures(choice, storage, settings.seed, enrolled), settings)
    test = replace(parts.test, images=shifted(parts.test.images, choice.shift, settings.seed))
    return replace(parts, test=test)


def load_pictures(choice: DataChoice, storage: Path, seed: int, enrolled: Enrolled | None = None) -> PictureSet:
    """The pictures chosen: their classes, at most `limit` of each, at the size asked for. Nothing is shifted yet.

    The limit counts pictures to learn from and to validate by, and where the data set holds no test pictures back, those
    too.

    Args:
        choice: what to load.
        storage: the storage folder.
        seed: of the choice where there are more than `limit`.
        enrolled: gives the enrolled faces.

    Raises:
        DataError: there are no such pictures, or no such classes, or the choice is of enrolled faces without `enrolled`.
        ArchiveError: of a zip that is damaged, unsafe or too large.
    """
    data = _source(choice.source, choice.side, storage, enrolled)
    places = _places(data, choice.classes)
    return PictureSet(
        data.title,
        data.classes if choice.classes is None else choice.classes,
        _chosen(data.train, places, choice.limit, choice.side, seed),
        None if data.test is None else _chosen(data.test, places, None, choice.side, seed),
    )


def _source(source: Source, side: int | None, storage: Path, enrolled: Enrolled | None) -> PictureSet:
    match source:
        case Digits():
            return digits()
        case Stored(key=key):
            stored = open_pictures(storage, key)
            verify(stored, read_data_set(storage, key))
            return stored
        case Folder(path=path):
            found = read_pictures(path, title_of(path), side)
            for file in found.report.left_out:
                log.warning("left out: %s. %s", file.file, file.reason)
            return found.pictures
        case EnrolledFaces():
            if enrolled is None:
                raise DataError("The enrolled faces can't be used here. Choose another data set.")
            return enrolled()


def _places(data: PictureSet, classes: tuple[str, ...] | None) -> Labels:
    """The places of the classes chosen among those there are."""
    if classes is None:
        return np.arange(len(data.classes))
    unknown = [name for name in classes if name not in data.classes]
    if unknown or len(set(classes)) < len(classes):
        what = f"has no class {', '.join(unknown[:3])}" if unknown else "is asked for a class twice"
        raise DataError(f"{data.title} {what}. Its classes are {', '.join(data.classes[:20])}.")
    return np.array([data.classes.index(name) for name in classes])


def _chosen(pictures: Pictures, places: Labels, limit: int | None, side: int | None, seed: int) -> Pictures:
    """Copies in memory of those that are asked for, in their own order."""
    random = np.random.default_rng(seed)
    rows = [np.flatnonzero(pictures.labels == place) for place in places]
    kept = [row if limit is None or len(row) <= limit else random.choice(row, limit, replace=False) for row in rows]
    which = np.sort(np.concatenate(kept))
    labels = np.empty(places.max() + 1, np.int64)
    labels[places] = np.arange(len(places))
    images = np.asarray(pictures.images[which])
    return Pictures(images if side is None else squares(images, side), labels[pictures.labels[which]])
