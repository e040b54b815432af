"""The connection to the database: its transactions, and its failures as errors of this package."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from recognition.errors import GalleryBusyError, NotEnrolledError, StorageError
from recognition.gallery import schema
from recognition.gallery.tables import Revision

BUSY_SECONDS = 5.0
"""How long to wait for another process to finish writing."""

_IMMEDIATE = "gallery_immediate"


class Database:
    """Read and write transactions on the gallery's tables. Safe to share between threads.

    Errors of SQLAlchemy and of the database's driver leave it as StorageError, GalleryBusyError or NotEnrolledError.

    Args:
        storage: the folder named in error messages.
        url: any SQLAlchemy URL.

    Raises:
        StorageError: the database can't be opened, or a newer version of the app wrote it.
        GalleryBusyError: another process keeps it locked.
    """

    def __init__(self, storage: Path, url: sa.URL) -> None:
        self._storage = storage
        with self._translate_errors():
            # Parameters are names and vectors: they have no place in an error message.
            options: dict[str, Any] = {"hide_parameters": True}
            self._sqlite = url.get_backend_name() == "sqlite"
            if self._sqlite:
                options["connect_args"] = {"timeout": BUSY_SECONDS}
            self._engine = sa.create_engine(url, **options)
            # Shares the pool. Its transactions take the write lock when they begin, not when they first write.
            self._writer = self._engine.execution_options(**{_IMMEDIATE: True})
            if self._sqlite:
                self._prepare_sqlite(url)
            self._bring_up_to_date()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read transaction: everything in it is seen as of one moment."""
        with self._translate_errors(), Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that changes the gallery, committed at the end unless an error leaves it: its revision grows.

        One at a time on any database, in all processes.
        """
        with self._translate_errors(), Session(self._writer) as session, session.begin():
            _advance(session)
            yield session

    @contextmanager
    def write_unrevised(self) -> Iterator[Session]:
        """A transaction that changes no person, photo or template: the revision stays, so that no index is rebuilt."""
        with self._translate_errors(), Session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def lock(self) -> Iterator[Session]:
        """Keep writers out, in all processes, while files are compared with rows. Changes no row."""
        with self._translate_errors(), Session(self._writer) as session:
            _advance(session)
            yield session
            session.rollback()

    def erase_traces(self) -> bool:
        """Empty SQLite's write-ahead log, which still holds what was just deleted. False while it is read."""
        if not self._sqlite:
            return True
        with self._translate_errors():
            return self._pragma("wal_checkpoint(TRUNCATE)") == 0

    def _prepare_sqlite(self, url: sa.URL) -> None:
        sa.event.listen(self._engine, "connect", _on_connect)
        sa.event.listen(self._engine, "begin", _on_begin)
        if url.database and url.database != ":memory:":
            # Made here, since SQLite would make it readable for everyone; its companions copy the mode.
            os.close(os.open(url.database, os.O_RDWR | os.O_CREAT, 0o600))
        self._pragma("journal_mode = WAL")

    def _bring_up_to_date(self) -> None:
        with self._engine.connect() as connection:
            if schema.is_current(connection):
                return
        with self._writer.begin() as connection:
            # Another process may have been faster: then there is nothing left to do.
            schema.upgrade(connection)

    def _pragma(self, statement: str) -> object:
        """The first value a pragma gives, outside of any transaction."""
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA {statement}")
            row = cursor.fetchone()
            cursor.close()
            return row[0] if row else None
        finally:
            connection.close()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise GalleryBusyError("The gallery is overloaded. Try again in a moment.") from error
        except (DBAPIError, sqlite3.Error) as error:
            if _is_busy(error):
                raise GalleryBusyError("Another program is changing the gallery. Try again in a moment.") from error
            raise StorageError(
                f"The gallery's database in {self._storage} can't be used ({_reason(error)}). "
                "Check that the folder exists, may be written to and has free space."
            ) from error
        except SQLAlchemyError as error:
            raise StorageError(f"The gallery's database can't be used ({type(error).__name__}).") from error
        except OverflowError as error:
            # An id too large for the database belongs to nobody.
            raise NotEnrolledError("There is nobody with this number in the gallery.") from error
        except ModuleNotFoundError as error:
            raise StorageError(f"The gallery's database needs the Python package {error.name}.") from error
        except OSError as error:
            raise StorageError(
                f"The storage folder {self._storage} can't be used ({error.strerror or error}). "
                "Check that it exists, may be written to and has free space."
            ) from error


def _advance(session: Session) -> None:
    # The first statement of every writer: without BEGIN IMMEDIATE its row lock makes them take turns.
    session.execute(sa.update(Revision).values(number=Revision.number + 1))


def _on_connect(connection: DBAPIConnection, _record: object) -> None:
    # SQLAlchemy emits BEGIN, as its documentation advises: the driver's own comes only before a change.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _on_begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _is_busy(error: DBAPIError | sqlite3.Error) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    # The low byte is the primary code, the others are its variants.
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _reason(error: DBAPIError | sqlite3.Error) -> str:
    # Only the first line: what follows it may quote names.
    return str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
