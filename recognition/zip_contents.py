"""What a zip holds, before anything is made of it: something this app has exported, or pictures. The one place that tells.

An export is told by its manifest. It need not be whole or unchanged: whoever reads it says what is wrong with it.
"""

import re
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Final

from recognition.errors import ArchiveError
from recognition.pictures import is_picture_file
from recognition.safe_zip import MIB, SafeZip, ZipEntry, ZipLimits, open_archive

LIMITS: Final = ZipLimits(entries=2_000_000, total_bytes=1024 * 1024 * MIB)
"""A gallery is larger than an upload. Its files are not, and each is checked against its hash."""

GALLERY_MANIFEST: Final = "gallery.json"
MODEL_MANIFEST: Final = "network.json"

_MANIFEST_BYTES = 64 * MIB
"""Of the longest manifest that is read anywhere."""


class Contents(Enum):
    """What a zip holds. The value is what to tell whoever has brought it to the wrong place."""

    GALLERY = "This zip is a copy of everyone, made under Settings. Restore it there, or on the page Add a person."
    MODEL = "This zip is a network that was tuned and exported. Import it on the page Train."
    PICTURES = "This zip holds pictures. Photos of people belong on the page Add a person."
    EMPTY = "This zip is empty."
    OTHER = "This zip holds no picture and nothing that was exported from this app."


_EXPORTS: Final = {
    Contents.GALLERY: (GALLERY_MANIFEST, b"familiar-gallery"),
    Contents.MODEL: (MODEL_MANIFEST, b"familiar-model"),
}
"""The manifest of each export, and the format that it names."""

_FORMAT = re.compile(rb'"format"\s*:\s*"([^"]*)"')


def look_into(source: Path | bytes | BinaryIO) -> Contents:
    """What a zip holds.

    Raises:
        ArchiveError: not a zip, or unsafe (see `open_archive`).
    """
    with open_archive(source, LIMITS) as archive:
        return contents_of(archive)


def contents_of(archive: SafeZip) -> Contents:
    """What an open zip holds."""
    for contents, (manifest, form) in _EXPORTS.items():
        if _is_export(archive, manifest, form):
            return contents
    if any(is_picture_file(entry.parts) for entry in archive.entries):
        return Contents.PICTURES
    return Contents.OTHER if archive.entries else Contents.EMPTY


def expect(source: Path | bytes | BinaryIO, wanted: Contents) -> None:
    """Refuse a zip that holds something else.

    Raises:
        ArchiveError: it does; the words say what it is and where it belongs. Or not a zip, or unsafe.
    """
    found = look_into(source)
    if found is not wanted:
        raise ArchiveError(found.value)


def exported_files(archive: SafeZip, manifest: str) -> dict[str, ZipEntry]:
    """The files of an export by their path in it; none where its manifest is missing. They may lie in one folder: browsers
    unpack what they download, and whoever packs that again packs the folder."""
    for entry in archive.entries:
        if len(entry.parts) <= 2 and entry.parts[-1] == manifest and "__MACOSX" not in entry.parts:
            folder = entry.parts[:-1]
            within = (other for other in archive.entries if other.parts[: len(folder)] == folder)
            return {"/".join(other.parts[len(folder) :]): other for other in within}
    return {}


def _is_export(archive: SafeZip, manifest: str, form: bytes) -> bool:
    files = exported_files(archive, manifest)
    if not files:
        return False
    try:
        named = _FORMAT.search(archive.read(files[manifest], _MANIFEST_BYTES))
    except ArchiveError:
        named = None
    # One that names no format is more likely a damaged export than a file of somebody else's.
    return named is None or named[1] == form
