"""The gallery: people, their photos, and the templates of those photos."""

import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from recognition.alignment import with_margin
from recognition.errors import GalleryError, PictureError, StorageError
from recognition.gallery import queries, removals, template_rows
from recognition.gallery.database import Database
from recognition.gallery.encoded import EncodedPhoto, encode, has_no_margin, pack
from recognition.gallery.files import Files, crop_file, photo_file
from recognition.gallery.records import (
    Counts,
    DeletionReceipt,
    EnrollReceipt,
    NewPhoto,
    NothingNewError,
    PersonSummary,
    PhotoRecord,
    RemovalRecord,
    TemplateSet,
    check_network,
    check_vector,
)
from recognition.gallery.tables import Identity, Person, Photo, Revision
from recognition.names import MAX_KEY, clean_name, name_key, tidy
from recognition.pictures import Picture, encode_png, read_picture

DATABASE = "gallery.sqlite3"
"""File of the database within the storage folder, unless a URL says otherwise."""

log = logging.getLogger(__name__)


class Gallery:
    """Everybody enrolled. Safe to share between threads, and with other processes on the same storage folder.

    Files are written before the rows that name them, and removed after these rows: whatever kills the process,
    no row is ever without its files. Files without a row are what `health.repair` removes.

    Every method may raise StorageError (the disk fails) and GalleryBusyError (another process writes for too
    long); those that take an id raise NotEnrolledError for one that is not there.

    Attributes:
        database: for the other modules of this package, and for the training jobs, which keep their own tables in it.
        files: for the other modules of this package.
    """

    def __init__(self, database: Database, files: Files) -> None:
        self.database = database
        self.files = files

    @classmethod
    def open(cls, storage: Path, url: str | None = None) -> Self:
        """Open the gallery in a folder, which is made if it is missing, and bring its tables up to date.

        Args:
            storage: where photos and crops are kept, and the database unless there is a URL.
            url: any SQLAlchemy URL.

        Raises:
            StorageError: the folder or database can't be used, a newer version of the app wrote it, or the folder
                belongs to another database.
        """
        storage = storage.absolute()
        try:
            storage.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The storage folder {storage} can't be made ({error.strerror or error}). Choose another one."
            ) from error
        if not os.access(storage, os.R_OK | os.W_OK | os.X_OK):
            raise StorageError(f"The storage folder {storage} may not be written to. Choose another one.")
        try:
            address = sa.make_url(url) if url else sa.URL.create("sqlite", database=str(storage / DATABASE))
        except ArgumentError as error:
            raise StorageError("The gallery's database address is not a valid SQLAlchemy URL.") from error
        database, files = Database(storage, address), Files(storage)
        try:
            with database.read() as session:
                files.claim(session.execute(sa.select(Identity.gallery)).scalar_one())
        except BaseException:
            database.close()
            raise
        return cls(database, files)

    def close(self) -> None:
        """Close the database connections."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # --- people

    def people(self, search: str = "", most: int | None = None) -> list[PersonSummary]:
        """People whose name contains the search text, without regard to case, ordered by name; the first `most` of them."""
        key = name_key(tidy(search))
        if len(key) > MAX_KEY:
            return []
        columns = [getattr(Person, field.name) for field in fields(PersonSummary)]
        matches = Person.name_key.contains(key, autoescape=True)
        query = sa.select(*columns).where(queries.VISIBLE_PERSON, matches).order_by(Person.name_key).limit(most)
        with self.database.read() as session:
            return [PersonSummary(*row) for row in session.execute(query)]

    def person(self, person_id: int) -> PersonSummary:
        """One person."""
        with self.database.read() as session:
            return queries.get_person(session, person_id).summary()

    def find(self, name: str) -> PersonSummary | None:
        """The person of this name, without regard to case and white space, or None.

        Raises:
            InvalidNameError: nobody can have such a name.
        """
        with self.database.read() as session:
            person = queries.find_person(session, clean_name(name))
            return person.summary() if person else None

    def counts(self) -> Counts:
        """How many people and photos there are."""
        with self.database.read() as session:
            return Counts(
                session.execute(sa.select(sa.func.count(Person.id)).where(queries.VISIBLE_PERSON)).scalar_one(),
                session.execute(sa.select(sa.func.count(Photo.id)).where(queries.VISIBLE_PHOTO)).scalar_one(),
            )

    def identity(self) -> str:
        """The random number of this gallery: people's and photos' numbers mean something only together with it."""
        with self.database.read() as session:
            return session.execute(sa.select(Identity.gallery)).scalar_one()

    def revision(self) -> int:
        """A number that grows with every change. Cheap: compare it to know whether what was read is stale."""
        with self.database.read() as session:
            return session.execute(sa.select(Revision.number)).scalar_one()

    # --- enrollment

    def enroll(self, name: str, photos: Sequence[NewPhoto], *, consented: bool) -> EnrollReceipt:
        """Add a person with photos, wholly or not at all. Photos stored already, whoever's, are skipped.

        Args:
            name: cleaned by `clean_name`.
            photos: at least one.
            consented: whether the person agreed to be enrolled. The moment is kept.

        Raises:
            InvalidNameError, NameTakenError: about the name.
            NothingNewError: all photos are stored already; nothing is changed then.
            GalleryError: no consent, or no photos.
        """
        if not consented:
            raise GalleryError("A person is enrolled only with consent. Ask, then confirm it.")
        name = clean_name(name)
        encoded = _encode(photos)
        now = datetime.now(UTC)

        def owner(session: Session) -> Person:
            queries.refuse_taken(session, name)
            return Person(name=name, name_key=name_key(name), created_at=now, consented_at=now)

        return self._add(encoded, owner)

    def add_photos(self, person_id: int, photos: Sequence[NewPhoto]) -> EnrollReceipt:
        """Add photos to a person, all or none. Photos stored already, whoever's, are skipped.

        Raises:
            GalleryError: no photos.
        """
        encoded = _encode(photos)
        try:
            return self._add(encoded, lambda session: queries.get_person(session, person_id))
        except NothingNewError as nothing:
            return EnrollReceipt(self.person(person_id), 0, nothing.duplicates)

    def restore(
        self, name: str, created_at: datetime, consented_at: datetime, photos: Sequence[EncodedPhoto]
    ) -> EnrollReceipt | None:
        """Add photos that come from another gallery, and their person if nobody has this clean name.

        Returns:
            None if all photos are stored already; nothing is changed then.
        """

        def owner(session: Session) -> Person:
            return queries.find_person(session, name) or Person(
                name=name, name_key=name_key(name), created_at=created_at, consented_at=consented_at
            )

        try:
            return self._add(photos, owner)
        except NothingNewError:
            return None

    def _add(self, encoded: Sequence[EncodedPhoto], owner: Callable[[Session], Person]) -> EnrollReceipt:
        """Store photos for the person that `owner` gives, stored or new, in one transaction."""
        fresh: list[EncodedPhoto] = []
        try:
            with self.database.write() as session:
                person = owner(session)
                found = queries.sort_out(session, encoded, person.name)
                fresh = found.fresh
                if not fresh and not found.hidden:
                    raise NothingNewError(found.duplicates)
                # Within the transaction, so that no other process takes the files for leftovers.
                for photo in fresh:
                    for file, data in photo.files.items():
                        self.files.write(file, data)
                for network in {network for photo in fresh for network in photo.templates}:
                    sizes = (photo.templates[network].size for photo in fresh if network in photo.templates)
                    template_rows.check_sizes(session, network, sizes)
                session.add_all(Photo.of(photo, person) for photo in fresh)
                removals.show_again(session, found.hidden, person)
                session.refresh(person)
                return EnrollReceipt(person.summary(), len(fresh) + len(found.hidden), found.duplicates)
        except BaseException:
            self._remove_unused({file for photo in fresh for file in photo.files})
            raise

    # --- changes

    def rename(self, person_id: int, name: str) -> PersonSummary:
        """Give a person another name.

        Raises:
            InvalidNameError, NameTakenError: about the name.
        """
        name = clean_name(name)
        with self.database.write() as session:
            person = queries.get_person(session, person_id)
            queries.refuse_taken(session, name, but=person)
            person.name, person.name_key = name, name_key(name)
            summary = person.summary()
        self._erase_traces()
        return summary

    # --- removals

    def hide_people(self, person_ids: Collection[int], aftermath: str = "") -> RemovalRecord:
        """Hide people with all that is theirs: from now on nobody finds them, until the removal is undone or erased.

        Args:
            aftermath: what is to be done when it is erased; kept for whoever does that.
        """
        with self.database.write() as session:
            return removals.record(session, removals.hide_people(session, person_ids, aftermath))

    def hide_photos(self, photo_ids: Collection[int], aftermath: str = "") -> RemovalRecord:
        """The same for photos, whose people stay.

        Raises:
            GalleryError: they are all the photos that somebody has.
        """
        with self.database.write() as session:
            return removals.record(session, removals.hide_photos(session, photo_ids, aftermath))

    def merge(self, source_id: int, into_id: int) -> RemovalRecord:
        """Give all photos of one person to another, and hide the first.

        Raises:
            GalleryError: both are the same person.
        """
        if source_id == into_id:
            raise GalleryError("A person can't be merged with the same person. Choose two people.")
        with self.database.write() as session:
            source, into = (queries.get_person(session, person_id) for person_id in (source_id, into_id))
            return removals.record(session, removals.merge(session, source, into))

    def removals(self) -> list[RemovalRecord]:
        """What can still be undone, the newest first."""
        with self.database.read() as session:
            return removals.list_removals(session)

    def removal(self, removal_id: int) -> RemovalRecord:
        """One removal. NotEnrolledError if it was undone or erased."""
        with self.database.read() as session:
            return removals.record(session, removals.get_removal(session, removal_id))

    def undo(self, removal_id: int) -> list[PersonSummary]:
        """Show again what a removal hid, and give the photos of a merge back.

        Returns:
            the people who are back. Where a name has been given away meanwhile, there is a number behind it.

        Raises:
            NotEnrolledError: it was undone or erased.
        """
        with self.database.write() as session:
            return [person.summary() for person in removals.restore(session, removal_id)]

    def erase(self, removal_id: int) -> DeletionReceipt:
        """Delete what a removal hides, with files and templates.

        Raises:
            NotEnrolledError: it was undone or erased.
        """
        with self.database.write() as session:
            deleted = removals.erase(session, removal_id)
        return self._erase(deleted.photos, deleted.files)

    def delete_photo(self, photo_id: int) -> DeletionReceipt:
        """Delete a photo, its files and its templates, at once.

        Raises:
            GalleryError: it is the person's last photo.
        """
        return self.erase(self.hide_photos([photo_id]).id)

    def delete_person(self, person_id: int) -> DeletionReceipt:
        """Delete a person, with all photos, files and templates, at once."""
        return self.erase(self.hide_people([person_id]).id)

    def _erase(self, photos: int, files: set[str]) -> DeletionReceipt:
        removed, clean = self._remove_unused(files)
        erased = self._erase_traces()
        return DeletionReceipt(photos, removed, erased=clean and erased)

    def _remove_unused(self, files: set[str]) -> tuple[int, bool]:
        """Remove those of the files that no row names: how many were removed, and whether none is left.

        Never raises: it follows a change that is done, or an error that is on its way.
        """
        removed, clean = 0, True
        if files:
            try:
                # Locked, since another process may be enrolling the very same photo.
                with self.database.lock() as session:
                    for file in files - queries.files_in_use(session, files):
                        try:
                            removed += self.files.remove(file)
                        except StorageError:
                            clean = False
            except GalleryError:
                clean = False
        if not clean:
            log.warning("Some photo files could not be removed; repairing the gallery removes them.")
        return removed, clean

    def _erase_traces(self) -> bool:
        try:
            erased = self.database.erase_traces()
        except GalleryError:
            erased = False
        if not erased:
            log.warning("Deleted data may still be in the database's log; repairing the gallery removes it.")
        return erased

    # --- photos

    def photos(self, person_id: int) -> list[PhotoRecord]:
        """A person's photos, oldest first."""
        with self.database.read() as session:
            photos = queries.get_person(session, person_id).photos
            return [photo.record() for photo in photos if photo.removal_id is None]

    def photo(self, photo_id: int) -> PhotoRecord:
        """One photo."""
        with self.database.read() as session:
            return queries.get_photo(session, photo_id).record()

    def picture(self, photo_id: int) -> bytes:
        """The stored picture as JPEG."""
        return self.files.read(photo_file(self.photo(photo_id).sha256))

    def crop_png(self, photo_id: int) -> bytes:
        """The aligned face crop as PNG; see `crop`."""
        stored = self.files.read(crop_file(self.photo(photo_id).crop_sha256))
        return encode_png(self.crop(photo_id)) if has_no_margin(stored) else stored

    def crop(self, photo_id: int) -> Picture:
        """The aligned face crop, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB, exactly as it was enrolled.

        Crops were once stored without a margin; these get it from the stored picture.

        Raises:
            PictureError: a file was damaged.
        """
        photo = self.photo(photo_id)
        stored = self.files.read(crop_file(photo.crop_sha256))
        crop = read_picture(stored, "The stored face crop")
        if not has_no_margin(stored):
            return crop
        picture = read_picture(self.files.read(photo_file(photo.sha256)), "The stored picture")
        try:
            return with_margin(crop, picture, photo.landmarks)
        except ValueError as error:
            raise PictureError(f"The stored face crop can't be widened: {error}.") from error

    @contextmanager
    def hold_photos(self, photo_ids: Collection[int]) -> Iterator[bool]:
        """Whether all of these photos are stored, be they hidden. Until the block is left nobody can delete them: writers
        wait."""
        with self.database.lock() as session:
            yield queries.are_stored(session, photo_ids)

    # --- templates

    def templates(self, network: str) -> TemplateSet:
        """All templates of a network, with whose they are."""
        with self.database.read() as session:
            return template_rows.load_templates(session, network)

    def photos_without_template(self, network: str) -> list[int]:
        """Ids of the photos that this network has not embedded yet."""
        with self.database.read() as session:
            return template_rows.list_missing(session, network)

    def put_templates(self, network: str, vectors: Mapping[int, NDArray[np.float32]]) -> int:
        """Store templates by photo id, all or none, in place of older ones. Photos deleted meanwhile are skipped.

        Args:
            vectors: (D,) float32 of unit length each.

        Returns:
            how many were stored.

        Raises:
            ValueError: not a unit float32 vector.
            GalleryError: another size than the network's other templates.
        """
        check_network(network)
        for vector in vectors.values():
            check_vector(vector)
        if not vectors:
            return 0
        with self.database.write() as session:
            return template_rows.put_vectors(session, network, {id_: pack(v) for id_, v in vectors.items()})

    def drop_templates(self, network: str) -> int:
        """Delete all templates of a network. Photos and other networks' templates stay.

        Returns:
            how many there were.
        """
        with self.database.write() as session:
            dropped = template_rows.delete_vectors(session, network)
        self._erase_traces()
        return dropped

    def template_counts(self) -> dict[str, int]:
        """How many templates there are of each network."""
        with self.database.read() as session:
            return template_rows.count_templates(session)


def _encode(photos: Iterable[NewPhoto]) -> list[EncodedPhoto]:
    now = datetime.now(UTC)
    encoded = [encode(photo, now) for photo in photos]
    if not encoded:
        raise GalleryError("There is no photo to store. Take or choose at least one.")
    return encoded
