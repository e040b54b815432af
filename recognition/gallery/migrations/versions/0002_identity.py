"""A number of its own for every gallery, so that a storage folder is never taken for another database's."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    identity = op.create_table(
        "identity",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("gallery", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.CheckConstraint("id = 1", name="ck_identity_single_row"),
    )
    op.bulk_insert(identity, [{"id": 1, "gallery": secrets.token_hex(16)}])


def downgrade() -> None:
    op.drop_table("identity")
