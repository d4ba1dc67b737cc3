"""The table of pictures that were deleted, in the same schema as all others."""

from __future__ import annotations

from sqlalchemy import Column, Double, Table, Text

from service.store.schema import METADATA

evidence_gone = Table(
    "evidence_gone",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("gone_s", Double, primary_key=True),
)
"""When a picture was deleted, its days being over; its rows of the chain stay. One that
was taken again after that is there again."""
