"""Jobs of any kind: epochs with metrics by name, and which photos a job reads, so that deleting one reaches it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

METRICS = ("train_accuracy", "validation_rank1", "validation_tpir")


def upgrade() -> None:
    op.add_column("training_job", sa.Column("kind", sa.String(40), nullable=False, server_default="faces"))
    op.add_column("training_epoch", sa.Column("metrics", sa.JSON, nullable=False, server_default="{}"))
    _name_metrics(op.get_bind())
    for column in METRICS:
        op.drop_column("training_epoch", column)
    op.create_table(
        "training_photo",
        sa.Column("job_id", sa.Integer, nullable=False),
        sa.Column("photo_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "photo_id", name="pk_training_photo"),
        sa.ForeignKeyConstraint(["job_id"], ["training_job.id"], name="fk_training_photo_job_id", ondelete="CASCADE"),
    )
    # Nobody knows which photos they read: any.
    op.execute(
        "INSERT INTO training_photo (job_id, photo_id) "
        "SELECT training_job.id, photo.id FROM training_job CROSS JOIN photo WHERE training_job.status <> 'done'"
    )


def _name_metrics(connection: sa.Connection) -> None:
    number = sa.Float()
    epochs = sa.table(
        "training_epoch",
        sa.column("job_id", sa.Integer),
        sa.column("epoch", sa.Integer),
        sa.column("metrics", sa.JSON),
        *(sa.column(name, number) for name in METRICS),
    )
    for row in connection.execute(sa.select(epochs)).all():
        metrics = {name: getattr(row, name) for name in METRICS if getattr(row, name) is not None}
        same = sa.and_(epochs.c.job_id == row.job_id, epochs.c.epoch == row.epoch)
        connection.execute(sa.update(epochs).where(same).values(metrics=metrics))


def downgrade() -> None:
    op.drop_table("training_photo")
    for column in METRICS:
        op.add_column("training_epoch", sa.Column(column, sa.Float, nullable=True))
    op.drop_column("training_epoch", "metrics")
    op.drop_column("training_job", "kind")
