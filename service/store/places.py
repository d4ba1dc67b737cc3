"""Streets, scores and findings by place and time, page by page, as maps ask for them.

Rows come in the order of their numbers, so a page begins after the last number of the
page before. What an index of places or times finds is few or many: few rows are read by
their numbers; where there are many, rows are walked through in order until a page is
full, which is soon. Neither depends on what the database's planner guesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Select,
    Table,
    TableClause,
    and_,
    column,
    func,
    or_,
    select,
    table,
    union_all,
)

from service.store import schema as t
from service.store.connected import Connected
from service.store.known_rows import WITHDRAWN

PlaceKind = Literal["segments", "scores", "findings"]
Box = tuple[float, float, float, float]
"""West, south, east, north: degrees, WGS-84."""

_FEW = 20_000
"""Rows that are few enough to be read by their numbers."""
_MOST = 1000
"""Rows read at once."""


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """Which rows are asked for.

    Attributes:
        boxes: the row's own box meets one of them; empty for everywhere.
        from_s: what ended before is left out; None for no bound.
        to_s: what began after it is left out; None for no bound.
        equal: column -> the value it must have.
        district: all that may be seen lies there; None for the whole city.
    """

    boxes: tuple[Box, ...] = ()
    from_s: float | None = None
    to_s: float | None = None
    equal: Mapping[str, str] = field(default_factory=dict)
    district: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Kind:
    """How rows of one kind are found and read.

    Attributes:
        now: has their numbers and places.
        rows: selects them.
        columns: what they can be asked for by, `id` and `district` among them.
        span: first and last time of a row; None where it has none.
        shown: which rows there are at all.
    """

    now: Table
    rows: Select[Any]
    columns: Mapping[str, Any]
    span: tuple[Any, Any] | None = None
    shown: Any = True

    @property
    def number(self) -> Any:
        return self.now.c.number

    @property
    def tree(self) -> TableClause:
        """The tree of SQLite, see the migration 0006."""
        name = self.now.name.replace("_now", "_place")
        names = ("number", "lon0", "lon1", "lat0", "lat1")
        return table(name, *(column(one) for one in names))


_SEGMENT_FACTS = (
    "id", "name", "road_class", "lonlat", "length_m", "width_m", "oneway", "district",
    "unit_grid", "responsible_unit", "assumed", "known_s",
)  # fmt: skip
_FINDING_FACTS = (
    "id", "category", "state", "segment_id", "side", "offset_m", "zone", "severity",
    "size_m", "candidate", "real_probability", "present_probability", "lon", "lat",
    "sigma_m", "first_s", "last_s", "cleared_s", "recurrences", "known_s",
)  # fmt: skip


def _segments() -> _Kind:
    now, s = t.segment_now, t.segment
    same = and_(s.c.id == now.c.id, s.c.digest == now.c.digest)
    asked = ("name", "road_class", "unit_grid", "responsible_unit")
    return _Kind(
        now,
        select(now.c.number, *(s.c[name] for name in _SEGMENT_FACTS)).join_from(
            now, s, same
        ),
        {"id": now.c.id, "district": now.c.district, **{n: s.c[n] for n in asked}},
    )


def _scores() -> _Kind:
    """Return scores in the order of their streets.

    `coalesce` keeps SQLite from beginning at the index of standards, which nearly every
    row has in common, and from sorting all of them for a page.
    """
    now, c = t.segment_now, t.score_now
    return _Kind(
        now,
        select(now.c.number, c.c.segment_id, c.c.feature).join_from(
            now, c, c.c.segment_id == now.c.id
        ),
        {
            "id": now.c.id,
            "district": c.c.district,
            "standard_id": func.coalesce(c.c.standard_id, ""),
            "grade": c.c.grade,
            "status": c.c.status,
        },
        (c.c.to_s, c.c.to_s),
    )


def _findings() -> _Kind:
    now, f = t.finding_now, t.finding
    same = and_(f.c.id == now.c.id, f.c.known_s == now.c.known_s)
    asked = ("id", "district", "category", "state", "segment_id")
    facts = (f.c[name] for name in _FINDING_FACTS)
    return _Kind(
        now,
        select(now.c.number, now.c.district, *facts).join_from(now, f, same),
        {name: now.c[name] for name in asked},
        (now.c.first_s, now.c.last_s),
        now.c.state != WITHDRAWN,
    )


_KINDS: dict[str, _Kind] = {
    "segments": _segments(),
    "scores": _scores(),
    "findings": _findings(),
}


class Places(Connected):
    """The part of a store that maps read."""

    def places(
        self, kind: PlaceKind, query: PlaceQuery, *, after: int = 0, at_once: int = 1000
    ) -> Iterator[dict[str, Any]]:
        """Yield rows in the order of their `number`, a few at a time.

        No transaction is open between two rows, so a reader may be slow.

        Args:
            kind: which rows.
            query: which of them.
            after: the number of the last row that is known already.
            at_once: how many are wanted at first.
        """
        how = _KINDS[kind]
        rows = how.rows.where(_asked(how, query)).order_by(how.number)
        with self._reading() as connection:
            few = _few(connection, how, query)
        size = max(1, min(at_once, _MOST))
        if few is None:
            yield from self._walk(rows, how, after, size)
            return
        numbers = sorted(number for number in few if number > after)
        start = 0
        while start < len(numbers):
            chunk = numbers[start : start + size]
            yield from self._rows(rows.where(how.number.in_(chunk)))
            start, size = start + size, min(2 * size, _MOST)

    def place(
        self, kind: PlaceKind, name: str, query: PlaceQuery
    ) -> dict[str, Any] | None:
        """Return the row with an id, if it is among those that are asked for."""
        how = _KINDS[kind]
        found = self._rows(
            how.rows.where(how.columns["id"] == name, _asked(how, query))
        )
        return next(iter(found), None)

    def extent(self, *, district: str | None = None) -> Box | None:
        """Return the box around all streets, of a district if one is given."""
        s = t.segment_now.c
        query = select(
            func.min(s.lon0), func.min(s.lat0), func.max(s.lon1), func.max(s.lat1)
        )
        if district is not None:
            query = query.where(s.district == district)
        with self._reading() as connection:
            west, south, east, north = connection.execute(query).one()
        return None if west is None else (west, south, east, north)

    def _walk(
        self, rows: Select[Any], how: _Kind, after: int, size: int
    ) -> Iterator[dict[str, Any]]:
        while True:
            found = self._rows(rows.where(how.number > after).limit(size))
            yield from found
            if len(found) < size:
                return
            after, size = found[-1]["number"], min(2 * size, _MOST)

    def _rows(self, rows: Select[Any]) -> list[dict[str, Any]]:
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(rows).mappings()]


def _asked(how: _Kind, query: PlaceQuery) -> Any:
    """Return the condition on rows, exact whatever index was used before."""
    conditions = [how.shown, *(how.columns[n] == v for n, v in query.equal.items())]
    if query.district is not None:
        conditions.append(how.columns["district"] == query.district)
    if query.boxes:
        conditions.append(or_(*(_meets(how.now, box) for box in query.boxes)))
    if how.span is not None and query.from_s is not None:
        conditions.append(how.span[1] >= query.from_s)
    if how.span is not None and query.to_s is not None:
        conditions.append(how.span[0] <= query.to_s)
    return and_(True, *conditions)


def _meets(now: Table, box: Box) -> Any:
    west, south, east, north = box
    if "lon" in now.c:
        return and_(now.c.lon.between(west, east), now.c.lat.between(south, north))
    return and_(
        now.c.lon1 >= west,
        now.c.lon0 <= east,
        now.c.lat1 >= south,
        now.c.lat0 <= north,
    )


def _few(connection: Connection, how: _Kind, query: PlaceQuery) -> set[int] | None:
    """Return the numbers among which all rows are; None where that would be many."""
    is_sqlite = connection.dialect.name == "sqlite"
    by_index: list[Any] = []
    if query.boxes:
        tree = _in_tree if is_sqlite else _in_gist
        by_index.append(union_all(*(tree(how, box) for box in query.boxes)))
    if how.span is not None and how.span[1].table is how.now and query.from_s:
        by_index.append(select(how.number).where(how.span[1] >= query.from_s))
    few: set[int] | None = None
    for numbers in by_index:
        found = connection.execute(numbers.limit(_FEW + 1)).scalars().all()
        if len(found) <= _FEW:
            few = set(found) if few is None else few & set(found)
    return few


def _in_tree(how: _Kind, box: Box) -> Any:
    west, south, east, north = box
    tree = how.tree
    return select(tree.c.number).where(
        tree.c.lon1 >= west,
        tree.c.lon0 <= east,
        tree.c.lat1 >= south,
        tree.c.lat0 <= north,
    )


def _in_gist(how: _Kind, box: Box) -> Any:
    west, south, east, north = box
    wanted = func.box(func.point(west, south), func.point(east, north))
    now = how.now.c
    if "lon" in now:
        meets = func.point(now.lon, now.lat).op("<@")(wanted)
    else:
        own = func.box(func.point(now.lon0, now.lat0), func.point(now.lon1, now.lat1))
        meets = own.op("&&")(wanted)
    return select(how.number).where(meets)
