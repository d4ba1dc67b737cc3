"""Findings and assets are written down, passes carry their ground, scores by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.packed import ground_bytes
from service.types import CoveragePiece

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the two that are made anew were never written."""
    op.drop_table("finding")
    op.drop_table("asset")
    _findings()
    _assets()
    op.create_table(
        "score_days",
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("standard_id", sa.Text(), nullable=False),
        sa.Column("from_s", sa.Double(), nullable=False),
        sa.Column("to_s", sa.Double(), nullable=False),
        sa.Column("window_s", sa.Double(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "segment_id",
            "standard_id",
            "from_s",
            "to_s",
            "window_s",
            "known_s",
            name=op.f("pk_score_days"),
        ),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column(
        "street_pass",
        sa.Column(
            "ground",
            sa.LargeBinary(),
            nullable=False,
            server_default=sa.text("x''" if is_sqlite else "''"),
        ),
    )
    _pack_ground()


def _findings() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("offset_m", sa.Double(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("zone_probability", sa.Double(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("size_m", sa.Double(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("candidate", sa.Boolean(), nullable=False),
        sa.Column("real_probability", sa.Double(), nullable=False),
        sa.Column("present_probability", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("sigma_m", sa.Double(), nullable=False),
        sa.Column("first_s", sa.Double(), nullable=False),
        sa.Column("last_s", sa.Double(), nullable=False),
        sa.Column("cleared_s", sa.Double(), nullable=True),
        sa.Column("recurrences", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.Column("sightings", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", "known_s", name=op.f("pk_finding")),
    )
    op.create_index(
        "ix_finding_segment_id_id_known_s", "finding", ["segment_id", "id", "known_s"]
    )


def _assets() -> None:
    op.create_table(
        "asset",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("offset_m", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("sigma_m", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bad_probability", sa.Double(), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", "known_s", name=op.f("pk_asset")),
    )
    op.create_index(
        "ix_asset_segment_id_id_known_s", "asset", ["segment_id", "id", "known_s"]
    )


def _pack_ground() -> None:
    """Give the passes that are there their ground."""
    connection = op.get_bind()
    passes = connection.execute(
        sa.text(
            "SELECT p.inspection_id, p.segment_id, max(s.length_m) FROM street_pass p "
            "JOIN segment s ON s.id = p.segment_id GROUP BY p.inspection_id, "
            "p.segment_id"
        )
    ).all()
    pieces = sa.text(
        "SELECT zone, side, from_m, to_m, status, reason FROM coverage "
        "WHERE inspection_id = :inspection AND segment_id = :street"
    )
    pack = sa.text(
        "UPDATE street_pass SET ground = :ground "
        "WHERE inspection_id = :inspection AND segment_id = :street"
    )
    for inspection, street, length_m in passes:
        names = {"inspection": inspection, "street": street}
        covered = connection.execute(pieces, names).all()
        ground = ground_bytes(
            (CoveragePiece(street, *row) for row in covered), length_m
        )
        connection.execute(pack, {**names, "ground": ground})
