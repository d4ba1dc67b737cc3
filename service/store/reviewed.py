"""What reviewers said, beside the sightings and pictures that they said it of.

The only place that reads the table of verdicts for training: where what a reviewer may
say grows, this file grows with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, select

from service.store import schema as t
from service.store.connected import Connected


class ReviewedSighting(NamedTuple):
    """One sighting of an inspection in which something was reviewed.

    Times are Unix seconds; the last four are None where nobody said anything of it.
    """

    inspection_id: str
    number: int
    category: str
    segment_id: str | None
    seen_s: float
    evidence: Sequence[Mapping[str, Any]]
    model_id: str
    vehicle: str | None
    verdict: str | None
    reviewer: str | None
    reason: str | None
    said_s: float | None


class Reviewed(Connected):
    """The part of a store that hands reviews on to training."""

    def reviewed_sightings(self) -> Iterator[ReviewedSighting]:
        """Yield every sighting of every inspection that anybody reviewed, in order.

        Of several words on one sighting the latest counts.
        """
        r = t.review
        query = select(r).order_by(r.c.known_s, r.c.row)
        with self._reading() as connection:
            words = connection.execute(query).mappings().all()
        said = {(word["inspection_id"], word["number"]): word for word in words}
        for inspection in sorted({name for name, _ in said}):
            for row in self._sightings_in(inspection):
                yield _reviewed(row, said.get((inspection, row["number"])))

    def _sightings_in(self, inspection: str) -> Sequence[RowMapping]:
        s, i, d = t.sighting, t.inspection, t.drive
        query = (
            select(s.c.inspection_id, s.c.number, s.c.category, s.c.segment_id)
            .add_columns(s.c.first_s, s.c.evidence, i.c.model_id, d.c.vehicle)
            .join(i, s.c.inspection_id == i.c.id)
            .join(d, i.c.drive_id == d.c.id)
            .where(s.c.inspection_id == inspection)
            .order_by(s.c.number)
        )
        with self._reading() as connection:
            return connection.execute(query).mappings().all()


def _reviewed(row: RowMapping, word: RowMapping | None) -> ReviewedSighting:
    return ReviewedSighting(
        inspection_id=row["inspection_id"],
        number=row["number"],
        category=row["category"],
        segment_id=row["segment_id"],
        seen_s=row["first_s"],
        evidence=row["evidence"],
        model_id=row["model_id"],
        vehicle=row["vehicle"],
        verdict=None if word is None else word["verdict"],
        reviewer=None if word is None else word["reviewer"],
        reason=None if word is None else word["reason"],
        said_s=None if word is None else word["known_s"],
    )
