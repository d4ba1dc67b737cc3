"""The table of monthly sheets, in the same schema as all others."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, Index, Integer, Table, Text

from service.store.schema import METADATA

month_sheet = Table(
    "month_sheet",
    METADATA,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("month", Text, nullable=False),
    Column("sheet_id", Text, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("content", JSON, nullable=False),
    Column("known_s", Double, nullable=False),
    Index("ix_month_sheet_month_sheet_id_row", "month", "sheet_id", "row"),
)
"""Months as they were worked out; of one month the last row counts, and none follows
one that is locked."""
