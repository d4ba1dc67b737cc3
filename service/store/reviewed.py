"""Sightings beside the words on them: what training learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from service.store import schema as t
from service.store.connected import Connected
from service.store.schema_reviews import review


class PicturedSighting(NamedTuple):
    """One sighting and its pictures; `drawn_by` is the reviewer who saw it, if any."""

    inspection_id: str
    number: int
    category: str
    segment_id: str | None
    lon: float
    lat: float
    first_s: float
    evidence: Sequence[Mapping[str, Any]]
    drawn_by: str | None
    model_id: str
    vehicle: str | None


class Reviewed(Connected):
    """The part of a store that hands reviews on to training."""

    def reviewed_inspections(self) -> list[str]:
        """Return every inspection in which anybody said anything, by id."""
        name = review.c.inspection_id
        with self._reading() as connection:
            return list(
                connection.execute(select(name).distinct().order_by(name)).scalars()
            )

    def pictured(self, inspection_id: str) -> list[PicturedSighting]:
        """Return all sightings of an inspection, by number."""
        s, i, d = t.sighting, t.inspection, t.drive
        query = (
            select(s.c.inspection_id, s.c.number, s.c.category, s.c.segment_id)
            .add_columns(s.c.lon, s.c.lat, s.c.first_s, s.c.evidence, s.c.reviewer)
            .add_columns(i.c.model_id, d.c.vehicle)
            .join(i, s.c.inspection_id == i.c.id)
            .join(d, i.c.drive_id == d.c.id)
            .where(s.c.inspection_id == inspection_id)
            .order_by(s.c.number)
        )
        with self._reading() as connection:
            return [PicturedSighting(*row) for row in connection.execute(query)]
