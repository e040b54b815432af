"""What there is to know about a data set before something is learned from it."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from training.course.data.pictures import Pictures, PictureSet

NAMED = 3
"""Files and classes that a sentence names; of the others it gives the number."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LeftOut(_Data):
    """A file that is not among the pictures, and why, as a sentence that names it."""

    file: str
    reason: str


class Duplicate(_Data):
    """Files that show the same. See docs/decisions.md, "Copies are compared after decoding".

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


@dataclass(frozen=True, eq=False)
class Examined:
    """A data set and the account of it."""

    pictures: PictureSet
    report: Report


def examine(data: PictureSet, names: Sequence[str] = (), sizes: int = 1, left_out: Sequence[LeftOut] = ()) -> Examined:
    """Count the pictures and find those that are there more than once.

    Args:
        data: the pictures.
        names: of their files, training pictures first; without names they go by their numbers.
        sizes: how many different ones they had.
        left_out: what else was found.
    """
    parts = {"training": data.train} | ({} if data.test is None else {"test": data.test})
    names = names or [f"{part} picture {number + 1}" for part, pictures in parts.items() for number in range(len(pictures))]
    named = iter(names)  # goes on in the next part
    alike: dict[bytes, list[tuple[str, int, str]]] = defaultdict(list)
    for part, pictures in parts.items():
        for image, label, name in zip(pictures.images, pictures.labels, named, strict=False):
            alike[hashlib.blake2b(image.tobytes(), digest_size=16).digest()].append((name, int(label), part))
    duplicates = [
        Duplicate(
            files=tuple(name for name, _, _ in group),
            classes=tuple(data.classes[label] for label in sorted({label for _, label, _ in group})),
            leaks=len({part for _, _, part in group}) == 2,
        )
        for group in alike.values()
        if len(group) > 1
    ]
    report = Report(
        train=_counts(data, data.train),
        test=None if data.test is None else _counts(data, data.test),
        sizes=sizes,
        duplicates=tuple(duplicates),
        left_out=tuple(left_out),
    )
    return Examined(data, report)


def problems(report: Report) -> list[str]:
    """What a person should know before trusting the data, a sentence or two each. Empty for a clean data set."""
    leaking = [group for group in report.duplicates if group.leaks]
    torn = [group for group in report.duplicates if len(group.classes) > 1]
    repeated = [group for group in report.duplicates if not group.leaks and len(group.classes) == 1]
    # One to learn from, one to validate, and one to test where the test part is still to be split off.
    needed = 3 if report.test is None else 2
    few = [name for name, count in report.train.items() if count < needed]
    found = []
    if report.left_out:
        found.append(f"{_count(len(report.left_out), 'file is', 'files are')} left out. {_reasons(report.left_out)}")
    if leaking:
        found.append(
            f"{_count(len(leaking), 'picture is', 'pictures are')} among the training and the test pictures alike, such as "
            f"{_example(leaking)}: the test looks better than it is. Remove them from one of the two."
        )
    if torn:
        found.append(
            f"{_count(len(torn), 'picture is', 'pictures are')} filed under several classes, such as {_example(torn)}: "
            f"{' or '.join(torn[0].classes)}? At least one label is wrong."
        )
    if repeated:
        found.append(
            f"{_count(len(repeated), 'picture is', 'pictures are')} there more than once, such as {_example(repeated)}. "
            "Copies count double, and the split may learn from one and judge by the other."
        )
    if few:
        has, these = ("has", "this class") if len(few) == 1 else ("have", "these classes")
        found.append(f"{_listed(few)} {has} fewer than {needed} pictures to learn from. Add some, or leave {these} out.")
    return found


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")


def _reasons(left_out: Sequence[LeftOut]) -> str:
    more = len(left_out) - NAMED
    return " ".join(file.reason for file in left_out[:NAMED]) + (f" And {more:,} more." if more > 0 else "")


def _example(groups: Sequence[Duplicate]) -> str:
    return " and ".join(groups[0].files[:2])


def _counts(data: PictureSet, pictures: Pictures) -> dict[str, int]:
    return dict(zip(data.classes, pictures.counts(len(data.classes)), strict=True))
