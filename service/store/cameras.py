"""Registered cameras: append-only versions, one job for each slot, how they fare."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping, Select, and_, case, func, select, tuple_, update

from service.camera_records import (
    CameraRecord,
    CameraStanding,
    Schedule,
    SlotTaken,
)
from service.job_records import OPEN_STATES, JobOrder, JobRecord
from service.store import schema as t
from service.store import schema_cameras as s
from service.store.connected import add_once
from service.store.work import Work, added_job

_STATE = ("tried_s", "seen_s", "error", "failing_since_s")


class Cameras(Work):
    """The part of a store that knows the cameras that stand."""

    def add_camera(self, camera: CameraRecord) -> bool:
        """Add a version of a camera; False if that version is there already."""
        row = asdict(camera)
        row["schedule"] = {**row["schedule"], "days": list(camera.schedule.days)}
        with self._writing() as connection:
            return add_once(connection, s.camera, row)

    def end_camera(self, camera_id: str, *, reason: str, known_s: float) -> bool:
        """Take a camera out for good; False if it was taken out or never was in."""
        row = {"camera_id": camera_id, "reason": reason, "known_s": known_s}
        with self._writing() as connection:
            query = select(s.camera.c.id).where(s.camera.c.id == camera_id).limit(1)
            if connection.execute(query).first() is None:
                return False
            return add_once(connection, s.camera_end, row)

    def camera_version(self, camera_id: str, version: int) -> CameraRecord | None:
        """Return one version of a camera; None if there is none."""
        c = s.camera
        query = select(c).where(c.c.id == camera_id, c.c.version == version)
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _camera(row)

    def cameras(self, *, camera_id: str | None = None) -> list[CameraStanding]:
        """Return cameras as they are now, the oldest first; those taken out too.

        Args:
            camera_id: only this one; None for all.
        """
        query = _standing()
        if camera_id is not None:
            query = query.where(s.camera.c.id == camera_id)
        with self._reading() as connection:
            return [_stands(row) for row in connection.execute(query).mappings()]

    def note_camera(
        self,
        camera_id: str,
        *,
        now_s: float,
        seen_s: float | None = None,
        error: str | None = None,
    ) -> None:
        """Note how a camera fares.

        Args:
            camera_id: the camera.
            now_s: when it was asked.
            seen_s: when its newest picture was taken; None if none came.
            error: why none came; None if all is well.
        """
        c = s.camera_state
        since = None if error is None else func.coalesce(c.c.failing_since_s, now_s)
        values: dict[str, Any] = {
            "tried_s": now_s,
            "error": error,
            "failing_since_s": since,
        }
        if seen_s is not None:
            later = and_(c.c.seen_s.is_not(None), c.c.seen_s > seen_s)
            values["seen_s"] = case((later, c.c.seen_s), else_=seen_s)
        row = {"camera_id": camera_id, "tried_s": now_s}
        with self._writing() as connection:
            add_once(connection, c, row)
            connection.execute(
                update(c).where(c.c.camera_id == camera_id).values(values)
            )

    def add_watch(
        self, order: JobOrder, slot: SlotTaken, *, camera_id: str, now_s: float
    ) -> JobRecord | None:
        """Make the job of a slot; None if somebody made it already.

        Args:
            order: what is to be watched.
            slot: which slot and piece; its job and state are not read.
            camera_id: the camera.
            now_s: when.
        """
        c = s.camera_slot
        key = (camera_id, slot.from_s, slot.piece)
        query = select(c.c.job_id).where(
            tuple_(c.c.camera_id, c.c.from_s, c.c.piece) == key
        )
        with self._writing() as connection:
            if connection.execute(query).first() is not None:
                return None
            job, new = added_job(connection, order, now_s=now_s)
            row = {
                "camera_id": camera_id,
                "from_s": slot.from_s,
                "to_s": slot.to_s,
                "piece": slot.piece,
                "job_id": job.id,
                "known_s": now_s,
            }
            taken = add_once(connection, c, row)
        return job if new and taken else None

    def slots_taken(
        self, camera_id: str, *, after_s: float = 0.0, limit: int | None = None
    ) -> list[SlotTaken]:
        """Return the slots of a camera that were made into jobs, the newest first.

        Args:
            camera_id: the camera.
            after_s: only slots that end later.
            limit: at most so many.
        """
        c, j = s.camera_slot, t.job
        query = (
            select(c.c.from_s, c.c.to_s, c.c.piece, c.c.job_id, j.c.state, c.c.known_s)
            .join(j, j.c.id == c.c.job_id)
            .where(c.c.camera_id == camera_id, c.c.to_s > after_s)
            .order_by(c.c.from_s.desc(), c.c.piece.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [SlotTaken(**row) for row in rows]

    def open_watches(self, camera_id: str) -> list[SlotTaken]:
        """Return the slots of a camera whose jobs did not end yet."""
        c, j = s.camera_slot, t.job
        query = (
            select(c.c.from_s, c.c.to_s, c.c.piece, c.c.job_id, j.c.state, c.c.known_s)
            .join(j, j.c.id == c.c.job_id)
            .where(c.c.camera_id == camera_id, j.c.state.in_(OPEN_STATES))
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [SlotTaken(**row) for row in rows]


def _standing() -> Select[Any]:
    """Select of the newest version of every camera, with what is known beside it."""
    c, e, f, w = s.camera, s.camera_end, s.camera_state, s.camera_slot
    first = (
        select(c.c.id, func.max(c.c.version).label("version"))
        .add_columns(func.min(c.c.known_s).label("registered_s"))
        .group_by(c.c.id)
        .subquery()
    )
    newest = (
        select(w.c.job_id)
        .where(w.c.camera_id == c.c.id)
        .order_by(w.c.known_s.desc(), w.c.from_s.desc(), w.c.piece.desc())
        .limit(1)
        .correlate(c)
        .scalar_subquery()
    )
    return (
        select(
            c,
            first.c.registered_s,
            e.c.known_s.label("ended_s"),
            e.c.reason,
            *(f.c[name] for name in _STATE),
            newest.label("job_id"),
        )
        .join(first, and_(first.c.id == c.c.id, first.c.version == c.c.version))
        .outerjoin(e, e.c.camera_id == c.c.id)
        .outerjoin(f, f.c.camera_id == c.c.id)
        .order_by(first.c.registered_s, c.c.id)
    )


def _stands(row: RowMapping) -> CameraStanding:
    names = ("registered_s", "ended_s", "reason", *_STATE, "job_id")
    return CameraStanding(_camera(row), **{name: row[name] for name in names})


def _camera(row: RowMapping) -> CameraRecord:
    values = {name: row[name] for name in CameraRecord.__slots__}
    schedule = dict(values["schedule"])
    values["schedule"] = Schedule(**{**schedule, "days": tuple(schedule["days"])})
    return CameraRecord(**values)
