"""What several of the gallery's methods ask the database, within a transaction."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from recognition.errors import NameTakenError, NotEnrolledError
from recognition.gallery.encoded import EncodedPhoto
from recognition.gallery.files import crop_file, photo_file
from recognition.gallery.records import Duplicate
from recognition.gallery.tables import Person, Photo
from recognition.names import name_key

CHUNK = 500
"""Values in one IN list: databases limit them, SQLite before 3.32 to 999."""

VISIBLE_PERSON = Person.removal_id.is_(None)
VISIBLE_PHOTO = sa.and_(Photo.removal_id.is_(None), Photo.person.has(VISIBLE_PERSON))

_Value = TypeVar("_Value")


def chunks(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Cut values into parts that fit an IN list."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def get_person(session: Session, person_id: int) -> Person:
    """One person by id, or NotEnrolledError; also for one who is hidden."""
    person = session.get(Person, person_id)
    if person is None or person.removal_id is not None:
        raise NotEnrolledError("This person is not in the gallery (any more).")
    return person


def get_photo(session: Session, photo_id: int) -> Photo:
    """One photo by id, or NotEnrolledError; also for one that is hidden."""
    photo = session.get(Photo, photo_id)
    if photo is None or photo.removal_id is not None or photo.person.removal_id is not None:
        raise NotEnrolledError("This photo is not in the gallery (any more).")
    return photo


def find_person(session: Session, name: str) -> Person | None:
    """The person whose name is equal but for case, or None. Somebody hidden has given up the key."""
    return session.scalars(sa.select(Person).where(Person.name_key == name_key(name))).one_or_none()


def refuse_taken(session: Session, name: str, but: Person | None = None) -> None:
    """Raises NameTakenError if somebody else has this name."""
    owner = find_person(session, name)
    if owner is not None and owner is not but:
        raise NameTakenError(f"{owner.name} is already enrolled. Add the photos to that person, or use another name.")


def are_stored(session: Session, photo_ids: Collection[int]) -> bool:
    """Whether every one of these photos is there, be it hidden."""
    wanted = sorted(set(photo_ids))
    query = sa.select(sa.func.count(Photo.id))
    return all(session.execute(query.where(Photo.id.in_(part))).scalar_one() == len(part) for part in chunks(wanted))


@dataclass(frozen=True)
class Sorted:
    """Photos that are handed in: new ones; those that are stored, but hidden; those met before, and with whom."""

    fresh: list[EncodedPhoto]
    hidden: list[str]
    duplicates: tuple[Duplicate, ...]


def sort_out(session: Session, photos: Sequence[EncodedPhoto], name: str) -> Sorted:
    """What of these photos is stored already. What is not, or hidden, belongs to `name` from then on."""
    owners: dict[str, str] = {}
    hidden: set[str] = set()
    for part in chunks([photo.sha256 for photo in photos]):
        query = sa.select(Photo.sha256, Person.name, VISIBLE_PHOTO).join(Photo.person).where(Photo.sha256.in_(part))
        for sha256, owner, visible in session.execute(query):
            if visible:
                owners[sha256] = owner
            else:
                hidden.add(sha256)
    fresh: list[EncodedPhoto] = []
    again: list[str] = []
    duplicates: list[Duplicate] = []
    for position, photo in enumerate(photos):
        if photo.sha256 in owners:
            duplicates.append(Duplicate(position, owners[photo.sha256]))
            continue
        owners[photo.sha256] = name
        if photo.sha256 in hidden:
            again.append(photo.sha256)
        else:
            fresh.append(photo)
    return Sorted(fresh, again, tuple(duplicates))


def files_in_use(session: Session, files: Iterable[str]) -> set[str]:
    """Which of these files belong to a stored photo, be it hidden."""
    used: set[str] = set()
    for part in chunks(sorted({PurePosixPath(file).stem for file in files})):
        photos = session.scalars(sa.select(Photo.sha256).where(Photo.sha256.in_(part)))
        crops = session.scalars(sa.select(Photo.crop_sha256).where(Photo.crop_sha256.in_(part)))
        used.update(map(photo_file, photos), map(crop_file, crops))
    return used


def all_files_in_use(session: Session) -> set[str]:
    """The files of every stored photo, hidden ones too."""
    rows = session.execute(sa.select(Photo.sha256, Photo.crop_sha256))
    return {file for sha256, crop in rows for file in (photo_file(sha256), crop_file(crop))}
