"""The rows of photos, within a transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from recognition.errors import NotEnrolledError
from recognition.gallery.encoded import EncodedPhoto, pack, unpack
from recognition.gallery.files import crop_file, photo_file
from recognition.gallery.records import Duplicate, PhotoQuality, PhotoRecord
from recognition.gallery.tables import Person, Photo, Template
from recognition.gallery.template_rows import chunks, put_vectors

_QUALITY = [field.name for field in fields(PhotoQuality)]


def list_photos(session: Session, person_id: int) -> list[PhotoRecord]:
    """A person's photos, oldest first."""
    return _records(session, Photo.person_id == person_id)


def get_photo(session: Session, photo_id: int) -> PhotoRecord:
    """One photo by id, or NotEnrolledError."""
    found = _records(session, Photo.id == photo_id)
    if not found:
        raise NotEnrolledError("This photo is not in the gallery (any more).")
    return found[0]


def are_stored(session: Session, photo_ids: Collection[int]) -> bool:
    """Whether every one of these photos is there."""
    wanted = sorted(set(photo_ids))
    query = sa.select(sa.func.count(Photo.id))
    return all(session.execute(query.where(Photo.id.in_(part))).scalar_one() == len(part) for part in chunks(wanted))


def insert_photos(session: Session, person_id: int, photos: Iterable[EncodedPhoto]) -> None:
    """Add photos and their templates to a person."""
    vectors: dict[str, dict[int, bytes]] = {}
    for photo in photos:
        row = Photo(
            person_id=person_id,
            sha256=photo.sha256,
            crop_sha256=photo.crop_sha256,
            landmarks=pack(photo.landmarks),
            source=photo.source,
            created_at=photo.created_at,
            **asdict(photo.quality),
        )
        session.add(row)
        session.flush()
        for network, vector in photo.templates.items():
            vectors.setdefault(network, {})[row.id] = pack(vector)
    for network, blobs in vectors.items():
        put_vectors(session, network, blobs)


def split_duplicates(
    session: Session, photos: Sequence[EncodedPhoto], name: str
) -> tuple[list[EncodedPhoto], tuple[Duplicate, ...]]:
    """Photos that are new; and those stored already or met twice among these, which then belong to `name`."""
    owners: dict[str, str] = {}
    for part in chunks([photo.sha256 for photo in photos]):
        query = sa.select(Photo.sha256, Person.name).join(Person).where(Photo.sha256.in_(part))
        owners.update((sha256, owner) for sha256, owner in session.execute(query))
    fresh: list[EncodedPhoto] = []
    duplicates: list[Duplicate] = []
    for position, photo in enumerate(photos):
        if photo.sha256 in owners:
            duplicates.append(Duplicate(position, owners[photo.sha256]))
        else:
            owners[photo.sha256] = name
            fresh.append(photo)
    return fresh, tuple(duplicates)


def move_photos(session: Session, source_id: int, into_id: int) -> None:
    """Give all photos of one person to another."""
    session.execute(sa.update(Photo).where(Photo.person_id == source_id).values(person_id=into_id))


def delete_photo_row(session: Session, photo_id: int) -> None:
    """Delete a photo; the database deletes its templates with it."""
    session.execute(sa.delete(Photo).where(Photo.id == photo_id))


def files_of(photos: Iterable[PhotoRecord]) -> set[str]:
    """The files of these photos."""
    return {file for photo in photos for file in (photo_file(photo.sha256), crop_file(photo.crop_sha256))}


def files_in_use(session: Session, files: Iterable[str]) -> set[str]:
    """Which of these files belong to a stored photo."""
    used: set[str] = set()
    for part in chunks(sorted({PurePosixPath(file).stem for file in files})):
        photos = session.scalars(sa.select(Photo.sha256).where(Photo.sha256.in_(part)))
        crops = session.scalars(sa.select(Photo.crop_sha256).where(Photo.crop_sha256.in_(part)))
        used.update(map(photo_file, photos), map(crop_file, crops))
    return used


def all_files_in_use(session: Session) -> set[str]:
    """The files of every stored photo."""
    rows = session.execute(sa.select(Photo.sha256, Photo.crop_sha256))
    return {file for sha256, crop in rows for file in (photo_file(sha256), crop_file(crop))}


def _records(session: Session, condition: sa.ColumnElement[bool]) -> list[PhotoRecord]:
    networks: dict[int, list[str]] = {}
    templates = sa.select(Template.photo_id, Template.network).join(Photo).where(condition)
    for photo_id, network in session.execute(templates.order_by(Template.network)):
        networks.setdefault(photo_id, []).append(network)
    return [
        PhotoRecord(
            id=row.id,
            person_id=row.person_id,
            sha256=row.sha256,
            crop_sha256=row.crop_sha256,
            landmarks=unpack(row.landmarks, 2),
            source=row.source,
            created_at=row.created_at,
            quality=PhotoQuality(**{name: getattr(row, name) for name in _QUALITY}),
            networks=tuple(networks.get(row.id, ())),
        )
        for row in session.scalars(sa.select(Photo).where(condition).order_by(Photo.id))
    ]
