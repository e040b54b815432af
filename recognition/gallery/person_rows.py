"""The rows of people, within a transaction."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from recognition.errors import NameTakenError, NotEnrolledError
from recognition.gallery.names import MAX_KEY, name_key, tidy
from recognition.gallery.records import PersonSummary
from recognition.gallery.tables import Person, Photo

_Summaries = sa.Select[int, str, int, datetime, datetime, int | None]


def list_people(session: Session, search: str) -> list[PersonSummary]:
    """People whose name contains the search text, without regard to case, ordered by name."""
    key = name_key(tidy(search))
    if len(key) > MAX_KEY:
        return []
    query = _summaries().where(Person.name_key.contains(key, autoescape=True)).order_by(Person.name_key)
    return [PersonSummary(*row) for row in session.execute(query)]


def get_person(session: Session, person_id: int) -> PersonSummary:
    """One person by id, or NotEnrolledError."""
    row = session.execute(_summaries().where(Person.id == person_id)).one_or_none()
    if row is None:
        raise NotEnrolledError("This person is not in the gallery (any more).")
    return PersonSummary(*row)


def find_person(session: Session, name: str) -> PersonSummary | None:
    """The person whose name is equal but for case, or None."""
    row = session.execute(_summaries().where(Person.name_key == name_key(name))).one_or_none()
    return None if row is None else PersonSummary(*row)


def insert_person(session: Session, name: str, created_at: datetime, consented_at: datetime) -> int:
    """Add a person by a clean name and return the id. NameTakenError if there is one of that name."""
    _refuse_taken(session, name)
    person = Person(name=name, name_key=name_key(name), created_at=created_at, consented_at=consented_at)
    session.add(person)
    session.flush()
    return person.id


def rename_person(session: Session, person_id: int, name: str) -> None:
    """Give a person another clean name. NameTakenError if somebody else has it."""
    _refuse_taken(session, name, but=person_id)
    values = {"name": name, "name_key": name_key(name)}
    session.execute(sa.update(Person).where(Person.id == person_id).values(values))


def delete_person_row(session: Session, person_id: int) -> None:
    """Delete a person; the database deletes the photos and templates with it."""
    session.execute(sa.delete(Person).where(Person.id == person_id))


def _refuse_taken(session: Session, name: str, but: int | None = None) -> None:
    owner = find_person(session, name)
    if owner is not None and owner.id != but:
        raise NameTakenError(f"{owner.name} is already enrolled. Add the photos to that person, or use another name.")


def _summaries() -> _Summaries:
    count, first = sa.func.count(Photo.id), sa.func.min(Photo.id)
    return (
        sa.select(Person.id, Person.name, count, Person.created_at, Person.consented_at, first)
        .outerjoin(Photo, Photo.person_id == Person.id)
        .group_by(Person.id)
    )
