"""The tables of devices and of the drives they announce.

What a device is and the history of its clock are only added to; how it is now, and how
far its drives have come, are rows of work like `job` and are written over.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from service.store.schema import METADATA


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, primary_key=key)


def _real(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Double, nullable=null)


device = Table(
    "device",
    METADATA,
    _text("id", key=True),
    _text("name"),
    _text("kind"),
    _text("district", null=True),
    _text("vehicle", null=True),
    Column("quota_bytes", BigInteger, nullable=True),
    Column("raw_wanted", Boolean, nullable=False),
    _real("known_s"),
)

device_end = Table(
    "device_end",
    METADATA,
    Column("device_id", Text, ForeignKey("device.id"), primary_key=True),
    _real("known_s"),
    _text("reason"),
)

device_key = Table(
    "device_key",
    METADATA,
    Column("key_id", Text, ForeignKey("api_key.id"), primary_key=True),
    Column("device_id", Text, ForeignKey("device.id"), nullable=False, index=True),
    _real("known_s"),
)

device_clock = Table(
    "device_clock",
    METADATA,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("device_id", Text, ForeignKey("device.id"), nullable=False),
    _real("at_s"),
    _real("offset_s"),
    Index("ix_device_clock_device_id_at_s", "device_id", "at_s"),
)
"""Clock offsets as they were measured: one an hour, and one whenever they changed."""

device_state = Table(
    "device_state",
    METADATA,
    Column("device_id", Text, ForeignKey("device.id"), primary_key=True),
    _real("at_s"),
    _real("offset_s"),
    _text("firmware", null=True),
    Column("free_disk_bytes", BigInteger, nullable=True),
    Column("models", JSON, nullable=True),
    Column("waiting_files", BigInteger, nullable=True),
    Column("waiting_bytes", BigInteger, nullable=True),
    _text("says", null=True),
)
"""The last contact of each device; its row is written over."""

manifest = Table(
    "manifest",
    METADATA,
    _text("id", key=True),
    _text("owner"),
    _text("name"),
    _text("district", null=True),
    _text("by"),
    _text("vehicle", null=True),
    _text("camera", null=True),
    _real("started_s", null=True),
    _real("ended_s", null=True),
    Column("complete", Boolean, nullable=False),
    _text("kind"),
    Column("priority", Integer, nullable=True),
    _real("made_s"),
    _real("touched_s"),
    Column("next_s", Double, nullable=False, index=True),
    Index("uq_manifest_owner_name", "owner", "name", unique=True),
    Index("ix_manifest_made_s", "made_s", "id"),
)
"""`next_s` says when a worker looks at it again."""

manifest_file = Table(
    "manifest_file",
    METADATA,
    Column("manifest_id", Text, ForeignKey("manifest.id"), primary_key=True),
    _text("name", key=True),
    Column("sha256", Text, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
)

manifest_piece = Table(
    "manifest_piece",
    METADATA,
    Column("manifest_id", Text, ForeignKey("manifest.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("job_id", Text, ForeignKey("job.id"), nullable=True, index=True),
    _real("at_s"),
)

footage_claim = Table(
    "footage_claim",
    METADATA,
    _text("sha256", key=True),
    Column("manifest_id", Text, ForeignKey("manifest.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Index("ix_footage_claim_manifest_id", "manifest_id"),
)
"""Whose footage a file is: of one piece of one manifest, however often it is sent."""
