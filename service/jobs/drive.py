"""What is done with one drive, step by step; each step can be repeated.

A step takes the footage out of the quarantine and what earlier steps wrote into the
job's folders, so it can be done by any worker that sees them. What was opened stays
open for the next step of the same process.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from service.audit.drive import audited_from
from service.audit.inputs import AuditRequest, Checked, Opened, check
from service.audit.keep import keep, record_of, refuse_unkeepable
from service.audit.publish import Audited, publish
from service.audit.states import States
from service.city import city_of_store
from service.device_clock import DeviceClock
from service.intake.submit import CAMERA, ROADS
from service.job_records import JobOrder, JobRecord
from service.jobs.steps import Do, JobSteps, PauseError, Workplace
from service.reports import OutFolder
from service.review.operating import measured_confidence
from service.scoring import Area, Calendar
from service.settings import Settings
from service.store import Store, drive_id
from vision.catalogue import load_card
from vision.errors import InputError
from vision.inspect import DriveInspection, Inspection, InspectOptions, Progress

_TELL_EVERY_S = 1.0


@dataclass(slots=True)
class OpenJob:
    """What this process has open of one job."""

    job_id: str
    checked: Checked
    folder: OutFolder
    drive: Opened | None = None
    inspection: DriveInspection | None = None
    seen: Inspection | None = None
    audited: Audited | None = None
    outing: str | None = None


class DriveSteps(JobSteps):
    """The steps of drives, as one worker does them, one drive at a time."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(place)
        self._open: OpenJob | None = None
        self._unended = False

    def run(self, do: Do) -> dict[str, Any]:
        """Work on a drive from its beginning to its scores."""
        ends = do("check", self.check)
        for number, end in enumerate(ends, start=1):
            do(f"inspect {number}/{len(ends)}", partial(self.piece, end=end))
        return self._kept(do)

    def _kept(self, do: Do) -> dict[str, Any]:
        """Go on from what was seen to the scores."""
        do("publish", self.publish)
        return self.scored(do, do("keep", self.keep))

    def begin(self, job_id: str, step: str) -> JobRecord:
        """Count a try of a step and return its job, see `JobSteps`."""
        if self._unended:
            self._open = None  # what a step left that failed is in no known state
        self._unended = True
        return super().begin(job_id, step)

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
            inspection.go_on(end, self._telling(job, inspection))
        except PauseError:
            self._states(job).write(inspection)
            raise
        self._states(job).write(inspection)
        self._told(job.id, inspection.done, inspection.total)

    def publish(self, job: JobRecord) -> None:
        """Write the report: place, find, score, publish."""
        publish(self._audited(job), self._opened(job).folder)

    def keep(self, job: JobRecord) -> dict[str, Any]:
        """Put the drive into the store, once; return what came of it."""
        audited = self._audited(job)
        order = job.order
        outing = self._opened(job).outing
        folder = self._opened(job).folder.path
        record = record_of(audited, order.vehicle, outing=outing)
        new = keep(audited, self._store, folder, order.vehicle, outing=outing)
        return {
            "drive_id": drive_id(record),
            "new": new,
            "segments": [segment.id for segment in audited.segments],
            "sightings": len(record.sightings),
            "findings": len(audited.findings),
            "driven_m": record.run["driven_m"],
            "failures": [
                *order.given.get("failures", ()),
                *(asdict(failure) for failure in audited.failures),
            ],
        }

    def close(self, job_id: str) -> None:
        """Take away what an ended job needed."""
        self._open = None
        super().close(job_id)

    def _telling(self, job: JobRecord, inspection: DriveInspection) -> Progress:
        """Return what notes progress once a second, and stops where it must.

        Every `jobs.state_s` it writes down how far the inspection is. Whoever dies
        after that has brought the drive further: its deaths are counted anew.
        """
        from_frame = inspection.done
        began_s = written_s = time.monotonic()
        told_s = 0.0

        def tell(done: int, total: int) -> None:
            nonlocal told_s, written_s
            now_s = time.monotonic()
            if now_s - written_s >= self._settings.jobs.state_s:
                written_s = now_s
                self._states(job).write(inspection)
                self._note(job.id, tries=1)
            if now_s - told_s >= _TELL_EVERY_S:
                told_s = now_s
                each_s = (now_s - began_s) / max(done - from_frame, 1)
                self._told(job.id, done, total, each_s * (total - done))
            self._refuse_stopping()

        return tell

    def _told(
        self, job_id: str, done: int, total: int, left_s: float | None = None
    ) -> None:
        left = {} if left_s is None else {"left_s": round(left_s, 1)}
        self._note(job_id, done=done, total=total, **left)

    def _opened(self, job: JobRecord) -> OpenJob:
        """Return what is open of a job; opens it in a process that begins with it."""
        if self._open is not None and self._open.job_id == job.id:
            return self._open
        self._open = None
        self._open = self._made_open(job)
        return self._open

    def _made_open(self, job: JobRecord) -> OpenJob:
        drive = check(self._request(job))
        refuse_unkeepable(drive.checked)
        folder = OutFolder(drive.request.out)
        outing = job.order.given.get("outing")
        return OpenJob(job.id, drive.checked, folder, drive, outing=outing)

    def _request(self, job: JobRecord) -> AuditRequest:
        settings, order = self._settings, job.order
        areas, calendar = self._city()
        return AuditRequest(
            footage=(self._quarantine.open_for(job.id, order.files),),
            out=settings.jobs_folder / job.id,
            roads=None if ROADS in order.files else settings.jobs.roads,
            camera=None if CAMERA in order.files else settings.jobs.camera,
            standard=settings.score.standard,
            model=order.model,
            layout=order.layout,
            models=settings.jobs.models,
            confidence=job_confidence(
                self._store, settings, order, at_s=job.submitted_s
            ),
            device=settings.jobs.device,
            device_clock=_device_clock(order),
            inspect=InspectOptions(spacing_m=order.spacing_m),
            areas=areas,
            calendar=calendar,
        )

    def _city(self) -> tuple[tuple[Area, ...], Calendar]:
        offset_h = self._settings.score.utc_offset_h
        return city_of_store(self._store, utc_offset_h=offset_h)

    def _inspecting(self, job: JobRecord, end: int) -> DriveInspection:
        """Return the inspection as far as it has come, but not beyond `end`."""
        opened = self._opened(job)
        if opened.inspection is None or opened.inspection.done > end:
            opened.inspection = self._states(job).taken_up(opened.folder, end)
        return opened.inspection

    def _states(self, job: JobRecord) -> States:
        drive = self._opened(job).drive
        if drive is None:
            msg = f"the job {job.id} has no footage to be looked at"
            raise InputError(msg)
        return States(
            self._quarantine.work_of(job.id),
            drive,
            secret=self._quarantine.secret,
            writer=self._worker,
        )

    def _audited(self, job: JobRecord) -> Audited:
        opened = self._opened(job)
        if opened.audited is None:
            seen = opened.seen or self._looked(job)
            opened.audited = audited_from(opened.checked, seen, {})
            opened.inspection = None
        return opened.audited

    def _looked(self, job: JobRecord) -> Inspection:
        inspection = self._inspecting(job, 1 << 62)
        inspection.go_on(inspection.total, self._telling(job, inspection))
        return inspection.result()


def job_confidence(
    store: Store, settings: Settings, order: JobOrder, *, at_s: float
) -> dict[str, float]:
    """Return where boxes count by reviews, class by class, as was known at a time.

    That is when the job came: all of its pieces are looked at in the same way, whoever
    looks.
    """
    if not settings.review.operating:
        return {}
    rows = store.measured(as_of_s=at_s)
    if not rows:
        return {}
    card = load_card(order.model, settings.jobs.models)
    return measured_confidence(card, rows, vehicle=order.vehicle)


def _device_clock(order: JobOrder) -> DeviceClock | None:
    """Return what was measured of the clock of the device that sent a drive."""
    offset_s = order.given.get("clock_offset_s")
    if offset_s is None:
        return None
    return DeviceClock(offset_s, order.given.get("started_s"))
