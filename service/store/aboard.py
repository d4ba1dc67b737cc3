"""Drives that vehicles looked at themselves, and the footage that they tell of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from sqlalchemy import Connection, func, select

from service.device_records import AboardDrive, Eyes
from service.job_records import OPEN_STATES, JobRecord
from service.store import schema as jobs
from service.store import schema_devices as t
from service.store.connected import Connected, add_many
from service.store.footage import FAILED, live, lock_footage, seen_aboard, sent_alone
from service.store.rows import footage_id
from service.store.schema_aboard import aboard_footage
from service.store.work import job_of
from vision.suffixes import PHOTO_SUFFIXES, VIDEO_SUFFIXES

_FOOTAGE = VIDEO_SUFFIXES | PHOTO_SUFFIXES


class Aboard(Connected):
    """The part of a store that knows what vehicles looked at themselves."""

    def take_aboard(
        self, drive: AboardDrive, *, now_s: float
    ) -> tuple[str, str] | None:
        """Give a package the footage that it tells of, all of it or none.

        The same drive is taken again where newer eyes looked at it: it takes the
        place of what was seen before.

        Returns:
            None; or a job that has some of the footage, and its drive: the package
            would double it, or show what older eyes saw.
        """
        a = aboard_footage
        mine = select(a.c.job_id).where(a.c.job_id == drive.job_id).limit(1)
        with self._writing() as connection:
            lock_footage(connection)
            if connection.execute(mine).first() is not None:
                return None
            for sha256 in sorted(drive.footage):
                holder = _in_the_way(connection, sha256, drive)
                if holder is not None:
                    return holder, _drive_of(connection, holder)
            row = {
                "job_id": drive.job_id,
                "drive_id": drive.drive_id,
                "model_id": drive.eyes.model,
                "layout_id": drive.eyes.layout,
                "spacing_m": drive.eyes.spacing_m,
                "known_s": now_s,
            }
            rows = [{**row, "sha256": sha256} for sha256 in sorted(drive.footage)]
            add_many(connection, a, rows)
        return None

    def aboard_drives(
        self, hashes: Iterable[str] = (), *, drive_id: str | None = None
    ) -> list[AboardDrive]:
        """Return drives that vehicles looked at, the newest look at each; by id.

        Args:
            hashes: SHA-256 of footage; drives that have any of it.
            drive_id: instead, this drive.
        """
        a = aboard_footage
        wanted = sorted(set(hashes))
        found: dict[str, AboardDrive] = {}
        with self._reading() as connection:
            names = set() if drive_id is None else {drive_id}
            for sha256 in wanted:
                query = select(a.c.drive_id).where(a.c.sha256 == sha256).distinct()
                names |= set(connection.execute(query).scalars())
            for name in sorted(names):
                drive = _newest(connection, name)
                if drive is not None:
                    found[name] = drive
        return list(found.values())

    def footage_sent(self, drive: AboardDrive) -> dict[str, str]:
        """Return name -> SHA-256 of a drive's footage and what was sent beside it.

        Empty where no manifest of raw footage names all of it.
        """
        m, f = t.manifest, t.manifest_file
        query = (
            select(f.c.manifest_id)
            .join(m, m.c.id == f.c.manifest_id)
            .where(f.c.sha256.in_(sorted(drive.footage)), m.c.kind == "drive")
            .group_by(f.c.manifest_id)
            .having(func.count(f.c.sha256.distinct()) == len(drive.footage))
            .order_by(f.c.manifest_id)
            .limit(1)
        )
        with self._reading() as connection:
            name = connection.execute(query).scalar()
            rows = connection.execute(
                select(f.c.name, f.c.sha256).where(f.c.manifest_id == name)
            ).all()
        return {
            row.name: row.sha256
            for row in rows
            if row.sha256 in drive.footage or not _is_footage(row.name)
        }

    def refused_packages(
        self, owner: str, *, since_s: float, limit: int
    ) -> list[tuple[str, str]]:
        """Return name and reason of a device's packages whose job failed.

        Args:
            owner: the device.
            since_s: those that ended before are left out.
            limit: at most so many, the newest first.
        """
        j, m, p = jobs.job, t.manifest, t.manifest_piece
        query = (
            select(m.c.name, j.c.error)
            .join(p, p.c.manifest_id == m.c.id)
            .join(j, j.c.id == p.c.job_id)
            .where(
                m.c.owner == owner,
                m.c.kind == "edge",
                j.c.state == "failed",
                j.c.finished_s >= since_s,
            )
            .order_by(j.c.finished_s.desc(), m.c.name)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [(row.name, row.error or "no reason was noted") for row in rows]

    def has_unopened(self, owner: str) -> bool:
        """Say if a package of a device is in that nobody has opened yet."""
        a, j, m, p = aboard_footage, jobs.job, t.manifest, t.manifest_piece
        query = (
            select(func.count())
            .select_from(j)
            .join(p, p.c.job_id == j.c.id)
            .join(m, m.c.id == p.c.manifest_id)
            .where(
                m.c.owner == owner,
                m.c.kind == "edge",
                j.c.state.in_(OPEN_STATES),
                j.c.id.not_in(select(a.c.job_id)),
            )
        )
        with self._reading() as connection:
            return bool(connection.execute(query).scalar_one())


def _in_the_way(connection: Connection, sha256: str, drive: AboardDrive) -> str | None:
    """Return a job that has a footage file and is not to be replaced by a package."""
    raw = live(connection, sha256) or sent_alone(connection, sha256)
    if raw is not None:
        job = _job(connection, raw)
        eyes = Eyes(job.order.model, job.order.layout, job.order.spacing_m)
        same = footage_id(_footage_of(job)) == drive.drive_id
        return None if same and drive.eyes.is_newer_than(eyes) else raw
    other = seen_aboard(connection, sha256, but=drive.drive_id)
    if other is not None:
        return other
    same_drive = _newest(connection, drive.drive_id)
    if same_drive is None or drive.eyes.is_newer_than(same_drive.eyes):
        return None
    return same_drive.job_id


def _newest(connection: Connection, drive_id: str) -> AboardDrive | None:
    a, j = aboard_footage, jobs.job
    query = (
        select(a)
        .join(j, j.c.id == a.c.job_id)
        .where(a.c.drive_id == drive_id, j.c.state.not_in(FAILED))
        .order_by(a.c.known_s.desc(), a.c.job_id)
    )
    rows = connection.execute(query).mappings().all()
    if not rows:
        return None
    first = rows[0]
    return AboardDrive(
        job_id=first["job_id"],
        drive_id=drive_id,
        eyes=Eyes(first["model_id"], first["layout_id"], first["spacing_m"]),
        footage=frozenset(
            row["sha256"] for row in rows if row["job_id"] == first["job_id"]
        ),
    )


def _job(connection: Connection, job_id: str) -> JobRecord:
    query = select(jobs.job).where(jobs.job.c.id == job_id)
    return job_of(connection.execute(query).mappings().one())


def _drive_of(connection: Connection, job_id: str) -> str:
    """Return the drive of a job, which may still be worked on."""
    a = aboard_footage
    query = select(a.c.drive_id).where(a.c.job_id == job_id).limit(1)
    aboard = connection.execute(query).scalar()
    if aboard is not None:
        return str(aboard)
    job = _job(connection, job_id)
    known = job.result.get("drive_id") or job.order.drive_id
    return str(known or footage_id(_footage_of(job)))


def _footage_of(job: JobRecord) -> list[str]:
    files = job.order.files.items()
    return [sha256 for name, sha256 in files if _is_footage(name)]


def _is_footage(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _FOOTAGE
