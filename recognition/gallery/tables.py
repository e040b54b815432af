"""The database tables. A change here needs a new file in `migrations/versions`; a test compares the two."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    func,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, composite, mapped_column, relationship

from recognition.gallery.encoded import EncodedPhoto, pack, unpack
from recognition.gallery.files import crop_file, photo_file
from recognition.gallery.records import MAX_AFTERMATH, MAX_NETWORK_KEY, PersonSummary, PhotoQuality, PhotoRecord
from recognition.names import MAX_KEY, MAX_NAME


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no time zone: it is taken off on the way in and put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """Base of all tables. Constraints have the same names on every database, for migrations to refer to."""

    type_annotation_map = {float: Float}  # noqa: RUF012
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Removal(Table):
    """One deletion or merge that can still be undone."""

    __tablename__ = "removal"
    # A later one has a larger number, also when those before it are gone.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    aftermath: Mapped[str] = mapped_column(String(MAX_AFTERMATH))


class MergedPhoto(Table):
    """A photo that belonged to the person whom this merge removed."""

    __tablename__ = "merged_photo"

    removal_id: Mapped[int] = mapped_column(ForeignKey("removal.id", ondelete="CASCADE"), primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True)


class Template(Table):
    """The embedding of a photo by one network."""

    __tablename__ = "template"

    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True)
    network: Mapped[str] = mapped_column(String(MAX_NETWORK_KEY), primary_key=True)
    dimension: Mapped[int]
    # (dimension,) float32, little-endian, unit length. Loaded only when asked for: most need the network's key alone.
    vector: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Photo(Table):
    """An enrolled photo. Its picture and crop are files named by their SHA-256.

    The database deletes its templates with it. It is hidden while it, or its person, has a removal.
    """

    __tablename__ = "photo"
    # The number of a photo deleted is never given to another one.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    removal_id: Mapped[int | None] = mapped_column(ForeignKey("removal.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    crop_sha256: Mapped[str] = mapped_column(String(64), index=True)
    landmarks: Mapped[bytes] = mapped_column(LargeBinary)  # (5, 2) float32, little-endian
    source: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    quality: Mapped[PhotoQuality] = composite(
        *(mapped_column(field.name, Float, nullable=False) for field in fields(PhotoQuality))
    )

    person: Mapped["Person"] = relationship(back_populates="photos")
    templates: Mapped[list[Template]] = relationship(order_by=Template.network, lazy="selectin", passive_deletes="all")

    @classmethod
    def of(cls, photo: EncodedPhoto, person: "Person") -> Self:
        """A new photo of a person, with its templates."""
        vectors = {network: pack(vector) for network, vector in photo.templates.items()}
        return cls(
            person=person,
            sha256=photo.sha256,
            crop_sha256=photo.crop_sha256,
            landmarks=pack(photo.landmarks),
            source=photo.source,
            created_at=photo.created_at,
            quality=photo.quality,
            templates=[Template(network=key, dimension=len(blob) // 4, vector=blob) for key, blob in vectors.items()],
        )

    @property
    def files(self) -> set[str]:
        """Its two files."""
        return {photo_file(self.sha256), crop_file(self.crop_sha256)}

    def record(self) -> PhotoRecord:
        """The photo as the gallery hands it out."""
        return PhotoRecord(
            id=self.id,
            person_id=self.person_id,
            sha256=self.sha256,
            crop_sha256=self.crop_sha256,
            landmarks=unpack(self.landmarks, 2),
            source=self.source,
            created_at=self.created_at,
            quality=self.quality,
            networks=tuple(template.network for template in self.templates),
        )


class Person(Table):
    """Somebody enrolled. The database deletes the photos with the person. Hidden while there is a removal."""

    __tablename__ = "person"
    # The number of somebody deleted is never given to somebody else.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    name_key: Mapped[str] = mapped_column(String(MAX_KEY), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consented_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removal_id: Mapped[int | None] = mapped_column(ForeignKey("removal.id"), index=True)

    photos: Mapped[list[Photo]] = relationship(back_populates="person", order_by=Photo.id, passive_deletes="all")
    photo_count: Mapped[int] = column_property(
        select(func.count(Photo.id))
        .where(Photo.person_id == id, Photo.removal_id.is_(None))
        .correlate_except(Photo)
        .scalar_subquery()
    )
    cover_photo_id: Mapped[int | None] = column_property(
        select(func.min(Photo.id))
        .where(Photo.person_id == id, Photo.removal_id.is_(None))
        .correlate_except(Photo)
        .scalar_subquery()
    )

    def summary(self) -> PersonSummary:
        """The person as the gallery hands it out."""
        return PersonSummary(self.id, self.name, self.photo_count, self.created_at, self.consented_at, self.cover_photo_id)


class Revision(Table):
    """One row, one number, which grows with every change of the gallery."""

    __tablename__ = "revision"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class Identity(Table):
    """One row: the random number this gallery's storage folder is marked with."""

    __tablename__ = "identity"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    gallery: Mapped[str] = mapped_column(String(32))
