"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "asset",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("sigma_m", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", "known_s", name=op.f("pk_asset")),
    )
    op.create_index(op.f("ix_asset_segment_id"), "asset", ["segment_id"], unique=False)
    op.create_table(
        "drive",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=True),
        sa.Column("started_s", sa.Double(), nullable=False),
        sa.Column("ended_s", sa.Double(), nullable=False),
        sa.Column("footage", sa.JSON(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drive")),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("present_probability", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("sigma_m", sa.Double(), nullable=False),
        sa.Column("first_s", sa.Double(), nullable=False),
        sa.Column("last_s", sa.Double(), nullable=False),
        sa.Column("cleared_s", sa.Double(), nullable=True),
        sa.Column("recurrences", sa.Integer(), nullable=False),
        sa.Column("sightings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", "known_s", name=op.f("pk_finding")),
    )
    op.create_index(
        op.f("ix_finding_segment_id"), "finding", ["segment_id"], unique=False
    )
    op.create_table(
        "layer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from_s", sa.Double(), nullable=True),
        sa.Column("valid_to_s", sa.Double(), nullable=True),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", "digest", name=op.f("pk_layer")),
    )
    op.create_table(
        "model",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("recall", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sha256", name=op.f("pk_model")),
    )
    op.create_table(
        "score",
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("standard_id", sa.Text(), nullable=False),
        sa.Column("from_s", sa.Double(), nullable=False),
        sa.Column("to_s", sa.Double(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint(
            "segment_id",
            "standard_id",
            "from_s",
            "to_s",
            "known_s",
            name=op.f("pk_score"),
        ),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("road_class", sa.Text(), nullable=False),
        sa.Column("lonlat", sa.JSON(), nullable=False),
        sa.Column("length_m", sa.Double(), nullable=False),
        sa.Column("width_m", sa.Double(), nullable=True),
        sa.Column("oneway", sa.Boolean(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("unit_grid", sa.Text(), nullable=True),
        sa.Column("responsible_unit", sa.Text(), nullable=True),
        sa.Column("absent_zones", sa.JSON(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", "digest", name=op.f("pk_segment")),
    )
    op.create_table(
        "standard",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard")),
    )
    op.create_table(
        "inspection",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("drive_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("model_sha256", sa.Text(), nullable=False),
        sa.Column("layout_id", sa.Text(), nullable=True),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("run", sa.JSON(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["drive_id"], ["drive.id"], name=op.f("fk_inspection_drive_id")
        ),
        sa.ForeignKeyConstraint(
            ["model_id", "model_sha256"],
            ["model.id", "model.sha256"],
            name=op.f("fk_inspection_model_id_model_sha256"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    op.create_index(
        op.f("ix_inspection_drive_id"), "inspection", ["drive_id"], unique=False
    )
    op.create_table(
        "coverage",
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("from_m", sa.Double(), nullable=False),
        sa.Column("to_m", sa.Double(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_coverage_inspection_id")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "number", name=op.f("pk_coverage")),
    )
    op.create_index(
        op.f("ix_coverage_segment_id"), "coverage", ["segment_id"], unique=False
    )
    op.create_table(
        "sighting",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("sigma_m", sa.Double(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("offset_m", sa.Double(), nullable=True),
        sa.Column("lateral_m", sa.Double(), nullable=False),
        sa.Column("lateral_sigma_m", sa.Double(), nullable=False),
        sa.Column("heading_deg", sa.Double(), nullable=False),
        sa.Column("zone_belief", sa.JSON(), nullable=True),
        sa.Column("surface_belief", sa.JSON(), nullable=True),
        sa.Column("stationary_probability", sa.Double(), nullable=True),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("width_m", sa.Double(), nullable=True),
        sa.Column("first_s", sa.Double(), nullable=False),
        sa.Column("last_s", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_sighting_inspection_id")
        ),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_sighting")),
    )
    op.create_index(
        "ix_sighting_segment_id_category",
        "sighting",
        ["segment_id", "category"],
        unique=False,
    )
    op.create_index(
        "uq_sighting_inspection_id_number",
        "sighting",
        ["inspection_id", "number"],
        unique=True,
    )
    op.create_table(
        "street_pass",
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("from_s", sa.Double(), nullable=False),
        sa.Column("to_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.id"],
            name=op.f("fk_street_pass_inspection_id"),
        ),
        sa.PrimaryKeyConstraint(
            "inspection_id", "segment_id", name=op.f("pk_street_pass")
        ),
    )
    op.create_index(
        "ix_street_pass_segment_id_from_s",
        "street_pass",
        ["segment_id", "from_s"],
        unique=False,
    )
    op.create_table(
        "review",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("source", sa.JSON(), nullable=True),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id", "number"],
            ["sighting.inspection_id", "sighting.number"],
            name=op.f("fk_review_inspection_id_number"),
        ),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_review")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _rtree()
    else:
        op.execute(
            "CREATE INDEX ix_sighting_place ON sighting USING gist (point(lon, lat))"
        )


def _rtree() -> None:
    """Make the tree of places; its numbers are rounded, so exact columns decide."""
    op.execute(
        "CREATE VIRTUAL TABLE sighting_place USING rtree(row, lon0, lon1, lat0, lat1)"
    )
    op.execute(
        "CREATE TRIGGER sighting_placed AFTER INSERT ON sighting BEGIN "
        "INSERT INTO sighting_place VALUES (new.row, new.lon, new.lon, new.lat, "
        "new.lat); END"
    )
