"""Which footage vehicles looked at themselves, and what devices say is wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and what a device says of itself."""
    op.create_table(
        "aboard_footage",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("drive_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("layout_id", sa.Text(), nullable=True),
        sa.Column("spacing_m", sa.Double(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_aboard_footage_job_id")
        ),
        sa.PrimaryKeyConstraint("job_id", "sha256", name=op.f("pk_aboard_footage")),
    )
    for column in ("sha256", "drive_id"):
        op.create_index(f"ix_aboard_footage_{column}", "aboard_footage", [column])
    op.add_column("device_state", sa.Column("says", sa.Text(), nullable=True))
