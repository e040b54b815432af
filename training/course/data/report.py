"""What there is to know about a data set before something is learned from it."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from training.course.data.pictures import Pictures, PictureSet


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LeftOut(_Data):
    """A file that is not among the pictures, and why."""

    file: str
    reason: str


class Duplicate(_Data):
    """Files that show the same, pixel by pixel, at the size they were brought to.

    Attributes:
        files: two or more.
        classes: that they lie in. With more than one, a label is wrong.
        leaks: some are for training and some for the test, which then looks better than it is.
    """

    files: tuple[str, ...]
    classes: tuple[str, ...]
    leaks: bool


class Report(_Data):
    """An account of a data set.

    Attributes:
        train: pictures of each class to learn from, or of all where no test part is set aside.
        test: pictures of each class in the test part; None without one.
        sizes: different sizes that the pictures had.
        duplicates: pictures that are there more than once.
        left_out: files that could not be used.
    """

    train: dict[str, int]
    test: dict[str, int] | None
    sizes: int
    duplicates: tuple[Duplicate, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def examine(
    data: PictureSet, train: Sequence[str], test: Sequence[str] = (), sizes: int = 1, left_out: Sequence[LeftOut] = ()
) -> Report:
    """Count the pictures and find those that are there more than once.

    Args:
        data: the pictures.
        train, test: what to call each picture of the two parts.
        sizes: how many different ones they had.
        left_out: what else was found.
    """
    parts = [(data.train, train, False)] + ([] if data.test is None else [(data.test, test, True)])
    alike: dict[bytes, list[tuple[str, int, bool]]] = defaultdict(list)
    for pictures, names, held_back in parts:
        for image, label, name in zip(pictures.images, pictures.labels, names, strict=True):
            alike[hashlib.blake2b(image.tobytes(), digest_size=16).digest()].append((name, int(label), held_back))
    duplicates = [
        Duplicate(
            files=tuple(name for name, _, _ in group),
            classes=tuple(data.classes[label] for label in sorted({label for _, label, _ in group})),
            leaks=len({held_back for _, _, held_back in group}) == 2,
        )
        for group in alike.values()
        if len(group) > 1
    ]
    return Report(
        train=_counts(data, data.train),
        test=None if data.test is None else _counts(data, data.test),
        sizes=sizes,
        duplicates=tuple(duplicates),
        left_out=tuple(left_out),
    )


def _counts(data: PictureSet, pictures: Pictures) -> dict[str, int]:
    return dict(zip(data.classes, pictures.counts(len(data.classes)), strict=True))
