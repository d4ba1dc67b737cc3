"""Findings and drives as they are known now, page by page, for who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    RowMapping,
    Select,
    and_,
    exists,
    func,
    select,
    tuple_,
)

from service.records import StreetPass
from service.store import schema as t
from service.store.connected import Connected
from service.store.known_rows import WITHDRAWN, known_of_row
from service.told import FindingFilter, ListedDrive, ListedFinding, ListedInspection


class Listed(Connected):
    """The part of a store that is read page by page, in an order that lasts."""

    def list_findings(
        self,
        wanted: FindingFilter,
        *,
        after: tuple[str, str] | None = None,
        limit: int,
    ) -> list[ListedFinding]:
        """Return findings by street and id, those taken back left out.

        Args:
            wanted: which ones.
            after: street and id of the last one that was read; None for the beginning.
            limit: how many at most.
        """
        f = t.finding
        query = _findings(wanted.district).order_by(f.c.segment_id, f.c.id)
        if after is not None:
            query = query.where(tuple_(f.c.segment_id, f.c.id) > tuple_(*after))
        for name in ("category", "state", "segment_id"):
            value = getattr(wanted, name)
            if value is not None:
                query = query.where(f.c[name] == value)
        if wanted.since_s is not None:
            query = query.where(f.c.last_s >= wanted.since_s)
        with self._reading() as connection:
            rows = connection.execute(query.limit(limit)).mappings().all()
        return [_listed(row) for row in rows]

    def listed_finding(
        self, finding_id: str, *, district: str | None = None
    ) -> ListedFinding | None:
        """Return a finding as it is known now; None if it is not, or elsewhere."""
        query = _findings(district).where(t.finding.c.id == finding_id)
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _listed(row)

    def district_of(self, segment_id: str) -> tuple[str | None] | None:
        """Return the district of a street, which may be unknown; None for no street."""
        s = t.segment
        query = select(s.c.district).where(s.c.id == segment_id, _newest_street(s))
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row[0],)

    def list_drives(
        self,
        *,
        district: str | None = None,
        after: tuple[float, str] | None = None,
        limit: int,
    ) -> list[ListedDrive]:
        """Return drives, the latest first.

        Args:
            district: only drives that passed a street there, and of these only what
                belongs to it; None for the whole city.
            after: start and id of the last one that was read; None for the beginning.
            limit: how many at most.
        """
        d = t.drive
        query = _drives(district).order_by(d.c.started_s.desc(), d.c.id.desc())
        if after is not None:
            query = query.where(tuple_(d.c.started_s, d.c.id) < tuple_(*after))
        with self._reading() as connection:
            rows = connection.execute(query.limit(limit)).mappings().all()
            return _drives_of(connection, rows, district)

    def listed_drive(
        self, drive_id: str, *, district: str | None = None
    ) -> ListedDrive | None:
        """Return a drive; None if there is none, or it passed no street there."""
        query = _drives(district).where(t.drive.c.id == drive_id)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
            return next(iter(_drives_of(connection, rows, district)), None)

    def passes_of_drive(
        self, inspection: str, *, district: str | None = None
    ) -> list[StreetPass]:
        """Return which streets were passed on an inspected drive, in driven order."""
        p = t.street_pass
        query = (
            select(p.c.segment_id, p.c.from_s, p.c.to_s)
            .where(p.c.inspection_id == inspection)
            .order_by(p.c.from_s, p.c.segment_id)
        )
        if district is not None:
            query = query.where(p.c.segment_id.in_(streets_of(district)))
        with self._reading() as connection:
            return [StreetPass(*row) for row in connection.execute(query)]


def streets_of(district: str) -> Select[tuple[str]]:
    """Select the streets that lie in a district, as they are known now."""
    s = t.segment.alias("street_there")
    return select(s.c.id).where(s.c.district == district, _newest_street(s))


def passed_in(drive_id: Any, district: str) -> Any:
    """Return the condition that a drive passed a street of a district."""
    i, p = t.inspection, t.street_pass
    return exists().where(
        i.c.drive_id == drive_id,
        p.c.inspection_id == i.c.id,
        p.c.segment_id.in_(streets_of(district)),
    )


def _newest_street(s: FromClause) -> Any:
    """Return the condition that a row of streets is the newest of its street."""
    later = t.segment.alias("later_segment")
    query = select(later.c.id).where(
        later.c.id == s.c.id,
        tuple_(later.c.known_s, later.c.digest) > tuple_(s.c.known_s, s.c.digest),
    )
    return ~query.correlate(s).exists()


def _findings(district: str | None) -> Select[Any]:
    f, later, s = t.finding, t.finding.alias("later_finding"), t.segment
    query = (
        select(f, s.c.district)
        .select_from(f.outerjoin(s, and_(s.c.id == f.c.segment_id, _newest_street(s))))
        .where(
            f.c.state != WITHDRAWN,
            ~exists().where(later.c.id == f.c.id, later.c.known_s > f.c.known_s),
        )
    )
    if district is None:
        return query
    return query.where(f.c.segment_id.in_(streets_of(district)))


def _listed(row: RowMapping) -> ListedFinding:
    return ListedFinding(known_of_row(row), row["known_s"], row["district"])


def _drives(district: str | None) -> Select[Any]:
    d = t.drive
    if district is None:
        return select(d)
    return select(d).where(passed_in(d.c.id, district))


def _drives_of(
    connection: Connection, rows: Sequence[RowMapping], district: str | None
) -> list[ListedDrive]:
    ids = [row["id"] for row in rows]
    inspections = _inspections(connection, ids, district)
    hidden = _also_elsewhere(connection, ids, district)
    return [
        ListedDrive(
            id=row["id"],
            started_s=row["started_s"],
            ended_s=row["ended_s"],
            vehicle=None if row["id"] in hidden else row["vehicle"],
            footage=None if row["id"] in hidden else row["footage"],
            known_s=row["known_s"],
            inspections=tuple(inspections.get(row["id"], ())),
        )
        for row in rows
    ]


def _also_elsewhere(
    connection: Connection, ids: Sequence[str], district: str | None
) -> set[str]:
    """Return the drives that went through other districts too."""
    if district is None:
        return set()
    i, p = t.inspection, t.street_pass
    query = (
        select(i.c.drive_id)
        .join(p, p.c.inspection_id == i.c.id)
        .where(i.c.drive_id.in_(ids), p.c.segment_id.not_in(streets_of(district)))
        .distinct()
    )
    return set(connection.execute(query).scalars())


def _inspections(
    connection: Connection, ids: Sequence[str], district: str | None
) -> Mapping[str, list[ListedInspection]]:
    """Return drive -> its inspections, the newest first."""
    i, p, s = t.inspection, t.street_pass, t.sighting
    here = streets_of(district) if district is not None else None
    counted = []
    for name, table in (("passes", p), ("sightings", s)):
        count = select(func.count()).where(table.c.inspection_id == i.c.id)
        if here is not None:
            count = count.where(table.c.segment_id.in_(here))
        counted.append(count.scalar_subquery().label(name))
    names = ("id", "drive_id", "model_id", "model_sha256", "layout_id", "known_s")
    query = (
        select(*(i.c[name] for name in names), *counted)
        .where(i.c.drive_id.in_(ids))
        .order_by(i.c.drive_id, i.c.known_s.desc(), i.c.id.desc())
    )
    found: dict[str, list[ListedInspection]] = {}
    for row in connection.execute(query).mappings():
        of_drive = found.setdefault(row["drive_id"], [])
        of_drive.append(ListedInspection(**row, counts=not of_drive))
    return found
