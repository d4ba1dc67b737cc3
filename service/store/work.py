"""Who works on what: jobs, workers, and the raw footage that they need.

A job belongs to one worker at a time. Every change says whose it is, so a worker that
was taken for dead and is not learns at its next word that the job is another's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    and_,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from service.job_records import (
    KEEPING_STEPS,
    OPEN_STATES,
    JobOrder,
    JobRecord,
    JobState,
    WorkerRecord,
)
from service.store import schema as t
from service.store.connected import Connected, add_once
from service.store.rows import digest

SETTLE_LOCK = 0x6C69756C
"""Of PostgreSQL's advisory locks, that of who works findings and scores out."""
_ORDER = (
    "files", "model", "layout", "spacing_m", "vehicle", "district", "priority", "by",
    "drive_id", "kind", "given",
)  # fmt: skip
_HOW_FAR = (
    "id", "state", "step", "done", "total", "left_s", "error", "worker", "tries",
    "submitted_s", "started_s", "touched_s", "finished_s", "result",
)  # fmt: skip


class Work(Connected):
    """The part of a store that knows what is being worked on."""

    def add_job(self, order: JobOrder, *, now_s: float) -> tuple[JobRecord, bool]:
        """Add a job, unless the same one is there and did not fail.

        The same footage under the same eyes is the same job; another one is made only
        where the last failed or was cancelled.

        Returns:
            The job, and whether it is new.
        """
        with self._writing() as connection:
            return added_job(connection, order, now_s=now_s)

    def job(self, job_id: str) -> JobRecord | None:
        """Return a job; None if there is none of this name."""
        query = select(t.job).where(t.job.c.id == job_id)
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else job_of(row)

    def jobs(
        self,
        *,
        states: tuple[JobState, ...] | None = None,
        wanted: Mapping[str, str] | None = None,
        after: tuple[float, str] | None = None,
        limit: int | None = None,
    ) -> list[JobRecord]:
        """Return jobs, the newest first.

        Args:
            states: only these; None for all.
            wanted: only those with these values of `by`, `district`, `drive_id`.
            after: time sent and name of the last one that was given before.
            limit: at most so many; None for all.
        """
        j = t.job
        query = select(j).order_by(j.c.submitted_s.desc(), j.c.id).limit(limit)
        if states is not None:
            query = query.where(j.c.state.in_(states))
        for name, value in (wanted or {}).items():
            query = query.where(j.c[name] == value)
        if after is not None:
            sent_s, name = after
            older = j.c.submitted_s < sent_s
            query = query.where(
                or_(older, and_(j.c.submitted_s == sent_s, j.c.id > name))
            )
        with self._reading() as connection:
            return [job_of(row) for row in connection.execute(query).mappings()]

    def waiting_jobs(self) -> list[JobRecord]:
        """Return the queue: the most urgent first, of these who came first."""
        j = t.job
        query = (
            select(j)
            .where(j.c.state == "queued")
            .order_by(j.c.priority, j.c.submitted_s, j.c.id)
        )
        with self._reading() as connection:
            return [job_of(row) for row in connection.execute(query).mappings()]

    def claim_job(self, job_id: str, worker: str, *, now_s: float) -> bool:
        """Make a job this worker's; False if it is another's or came to an end."""
        j = t.job
        free = or_(j.c.worker.is_(None), j.c.worker == worker)
        return self._change_job(
            and_(j.c.id == job_id, j.c.state.in_(OPEN_STATES), free),
            worker=worker,
            state="running",
            touched_s=now_s,
            started_s=func.coalesce(j.c.started_s, now_s),
        )

    def begin_step(self, job_id: str, worker: str, step: str, *, now_s: float) -> int:
        """Count one more try of a step; 0 if the job is not this worker's any more."""
        j = t.job
        again = and_(j.c.step == step, j.c.step.is_not(None))
        tries = case((again, j.c.tries + 1), else_=1)
        if not self._change_job(
            _mine(job_id, worker), step=step, tries=tries, touched_s=now_s
        ):
            return 0
        found = self.job(job_id)
        return 0 if found is None else found.tries

    def note_progress(
        self, job_id: str, worker: str, *, now_s: float, **values: Any
    ) -> bool:
        """Note how far a job has come; False if it is not this worker's any more.

        Args:
            job_id: the job.
            worker: who says so.
            now_s: when.
            values: `done`, `total`, `left_s`, and `tries` to count them anew.
        """
        return self._change_job(_mine(job_id, worker), touched_s=now_s, **values)

    def end_job(
        self,
        job_id: str,
        worker: str | None,
        state: JobState,
        *,
        now_s: float,
        **values: Any,
    ) -> bool:
        """End a job; False if it is not this worker's any more, or has ended.

        Args:
            job_id: the job.
            worker: who ends it; None for whoever found it lost.
            state: how it ended.
            now_s: when.
            values: `error`, `result`, `drive_id`.
        """
        j = t.job
        open_one = and_(j.c.id == job_id, j.c.state.in_(OPEN_STATES))
        return self._change_job(
            open_one if worker is None else _mine(job_id, worker),
            state=state,
            finished_s=now_s,
            touched_s=now_s,
            left_s=None,
            worker=None,
            **values,
        )

    def cancel_job(self, job_id: str, *, now_s: float) -> bool:
        """Cancel a job; False if it has ended, or is in the store already.

        What is being kept is not taken back: it is scored within moments, and half of
        it would be neither there nor gone.
        """
        j = t.job
        early = or_(j.c.step.is_(None), j.c.step.not_in(KEEPING_STEPS))
        return self._change_job(
            and_(j.c.id == job_id, j.c.state.in_(OPEN_STATES), early),
            state="cancelled",
            finished_s=now_s,
            touched_s=now_s,
            left_s=None,
            worker=None,
        )

    def release_job(self, job: JobRecord, *, now_s: float, clean: bool = False) -> bool:
        """Take a job from the worker that has it; False if it moved on meanwhile.

        Of several survivors one gets True: it alone sets the job going again.

        Args:
            job: as it was seen.
            now_s: when.
            clean: its worker let go of it; this was no failed try.
        """
        j = t.job
        as_seen = and_(
            j.c.id == job.id,
            j.c.state == job.state,
            j.c.touched_s == job.touched_s,
            j.c.worker.is_(None) if job.worker is None else j.c.worker == job.worker,
        )
        tries = {"tries": 0} if clean else {}
        return self._change_job(as_seen, worker=None, touched_s=now_s, **tries)

    def orphans(self) -> list[JobRecord]:
        """Return running jobs that no worker has, or one that ended or is not known.

        Whoever let go of one sets it going again at once: one without a worker is lost
        only if it stays so.
        """
        j, w = t.job, t.worker
        alive = select(w.c.id).where(w.c.ended_s.is_(None))
        lost = or_(j.c.worker.is_(None), j.c.worker.not_in(alive))
        query = select(j).where(j.c.state == "running", lost).order_by(j.c.submitted_s)
        with self._reading() as connection:
            return [job_of(row) for row in connection.execute(query).mappings()]

    def add_worker(self, worker: WorkerRecord) -> None:
        """Add a worker that begins."""
        with self._writing() as connection:
            row = asdict(worker)
            connection.execute(insert(t.worker), row)

    def beat(self, worker: str, *, now_s: float) -> bool:
        """Note that a worker lives; False if it was found dead: then it must stop."""
        w = t.worker
        alive = and_(w.c.id == worker, w.c.ended_s.is_(None))
        with self._writing() as connection:
            done = connection.execute(update(w).where(alive).values(seen_s=now_s))
        return bool(done.rowcount)

    def end_worker(self, worker: str, *, now_s: float) -> None:
        """Note that a worker stopped or is dead."""
        w = t.worker
        alive = and_(w.c.id == worker, w.c.ended_s.is_(None))
        with self._writing() as connection:
            connection.execute(update(w).where(alive).values(ended_s=now_s))

    def workers(self) -> list[WorkerRecord]:
        """Return the workers that did not end, oldest first."""
        w = t.worker
        query = select(w).where(w.c.ended_s.is_(None)).order_by(w.c.started_s, w.c.id)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [WorkerRecord(**row) for row in rows]

    @contextmanager
    def settling(self) -> Iterator[None]:
        """Let one process at a time work findings and scores out.

        Two that read, thought and wrote at once would each leave out what the other
        had just learnt. The lock goes when its holder ends, in whatever way.
        """
        with self._alone("settling", SETTLE_LOCK):
            yield

    def _change_job(self, which: Any, **values: Any) -> bool:
        with self._writing() as connection:
            done = connection.execute(update(t.job).where(which).values(**values))
        return bool(done.rowcount)


