"""Monthly sheets, pictures that were deleted, and changes that tell of old streets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and tell of the streets of before: from now on each is told."""
    op.create_table(
        "month_sheet",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("sheet_id", sa.Text(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_month_sheet")),
    )
    op.create_index(
        "ix_month_sheet_month_sheet_id_row", "month_sheet", ["month", "sheet_id", "row"]
    )
    op.create_table(
        "evidence_gone",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gone_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", "gone_s", name=op.f("pk_evidence_gone")),
    )
    op.create_index("ix_evidence_chain_at_s", "evidence_chain", ["at_s"])
    op.execute(
        "INSERT INTO change (at_s, kind, id, segment_id, district) "
        "SELECT known_s, 'segment', id, id, district FROM segment_now ORDER BY number"
    )
