"""What is done with one drive, step by step; each step can be repeated.

A step takes the footage out of the quarantine and what earlier steps wrote into the
job's folders, so it can be done by any worker that sees them. What was opened stays
open for the next step of the same process.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from service.audit import audited_from
from service.audit_inputs import AuditRequest, Checked, check
from service.city import city_of_store
from service.current import terms_now, window_now
from service.intake.quarantine import Quarantine
from service.intake.sealed import sealed, unsealed
from service.intake.submit import CAMERA, ROADS
from service.job_records import JobRecord
from service.keep import keep, record_of, refuse_unkeepable
from service.publish import Audited, publish
from service.reports import OutFolder
from service.rescore import rescore
from service.settings import Settings
from service.store import Store, digest, drive_id
from vision.errors import AuditError, InputError, NotFoundError
from vision.inspect import DriveInspection, InspectOptions, Progress

logger = logging.getLogger(__name__)

_TELL_EVERY_S = 1.0


class CancelledError(AuditError):
    """Somebody cancelled the job while it ran."""

    code = "cancelled"


class PauseError(AuditError):
    """The worker was asked to stop; the job goes on elsewhere."""

    code = "paused"


@dataclass(slots=True)
class _Open:
    """What this process has open of one job."""

    job_id: str
    checked: Checked
    folder: OutFolder
    inspection: DriveInspection | None = None
    audited: Audited | None = None


class DriveSteps:
    """The steps of drives, as one worker does them, one drive at a time.

    Args:
        settings: of the service.
        store: the city's memory.
        worker: name of the worker.
        stopping: says if the worker was asked to stop.
        lost: called where the job turns out to be another worker's; does not return.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        worker: str,
        *,
        stopping: Callable[[], bool],
        lost: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._worker = worker
        self._stopping = stopping
        self._lost = lost
        self._quarantine = Quarantine(settings, store)
        self._open: _Open | None = None
        self._unended = False

    def begin(self, job_id: str, step: str) -> JobRecord:
        """Count a try of a step and return its job.

        Raises:
            PauseError: the worker is stopping.
            CancelledError: the job was cancelled.
            InputError: the step was tried often enough; it kills whoever tries.
        """
        if self._stopping():
            msg = "the worker stops"
            raise PauseError(msg)
        if self._unended:
            self._open = None  # what a step left that failed is in no known state
        self._unended = True
        tries = self._store.begin_step(job_id, self._worker, step, now_s=time.time())
        if not tries:
            self._refuse_ended(job_id)
        if tries > self._settings.jobs.tries:
            msg = (
                f"step {step} was begun {tries - 1} times and its worker died each "
                "time; look into the footage with liujing audit"
            )
            raise InputError(msg)
        return self._job(job_id)

    def ended(self) -> None:
        """Note that a step came to its end."""
        self._unended = False

    def check(self, job: JobRecord) -> list[int]:
        """Open everything; return how many frames are done after each piece."""
        inspection = self._inspecting(job, 0)
        self._store.note_progress(
            job.id, self._worker, now_s=time.time(), total=inspection.total
        )
        return inspection.pieces(self._settings.jobs.piece_m)

    def piece(self, job: JobRecord, end: int) -> None:
        """Inspect until so many frames are done, and write down how far it is.

        Raises:
            PauseError: the worker stops; what was done so far is written down.
            CancelledError: the job was cancelled.
        """
        inspection = self._inspecting(job, end)
        try:
            inspection.go_on(end, self._telling(job, inspection.done))
        except PauseError:
            self._write_state(job, inspection)
            raise
        self._write_state(job, inspection)
        self._note(job.id, inspection.done, inspection.total)

    def publish(self, job: JobRecord) -> None:
        """Write the report: place, find, score, publish."""
        publish(self._audited(job), self._opened(job).folder)

    def keep(self, job: JobRecord) -> dict[str, Any]:
        """Put the drive into the store, once; return what came of it."""
        audited = self._audited(job)
        record = record_of(audited, job.order.vehicle)
        new = keep(
            audited, self._store, self._opened(job).folder.path, job.order.vehicle
        )
        return {
            "drive_id": drive_id(record),
            "new": new,
            "segments": [segment.id for segment in audited.segments],
            "sightings": len(record.sightings),
            "findings": len(audited.findings),
            "driven_m": record.run["driven_m"],
            "failures": [asdict(failure) for failure in audited.failures],
        }

    def score(self, segment_ids: list[str]) -> int:
        """Score the streets that were driven; return how many."""
        if not segment_ids:
            return 0
        terms = terms_now(self._store, self._settings)
        window = window_now(self._store, self._settings)
        streets = rescore(self._store, terms, window, segment_ids=segment_ids)
        return len(streets)

    def close(self, job_id: str) -> None:
        """Take away what an ended job needed."""
        self._open = None
        self._quarantine.drop_work(job_id)

    def _job(self, job_id: str) -> JobRecord:
        job = self._store.job(job_id)
        if job is None:
            msg = f"there is no job {job_id}"
            raise NotFoundError(msg)
        return job

    def _refuse_ended(self, job_id: str) -> None:
        """Say why a job is not this worker's: it ended, or another one took it."""
        if self._job(job_id).is_open:
            self._lost()
        msg = "the job was cancelled"
        raise CancelledError(msg)

    def _telling(self, job: JobRecord, from_frame: int) -> Progress:
        """Return what notes progress once a second, and stops where it must."""
        began_s = time.monotonic()
        told_s = 0.0

        def tell(done: int, total: int) -> None:
            nonlocal told_s
            now_s = time.monotonic()
            if now_s - told_s >= _TELL_EVERY_S:
                told_s = now_s
                each_s = (now_s - began_s) / max(done - from_frame, 1)
                self._note(job.id, done, total, each_s * (total - done))
            if self._stopping():
                msg = "the worker stops"
                raise PauseError(msg)

        return tell

    def _note(
        self, job_id: str, done: int, total: int, left_s: float | None = None
    ) -> None:
        left = {} if left_s is None else {"left_s": round(left_s, 1)}
        mine = self._store.note_progress(
            job_id, self._worker, now_s=time.time(), done=done, total=total, **left
        )
        if not mine:
            self._refuse_ended(job_id)

    def _opened(self, job: JobRecord) -> _Open:
        """Return what is open of a job; opens it in a process that begins with it."""
        if self._open is not None and self._open.job_id == job.id:
            return self._open
        self._open = None
        checked = check(self._request(job))
        refuse_unkeepable(checked)
        self._open = _Open(job.id, checked, OutFolder(checked.request.out))
        return self._open

    def _request(self, job: JobRecord) -> AuditRequest:
        settings, order = self._settings, job.order
        areas, calendar = city_of_store(
            self._store, utc_offset_h=settings.score.utc_offset_h
        )
        return AuditRequest(
            footage=(self._quarantine.open_for(job.id, order.files),),
            out=settings.jobs_folder / job.id,
            roads=None if ROADS in order.files else settings.jobs.roads,
            camera=None if CAMERA in order.files else settings.jobs.camera,
            standard=settings.score.standard,
            model=order.model,
            layout=order.layout,
            models=settings.jobs.models,
            device=settings.jobs.device,
            inspect=InspectOptions(spacing_m=order.spacing_m),
            areas=areas,
            calendar=calendar,
        )

    def _inspecting(self, job: JobRecord, end: int) -> DriveInspection:
        """Return the inspection as far as it has come, but not beyond `end`."""
        opened = self._opened(job)
        if opened.inspection is None or opened.inspection.done > end:
            opened.inspection = self._taken_up(job, opened, end)
        return opened.inspection

    def _taken_up(self, job: JobRecord, opened: _Open, end: int) -> DriveInspection:
        """Go on from the newest state that can be used, else from the beginning."""
        states = sorted(self._quarantine.work_of(job.id).glob("state-*"), reverse=True)
        for path in states:
            if int(path.name.split("-")[1]) > end:
                continue
            try:
                state = self._read_state(path, opened.checked)
                return self._inspection(opened, state)
            except (AuditError, OSError) as error:
                logger.warning(
                    "state not used", extra={"job": job.id, "reason": str(error)}
                )
        return self._inspection(opened, None)

    def _inspection(self, opened: _Open, state: bytes | None) -> DriveInspection:
        checked = opened.checked
        return DriveInspection(
            checked.sources,
            checked.track,
            eyes=checked.eyes,
            sink=opened.folder,
            options=checked.request.inspect,
            state=state,
        )

    def _write_state(self, job: JobRecord, inspection: DriveInspection) -> None:
        """Write a state in one step, then drop older ones."""
        folder = self._quarantine.work_of(job.id)
        target = folder / f"state-{inspection.done:09d}"
        data = _name(self._opened(job).checked) + inspection.state()
        if self._quarantine.secret is not None:
            file = io.BytesIO()
            sealed(data, self._quarantine.secret, file)
            data = file.getvalue()
        part = folder / f".{target.name}.{self._worker}"
        part.write_bytes(data)
        part.replace(target)
        for older in folder.glob("state-*"):
            if older.name < target.name:
                older.unlink(missing_ok=True)

    def _read_state(self, path: Path, checked: Checked) -> bytes:
        data = path.read_bytes()
        if self._quarantine.secret is not None:
            data = b"".join(unsealed(io.BytesIO(data), self._quarantine.secret))
        name = _name(checked)
        if not data.startswith(name):
            msg = f"{path.name} was written by other eyes or another version"
            raise InputError(msg)
        return data[len(name) :]

    def _audited(self, job: JobRecord) -> Audited:
        opened = self._opened(job)
        if opened.audited is None:
            inspection = self._inspecting(job, 1 << 62)
            inspection.go_on(inspection.total, self._telling(job, inspection.done))
            opened.audited = audited_from(opened.checked, inspection.result(), {})
            opened.inspection = None
        return opened.audited


def _name(checked: Checked) -> bytes:
    """Return what a state must begin with to be gone on from."""
    layout = checked.eyes.layout
    return digest(
        metadata.version("liujing"),
        checked.eyes.card.sha256,
        None if layout is None else layout.model_id,
        checked.request.inspect,
        checked.eyes.camera,
        checked.track.start_s,
        checked.track.end_s,
    ).encode()