def added_job(
    connection: Connection, order: JobOrder, *, now_s: float
) -> tuple[JobRecord, bool]:
    """Add a job as `Work.add_job` does, together with what else is written."""
    eyes = (order.model, order.layout, order.spacing_m)
    same = digest(sorted(order.files.items()), eyes)
    if order.kind != "drive" or order.given:
        same = digest(same, order.kind, sorted(order.given.items()))
    j = t.job
    last = select(j).where(j.c.same == same).order_by(j.c.turn.desc()).limit(1)
    row = connection.execute(last).mappings().first()
    if row is not None and row["state"] not in ("failed", "cancelled"):
        return job_of(row), False
    turn = 0 if row is None else row["turn"] + 1
    values = {
        **{name: getattr(order, name) for name in _ORDER},
        "files": dict(order.files),
        "given": dict(order.given),
        "id": digest(same, turn),
        "same": same,
        "turn": turn,
        "state": "queued",
        "done": 0,
        "total": 0,
        "tries": 0,
        "submitted_s": now_s,
        "touched_s": now_s,
        "result": {},
    }
    new = add_once(connection, j, values)
    return job_of(connection.execute(last).mappings().one()), new


def _mine(job_id: str, worker: str) -> Any:
    j = t.job
    return and_(j.c.id == job_id, j.c.state == "running", j.c.worker == worker)


def job_of(row: RowMapping) -> JobRecord:
    """Return the job of a row."""
    order = JobOrder(**{name: row[name] for name in _ORDER})
    return JobRecord(order=order, **{name: row[name] for name in _HOW_FAR})
