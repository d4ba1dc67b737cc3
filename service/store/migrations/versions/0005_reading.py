"""Indexes for those who read a whole city, or a district's streets, by the page."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "ix_score_now_standard_id_segment_id",
        "score_now",
        ["standard_id", "segment_id"],
    )
    op.create_index("ix_segment_district_id", "segment", ["district", "id"])
