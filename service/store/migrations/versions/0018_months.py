"""Monthly sheets; and the streets that are there, for those who ask for changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and tell of the streets of before: from now on each is told."""
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
    op.execute(
        "INSERT INTO change (at_s, kind, id, segment_id, district) "
        "SELECT known_s, 'segment', id, id, district FROM segment_now ORDER BY number"
    )
