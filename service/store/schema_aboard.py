"""The table of footage that vehicles looked at themselves."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Index, Table, Text

from service.store.schema import METADATA

aboard_footage = Table(
    "aboard_footage",
    METADATA,
    Column("job_id", Text, ForeignKey("job.id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("drive_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("layout_id", Text, nullable=True),
    Column("spacing_m", Double, nullable=False),
    Column("known_s", Double, nullable=False),
    Index("ix_aboard_footage_sha256", "sha256"),
    Index("ix_aboard_footage_drive_id", "drive_id"),
)
"""Footage of the drive in a package, by the job that opened it: it counts once, though
it may come itself, later and in other parts."""
