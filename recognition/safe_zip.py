"""Reading zips from strangers: nothing is extracted by its own path, or decompressed without bound."""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from recognition.errors import ArchiveError

MIB = 1024 * 1024

_CHUNK = 256 * 1024
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_DRIVE = re.compile(r"[A-Za-z]:")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    IndexError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
"""What zipfile raises when bytes make no sense."""


@dataclass(frozen=True)
class ZipLimits:
    """What is too much. Sizes are uncompressed bytes, measured while reading: the zip's own figures may lie.

    Attributes:
        entries: files and folders listed.
        entry_bytes: of one file.
        total_bytes: of everything read.

    Raises:
        ValueError: less than 1.
    """

    entries: int = 20_000
    entry_bytes: int = 50 * MIB
    total_bytes: int = 2048 * MIB

    def __post_init__(self) -> None:
        if min(self.entries, self.entry_bytes, self.total_bytes) < 1:
            raise ValueError(f"limits must be 1 or more, got {self}")


class DamagedEntryError(ArchiveError):
    """One file of a zip that can't be read, while others may be fine."""


@dataclass(frozen=True)
class ZipEntry:
    """A file in a zip: the parts of its path, and zipfile's description of it."""

    parts: tuple[str, ...]
    info: zipfile.ZipInfo

    @property
    def path(self) -> str:
        return "/".join(self.parts)


class SafeZip:
    """A zip whose entries have been looked over.

    Attributes:
        entries: the files in it, in the zip's order.

    Raises:
        ArchiveError: it is unsafe.
    """

    def __init__(self, archive: zipfile.ZipFile, limits: ZipLimits) -> None:
        infos = archive.infolist()
        if len(infos) > limits.entries:
            raise ArchiveError(f"The zip has {len(infos):,} files; at most {limits.entries:,} are taken. Split it.")
        self._archive = archive
        self._limits = limits
        self._left = limits.total_bytes
        self.entries = [ZipEntry(_safe_parts(info), info) for info in infos if not info.is_dir()]

    def read(self, entry: ZipEntry, limit: int | None = None) -> bytes:
        """The content of an entry.

        Args:
            limit: bytes to take instead of `ZipLimits.entry_bytes`.

        Raises:
            DamagedEntryError: this entry can't be read.
            ArchiveError: it is larger than allowed, or all that was read together is.
        """
        limit = self._limits.entry_bytes if limit is None else limit
        content = bytearray()
        for chunk in self._chunks(entry):
            content += chunk
            if len(content) > limit:
                raise ArchiveError(f"{entry.path} in the zip is larger than {limit // MIB} MiB.")
        return bytes(content)

    def lines(self, entry: ZipEntry, limit: int) -> Iterator[bytes]:
        """The lines of an entry of any size, without their ends.

        Args:
            limit: bytes a line may have.

        Raises:
            DamagedEntryError: this entry can't be read. Some lines may have come before.
            ArchiveError: a line is longer than allowed, or all that was read together is larger.
        """
        rest = b""
        for chunk in self._chunks(entry):
            *whole, rest = (rest + chunk).split(b"\n")
            if max(map(len, (*whole, rest))) > limit:
                raise ArchiveError(f"{entry.path} in the zip has a line of more than {limit // MIB} MiB.")
            yield from whole
        if rest:
            yield rest

    def _chunks(self, entry: ZipEntry) -> Iterator[bytes]:
        try:
            with self._archive.open(entry.info) as stream:
                while chunk := stream.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        total = self._limits.total_bytes // MIB
                        raise ArchiveError(f"The zip unpacks to more than {total} MiB. Split it.")
                    yield chunk
        except _DAMAGE as error:
            raise DamagedEntryError(f"{entry.path} in the zip is damaged.") from error


@contextmanager
def open_archive(source: Path | bytes | BinaryIO, limits: ZipLimits | None = None) -> Iterator[SafeZip]:
    """Open a zip that may be hostile.

    Raises:
        ArchiveError: not a zip, damaged, protected by a password, with links, with paths that lead out of the zip,
            with an unusual compression, or with more than the limits allow.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(source) if isinstance(source, bytes) else source)
    except _DAMAGE as error:
        raise ArchiveError("This is not a zip file, or it is damaged or incomplete.") from error
    with archive:
        yield SafeZip(archive, limits or ZipLimits())


def _safe_parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    name = _name(info).replace("\\", "/")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or ".." in parts or _DRIVE.match(name) or not parts:
        raise ArchiveError("The zip holds paths that lead out of it. It is not safe to read.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError("The zip holds links instead of files. Make it from real files.")
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError("The zip is protected by a password. Make one without.")
    # bzip2 and LZMA decompress whole blocks, beyond any limit asked for.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError("The zip uses an unusual compression. Make it with the common one, Deflate.")
    return parts


def _name(info: zipfile.ZipInfo) -> str:
    """An entry's name. Some programs write UTF-8 without saying so, which zipfile reads as code page 437."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename
