"""Of equal files of the quarantine one is there at a time."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_RAW = sa.table(
    "raw_footage",
    sa.column("id", sa.Text()),
    sa.column("sha256", sa.Text()),
    sa.column("received_s", sa.Double()),
    sa.column("deleted_s", sa.Double()),
)
_THERE = sa.text("deleted_s IS NULL")


def upgrade() -> None:
    """Let the newest of equal files stay, and no second one come beside it.

    It is the one that was read until now. The quarantine deletes the bytes of the
    others when it next looks for files that no row knows.
    """
    turn = sa.func.row_number().over(
        partition_by=_RAW.c.sha256,
        order_by=(_RAW.c.received_s.desc(), _RAW.c.id.desc()),
    )
    there = (
        sa.select(_RAW.c.id, turn.label("turn"))
        .where(_RAW.c.deleted_s.is_(None))
        .subquery()
    )
    doubles = sa.select(there.c.id).where(there.c.turn > 1)
    op.execute(
        sa.update(_RAW).where(_RAW.c.id.in_(doubles)).values(deleted_s=time.time())
    )
    op.create_index(
        "uq_raw_footage_there",
        "raw_footage",
        ["sha256"],
        unique=True,
        sqlite_where=_THERE,
        postgresql_where=_THERE,
    )
