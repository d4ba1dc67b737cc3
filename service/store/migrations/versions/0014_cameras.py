"""Cameras that stand are registered, and each of their slots is one job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "camera",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_sealed", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.Column("interval_s", sa.Double(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_camera"),
    )
    op.create_table(
        "camera_end",
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", name="pk_camera_end"),
    )
    op.create_table(
        "camera_slot",
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("from_s", sa.Double(), nullable=False),
        sa.Column("piece", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to_s", sa.Double(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name="fk_camera_slot_job_id_job"
        ),
        sa.PrimaryKeyConstraint("camera_id", "from_s", "piece", name="pk_camera_slot"),
    )
    op.create_table(
        "camera_state",
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("tried_s", sa.Double(), nullable=False),
        sa.Column("seen_s", sa.Double(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failing_since_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("camera_id", name="pk_camera_state"),
    )
