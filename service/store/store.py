"""Add what drives saw and what reviewers said; ask what was known at any time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, and_, func, or_, select

from service.packed import ground_bytes
from service.records import DriveRecord, Look
from service.store import schema as t
from service.store.aboard import Aboard
from service.store.access import Access
from service.store.bulk import Bulk
from service.store.cameras import Cameras
from service.store.chain import Chain, add_pictures, pictures_of
from service.store.connected import (
    add_change,
    add_many,
    add_once,
    add_streets,
    known,
    newest,
    newest_inspections,
    there,
)
from service.store.counts import Counting
from service.store.damaged import parents, refuse_orphans
from service.store.derived import Derived
from service.store.devices import Devices
from service.store.events import Events
from service.store.eyes import city_place, seen_by_of
from service.store.listed import Listed
from service.store.manifests import Manifests
from service.store.months import Months
from service.store.places import Places
from service.store.raw_files import RawFiles
from service.store.reading import Reading
from service.store.retained import Retained
from service.store.review_tasks import ReviewTasks
from service.store.reviewed import Reviewed
from service.store.reviews import Reviews
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
from service.store.surveyed import Surveyed
from service.store.uploads import Uploads
from service.store.work import Work
from service.types import CoveragePiece, Segment


class Store(
    Derived,
    Bulk,
    Access,
    Reading,
    Surveyed,
    Places,
    Months,
    Counting,
    Chain,
    Retained,
    Listed,
    Events,
    Cameras,
    Work,
    RawFiles,
    Uploads,
    Devices,
    Manifests,
    Aboard,
    ReviewTasks,
    Reviewed,
    Reviews,
):
    """One city's memory: what drives saw, what reviewers said, what follows."""

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
            if there(connection, t.inspection, inspection):
                return False
            streets = sorted(record.segments, key=lambda s: s.id)
            add_streets(connection, [segment_row(one, now_s) for one in streets])
            add_once(
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
            add_once(
                connection,
                t.drive,
                {
                    "id": drive,
                    "vehicle": record.vehicle,
                    "started_s": record.started_s,
                    "ended_s": record.ended_s,
                    "footage": dict(record.footage),
                    "known_s": now_s,
                    "outing": record.outing,
                },
            )
            new = add_once(
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
            add_change(connection, "drive", {"known_s": now_s}, drive)
            add_many(connection, t.street_pass, list(_pass_rows(record, inspection)))
            add_many(
                connection,
                t.coverage,
                [coverage_row(p, n, inspection) for n, p in enumerate(record.coverage)],
            )
            add_many(
                connection,
                t.sighting,
                [
                    sighting_row(placed, number, inspection, record.started_s)
                    for number, placed in enumerate(record.sightings)
                ],
            )
            evidence = [e for p in record.sightings for e in p.sighting.evidence]
            pictures = pictures_of(evidence, record.footage)
            add_pictures(connection, inspection, pictures, at_s=now_s)
        return True

    def add_layer(self, row: dict[str, Any]) -> bool:
        """Add a layer, see the table `layer`; False if it is there."""
        with self._writing() as connection:
            return add_once(connection, t.layer, row)

    def layers(self, *, as_of_s: float | None = None) -> list[dict[str, Any]]:
        """Return the newest of each layer that was known, by name."""
        query = (
            select(t.layer)
            .where(known(t.layer, as_of_s))
            .order_by(t.layer.c.id, t.layer.c.known_s)
        )
        with self._reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return list({row["id"]: row for row in rows}.values())

    def add_segments(
        self, segments: Iterable[Segment], *, known_s: float | None = None
    ) -> int:
        """Add streets that nobody passed yet; return how many were new or changed."""
        now_s = time.time() if known_s is None else known_s
        rows = [segment_row(one, now_s) for one in segments]
        with self._writing() as connection:
            return add_streets(connection, rows)

    def segments(self, *, as_of_s: float | None = None) -> list[Segment]:
        """Return every street as it was known, by id."""
        s = t.segment
        query = newest(s, True, as_of_s).order_by(s.c.id, s.c.digest)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return list({row["id"]: segment_of(row) for row in rows}.values())

    def last_pass_s(self, *, as_of_s: float | None = None) -> float | None:
        """Return when any street was passed last; None for an empty store."""
        p = t.street_pass
        query = select(func.max(p.c.to_s)).where(
            p.c.inspection_id.in_(newest_inspections(as_of_s))
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
            select(p, i, d.c.started_s, d.c.ended_s, d.c.outing, d.c.vehicle)
            .add_columns(t.model.c.recall, t.model.c.names)
            .add_columns(*parents(i, d, t.model))
            .outerjoin(i, p.c.inspection_id == i.c.id)
            .outerjoin(d, i.c.drive_id == d.c.id)
            .outerjoin(
                t.model,
                and_(
                    i.c.model_id == t.model.c.id,
                    i.c.model_sha256 == t.model.c.sha256,
                ),
            )
            .where(
                p.c.segment_id == segment_id,
                or_(i.c.id.is_(None), i.c.id.in_(newest_inspections(as_of_s))),
            )
            .order_by(p.c.from_s, i.c.id)
        )
        if from_s is not None:
            query = query.where(p.c.to_s >= from_s)
        if to_s is not None:
            query = query.where(p.c.from_s < to_s)
        with self._reading() as connection:
            passes = connection.execute(query).mappings().all()
            refuse_orphans(passes)
            seen = _of_inspections(connection, t.sighting, segment_id, as_of_s)
            covered = _of_inspections(connection, t.coverage, segment_id)
            place = city_place(connection)
        times = _times(passes)
        return [_look(row, times, seen, covered, place) for row in passes]


def _pass_rows(record: DriveRecord, inspection: str) -> Iterator[dict[str, Any]]:
    lengths_m = {segment.id: segment.length_m for segment in record.segments}
    pieces: dict[str, list[CoveragePiece]] = {}
    for piece in record.coverage:
        pieces.setdefault(piece.segment_id, []).append(piece)
    for one in record.passes:
        yield {
            "inspection_id": inspection,
            "segment_id": one.segment_id,
            "from_s": one.from_s,
            "to_s": one.to_s,
            "ground": ground_bytes(
                pieces.get(one.segment_id, ()), lengths_m[one.segment_id]
            ),
        }


def _of_inspections(
    connection: Connection, table: Table, segment_id: str, as_of_s: float | None = None
) -> dict[str, list[RowMapping]]:
    """Return inspection -> its rows of a street, in their order."""
    later = as_of_s is not None and "known_s" in table.c
    query = (
        select(table)
        .where(table.c.segment_id == segment_id)
        .order_by(table.c.inspection_id, table.c.number)
    )
    if later:
        query = query.where(or_(table.c.known_s.is_(None), known(table, as_of_s)))
    found: dict[str, list[RowMapping]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["inspection_id"], []).append(row)
    return found


def _times(passes: Sequence[RowMapping]) -> dict[str, float]:
    """Return inspection -> middle of its pass; pieces of one outing have one pass."""
    spans: dict[str, tuple[float, float]] = {}
    names = [row["outing"] or row["inspection_id"] for row in passes]
    for name, row in zip(names, passes, strict=True):
        from_s, to_s = spans.get(name, (row["from_s"], row["to_s"]))
        spans[name] = min(from_s, row["from_s"]), max(to_s, row["to_s"])
    return {
        row["inspection_id"]: sum(spans[name]) / 2
        for name, row in zip(names, passes, strict=True)
    }


def _look(
    row: RowMapping,
    times: Mapping[str, float],
    seen: Mapping[str, list[RowMapping]],
    covered: Mapping[str, list[RowMapping]],
    place: tuple[float, float] | None,
) -> Look:
    inspection = row["inspection_id"]
    started_s, model_id = row["started_s"], row["model_id"]
    return Look(
        inspection_id=inspection,
        at_s=times[inspection],
        started_s=started_s,
        outing=row["outing"],
        ended_s=row["ended_s"],
        seen_by=seen_by_of(row, place),
        coverage=tuple(coverage_of_row(piece) for piece in covered.get(inspection, [])),
        sightings=tuple(
            (one["number"], sighting_of(one, started_s, model_id))
            for one in seen.get(inspection, [])
        ),
    )
