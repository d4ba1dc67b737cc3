"""What readers ask of the ground: which of it was seen, and what covers lie in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    select,
    tuple_,
)

from service.records import Cover
from service.store import schema as t
from service.store.connected import Connected, newest_inspections
from service.store.known_rows import COVER, WITHDRAWN, cover_of_row
from service.store.reading import newest_segment
from service.store.rows import coverage_of_row
from service.types import CoveragePiece

_OK = "ok"


class PassSeen(NamedTuple):
    """One pass over one street and the ground it saw; times are Unix seconds."""

    inspection_id: str
    drive_id: str
    from_s: float
    to_s: float
    model_id: str
    layout_id: str | None
    pieces: tuple[CoveragePiece, ...]


class CoverRow(NamedTuple):
    """A cover and the district of its street."""

    cover: Cover
    district: str | None


class CoverCount(NamedTuple):
    """The covers of a district, and how many of them are damaged or missing."""

    district: str | None
    seen: int
    bad: int


class Surveyed(Connected):
    """The part of a store that answers what was seen of the ground."""

    def passes_of(
        self, segment_id: str, *, after: tuple[float, str] | None, limit: int
    ) -> list[PassSeen]:
        """Return the passes over a street that count, the newest first.

        Args:
            segment_id: the street.
            after: `from_s` and inspection of the pass before the first.
            limit: at most so many.
        """
        p, i = t.street_pass, t.inspection
        key = (p.c.from_s, p.c.inspection_id)
        query = (
            select(p.c.inspection_id, i.c.drive_id, p.c.from_s, p.c.to_s)
            .add_columns(i.c.model_id, i.c.layout_id)
            .join(i, p.c.inspection_id == i.c.id)
            .where(p.c.segment_id == segment_id, i.c.id.in_(newest_inspections(None)))
            .order_by(*(column.desc() for column in key))
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(*key) < tuple_(*after))
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
            names = [row["inspection_id"] for row in rows]
            pieces = _pieces(connection, segment_id, names)
        return [
            PassSeen(**row, pieces=tuple(pieces.get(name, ())))
            for row, name in zip(rows, names, strict=True)
        ]

    def cover_page(
        self, *, district: str | None, after: str | None, limit: int
    ) -> list[CoverRow]:
        """Return covers as they are known now, by id.

        Args:
            district: only there; None for the whole city.
            after: only those whose id comes after it.
            limit: at most so many.
        """
        a, s = t.asset, t.segment
        query = _covers(a, s.c.district).order_by(a.c.id).limit(limit)
        if district is not None:
            query = query.where(s.c.district == district)
        if after is not None:
            query = query.where(a.c.id > after)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [CoverRow(cover_of_row(row), row["district"]) for row in rows]

    def cover_counts(self, *, district: str | None) -> list[CoverCount]:
        """Return how many covers each district has, those without one first."""
        a, s = t.asset, t.segment
        bad = func.sum(case((a.c.state != _OK, 1), else_=0))
        query = _covers(s.c.district, func.count(), bad).group_by(s.c.district)
        if district is not None:
            query = query.where(s.c.district == district)
        with self._reading() as connection:
            found = [CoverCount(*row) for row in connection.execute(query)]
        return sorted(found, key=lambda one: one.district or "")

    def recalls(self) -> list[Mapping[str, float]]:
        """Return category -> recall of every pair of eyes whose look counts."""
        i, m = t.inspection, t.model
        counted = select(i.c.model_id, i.c.model_sha256).where(
            i.c.id.in_(newest_inspections(None))
        )
        query = select(m.c.recall).where(tuple_(m.c.id, m.c.sha256).in_(counted))
        with self._reading() as connection:
            return list(connection.execute(query).scalars())


def _covers(*what: Any) -> Select[Any]:
    """Select of the newest row of every cover, beside its street."""
    a, s, later = t.asset, t.segment, t.asset.alias("later_asset")
    newest = ~exists().where(later.c.id == a.c.id, later.c.known_s > a.c.known_s)
    return (
        select(*what)
        .select_from(a)
        .outerjoin(s, and_(s.c.id == a.c.segment_id, newest_segment()))
        .where(newest, a.c.kind == COVER, a.c.state != WITHDRAWN)
    )


def _pieces(
    connection: Connection, segment_id: str, inspections: list[str]
) -> dict[str, list[CoveragePiece]]:
    c = t.coverage
    query = (
        select(c)
        .where(c.c.segment_id == segment_id, c.c.inspection_id.in_(inspections))
        .order_by(c.c.inspection_id, c.c.number)
    )
    found: dict[str, list[CoveragePiece]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["inspection_id"], []).append(coverage_of_row(row))
    return found
