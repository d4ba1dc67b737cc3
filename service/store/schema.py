"""The tables of the store. Rows are added, never changed: `known_s` says since when.

Times are Unix seconds (UTC), places degrees (WGS-84), offsets metres along a segment.
What is derived (finding, asset, score) is written again when more is known; the newest
row that was known at a time is what was believed then. A finding whose sightings were
found to be another's has the state `withdrawn`. What is read by the million lies packed
in bytes, see `service/packed.py`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    text,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMING)


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, primary_key=key)


def _real(name: str, *, null: bool = False, key: bool = False) -> Column[float]:
    return Column(name, Double, nullable=null, primary_key=key)


standard = Table(
    "standard",
    METADATA,
    _text("id", key=True),
    _text("sha256"),
    _text("text"),
    _real("known_s"),
)

model = Table(
    "model",
    METADATA,
    _text("id", key=True),
    _text("sha256", key=True),
    Column("recall", JSON, nullable=False),
    Column("names", JSON, nullable=False),
    _real("known_s"),
)

segment = Table(
    "segment",
    METADATA,
    _text("id", key=True),
    _text("digest", key=True),
    _text("name", null=True),
    _text("road_class"),
    Column("lonlat", JSON, nullable=False),
    _real("length_m"),
    _real("width_m", null=True),
    Column("oneway", Boolean, nullable=False),
    _text("district", null=True),
    _text("unit_grid", null=True),
    _text("responsible_unit", null=True),
    Column("absent_zones", JSON, nullable=False),
    Column("assumed", Boolean, nullable=False),
    _real("known_s"),
    Index("ix_segment_district_id", "district", "id"),
)

drive = Table(
    "drive",
    METADATA,
    _text("id", key=True),
    _text("vehicle", null=True),
    _real("started_s"),
    _real("ended_s"),
    Column("footage", JSON, nullable=False),
    _real("known_s"),
    _text("outing", null=True),
)

inspection = Table(
    "inspection",
    METADATA,
    _text("id", key=True),
    Column("drive_id", Text, ForeignKey("drive.id"), nullable=False, index=True),
    _text("model_id"),
    _text("model_sha256"),
    _text("layout_id", null=True),
    Column("zones", JSON, nullable=False),
    Column("run", JSON, nullable=False),
    _real("known_s"),
    ForeignKeyConstraint(["model_id", "model_sha256"], ["model.id", "model.sha256"]),
)


def _inspection() -> Column[str]:
    return Column("inspection_id", Text, ForeignKey("inspection.id"), primary_key=True)


street_pass = Table(
    "street_pass",
    METADATA,
    _inspection(),
    _text("segment_id", key=True),
    _real("from_s"),
    _real("to_s"),
    Column("ground", LargeBinary, nullable=False),
    Index("ix_street_pass_segment_id_from_s", "segment_id", "from_s"),
)

coverage = Table(
    "coverage",
    METADATA,
    _inspection(),
    Column("number", Integer, primary_key=True),
    Column("segment_id", Text, nullable=False, index=True),
    _text("zone"),
    _text("side"),
    _real("from_m"),
    _real("to_m"),
    _text("status"),
    _text("reason", null=True),
)

sighting = Table(
    "sighting",
    METADATA,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("inspection_id", Text, ForeignKey("inspection.id"), nullable=False),
    Column("number", Integer, nullable=False),
    _text("id"),
    _text("category"),
    _real("probability"),
    _real("lon"),
    _real("lat"),
    _real("sigma_m"),
    _text("segment_id", null=True),
    _text("side", null=True),
    _real("offset_m", null=True),
    _real("lateral_m"),
    _real("lateral_sigma_m"),
    _real("heading_deg"),
    Column("zone_belief", JSON, nullable=True),
    Column("surface_belief", JSON, nullable=True),
    Column("appearance", JSON, nullable=True),
    _real("stationary_probability", null=True),
    Column("frames", Integer, nullable=False),
    _real("width_m", null=True),
    _real("first_s"),
    _real("last_s"),
    Column("evidence", JSON, nullable=False),
    _text("reviewer", null=True),
    _real("known_s", null=True),
    Index("uq_sighting_inspection_id_number", "inspection_id", "number", unique=True),
    Index("ix_sighting_segment_id_category", "segment_id", "category"),
)
"""What a pass saw. A row with a reviewer was seen by them in its picture, and is known
since its `known_s`; all others since their inspection is."""

finding = Table(
    "finding",
    METADATA,
    _text("id", key=True),
    _real("known_s", key=True),
    _text("digest"),
    _text("category"),
    _text("segment_id"),
    _text("side", null=True),
    _real("offset_m", null=True),
    _text("zone", null=True),
    _real("zone_probability", null=True),
    _text("severity", null=True),
    _real("size_m", null=True),
    _text("state"),
    Column("candidate", Boolean, nullable=False),
    _real("real_probability"),
    _real("present_probability"),
    _real("lon"),
    _real("lat"),
    _real("sigma_m"),
    _real("first_s"),
    _real("last_s"),
    _real("cleared_s", null=True),
    Column("recurrences", Integer, nullable=False),
    Column("looked", Integer, nullable=False),
    Column("steps", LargeBinary, nullable=False),
    Column("sightings", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("once", Boolean, nullable=False, server_default=false()),
    Index("ix_finding_segment_id_id_known_s", "segment_id", "id", "known_s"),
    Index("ix_finding_category_segment_id_id", "category", "segment_id", "id"),
)

asset = Table(
    "asset",
    METADATA,
    _text("id", key=True),
    _real("known_s", key=True),
    _text("digest"),
    _text("kind"),
    _text("segment_id"),
    _text("side", null=True),
    _real("offset_m", null=True),
    _real("lon"),
    _real("lat"),
    _real("sigma_m"),
    _text("state"),
    _real("bad_probability"),
    Column("history", JSON, nullable=False),
    Index("ix_asset_segment_id_id_known_s", "segment_id", "id", "known_s"),
)

score = Table(
    "score",
    METADATA,
    _text("segment_id", key=True),
    _text("standard_id", key=True),
    _real("from_s", key=True),
    _real("to_s", key=True),
    _real("known_s", key=True),
    _text("status"),
    _real("value", null=True),
    _real("low", null=True),
    _real("high", null=True),
    _text("grade", null=True),
    Column("body", JSON, nullable=False),
)

score_days = Table(
    "score_days",
    METADATA,
    _text("segment_id", key=True),
    _text("standard_id", key=True),
    _real("from_s", key=True),
    _real("to_s", key=True),
    _real("window_s", key=True),
    _real("known_s", key=True),
    Column("rows", LargeBinary, nullable=False),
)

layer = Table(
    "layer",
    METADATA,
    _text("id", key=True),
    _text("digest", key=True),
    _text("kind"),
    _real("valid_from_s", null=True),
    _real("valid_to_s", null=True),
    Column("features", JSON, nullable=False),
    _real("known_s"),
)

api_key = Table(
    "api_key",
    METADATA,
    _text("id", key=True),
    _text("name"),
    _text("role"),
    _text("district", null=True),
    _text("hash"),
    _real("known_s"),
    _real("expires_s", null=True),
    Index("uq_api_key_hash", "hash", unique=True),
)

api_key_end = Table(
    "api_key_end",
    METADATA,
    Column("key_id", Text, ForeignKey("api_key.id"), primary_key=True),
    _real("known_s"),
    _text("reason"),
)

access_log = Table(
    "access_log",
    METADATA,
    Column("row", Integer, primary_key=True, autoincrement=True),
    _real("at_s"),
    _text("key_id", null=True),
    _text("role", null=True),
    _text("method"),
    _text("route"),
    _text("target"),
    Column("status", Integer, nullable=False),
    _text("request_id"),
)

change = Table(
    "change",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _real("at_s"),
    _text("kind"),
    _text("id"),
    _text("segment_id", null=True),
    _text("district", null=True),
)

score_now = Table(
    "score_now",
    METADATA,
    _text("segment_id", key=True),
    _text("standard_id", key=True),
    _text("district", null=True),
    _real("known_s"),
    _real("to_s"),
    _text("status"),
    _real("value", null=True),
    _text("feature"),
    _text("grade", null=True),
    Index("ix_score_now_standard_id_district", "standard_id", "district", "segment_id"),
    Index("ix_score_now_standard_id_segment_id", "standard_id", "segment_id"),
)
"""The newest score of each street, with its GeoJSON feature ready: a copy, made again
whenever scores are added."""

segment_now = Table(
    "segment_now",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _text("id"),
    _text("digest"),
    _real("known_s"),
    _text("district", null=True),
    _real("lon0"),
    _real("lat0"),
    _real("lon1"),
    _real("lat1"),
    Index("uq_segment_now_id", "id", unique=True),
    Index("ix_segment_now_district_number", "district", "number"),
)
"""The newest version of each street and the box around it: a copy, kept by triggers."""

finding_now = Table(
    "finding_now",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _text("id"),
    _real("known_s"),
    _text("segment_id"),
    _text("district", null=True),
    _text("category"),
    _text("state"),
    _real("lon"),
    _real("lat"),
    _real("first_s"),
    _real("last_s"),
    Index("uq_finding_now_id", "id", unique=True),
    Index("ix_finding_now_district_number", "district", "number"),
    Index("ix_finding_now_segment_id_number", "segment_id", "number"),
    Index("ix_finding_now_last_s", "last_s"),
)
"""The newest version of each finding, with the district of its street, those that were
withdrawn among them: a copy, kept by triggers."""
secret = Table(
    "secret",
    METADATA,
    _text("name", key=True),
    _text("value"),
    _real("known_s"),
)
"""What the service signs with, hexadecimal; made when it is first needed."""

evidence_chain = Table(
    "evidence_chain",
    METADATA,
    Column("row", Integer, primary_key=True, autoincrement=False),
    _real("at_s"),
    Column(
        "inspection_id", Text, ForeignKey("inspection.id"), nullable=False, index=True
    ),
    Column("name", Text, nullable=False, index=True),
    _text("footage_sha256", null=True),
    _real("pts_s"),
    _text("previous"),
    _text("hash"),
    Index("uq_evidence_chain_previous", "previous", unique=True),
    Index("ix_evidence_chain_at_s", "at_s"),
)
"""Every picture that was kept, each row bound to the one before: no row can be changed,
taken out or put between without all later hashes changing."""

webhook = Table(
    "webhook",
    METADATA,
    _text("id", key=True),
    _text("url"),
    Column("kinds", JSON, nullable=False),
    _text("district", null=True),
    _text("secret"),
    _text("key_id", null=True),
    _real("known_s"),
)

webhook_end = Table(
    "webhook_end",
    METADATA,
    Column("hook_id", Text, ForeignKey("webhook.id"), primary_key=True),
    _text("cause", key=True),
    _text("reason"),
    _real("known_s"),
)

webhook_state = Table(
    "webhook_state",
    METADATA,
    Column("hook_id", Text, ForeignKey("webhook.id"), primary_key=True),
    Column("sent", Integer, nullable=False),
    Column("trying", Integer, nullable=True),
    Column("failures", Integer, nullable=False),
    _real("failed_since_s", null=True),
    _real("next_s"),
    _real("last_s", null=True),
    _text("last_error", null=True),
)
"""How far each webhook has come; the only rows that are written over."""
worker = Table(
    "worker",
    METADATA,
    _text("id", key=True),
    _text("host"),
    _text("process"),
    _real("started_s"),
    _real("seen_s"),
    _real("ended_s", null=True),
)
"""Like `job` no memory of the city: its rows are changed."""

job = Table(
    "job",
    METADATA,
    _text("id", key=True),
    _text("same"),
    Column("turn", Integer, nullable=False),
    Column("files", JSON, nullable=False),
    _text("model"),
    _text("layout", null=True),
    _real("spacing_m"),
    _text("vehicle", null=True),
    _text("district", null=True),
    Column("priority", Integer, nullable=False),
    _text("by", null=True),
    Column("drive_id", Text, nullable=True, index=True),
    _text("state"),
    _text("step", null=True),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    _real("left_s", null=True),
    _text("error", null=True),
    _text("worker", null=True),
    Column("tries", Integer, nullable=False),
    _real("submitted_s"),
    _real("started_s", null=True),
    _real("touched_s"),
    _real("finished_s", null=True),
    Column("result", JSON, nullable=False),
    Column("kind", Text, nullable=False, server_default="drive"),
    Column("given", JSON, nullable=False, server_default="{}"),
    Index("uq_job_same_turn", "same", "turn", unique=True),
    Index("ix_job_state_submitted_s", "state", "submitted_s"),
)

raw_footage = Table(
    "raw_footage",
    METADATA,
    _text("id", key=True),
    Column("sha256", Text, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("sealed", Boolean, nullable=False),
    _real("received_s"),
    Column("deleted_s", Double, nullable=True, index=True),
    Index(
        "uq_raw_footage_there",
        "sha256",
        unique=True,
        sqlite_where=text("deleted_s IS NULL"),
        postgresql_where=text("deleted_s IS NULL"),
    ),
)
"""Files of the quarantine; the row stays when the file is deleted and says when."""
