"""Moving a whole gallery between machines as one zip file."""

import io
import os
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from recognition.errors import ArchiveError, PictureError, StorageError
from recognition.gallery.archive_format import (
    HEADER,
    LINE_BYTES,
    PEOPLE,
    V1_BYTES,
    ArchivedPerson,
    ArchivedPhoto,
    DocumentV1,
    Header,
    read_header,
    read_people,
    to_text,
    write_people,
)
from recognition.gallery.encoded import EncodedPhoto, has_no_margin, unpack
from recognition.gallery.files import crop_file, photo_file
from recognition.gallery.queries import VISIBLE_PERSON
from recognition.gallery.records import check_crop
from recognition.gallery.store import Gallery
from recognition.gallery.tables import Person, Photo, Template
from recognition.pictures import read_picture
from recognition.safe_zip import SafeZip, ZipEntry, open_archive
from recognition.whole_files import PARTIAL
from recognition.zip_contents import LIMITS, Contents, expect, exported_files

_PEOPLE_AT_ONCE = 200
"""How many are loaded together for an export."""

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
"""How such files begin."""

Progress = Callable[[int, int], None]
"""Called with the number of photos done and of all. It may raise to stop."""


def _silent(_done: int, _total: int) -> None:
    pass


@dataclass(frozen=True)
class ExportReceipt:
    """What an archive holds. The files of `skipped` photos are missing (see `health.check`) or were just deleted."""

    people: int
    photos: int
    skipped: int


@dataclass(frozen=True)
class ImportReceipt:
    """What an import added: new people, new photos. `duplicates` counts photos that were there already."""

    people: int
    photos: int
    duplicates: int


def export_zip(gallery: Gallery, path: Path, progress: Progress = _silent) -> ExportReceipt:
    """Write everything in the gallery to a zip file, which appears under its name only once it is whole.

    Raises:
        StorageError: the gallery can't be read, or the zip can't be written.
    """
    with zip_beside(path) as archive:
        return _export(gallery, archive, progress)


def export_to_memory(gallery: Gallery, progress: Progress = _silent) -> tuple[bytes, ExportReceipt]:
    """The same zip as bytes, for a download, and what it holds: no copy of anybody's face is left on the disk.

    Raises:
        StorageError: the gallery can't be read.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        receipt = _export(gallery, archive, progress)
    return buffer.getvalue(), receipt


def _export(gallery: Gallery, archive: zipfile.ZipFile, progress: Progress) -> ExportReceipt:
    people = _snapshot(gallery)
    total = sum(len(person.photos) for person in people)
    kept: list[ArchivedPerson] = []
    done = written = 0
    stored: set[str] = set()
    for person in people:
        photos = []
        for photo in person.photos:
            progress(done, total)
            done += 1
            if _copy_files(gallery, photo, archive, stored):
                photos.append(photo)
        written += len(photos)
        kept.append(person.model_copy(update={"photos": photos}))
    archive.writestr(HEADER, Header(photos=written).model_dump_json(), zipfile.ZIP_DEFLATED)
    listing = zipfile.ZipInfo(PEOPLE)
    listing.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(listing, "w", force_zip64=True) as stream:
        stream.writelines(write_people(kept))
    progress(total, total)
    return ExportReceipt(len(kept), written, total - written)


def import_zip(gallery: Gallery, source: Path | BinaryIO, progress: Progress = _silent) -> ImportReceipt:
    """Add an exported gallery to this one. Nothing is overwritten, and importing twice adds nothing.

    Each person is one transaction: after a failure the people before are there, and importing again completes
    it. Photos of a person whose name is enrolled already are added to that person.

    Args:
        source: the zip, or its content as a stream that can seek.

    Raises:
        ArchiveError: not an exported gallery, of a newer version, or damaged.
        StorageError, GalleryBusyError: the gallery can't be written to.
    """
    expect(source, Contents.GALLERY)
    with open_archive(source, LIMITS) as archive:
        entries = exported_files(archive, HEADER)
        total, people = _people(archive, entries)
        done = added = new_people = 0
        for person in people:
            photos = []
            for photo in person.photos:
                progress(done, total)
                done += 1
                photos.append(_photo(archive, entries, photo))
            if photos:
                receipt = gallery.restore(person.name, person.created_at, person.consented_at, photos)
                if receipt:
                    added += receipt.added
                    new_people += receipt.person.photo_count == receipt.added
        progress(total, total)
        return ImportReceipt(new_people, added, total - added)


def _snapshot(gallery: Gallery) -> list[ArchivedPerson]:
    """All rows as of one moment."""
    photos = selectinload(Person.photos.and_(Photo.removal_id.is_(None))).selectinload(Photo.templates).undefer(Template.vector)
    everyone = sa.select(Person).where(VISIBLE_PERSON).options(photos).order_by(Person.name_key)
    with gallery.database.read() as session:
        # In parts, since the objects take several times the memory of what is kept of them.
        rows = session.scalars(everyone.execution_options(yield_per=_PEOPLE_AT_ONCE))
        return [
            ArchivedPerson(
                name=person.name,
                created_at=person.created_at,
                consented_at=person.consented_at,
                photos=[
                    ArchivedPhoto(
                        sha256=photo.sha256,
                        crop_sha256=photo.crop_sha256,
                        landmarks=unpack(photo.landmarks, 2).tolist(),
                        source=photo.source,
                        created_at=photo.created_at,
                        quality=photo.quality,
                        templates={template.network: to_text(template.vector) for template in photo.templates},
                    )
                    for photo in person.photos
                ],
            )
            for person in rows
        ]


def _copy_files(gallery: Gallery, photo: ArchivedPhoto, archive: zipfile.ZipFile, stored: set[str]) -> bool:
    """Put a photo's files into the zip; False, and nothing put, if one of them is missing."""
    try:
        names = photo_file(photo.sha256), crop_file(photo.crop_sha256)
        files = {file: gallery.files.read(file) for file in names}
    except StorageError:
        return False
    for file in files.keys() - stored:
        # JPEG and PNG are compressed already.
        archive.writestr(file, files[file], zipfile.ZIP_STORED)
        stored.add(file)
    return True


