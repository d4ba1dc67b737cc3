"""The tables of files that are sent piece by piece."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Table, Text

from service.store.schema import METADATA

upload = Table(
    "upload",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("key_id", Text, nullable=False, index=True),
    Column("district", Text, nullable=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=True, index=True),
    Column("drive", Text, nullable=True),
    Column("given", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("stored", BigInteger, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("begun_s", Double, nullable=False),
    Column("expires_s", Double, nullable=False),
    Column("digest", Text, nullable=True, index=True),
    Column("kind", Text, nullable=True),
    Column("reason", Text, nullable=True),
    Column("ended_s", Double, nullable=True),
    Index("ix_upload_state_expires_s", "state", "expires_s"),
)
"""A table of work: its rows are changed until they have ended."""

raw_aside = Table(
    "raw_aside",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("known_s", Double, nullable=False),
)
"""Files of the quarantine that nothing of ours can read, and why."""
