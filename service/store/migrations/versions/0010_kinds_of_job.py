"""Jobs are of several kinds, and know what else was given with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what is there is drives."""
    kind = sa.Column("kind", sa.Text(), nullable=False, server_default="drive")
    op.add_column("job", kind)
    given = sa.Column("given", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("job", given)
