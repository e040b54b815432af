"""Lists of verification pairs in the formats of LFW (Huang et al. 2007): `pairs.txt`, `pairsDevTest.txt` and their kind.

    10  300                           folds and pairs of each kind in a fold; or only the second number; or no such line
    Abdullah_Gul  13  14              one person, pictures 13 and 14
    Abdullah_Gul  13  Ann_Veneman  1  two people

Fields are parted by tabs, or by spaces where a line has no tab.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recognition.pictures import SUFFIXES
from training.errors import EvaluationError

_NUMBER = re.compile(r"[0-9]{1,9}")
_SHOWN = 60
"""Characters of a line that an error message repeats."""


@dataclass(frozen=True)
class PictureName:
    """A picture as a list names it: whose it is and its number."""

    person: str
    number: int

    @property
    def stem(self) -> str:
        """The file's name without its suffix."""
        return f"{self.person}_{self.number:04d}"


@dataclass(frozen=True)
class Pair:
    """Two pictures to compare.

    Attributes:
        first, second: the pictures.
        fold: from 0.
        line: where the pair stands in its file, from 1.
    """

    first: PictureName
    second: PictureName
    fold: int
    line: int

    @property
    def genuine(self) -> bool:
        """Whether both are of one person."""
        return self.first.person == self.second.person


def read_pairs(file: Path) -> list[Pair]:
    """Read a list of pairs.

    Raises:
        EvaluationError: the file can't be read, is not text, or a line of it fits no format.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{file} is not a text file.") from error
    except OSError as error:
        raise EvaluationError(f"{file} can't be read: {error.strerror or error}.") from error
    return parse_pairs(text, file.name)


def parse_pairs(text: str, name: str) -> list[Pair]:
    """The pairs of a list. name: what to call it in error messages.

    Raises:
        EvaluationError: a line fits no format, there are not as many as announced, or not both kinds.
    """
    # Not splitlines: it also cuts at characters that may stand in a name.
    lines = [(number, _fields(line)) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    header: list[str] = []
    if lines and len(lines[0][1]) <= 2 and all(_NUMBER.fullmatch(field) for field in lines[0][1]):
        header = lines.pop(0)[1]
    pictures = [(line, *_pictures(fields, f"{name}, line {line}")) for line, fields in lines]
    size = _fold_size([int(field) for field in header], len(pictures), name)
    pairs = [Pair(first, second, row // size, line) for row, (line, first, second) in enumerate(pictures)]
    if len({pair.genuine for pair in pairs}) < 2:
        raise EvaluationError(f"{name} must hold pairs of one person as well as pairs of two people.")
    return pairs


def find_pictures(images: Path, pairs: list[Pair], name: str) -> dict[PictureName, Path]:
    """The file of every picture in the pairs: images/person/person_0001.EXT or images/person_0001.EXT.

    Raises:
        EvaluationError: a picture is not there, or the folder can't be read. `name` is that of the list.
    """
    if not images.is_dir():
        raise EvaluationError(f"There is no folder {images}.")
    folders: dict[Path, dict[str, Path]] = {}

    def find(folder: Path, stem: str) -> Path | None:
        if folder not in folders:
            folders[folder] = dict(_picture_stems(folder))
        return folders[folder].get(stem)

    found: dict[PictureName, Path] = {}
    for pair in pairs:
        for picture in (pair.first, pair.second):
            file = found.get(picture) or find(images / picture.person, picture.stem) or find(images, picture.stem)
            if file is None:
                raise EvaluationError(
                    f"{name}, line {pair.line}: there is no picture {picture.stem} (.jpg, .png …), neither in "
                    f"{images / picture.person} nor in {images}."
                )
            found[picture] = file
    return found


def _fields(line: str) -> list[str]:
    """Names may hold spaces where tabs part the fields."""
    by_tabs = [field.strip() for field in re.split(r"\t+", line.strip())]
    return by_tabs if len(by_tabs) > 2 else line.split()


def _pictures(fields: list[str], where: str) -> tuple[PictureName, PictureName]:
    match fields:
        case [person, first, second] if _is_name(person) and _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second):
            return PictureName(person, int(first)), PictureName(person, int(second))
        case [one, first, other, second] if (
            _is_name(one) and _is_name(other) and _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second)
        ):
            return PictureName(one, int(first)), PictureName(other, int(second))
    shown = " ".join(fields)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    raise EvaluationError(f"{where}: expected “name n m” or “name n other-name m”, got {shown!r}.")


def _is_name(field: str) -> bool:
    """Whether it can be the name of a person's folder; nothing that leads elsewhere."""
    return bool(field) and field not in (".", "..") and not set(field) & {"/", "\\", "\0"}


def _fold_size(header: list[int], pairs: int, name: str) -> int:
    """How many pairs a fold has. The numbers announced count the pairs of each kind, or those of both together."""
    if len(header) == 2:
        folds, each = header
        for size in (2 * each, each):
            if size and folds * size == pairs:
                return size
        raise EvaluationError(
            f"{name} announces {folds} folds of {each} pairs of each kind, {2 * folds * each} together, but has {pairs} pairs."
        )
    if header and pairs < header[0]:
        raise EvaluationError(f"{name} announces {header[0]} pairs of each kind but has only {pairs} pairs in all.")
    return max(pairs, 1)


def _picture_stems(folder: Path) -> Iterator[tuple[str, Path]]:
    """The pictures directly in a folder, by stem; none where there is no such folder."""
    try:
        # The last of a stem stays: sorted, so that it is the same one everywhere.
        yield from ((file.stem, file) for file in sorted(folder.iterdir()) if file.suffix.lower() in SUFFIXES)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise EvaluationError(f"The folder {folder} can't be read: {error.strerror or error}.") from error
