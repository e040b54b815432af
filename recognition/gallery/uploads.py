"""Pictures of many people at once: a zip, or a folder, with one folder per person."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from recognition.errors import ArchiveError
from recognition.pictures import is_picture_file
from recognition.safe_zip import DamagedEntryError, ZipLimits, open_archive


@dataclass(frozen=True)
class ArchivedPicture:
    """A picture file as found.

    Attributes:
        person: name of the folder it lies in, as it is; None at the top level.
        file: path within the zip or folder, for messages.
        data: the file's bytes; empty where it can't be read, which no picture reader accepts.
    """

    person: str | None
    file: str
    data: bytes


def iter_archive_pictures(source: Path | bytes | BinaryIO, limits: ZipLimits | None = None) -> Iterator[ArchivedPicture]:
    """Pictures of a zip of folders named by person, ordered by person. Other files are passed over.

    Raises:
        ArchiveError: not a zip, or unsafe (see `open_archive`). It may come after some pictures: sizes are
            measured while reading.
    """
    with open_archive(source, limits) as archive:
        for entry in sorted(archive.entries, key=lambda entry: _order(entry.parts)):
            if is_picture_file(entry.parts):
                try:
                    data = archive.read(entry)
                except DamagedEntryError:
                    data = b""
                yield ArchivedPicture(_person(entry.parts), entry.path, data)


def count_archive_pictures(source: Path | bytes | BinaryIO) -> dict[str | None, int]:
    """How many pictures of whom `iter_archive_pictures` will give; None for those that lie in no folder.

    Raises:
        ArchiveError: not a zip, or unsafe (see `open_archive`).
    """
    with open_archive(source) as archive:
        return Counter(_person(entry.parts) for entry in archive.entries if is_picture_file(entry.parts))


def iter_folder_pictures(folder: Path, limits: ZipLimits | None = None) -> Iterator[ArchivedPicture]:
    """Pictures of a folder of folders named by person, ordered by person. Linked folders are not entered.

    Args:
        limits: only the size of one file is looked at. A larger one counts as unreadable.

    Raises:
        ArchiveError: not a folder.
    """
    limit = (limits or ZipLimits()).entry_bytes
    if not folder.is_dir():
        raise ArchiveError(f"{folder} is not a folder.")
    paths = (Path(root, name) for root, _, names in os.walk(folder) for name in names)
    for parts in sorted((path.relative_to(folder).parts for path in paths), key=_order):
        if is_picture_file(parts):
            yield ArchivedPicture(_person(parts), "/".join(parts), _read(folder.joinpath(*parts), limit))


def _read(path: Path, limit: int) -> bytes:
    try:
        # A pipe or device of that name would keep us waiting for ever.
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError:
        return b""
    return data if len(data) <= limit else b""


def _person(parts: tuple[str, ...]) -> str | None:
    return parts[-2] if len(parts) > 1 else None


def _order(parts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return _person(parts) or "", parts
