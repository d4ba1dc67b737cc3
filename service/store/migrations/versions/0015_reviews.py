"""Reviews say more than real or false, and eyes are measured by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; words that are there are reviews."""
    for column in (
        sa.Column("said_s", sa.Double(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False, server_default="review"),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("annotation", sa.Text(), nullable=False, server_default=""),
        sa.Column("finding_id", sa.Text(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("other_inspection", sa.Text(), nullable=True),
        sa.Column("other_number", sa.Integer(), nullable=True),
        sa.Column("seemed", sa.Text(), nullable=True),
        sa.Column("chance", sa.Double(), nullable=True),
    ):
        op.add_column("review", column)
    op.create_index("uq_review_version", "review", ["version"], unique=True)
    op.create_index(
        "ix_review_inspection_id_number", "review", ["inspection_id", "number"]
    )
    op.create_index("ix_review_finding_id", "review", ["finding_id"])
    op.add_column("sighting", sa.Column("reviewer", sa.Text(), nullable=True))
    op.add_column("sighting", sa.Column("known_s", sa.Double(), nullable=True))
    op.add_column(
        "finding",
        sa.Column("once", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "measured",
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("light", sa.Text(), nullable=False),
        sa.Column("real", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("recall", sa.Double(), nullable=True),
        sa.Column("shift", sa.Double(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint(
            "known_s", "model_id", "category", "camera", "light",
            name=op.f("pk_measured"),
        ),
    )  # fmt: skip
