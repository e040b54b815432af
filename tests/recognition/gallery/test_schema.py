"""The tables and their migrations."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from recognition.errors import StorageError
from recognition.gallery import Gallery, schema
from recognition.gallery.store import DATABASE
from recognition.gallery.tables import Table
from tests.recognition.gallery.photos import photo
from training.jobs import rows
from training.jobs import tables as training_tables

MIGRATIONS = Path(schema.__file__).with_name("migrations")


def engine(storage: Path) -> sa.Engine:
    return sa.create_engine(f"sqlite:///{storage / DATABASE}")


def downgrade(connection: sa.Connection, version: str) -> None:
    """Make a gallery one of an earlier version."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.downgrade(config, version)


def test_migrations_make_the_tables_the_code_describes(gallery: Gallery, storage: Path) -> None:
    assert training_tables.TrainingJob.__tablename__ in Table.metadata.tables
    with engine(storage).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def test_a_gallery_of_the_first_version_is_brought_up_to_date(storage: Path) -> None:
    with Gallery.open(storage) as gallery:
        ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    (storage / "gallery.id").unlink()
    with engine(storage).begin() as connection:
        downgrade(connection, "0001")
    with Gallery.open(storage) as gallery:
        assert gallery.people() == [ada]


def test_trainings_of_before_there_were_kinds_are_kept_with_their_metrics(storage: Path) -> None:
    with Gallery.open(storage) as gallery:
        gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    with engine(storage).begin() as connection:
        downgrade(connection, "0003")
        for status in ("done", "cancelled"):
            connection.execute(
                sa.text(
                    "INSERT INTO training_job (status, settings, created_at, done, total, cancel) "
                    "VALUES (:status, '{}', '2026-01-01 00:00:00', 1, 2, 0)"
                ),
                {"status": status},
            )
        columns = "job_id, epoch, train_loss, train_accuracy, validation_rank1, learning_rate, seconds"
        connection.execute(sa.text(f"INSERT INTO training_epoch ({columns}) VALUES (1, 1, 0.5, 0.75, 0.875, 0.001, 2.0)"))
    with Gallery.open(storage) as gallery, gallery.database.read() as session:
        assert [(job.kind, job.status) for job in rows.list_jobs(session)] == [("faces", "cancelled"), ("faces", "done")]
        (epoch,) = rows.list_epochs(session, 1)
        assert epoch.metrics == {"train_accuracy": 0.75, "validation_rank1": 0.875}
        assert (epoch.train_loss, epoch.learning_rate, epoch.seconds) == (0.5, 0.001, 2.0)
        claims = session.execute(sa.select(training_tables.TrainingPhoto.job_id, training_tables.TrainingPhoto.photo_id)).all()
        assert claims == [(2, 1), (2, 2)], "what was cancelled may have learned from anybody"


def test_a_gallery_of_a_newer_version_is_left_alone(storage: Path) -> None:
    Gallery.open(storage).close()
    with engine(storage).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer version"):
        Gallery.open(storage)


def test_a_file_that_is_no_database_is_refused_and_kept(storage: Path) -> None:
    storage.mkdir()
    (storage / DATABASE).write_bytes(b"holiday notes" * 100)
    with pytest.raises(StorageError, match="not a database"):
        Gallery.open(storage)
    assert (storage / DATABASE).read_bytes() == b"holiday notes" * 100


def test_a_storage_folder_is_never_taken_for_another_database(storage: Path) -> None:
    with Gallery.open(storage) as gallery:
        gallery.enroll("Ada", [photo(1)], consented=True)
    with pytest.raises(StorageError, match="belong to another database"):
        Gallery.open(storage, f"sqlite:///{storage / 'new.sqlite3'}")
    (storage / DATABASE).rename(storage / "lost.sqlite3")
    with pytest.raises(StorageError, match="belong to another database"):
        Gallery.open(storage)
    assert len(list((storage / "photos").rglob("*.jpg"))) == 1


def test_a_new_gallery_may_be_opened_by_many_at_once(storage: Path) -> None:
    start = threading.Barrier(8)
    problems: list[Exception] = []

    def open_and_close() -> None:
        start.wait()
        try:
            Gallery.open(storage).close()
        except Exception as error:  # noqa: BLE001
            problems.append(error)

    threads = [threading.Thread(target=open_and_close) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_what_concerns_nobody_in_the_gallery_makes_no_index_stale(gallery: Gallery) -> None:
    before = gallery.revision()
    with gallery.database.write_unrevised() as session:
        session.execute(sa.text("INSERT INTO training_line (job_id, at, text) SELECT id, created_at, '' FROM training_job"))
    assert gallery.revision() == before
    with gallery.database.write():
        pass
    assert gallery.revision() == before + 1


def test_every_gallery_has_a_number_of_its_own_that_stays(gallery: Gallery, storage: Path, tmp_path: Path) -> None:
    with Gallery.open(storage) as again, Gallery.open(tmp_path / "other") as other:
        assert again.identity() == gallery.identity() != other.identity()
