"""The tables of registered cameras, in the same schema as all others."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    Table,
    Text,
)

from service.store.schema import METADATA

camera = Table(
    "camera",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("district", Text, nullable=True),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("is_sealed", Boolean, nullable=False),
    Column("shown", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("schedule", JSON, nullable=False),
    Column("interval_s", Double, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("by", Text, nullable=True),
    Column("known_s", Double, nullable=False),
)
"""A change of a camera is a new version; its address is a secret."""

camera_end = Table(
    "camera_end",
    METADATA,
    Column("camera_id", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("known_s", Double, nullable=False),
)

camera_slot = Table(
    "camera_slot",
    METADATA,
    Column("camera_id", Text, primary_key=True),
    Column("from_s", Double, primary_key=True),
    Column("piece", Integer, primary_key=True, autoincrement=False),
    Column("to_s", Double, nullable=False),
    Column("job_id", Text, ForeignKey("job.id"), nullable=False),
    Column("known_s", Double, nullable=False),
)
"""One job for each slot, however many workers see that it is due."""

camera_state = Table(
    "camera_state",
    METADATA,
    Column("camera_id", Text, primary_key=True),
    Column("tried_s", Double, nullable=False),
    Column("seen_s", Double, nullable=True),
    Column("error", Text, nullable=True),
    Column("failing_since_s", Double, nullable=True),
)
"""How each camera fares; like `job` no memory of the city: its rows are changed."""
