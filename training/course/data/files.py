"""The files of a folder or zip, as paths and bytes. What can't be read is an error of that file alone."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from recognition.errors import ArchiveError, PictureError
from recognition.safe_zip import MIB, DamagedEntryError, SafeZip, ZipEntry, ZipLimits, open_archive
from recognition.zip_contents import Contents, contents_of
from training.errors import DataError

LIMITS = ZipLimits(entries=500_000, entry_bytes=50 * MIB, total_bytes=8 * 1024 * MIB)
"""Seven times as many files as MNIST has; all of them are decoded into memory, where `folders.MAX_BYTES` bounds them."""

Parts = tuple[str, ...]
"""A path below the folder or within the zip: its folders, then the file."""


class Files(Protocol):
    """Files that lie somewhere."""

    @property
    def paths(self) -> Sequence[Parts]:
        """All of them, in no order."""

    def read(self, path: Parts) -> bytes:
        """The content of one.

        Raises:
            PictureError: it can't be read.
            ArchiveError: it is too large, or all that was read together is.
        """


@contextmanager
def open_files(source: Path | BinaryIO) -> Iterator[Files]:
    """The files of a folder or zip.

    Raises:
        DataError: no such folder or zip, or it can't be read.
        ArchiveError: no zip, damaged, unsafe or too large (see `open_archive`), or something that this app exported: faces of
            people who agreed to be recognised are no classes of an experiment.
    """
    if isinstance(source, Path) and source.is_dir():
        yield _Folder(source)
        return
    if isinstance(source, Path):
        _check_readable(source)
    with open_archive(source, LIMITS) as archive:
        found = contents_of(archive)
        if found in (Contents.GALLERY, Contents.MODEL):
            raise ArchiveError(found.value)
        yield _Zip(archive)


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Linked folders are not entered: they may lead in a circle.
        walk = os.walk(folder, onerror=_unreadable)
        self.paths = [Path(root, name).relative_to(folder).parts for root, _, names in walk for name in names]
        if len(self.paths) > LIMITS.entries:
            raise DataError(f"{folder} holds {len(self.paths):,} files; at most {LIMITS.entries:,} are taken.")

    def read(self, path: Parts) -> bytes:
        file, name = self._folder.joinpath(*path), "/".join(path)
        # A pipe or device of that name would keep us waiting for ever.
        if not file.is_file():
            raise PictureError(f"{name} is not a file.")
        try:
            with file.open("rb") as stream:
                data = stream.read(LIMITS.entry_bytes + 1)
        except OSError as error:
            raise PictureError(f"{name} can't be read: {error.strerror or error}.") from error
        if len(data) > LIMITS.entry_bytes:
            raise PictureError(f"{name} is larger than {LIMITS.entry_bytes // MIB} MiB.")
        return data


class _Zip:
    def __init__(self, archive: SafeZip) -> None:
        self._archive = archive
        self._entries: Mapping[Parts, ZipEntry] = {entry.parts: entry for entry in archive.entries}
        self.paths = list(self._entries)

    def read(self, path: Parts) -> bytes:
        try:
            return self._archive.read(self._entries[path])
        except DamagedEntryError as error:
            raise PictureError(str(error)) from error


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            return
    except OSError as error:
        raise DataError(f"{path} is no folder or zip that can be read ({error.strerror or error}).") from error


def _unreadable(error: OSError) -> None:
    raise DataError(f"The folder {error.filename} can't be read: {error.strerror}.") from error
