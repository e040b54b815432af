"""Hiding, restoring and erasing people and photos, within a transaction.

A removal hides people or photos. A merge hides the person whose photos another one gets, and remembers which these were.
Restored or erased, a removal is gone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from recognition.errors import GalleryError, NotEnrolledError
from recognition.gallery import queries
from recognition.gallery.records import RemovalRecord
from recognition.gallery.tables import MergedPhoto, Person, Photo, Removal
from recognition.names import name_key, numbered


@dataclass(frozen=True)
class Deleted:
    """What was deleted: the number of photos, and files that perhaps nobody uses any more."""

    photos: int
    files: set[str]


def hide_people(session: Session, person_ids: Collection[int], aftermath: str) -> Removal:
    """Hide people, and give their names free. NotEnrolledError if one is not there."""
    people = [queries.get_person(session, person_id) for person_id in set(person_ids)]
    removal = _begin(session, aftermath)
    for person in people:
        _hide(person, removal)
    session.flush()
    return removal


def hide_photos(session: Session, photo_ids: Collection[int], aftermath: str) -> Removal:
    """Hide photos. NotEnrolledError if one is not there, GalleryError where nothing would stay of somebody."""
    photos = [queries.get_photo(session, photo_id) for photo_id in set(photo_ids)]
    removal = _begin(session, aftermath)
    for photo in photos:
        photo.removal_id = removal.id
    session.flush()
    for person in {photo.person for photo in photos}:
        session.refresh(person)
        if not person.photo_count:
            raise GalleryError(f"No photo of {person.name} would be left. Delete the person instead.")
    return removal


def merge(session: Session, source: Person, into: Person) -> Removal:
    """Give all photos of one person to another, hidden ones too, and hide the first."""
    removal = _begin(session, "")
    moved = [photo.id for photo in source.photos]
    session.add_all(MergedPhoto(removal_id=removal.id, photo_id=photo_id) for photo_id in moved)
    _give(session, moved, into.id)
    _hide(source, removal)
    session.flush()
    return removal


def restore(session: Session, removal_id: int) -> list[Person]:
    """Undo a removal; the people who are back. One whose name has been given away gets a number behind it."""
    removal = get_removal(session, removal_id)
    people = list(session.scalars(sa.select(Person).where(Person.removal_id == removal.id)))
    for person in people:
        _give_back(session, removal, person)
        if queries.find_person(session, person.name) is not None:
            person.name = numbered(person.name, set(session.scalars(sa.select(Person.name_key))))
        person.name_key, person.removal_id = name_key(person.name), None
        session.flush()
    session.execute(sa.update(Photo).where(Photo.removal_id == removal.id).values(removal_id=None))
    session.delete(removal)
    session.flush()
    session.expire_all()
    return people


def erase(session: Session, removal_id: int) -> Deleted:
    """Delete what a removal hides."""
    removal = get_removal(session, removal_id)
    people = session.scalars(sa.select(Person).where(Person.removal_id == removal.id)).all()
    alone = session.scalars(sa.select(Photo).where(Photo.removal_id == removal.id)).all()
    photos = {*alone, *(photo for person in people for photo in person.photos)}
    files = {file for photo in photos for file in photo.files}
    for row in (*photos, *people):
        session.delete(row)
    session.flush()
    session.delete(removal)
    session.flush()
    delete_emptied(session)
    return Deleted(len(photos), files)


def show_again(session: Session, sha256s: Sequence[str], person: Person) -> None:
    """Give hidden photos to a person who is enrolled with the same pictures again."""
    for part in queries.chunks(sha256s):
        for photo in session.scalars(sa.select(Photo).where(Photo.sha256.in_(part))):
            photo.person, photo.removal_id = person, None
            session.execute(sa.delete(MergedPhoto).where(MergedPhoto.photo_id == photo.id))
    session.flush()
    delete_emptied(session)


def delete_emptied(session: Session) -> None:
    """Delete removals and hidden people of whom nothing is left to be restored."""
    own = sa.exists().where(Photo.person_id == Person.id)
    lent = sa.exists().where(MergedPhoto.removal_id == Person.removal_id)
    session.execute(sa.delete(Person).where(Person.removal_id.is_not(None), ~own, ~lent))
    in_use = (sa.exists().where(table.removal_id == Removal.id) for table in (Person, Photo))
    session.execute(sa.delete(Removal).where(*(~one for one in in_use)))


def get_removal(session: Session, removal_id: int) -> Removal:
    """One removal by id, or NotEnrolledError."""
    removal = session.get(Removal, removal_id)
    if removal is None:
        raise NotEnrolledError("It is too late to undo this: it is deleted for good, or undone already.")
    return removal


def list_removals(session: Session) -> list[RemovalRecord]:
    """All that can be undone, the newest first."""
    return [record(session, removal) for removal in session.scalars(sa.select(Removal).order_by(Removal.id.desc()))]


def record(session: Session, removal: Removal) -> RemovalRecord:
    """A removal as the gallery hands it out."""
    people = session.execute(
        sa.select(Person.id, Person.name).where(Person.removal_id == removal.id).order_by(Person.name)
    ).all()
    theirs = Photo.person_id.in_(sa.select(Person.id).where(Person.removal_id == removal.id))
    photos = session.scalars(sa.select(Photo.id).where(sa.or_(Photo.removal_id == removal.id, theirs)))
    owners = sa.select(Person.name).where(Person.photos.any(Photo.removal_id == removal.id)).order_by(Person.name)
    merged = sa.select(MergedPhoto.photo_id).where(MergedPhoto.removal_id == removal.id)
    into = session.scalars(sa.select(Person.name).where(Person.photos.any(Photo.id.in_(merged))).limit(1)).first()
    return RemovalRecord(
        id=removal.id,
        at=removal.at,
        aftermath=removal.aftermath,
        people=tuple(name for _, name in people),
        photo_ids=frozenset(photos),
        owners=tuple(session.scalars(owners)),
        into=into,
    )


def _begin(session: Session, aftermath: str) -> Removal:
    removal = Removal(at=datetime.now(UTC), aftermath=aftermath)
    session.add(removal)
    session.flush()
    return removal


def _hide(person: Person, removal: Removal) -> None:
    person.removal_id = removal.id
    # No name has such a key: the name can be given to somebody else.
    person.name_key = f"\n{person.id}"


def _give(session: Session, photo_ids: Sequence[int], person_id: int) -> None:
    for part in queries.chunks(photo_ids):
        session.execute(sa.update(Photo).where(Photo.id.in_(part)).values(person_id=person_id))
    session.expire_all()


def _give_back(session: Session, removal: Removal, person: Person) -> None:
    """Undo a merge: the photos go back to the person who had them."""
    query = sa.select(MergedPhoto.photo_id).where(MergedPhoto.removal_id == removal.id)
    photo_ids = session.scalars(query).all()
    _give(session, photo_ids, person.id)
    for part in queries.chunks(photo_ids):
        # A later merge that is undone after this one does not get them: they are back where they were before both.
        later = sa.delete(MergedPhoto).where(MergedPhoto.removal_id >= removal.id, MergedPhoto.photo_id.in_(part))
        session.execute(later)
