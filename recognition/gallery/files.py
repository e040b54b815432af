"""Photo and crop files, named by the SHA-256 of their content. A file is there whole or not at all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recognition.errors import StorageError
from recognition.whole_files import write_whole

MARK = "gallery.id"
"""File with the number of the gallery that a storage folder belongs to."""

_OURS = re.compile(r"(photos|crops)/[0-9a-f]{2}/[0-9a-f]{64}\.(jpg|png)(\.[0-9a-f]+\.part)?")


def photo_file(sha256: str) -> str:
    """Where a photo lies, relative to the storage folder."""
    return f"photos/{sha256[:2]}/{sha256}.jpg"


def crop_file(sha256: str) -> str:
    """Where a crop lies, relative to the storage folder."""
    return f"crops/{sha256[:2]}/{sha256}.png"


class Files:
    """The files below a storage folder. A file goes by its path relative to it, with forward slashes.

    Every method raises StorageError when the folder is missing, full or may not be written to.
    """

    def __init__(self, storage: Path) -> None:
        self._storage = storage

    def claim(self, gallery: str) -> None:
        """Mark the folder as belonging to a gallery, given by its number in the database.

        Files without a row get removed, so files of another database must never come under this one.

        Raises:
            StorageError: it is another gallery's.
        """
        mark = self._storage / MARK
        with self._translate_errors():
            if not mark.exists():
                write_whole(mark, gallery.encode())
            owner = mark.read_bytes()
        if owner != gallery.encode():
            raise StorageError(
                f"The photos in {self._storage} belong to another database. "
                "Use the database they came with, or choose an empty storage folder."
            )

    def write(self, file: str, data: bytes) -> None:
        """Store a file: visible under its name only once all of it is on the disk."""
        target = self._storage / file
        with self._translate_errors():
            # Never makes the storage folder itself: if that is gone, its drive is.
            for folder in (target.parent.parent, target.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            write_whole(target, data)

    def read(self, file: str) -> bytes:
        """The content of a file."""
        with self._translate_errors():
            try:
                return (self._storage / file).read_bytes()
            except FileNotFoundError as error:
                # Without the folder itself its drive is the reason.
                self._storage.stat()
                raise StorageError(
                    f"The file {file} is missing in the storage folder {self._storage}. Put it back from a backup, "
                    "or delete the photo."
                ) from error

    def remove(self, file: str) -> bool:
        """Remove a file; False if it was not there."""
        with self._translate_errors():
            try:
                (self._storage / file).unlink()
            except FileNotFoundError:
                return False
            return True

    def all(self) -> set[str]:
        """Every photo and crop, partial ones too. Files with other names than ours are left out."""
        with self._translate_errors():
            self._storage.stat()
            paths = (path for kind in ("photos", "crops") for path in (self._storage / kind).glob("*/*"))
            files = {path.relative_to(self._storage).as_posix() for path in paths}
        return {file for file in files if _OURS.fullmatch(file)}

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"The storage folder {self._storage} can't be used ({error.strerror or error}). "
                "Check that its drive is connected, that it may be written to, and that it has free space."
            ) from error
