"""Brings a database to the schema this code knows."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from recognition.errors import StorageError

_MIGRATIONS = Path(__file__).parent / "migrations"

# alembic keeps the migration in progress in module globals.
_alembic = threading.Lock()


def is_current(connection: Connection) -> bool:
    """Whether the database has the schema of this code.

    Raises:
        StorageError: a later version of the app wrote it.
    """
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory(_MIGRATIONS)
    try:
        script.get_revision(current or "base")
    except CommandError as error:
        raise StorageError(
            "A newer version of the app wrote this gallery. Update the app, or choose another storage folder."
        ) from error
    return current == script.get_current_head()


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the transaction the connection is in; the caller commits."""
    config = Config(attributes={"connection": connection})
    # alembic reads % as an interpolation.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with _alembic:
        command.upgrade(config, "head")
