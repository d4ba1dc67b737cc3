"""The tables of review: words on sightings, and how well eyes did by them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
)

from service.store.schema import METADATA

review = Table(
    "review",
    METADATA,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("inspection_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("reason", Text, nullable=True),
    Column("source", JSON, nullable=True),
    Column("known_s", Double, nullable=False),
    Column("said_s", Double, nullable=True),
    Column("kind", Text, nullable=False, server_default="review"),
    Column("version", Text, nullable=True),
    Column("annotation", Text, nullable=False, server_default=""),
    Column("finding_id", Text, nullable=True, index=True),
    Column("turn", Integer, nullable=False, server_default="1"),
    Column("category", Text, nullable=True),
    Column("zone", Text, nullable=True),
    Column("severity", Text, nullable=True),
    Column("other_inspection", Text, nullable=True),
    Column("other_number", Integer, nullable=True),
    Column("seemed", Text, nullable=True),
    Column("chance", Double, nullable=True),
    ForeignKeyConstraint(
        ["inspection_id", "number"], ["sighting.inspection_id", "sighting.number"]
    ),
    Index("uq_review_version", "version", unique=True),
    Index("ix_review_inspection_id_number", "inspection_id", "number"),
)
"""Words. `version` is the source's own name of one version of an answer, so that the
same one is kept once; `seemed` and `chance` are what the eyes and the memory had said
of the thing before anybody looked, measured values left out."""

measured = Table(
    "measured",
    METADATA,
    Column("known_s", Double, primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("camera", Text, primary_key=True),
    Column("light", Text, primary_key=True),
    Column("real", Integer, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("found", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("recall", Double, nullable=True),
    Column("shift", Double, nullable=True),
    Column("facts", JSON, nullable=False),
)
"""How well eyes did by reviews: every set of rows is whole, the newest counts. `camera`
and `light` are empty in the row over all of them; `recall` and `shift` are what scores
use from then on, null where there were too few reviews."""
