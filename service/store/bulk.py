"""Many streets at once: passes and findings as plain rows, and scores by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, insert, select

from service.records import SeenBy
from service.store import schema as t
from service.store.connected import Connected, known, newest_inspections
from service.store.damaged import parents, refuse_orphans
from service.store.eyes import city_place, seen_by_of
from service.store.known_rows import WITHDRAWN


class PassRow(NamedTuple):
    """One pass over one street; its time is its middle, Unix seconds.

    A pass that came in pieces has a row for each, all with the time of the whole.
    """

    segment_id: str
    at_s: float
    inspection_id: str
    ground: bytes
    outing: str | None = None


class FindingRow(NamedTuple):
    """One finding, as far as a score needs it; steps are packed."""

    id: str
    segment_id: str
    category: str
    zone: str | None
    side: str | None
    offset_m: float | None
    severity: str | None
    lon: float
    lat: float
    state: str
    steps: bytes
    once: bool = False


class DaysRow(NamedTuple):
    """The scores of one street by day, packed; see `service/packed.py`."""

    segment_id: str
    standard_id: str
    from_s: float
    to_s: float
    window_s: float
    known_s: float
    rows: bytes


class Bulk(Connected):
    """The part of a store that is read and written by the million."""

    def eyes(self, *, as_of_s: float | None = None) -> dict[str, SeenBy]:
        """Return who looked on each inspection that counts."""
        i, m, d = t.inspection, t.model, t.drive
        query = (
            select(i, m.c.recall, m.c.names)
            .add_columns(d.c.vehicle, d.c.started_s, d.c.ended_s)
            .add_columns(*parents(d, m))
            .outerjoin(d, i.c.drive_id == d.c.id)
            .outerjoin(m, and_(i.c.model_id == m.c.id, i.c.model_sha256 == m.c.sha256))
            .where(i.c.id.in_(newest_inspections(as_of_s)))
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
            refuse_orphans(rows)
            place = city_place(connection)
        return {row["id"]: seen_by_of(row, place) for row in rows}

    def outings(self, *, as_of_s: float | None = None) -> dict[str, str]:
        """Return inspection -> outing of those that count and are pieces of one."""
        i, d = t.inspection, t.drive
        query = (
            select(i.c.id, d.c.outing)
            .join(d, i.c.drive_id == d.c.id)
            .where(d.c.outing.is_not(None), i.c.id.in_(newest_inspections(as_of_s)))
        )
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def pass_rows(
        self,
        first_id: str,
        last_id: str,
        *,
        to_s: float,
        outings: Mapping[str, str] | None = None,
    ) -> list[PassRow]:
        """Return passes over streets from one id to another, by street and time.

        Those of inspections that do not count are among them, see `eyes`.

        Args:
            first_id: of the first street.
            last_id: of the last street.
            to_s: passes that began at or after it are left out.
            outings: inspection -> outing, see `outings`; None for none.
        """
        p = t.street_pass
        query = (
            select(p.c.segment_id, p.c.from_s, p.c.to_s, p.c.inspection_id)
            .add_columns(p.c.ground)
            .where(p.c.segment_id.between(first_id, last_id), p.c.from_s < to_s)
            .order_by(p.c.segment_id, p.c.from_s, p.c.inspection_id)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return _passes(rows, outings or {})

    def finding_rows(
        self, first_id: str, last_id: str, *, as_of_s: float | None = None
    ) -> list[FindingRow]:
        """Return findings on streets from one id to another, by street and id."""
        f = t.finding
        query = (
            select(*(f.c[name] for name in FindingRow._fields))
            .where(f.c.segment_id.between(first_id, last_id), known(f, as_of_s))
            .order_by(f.c.segment_id, f.c.id, f.c.known_s)
        )
        with self._reading() as connection:
            rows = {row[0]: row for row in connection.execute(query).all()}
        return [FindingRow(*row) for row in rows.values() if row[9] != WITHDRAWN]

    def add_score_days(self, rows: Iterable[DaysRow]) -> None:
        """Add scores by day."""
        values: list[dict[str, Any]] = [row._asdict() for row in rows]
        with self._writing() as connection:
            if values:
                connection.execute(insert(t.score_days), values)

    def score_days(
        self, segment_id: str, *, as_of_s: float | None = None
    ) -> list[DaysRow]:
        """Return the scores by day of a street, newest first."""
        s = t.score_days
        query = (
            select(*(s.c[name] for name in DaysRow._fields))
            .where(s.c.segment_id == segment_id, known(s, as_of_s))
            .order_by(s.c.known_s.desc())
        )
        with self._reading() as connection:
            return [DaysRow(*row) for row in connection.execute(query)]


def _passes(rows: Sequence[Any], outings: Mapping[str, str]) -> list[PassRow]:
    """Return passes of rows `segment, from_s, to_s, inspection, ground`."""
    spans: dict[tuple[str, str], tuple[float, float]] = {}
    for segment_id, from_s, to_s, inspection, _ in rows if outings else ():
        outing = outings.get(inspection)
        if outing is not None:
            first_s, last_s = spans.get((segment_id, outing), (from_s, to_s))
            spans[segment_id, outing] = min(first_s, from_s), max(last_s, to_s)
    found = []
    for segment_id, from_s, to_s, inspection, ground in rows:
        outing = outings.get(inspection)
        span = (from_s, to_s) if outing is None else spans[segment_id, outing]
        found.append(PassRow(segment_id, sum(span) / 2, inspection, ground, outing))
    return found
