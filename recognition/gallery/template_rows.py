"""Templates by the hundred thousand, within a transaction: plain rows, since objects would take too long to make."""

from collections.abc import Iterable, Mapping

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from recognition.errors import GalleryError
from recognition.gallery.encoded import unpack
from recognition.gallery.queries import VISIBLE_PERSON, VISIBLE_PHOTO, chunks
from recognition.gallery.records import TemplateSet
from recognition.gallery.tables import Person, Photo, Revision, Template


def load_templates(session: Session, network: str) -> TemplateSet:
    """All templates of a network, in order of their photos; none of what is hidden."""
    query = (
        sa.select(Photo.person_id, Template.photo_id, Template.vector)
        .join(Photo.templates)
        .join(Photo.person)
        .where(Template.network == network, Photo.removal_id.is_(None), VISIBLE_PERSON)
        .order_by(Template.photo_id)
    )
    rows = session.execute(query).all()
    people, photos, blobs = zip(*rows, strict=True) if rows else ((), (), ())
    present = set(people)
    names = session.execute(sa.select(Person.id, Person.name))
    return TemplateSet(
        person_ids=np.array(people, dtype=np.int64),
        photo_ids=np.array(photos, dtype=np.int64),
        vectors=unpack(b"".join(blobs), len(blobs[0]) // 4) if blobs else np.empty((0, 0), np.float32),
        names={person_id: name for person_id, name in names if person_id in present},
        revision=session.execute(sa.select(Revision.number)).scalar_one(),
    )


def put_vectors(session: Session, network: str, blobs: Mapping[int, bytes]) -> int:
    """Store packed vectors by photo id, in place of older ones. Photos that are gone are left out.

    Returns:
        how many were stored.

    Raises:
        GalleryError: vectors of another size than the network's others.
    """
    check_sizes(session, network, (len(blob) // 4 for blob in blobs.values()))
    stored = 0
    for part in chunks(list(blobs)):
        present = session.scalars(sa.select(Photo.id).where(Photo.id.in_(part))).all()
        older = sa.delete(Template).where(Template.network == network, Template.photo_id.in_(part))
        session.execute(older.execution_options(synchronize_session=False))
        rows = [
            {"photo_id": id_, "network": network, "dimension": len(blobs[id_]) // 4, "vector": blobs[id_]} for id_ in present
        ]
        if rows:
            session.execute(sa.insert(Template), rows)
        stored += len(rows)
    return stored


def check_sizes(session: Session, network: str, sizes: Iterable[int]) -> None:
    """Raises GalleryError unless vectors of these sizes fit each other and the network's stored ones."""
    stored = session.scalars(sa.select(Template.dimension).where(Template.network == network).limit(1))
    found = {*sizes, *stored}
    if len(found) > 1:
        raise GalleryError(f"All templates of network {network} must have one size, got {sorted(found)}.")


def delete_vectors(session: Session, network: str) -> int:
    """Delete all templates of a network and return how many there were."""
    rows = session.execute(sa.select(sa.func.count()).where(Template.network == network)).scalar_one()
    session.execute(sa.delete(Template).where(Template.network == network))
    return rows


def list_missing(session: Session, network: str) -> list[int]:
    """Ids of the photos that have no template of this network, ascending."""
    embedded = Photo.templates.any(Template.network == network)
    return list(session.scalars(sa.select(Photo.id).where(~embedded, VISIBLE_PHOTO).order_by(Photo.id)))


def count_templates(session: Session) -> dict[str, int]:
    """How many templates there are of each network."""
    query = sa.select(Template.network, sa.func.count()).group_by(Template.network)
    return dict(session.execute(query).all())
