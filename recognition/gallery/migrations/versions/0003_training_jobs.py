"""Training jobs: where each stands, its curves and its log."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "training_job",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("name", sa.String(80), nullable=True),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=True),
        sa.Column("ended_at", sa.DateTime, nullable=True),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("seconds_left", sa.Float, nullable=True),
        sa.Column("cancel", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("model", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_training_job"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "training_epoch",
        sa.Column("job_id", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("train_loss", sa.Float, nullable=True),
        sa.Column("validation_loss", sa.Float, nullable=True),
        sa.Column("train_accuracy", sa.Float, nullable=True),
        sa.Column("validation_rank1", sa.Float, nullable=True),
        sa.Column("validation_tpir", sa.Float, nullable=True),
        sa.Column("learning_rate", sa.Float, nullable=True),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("job_id", "epoch", name="pk_training_epoch"),
        sa.ForeignKeyConstraint(["job_id"], ["training_job.id"], name="fk_training_epoch_job_id", ondelete="CASCADE"),
    )
    op.create_table(
        "training_line",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("job_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_line"),
        sa.ForeignKeyConstraint(["job_id"], ["training_job.id"], name="fk_training_line_job_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_training_line_job_id", "training_line", ["job_id"])


def downgrade() -> None:
    for table in ("training_line", "training_epoch", "training_job"):
        op.drop_table(table)