def _people(archive: SafeZip, entries: Mapping[str, ZipEntry]) -> tuple[int, Iterable[ArchivedPerson]]:
    """How many photos a zip lists, and the people with theirs."""
    header = read_header(archive.read(entries[HEADER], V1_BYTES))
    if isinstance(header, DocumentV1):
        return sum(len(person.photos) for person in header.people), header.people
    if PEOPLE not in entries:
        raise ArchiveError("The list of people is missing in this zip. Export the gallery again.")
    # Each has a file of its own: a list of more could only be meant to fill the memory.
    if header.photos > len(entries):
        raise ArchiveError("Photos are missing in this zip. Export the gallery again.")
    return header.photos, read_people(archive.lines(entries[PEOPLE], LINE_BYTES), header.photos)


def _photo(archive: SafeZip, entries: Mapping[str, ZipEntry], photo: ArchivedPhoto) -> EncodedPhoto:
    """A photo with its files, whose content must fit the checksums in their names."""
    jpeg = _content(archive, entries, photo_file(photo.sha256))
    png = _content(archive, entries, crop_file(photo.crop_sha256))
    encoded = EncodedPhoto(
        jpeg=jpeg,
        png=png,
        landmarks=photo.points(),
        source=photo.source,
        quality=photo.quality,
        templates=photo.vectors(),
        created_at=photo.created_at,
    )
    if (encoded.sha256, encoded.crop_sha256) != (photo.sha256, photo.crop_sha256):
        raise ArchiveError("A photo in this zip was changed or damaged: it does not fit its checksum.")
    # The checksum proves that the file is what the sender had, not that it is a picture.
    try:
        if not (jpeg.startswith(_JPEG) and png.startswith(_PNG)):
            raise ArchiveError("A photo in this zip is not a JPEG, or its crop not a PNG.")
        read_picture(jpeg)
        crop = read_picture(png)
        if not has_no_margin(png):
            check_crop(crop)
    except (PictureError, ValueError) as error:
        raise ArchiveError("A photo in this zip is not a picture that can be read.") from error
    return encoded


def _content(archive: SafeZip, entries: Mapping[str, ZipEntry], file: str) -> bytes:
    if file not in entries:
        raise ArchiveError("A photo is missing in this zip. Export the gallery again.")
    return archive.read(entries[file])


@contextmanager
def zip_beside(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip to be written, readable by the owner only; renamed to path at the end, or gone after an error."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}{PARTIAL}")
    try:
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "w+b") as stream:
            with zipfile.ZipFile(stream, "w") as archive:
                yield archive
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)  # noqa: PTH105
    except BaseException as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StorageError(
                f"The zip can't be written to {path.parent} ({error.strerror or error}). "
                "Check that the folder exists, may be written to and has free space."
            ) from error
        raise
