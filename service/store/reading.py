"""What readers ask for by the page: streets, scores that are shown, their history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSON

from service.store import schema as t
from service.store.bulk import DaysRow
from service.store.connected import Connected, known
from service.store.rows import segment_of
from service.types import Segment

_AT_ONCE = 500
"""Features read in one go: some hundred kilobytes."""


class ScoreFacts(NamedTuple):
    """One score without its reasons; times are Unix seconds."""

    segment_id: str
    standard_id: str
    from_s: float
    to_s: float
    known_s: float
    status: str
    value: float | None
    low: float | None
    high: float | None
    grade: str | None


class StreetRow(NamedTuple):
    """One street whose score is shown, for sums over many."""

    segment_id: str
    district: str | None
    unit_grid: str | None
    responsible_unit: str | None
    length_m: float
    status: str
    value: float | None
    low: float | None
    high: float | None
    red_lines: int


class Reading(Connected):
    """The part of a store that answers many small questions, each from an index."""

    def newest_change(self) -> tuple[int, float]:
        """Return the number of the newest change and when it was; zeros if none."""
        c = t.change
        query = select(c.c.number, c.c.at_s).order_by(c.c.number.desc()).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return (0, 0.0) if row is None else (row[0], row[1])

    def has_standard(self, standard_id: str) -> bool:
        """Say if scores were given under a standard."""
        query = select(t.standard.c.id).where(t.standard.c.id == standard_id)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def models(self) -> list[dict[str, Any]]:
        """Return the detectors that looked, by id and then the first used first."""
        m = t.model
        query = select(m).order_by(m.c.id, m.c.known_s)
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def segment(self, segment_id: str) -> Segment | None:
        """Return a street as it is known now; None if there is none."""
        s = t.segment
        query = (
            select(s)
            .where(s.c.id == segment_id)
            .order_by(s.c.known_s.desc(), s.c.digest.desc())
            .limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else segment_of(row)

    def segment_page(
        self, *, district: str | None, after: str | None, limit: int
    ) -> list[Segment]:
        """Return streets as they are known now, by id.

        Args:
            district: only there; None for the whole city.
            after: only those whose id comes after it.
            limit: at most so many.
        """
        s = t.segment
        query = select(s).where(newest_segment()).order_by(s.c.id).limit(limit)
        if district is not None:
            query = query.where(s.c.district == district)
        if after is not None:
            query = query.where(s.c.id > after)
        with self._reading() as connection:
            return [segment_of(row) for row in connection.execute(query).mappings()]

    def shown_scores(
        self, standard_id: str, *, district: str | None, after: str | None, limit: int
    ) -> list[tuple[str, str]]:
        """Return streets and the features of their newest scores, by street.

        Args:
            standard_id: of the scores.
            district: only there; None for the whole city.
            after: only streets whose id comes after it.
            limit: at most so many.
        """
        query = _shown(standard_id, district, after).limit(limit)
        with self._reading() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def features(
        self, standard_id: str, *, district: str | None
    ) -> Iterator[list[str]]:
        """Yield the features of all newest scores, some hundred at a time, by street.

        Between two lists nothing is held open, however slowly they are taken: each
        street comes once, with what was shown of it when its list was read.
        """
        after: str | None = None
        while True:
            rows = self.shown_scores(
                standard_id, district=district, after=after, limit=_AT_ONCE
            )
            if rows:
                yield [feature for _, feature in rows]
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1][0]

    def street_rows(
        self, standard_id: str, *, district: str | None
    ) -> Iterator[list[StreetRow]]:
        """Yield all streets whose score is shown, some hundred at a time, by id."""
        now, s = t.score_now, t.segment
        base = (
            select(s.c.id, s.c.district, s.c.unit_grid, s.c.responsible_unit)
            .add_columns(s.c.length_m, now.c.status, now.c.value)
            .add_columns(*map(self._property, ("low", "high", "red_lines")))
            .select_from(now)
            .join(s, and_(s.c.id == now.c.segment_id, newest_segment()))
            .where(now.c.standard_id == standard_id)
            .order_by(now.c.segment_id)
            .limit(_AT_ONCE)
        )
        if district is not None:
            base = base.where(now.c.district == district)
        query = base
        while True:
            with self._reading() as connection:
                rows = [StreetRow(*row) for row in connection.execute(query)]
            if rows:
                yield rows
            if len(rows) < _AT_ONCE:
                return
            query = base.where(now.c.segment_id > rows[-1].segment_id)

    def _property(self, name: str) -> ColumnElement[Any]:
        """Return a number among the properties of the feature that is shown."""
        feature = t.score_now.c.feature
        if self._engine.dialect.name == "sqlite":
            return func.json_extract(feature, f"$.properties.{name}")
        number = cast(feature, JSON)[("properties", name)].as_string()
        return cast(number, Double)

    def score_row(
        self, segment_id: str, standard_id: str, *, as_of_s: float | None = None
    ) -> dict[str, Any] | None:
        """Return a street's newest score whole; None if there is none.

        The newest speaks of the latest window; of one window, the last worked out
        counts. Without `as_of_s` it is the one that is shown.

        Args:
            segment_id: the street.
            standard_id: of the score.
            as_of_s: scores that were not known then are left out.
        """
        s, now = t.score, t.score_now
        query = (
            select(s)
            .where(s.c.segment_id == segment_id, s.c.standard_id == standard_id)
            .order_by(s.c.to_s.desc(), s.c.known_s.desc(), s.c.from_s.desc())
            .limit(1)
        )
        if as_of_s is not None:
            query = query.where(known(s, as_of_s))
        else:
            same = and_(
                now.c.segment_id == s.c.segment_id, now.c.standard_id == s.c.standard_id
            )
            shown = and_(now.c.to_s == s.c.to_s, now.c.known_s == s.c.known_s)
            query = query.outerjoin(now, same).where(
                or_(now.c.segment_id.is_(None), shown)
            )
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else dict(row)

    def score_history(
        self,
        segment_id: str,
        standard_id: str,
        *,
        after: tuple[float, float, float] | None,
        limit: int,
    ) -> list[ScoreFacts]:
        """Return every score of a street, the last worked out first.

        Args:
            segment_id: the street.
            standard_id: of the scores.
            after: `known_s`, `to_s`, `from_s` of the row before the first.
            limit: at most so many.
        """
        s = t.score
        key = (s.c.known_s, s.c.to_s, s.c.from_s)
        query = (
            select(*(s.c[name] for name in ScoreFacts._fields))
            .where(s.c.segment_id == segment_id, s.c.standard_id == standard_id)
            .order_by(*(column.desc() for column in key))
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(*key) < tuple_(*after))
        with self._reading() as connection:
            return [ScoreFacts(*row) for row in connection.execute(query)]

    def newest_days(self, segment_id: str, standard_id: str) -> DaysRow | None:
        """Return a street's newest scores by day; None if there are none."""
        s = t.score_days
        query = (
            select(*(s.c[name] for name in DaysRow._fields))
            .where(s.c.segment_id == segment_id, s.c.standard_id == standard_id)
            .order_by(s.c.to_s.desc(), s.c.known_s.desc(), s.c.from_s)
            .limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else DaysRow(*row)


def newest_segment() -> ColumnElement[bool]:
    """Return the condition that a row of `segment` is the newest of its street."""
    s, later = t.segment, t.segment.alias("later")
    return ~exists().where(
        later.c.id == s.c.id,
        tuple_(later.c.known_s, later.c.digest) > tuple_(s.c.known_s, s.c.digest),
    )


def _shown(
    standard_id: str, district: str | None, after: str | None
) -> Select[str, str]:
    now = t.score_now
    query = (
        select(now.c.segment_id, now.c.feature)
        .where(now.c.standard_id == standard_id)
        .order_by(now.c.segment_id)
    )
    if district is not None:
        query = query.where(now.c.district == district)
    return query if after is None else query.where(now.c.segment_id > after)
