"""How a sighting looks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was kept before has no appearance."""
    op.add_column("sighting", sa.Column("appearance", sa.JSON(), nullable=True))
