"""Deletions and merges that can be undone: what they hide, until it is restored or erased."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

HIDES = ("person", "photo")


def upgrade() -> None:
    op.create_table(
        "removal",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("aftermath", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_removal"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "merged_photo",
        sa.Column("removal_id", sa.Integer, nullable=False),
        sa.Column("photo_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("removal_id", "photo_id", name="pk_merged_photo"),
        sa.ForeignKeyConstraint(["removal_id"], ["removal.id"], name="fk_merged_photo_removal_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_merged_photo_photo_id", ondelete="CASCADE"),
    )
    for table in HIDES:
        # Within the column, since SQLite adds no constraint to a table that is there.
        reference = sa.ForeignKey("removal.id", name=f"fk_{table}_removal_id")
        op.add_column(table, sa.Column("removal_id", sa.Integer, reference, nullable=True), inline_references=True)
        op.create_index(f"ix_{table}_removal_id", table, ["removal_id"])


def downgrade() -> None:
    for table in HIDES:
        op.drop_index(f"ix_{table}_removal_id", table)
        op.drop_column(table, "removal_id")
    op.drop_table("merged_photo")
    op.drop_table("removal")
