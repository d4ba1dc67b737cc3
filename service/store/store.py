"""Add what drives saw and what reviewers said; ask what was known at any time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from service.records import DriveRecord, Look, SeenBy, SightingVerdict
from service.store import schema as t
from service.store.blobs import BlobStore, FolderBlobs
from service.store.engine import open_engine, saying, writing
from service.store.rows import (
    coverage_of_row,
    coverage_row,
    drive_id,
    inspection_id,
    segment_of,
    segment_row,
    sighting_of,
    sighting_row,
)
from service.types import Segment
from vision.errors import InputError

BLOBS = "blobs"
_CHUNK = 500


class Store:
    """One city's memory; safe to open in many processes.

    Args:
        where: a folder (made if it does not exist) or `postgresql://...`.
        blobs: keeps the pictures; None keeps them in the store's folder.

    Raises:
        InputError: a database without a place for pictures.
        StoreError: damaged, newer than this program, unreachable, not writable.
    """

    def __init__(self, where: str, blobs: BlobStore | None = None) -> None:
        if blobs is None:
            if "://" in where:
                msg = "a database needs a folder for pictures beside it: --blobs DIR"
                raise InputError(msg)
            blobs = FolderBlobs(Path(where) / BLOBS)
        self.blobs = blobs
        self._engine, self.name = open_engine(where)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with saying(self.name), writing(self._engine) as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with saying(self.name), self._engine.begin() as connection:
            yield connection

    def has(self, record: DriveRecord) -> bool:
        """Say if this inspection of this drive is in."""
        query = select(t.inspection.c.id).where(
            t.inspection.c.id == inspection_id(record)
        )
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def add_drive(self, record: DriveRecord, *, known_s: float | None = None) -> bool:
        """Add one inspected drive, all of it or nothing; False if it was in.

        Args:
            record: the drive. Its evidence names blobs.
            known_s: since when it is known; None for now.
        """
        now_s = time.time() if known_s is None else known_s
        drive, inspection = drive_id(record), inspection_id(record)
        seen_by = record.seen_by
        with self._writing() as connection:
            if _there(connection, t.inspection, inspection):
                return False
            for segment in sorted(record.segments, key=lambda s: s.id):
                _add_once(connection, t.segment, segment_row(segment, now_s))
            _add_once(
                connection,
                t.model,
                {
                    "id": seen_by.model_id,
                    "sha256": seen_by.model_sha256,
                    "recall": dict(seen_by.recall),
                    "names": list(seen_by.names),
                    "known_s": now_s,
                },
            )
            _add_once(
                connection,
                t.drive,
                {
                    "id": drive,
                    "vehicle": record.vehicle,
                    "started_s": record.started_s,
                    "ended_s": record.ended_s,
                    "footage": dict(record.footage),
                    "known_s": now_s,
                },
            )
            new = _add_once(
                connection,
                t.inspection,
                {
                    "id": inspection,
                    "drive_id": drive,
                    "model_id": seen_by.model_id,
                    "model_sha256": seen_by.model_sha256,
                    "layout_id": seen_by.layout_id,
                    "zones": sorted(seen_by.zones),
                    "run": dict(record.run),
                    "known_s": now_s,
                },
            )
            if not new:  # somebody added it since we looked
                return False
            passes = [
                {
                    "inspection_id": inspection,
                    "segment_id": p.segment_id,
                    "from_s": p.from_s,
                    "to_s": p.to_s,
                }
                for p in record.passes
            ]
            _add_many(connection, t.street_pass, passes)
            _add_many(
                connection,
                t.coverage,
                [coverage_row(p, n, inspection) for n, p in enumerate(record.coverage)],
            )
            _add_many(
                connection,
                t.sighting,
                [
                    sighting_row(placed, number, inspection, record.started_s)
                    for number, placed in enumerate(record.sightings)
                ],
            )
        return True

    def add_verdict(self, verdict: SightingVerdict) -> None:
        """Add a reviewer's word on one sighting.

        Raises:
            InputError: there is no such sighting.
        """
        row = {
            "inspection_id": verdict.inspection_id,
            "number": verdict.number,
            "verdict": verdict.verdict,
            "reviewer": verdict.reviewer,
            "reason": verdict.reason,
            "source": None,
            "known_s": verdict.known_s,
        }
        with self._writing() as connection:
            query = select(t.sighting.c.row).where(
                t.sighting.c.inspection_id == verdict.inspection_id,
                t.sighting.c.number == verdict.number,
            )
            if connection.execute(query).first() is None:
                msg = (
                    f"the store {self.name} has no sighting {verdict.number} of the "
                    f"inspection {verdict.inspection_id}"
                )
                raise InputError(msg)
            connection.execute(insert(t.review), row)

    def add_scores(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add scores, see the table `score`; one that is there stays as it is."""
        with self._writing() as connection:
            for row in rows:
                _add_once(connection, t.score, row)

    def scores(
        self, segment_id: str, *, as_of_s: float | None = None
    ) -> list[dict[str, Any]]:
        """Return the scores of a street that were worked out, newest first."""
        s = t.score
        query = (
            select(s)
            .where(s.c.segment_id == segment_id, _known(s, as_of_s))
            .order_by(s.c.known_s.desc())
        )
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def add_layer(self, row: dict[str, Any]) -> bool:
        """Add a layer, see the table `layer`; False if it is there."""
        with self._writing() as connection:
            return _add_once(connection, t.layer, row)

    def layers(self, *, as_of_s: float | None = None) -> list[dict[str, Any]]:
        """Return the newest of each layer that was known, by name."""
        query = (
            select(t.layer)
            .where(_known(t.layer, as_of_s))
            .order_by(t.layer.c.id, t.layer.c.known_s)
        )
        with self._reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return list({row["id"]: row for row in rows}.values())

    def segments(self, *, as_of_s: float | None = None) -> list[Segment]:
        """Return every street as it was known, by id."""
        s = t.segment
        newest = (
            select(s.c.id, func.max(s.c.known_s).label("known_s"))
            .where(_known(s, as_of_s))
            .group_by(s.c.id)
            .subquery()
        )
        query = (
            select(s)
            .join(newest, and_(s.c.id == newest.c.id, s.c.known_s == newest.c.known_s))
            .order_by(s.c.id, s.c.digest)
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return list({row["id"]: segment_of(row) for row in rows}.values())

    def last_pass_s(self, *, as_of_s: float | None = None) -> float | None:
        """Return when any street was passed last; None for an empty store."""
        p = t.street_pass
        query = select(func.max(p.c.to_s)).where(
            p.c.inspection_id.in_(_newest(as_of_s))
        )
        with self._reading() as connection:
            last_s: float | None = connection.execute(query).scalar()
        return last_s

    def looks(
        self,
        segment_id: str,
        *,
        from_s: float | None = None,
        to_s: float | None = None,
        as_of_s: float | None = None,
    ) -> list[Look]:
        """Return the passes over a street, in the order in which they were driven.

        Of a drive that was inspected more than once, the newest inspection counts that
        was known then.

        Args:
            segment_id: the street.
            from_s: passes that ended before are left out.
            to_s: passes that began at or after it are left out.
            as_of_s: what was not known then is left out; None for all that is known.
        """
        p, i, d = t.street_pass, t.inspection, t.drive
        query = (
            select(p, i, d.c.started_s, t.model.c.recall, t.model.c.names)
            .join(i, p.c.inspection_id == i.c.id)
            .join(d, i.c.drive_id == d.c.id)
            .join(
                t.model,
                and_(
                    i.c.model_id == t.model.c.id,
                    i.c.model_sha256 == t.model.c.sha256,
                ),
            )
            .where(p.c.segment_id == segment_id, i.c.id.in_(_newest(as_of_s)))
            .order_by(p.c.from_s, i.c.id)
        )
        if from_s is not None:
            query = query.where(p.c.to_s >= from_s)
        if to_s is not None:
            query = query.where(p.c.from_s < to_s)
        with self._reading() as connection:
            passes = connection.execute(query).mappings().all()
            return [_look(connection, row, segment_id) for row in passes]

    def verdicts(
        self, inspections: Iterable[str], *, as_of_s: float | None = None
    ) -> list[SightingVerdict]:
        """Return what reviewers said of the sightings of inspections, oldest first."""
        r = t.review
        query = (
            select(r)
            .where(r.c.inspection_id.in_(list(inspections)), _known(r, as_of_s))
            .order_by(r.c.known_s, r.c.row)
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            SightingVerdict(
                inspection_id=row["inspection_id"],
                number=row["number"],
                verdict=row["verdict"],
                reviewer=row["reviewer"],
                reason=row["reason"],
                known_s=row["known_s"],
            )
            for row in rows
        ]


def _known(table: Table, as_of_s: float | None) -> Any:
    return table.c.known_s <= as_of_s if as_of_s is not None else True


def _newest(as_of_s: float | None) -> Select[tuple[str]]:
    """Select the newest inspection of every drive that was known then."""
    i = t.inspection
    number = func.row_number().over(
        partition_by=i.c.drive_id, order_by=(i.c.known_s.desc(), i.c.id.desc())
    )
    ranked = select(i.c.id, number.label("turn")).where(_known(i, as_of_s)).subquery()
    return select(ranked.c.id).where(ranked.c.turn == 1)


def _look(connection: Connection, row: Any, segment_id: str) -> Look:
    inspection = row["inspection_id"]
    s, c = t.sighting, t.coverage
    sightings = connection.execute(
        select(s)
        .where(s.c.inspection_id == inspection, s.c.segment_id == segment_id)
        .order_by(s.c.number)
    ).mappings()
    coverage = connection.execute(
        select(c)
        .where(c.c.inspection_id == inspection, c.c.segment_id == segment_id)
        .order_by(c.c.number)
    ).mappings()
    started_s, model_id = row["started_s"], row["model_id"]
    return Look(
        inspection_id=inspection,
        at_s=(row["from_s"] + row["to_s"]) / 2,
        started_s=started_s,
        seen_by=SeenBy(
            model_id=model_id,
            model_sha256=row["model_sha256"],
            layout_id=row["layout_id"],
            recall=row["recall"],
            names=tuple(row["names"]),
            zones=frozenset(row["zones"]),
        ),
        coverage=tuple(coverage_of_row(piece) for piece in coverage),
        sightings=tuple(
            (one["number"], sighting_of(one, started_s, model_id)) for one in sightings
        ),
    )


def _there(connection: Connection, table: Table, key: str) -> bool:
    query = select(table.c.id).where(table.c.id == key)
    return connection.execute(query).first() is not None


def _add_once(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Add a row unless its primary key is taken, by others at this moment too."""
    is_sqlite = connection.dialect.name == "sqlite"
    add: Any = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    statement = add.values(row).on_conflict_do_nothing()
    key = next(iter(table.primary_key))
    return connection.execute(statement.returning(key)).first() is not None


def _add_many(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]]
) -> None:
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(table), list(rows[start : start + _CHUNK]))
