"""Which class a file belongs to, and whether it is held back for the test, by the folders that it lies in."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from recognition.errors import InvalidNameError
from recognition.names import MAX_NAME, clean_name
from recognition.pictures import SUFFIXES
from training.course.data.files import Parts
from training.course.data.report import LeftOut
from training.errors import DataError

MAX_CLASSES = 1000
"""As many as ImageNet has."""

_TRAIN = frozenset({"train", "training"})
_TEST = frozenset({"test", "testing"})
_VALIDATION = frozenset({"val", "valid", "validation"})
_SYSTEM = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
_NUMBER = re.compile(r"([0-9]+)")


@dataclass(frozen=True)
class LabelledFile:
    """A picture's file: `label` is the place of its class, `test` says that it is held back for the test."""

    path: Parts
    label: int
    test: bool


@dataclass(frozen=True)
class Layout:
    """What the folders say.

    Attributes:
        classes: their names, numbers in the order of their values.
        files: ordered by part, class and path.
        left_out: files that are no pictures, or that lie in no class's folder. What operating systems add is not listed.
    """

    classes: tuple[str, ...]
    files: tuple[LabelledFile, ...]
    left_out: tuple[LeftOut, ...]


def layout(paths: Iterable[Parts]) -> Layout:
    """Read the folders: one a class, at the top or below `train` and `test`, all of it in further folders or not.

    Folders below a class's belong to the class. A validation part is the test where there is no other; else it joins the
    training pictures, from which validation pictures are drawn anyway.

    Raises:
        DataError: no pictures, fewer than two classes, more than `MAX_CLASSES`, a class's name that can't be one, or classes
            that differ between training and test.
    """
    ours = sorted(path for path in paths if not _of_a_system(path))
    pictures = [path for path in ours if PurePosixPath(path[-1]).suffix.lower() in SUFFIXES]
    if not pictures:
        raise DataError("There are no pictures (JPEG, PNG, WebP, BMP, TIFF, GIF). Put those of each class into its own folder.")
    top = _shared_top(pictures)
    parts = {path[top].casefold() for path in pictures if len(path) - top > 1}
    parted = parts <= _TRAIN | _TEST | _VALIDATION
    held_back = _TEST if parts & _TEST else _VALIDATION
    depth = top + parted
    found = [
        (parted and path[top].casefold() in held_back, _class_name(path[depth]), path)
        for path in pictures
        if len(path) - depth > 1
    ]
    classes = _classes(found)
    places = {name: place for place, name in enumerate(classes)}
    files = sorted(
        (LabelledFile(path, places[name], test) for test, name, path in found),
        key=lambda file: (file.test, file.label, file.path),
    )
    return Layout(classes, tuple(files), tuple(_left_out(ours, pictures, {path for _, _, path in found})))


def _left_out(ours: list[Parts], pictures: list[Parts], used: set[Parts]) -> Iterator[LeftOut]:
    known = set(pictures)
    for path in ours:
        if path not in used:
            name = "/".join(path)
            why = "lies in no folder of a class" if path in known else "is no picture by its ending"
            yield LeftOut(file=name, reason=f"{name} {why}.")


def _classes(found: list[tuple[bool, str, Parts]]) -> tuple[str, ...]:
    train, test = ({name for held, name, _ in found if held == part} for part in (False, True))
    if not train and test:
        raise DataError("There are test pictures, but none to learn from.")
    if len(train) < 2:
        only = f"only one, {next(iter(train))}" if train else "none"
        raise DataError(
            f"Telling apart needs at least two classes; there is {only}. Put the pictures of each into a folder of its own."
        )
    if len(train) > MAX_CLASSES:
        raise DataError(
            f"There are {len(train):,} classes; at most {MAX_CLASSES:,} are taken. Is every picture in a folder of its own?"
        )
    if test and train != test:
        sides = {"training": sorted(train - test, key=_order), "test": sorted(test - train, key=_order)}
        only = ", ".join(f"only in {part}: {_some(names)}" for part, names in sides.items() if names)
        raise DataError(f"Training and test have different classes ({only}). Give both the same folders.")
    return tuple(sorted(train, key=_order))


def _shared_top(pictures: list[Parts]) -> int:
    """How many folders lie around everything, so that a folder is left for the class."""
    shared = 0
    # Single pictures beside the folders don't count.
    while inside := [path for path in pictures if len(path) - shared > 1]:
        if len({path[shared] for path in inside}) > 1 or any(len(path) - shared == 2 for path in inside):
            break
        shared += 1
    return shared


def _class_name(folder: str) -> str:
    """A folder's name as a class's. Some systems store accents apart from their letters."""
    try:
        return clean_name(folder)
    except InvalidNameError as error:
        raise DataError(f"The folder {folder[:MAX_NAME]!r} can't be a class. {error}") from error


def _order(name: str) -> list[tuple[int, str]]:
    """Sorts 2 before 10, and without regard to case."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in _NUMBER.split(name) if part]


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _of_a_system(path: Parts) -> bool:
    return any(part.startswith(".") or part in _SYSTEM for part in path)
