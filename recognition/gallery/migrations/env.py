"""Run by alembic. The caller hands over a connection in a transaction, and commits."""

from alembic import context

from recognition.gallery.tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
context.run_migrations()
