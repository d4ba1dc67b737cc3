"""What a vehicle saw by itself: its package is opened, then kept as any drive is."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from service.audit.inputs import Checked, CityGiven, in_city
from service.audit.keep import refuse_unkeepable
from service.audit.outing import driven_m
from service.device_records import AboardDrive, Eyes
from service.edge import read_package
from service.intake.devices import device_of
from service.job_records import JobRecord, is_package
from service.jobs.drive import DriveSteps, OpenJob
from service.jobs.steps import Do
from service.reports import OutFolder
from service.store import footage_id, manifest_id
from vision.errors import Failure, InputError


class EdgeSteps(DriveSteps):
    """The steps of drives that were inspected aboard; nothing is looked at again."""

    def run(self, do: Do) -> dict[str, Any]:
        """Work on a package from its opening to the scores."""
        left_out = do("check", self.open_package)
        return left_out or self._kept(do)

    def open_package(self, job: JobRecord) -> dict[str, Any] | None:
        """Open what a vehicle sent; its frames are done.

        Returns:
            None; or the job's result if nothing of it is kept, because its footage was
            looked at already.

        Raises:
            AuditError: the package is refused, or its drive was driven elsewhere.
        """
        opened = self._opened(job)
        checked, seen = opened.checked, opened.seen
        frames = 0 if seen is None else seen.frames
        self._told(job.id, frames, frames)
        drive = _aboard(job.id, checked)
        holder = self._store.take_aboard(drive, now_s=time.time())
        return None if holder is None else _left_out(checked, *holder)

    def _made_open(self, job: JobRecord) -> OpenJob:
        names = [name for name in job.order.files if is_package(name)]
        if len(names) != 1:
            msg = "a job of this kind has one package, and nothing besides"
            raise InputError(msg)
        settings = self._settings
        folder = OutFolder(settings.jobs_folder / job.id)
        here = self._quarantine.open_for(job.id, job.order.files)
        packed = read_package(here / names[0], settings.jobs.models, folder)
        areas, calendar = self._city()
        given = CityGiven(
            standard=settings.score.standard,
            roads=settings.jobs.roads,
            areas=areas,
            calendar=calendar,
        )
        checked = in_city(packed.outing, given)
        refuse_unkeepable(checked)
        outing = self._outing(job, packed.drive)
        return OpenJob(job.id, checked, folder, seen=packed.seen, outing=outing)

    def _outing(self, job: JobRecord, drive: str | None) -> str | None:
        """Return the outing that a package belongs to: that of the drive's footage."""
        given, by = job.order.given, job.order.by
        if drive is None:
            return given.get("outing")
        owner = given.get("owner", by)
        if "owner" not in given and by is not None:
            device = device_of(self._store, by)
            owner = by if device is None else device.id
        return given.get("outing") if owner is None else manifest_id(owner, drive)


def _left_out(checked: Checked, job_id: str, drive_id: str) -> dict[str, Any]:
    outing = checked.outing
    why = Failure(
        item="package",
        code="elsewhere",
        message=f"its footage is the job {job_id}'s, so that it counts once",
    )
    return {
        "drive_id": drive_id,
        "new": False,
        "segments": 0,
        "sightings": 0,
        "findings": 0,
        "driven_m": driven_m(outing.track, outing.path_s),
        "failures": [asdict(why)],
        "scored": 0,
    }


def _aboard(job_id: str, checked: Checked) -> AboardDrive:
    outing = checked.outing
    hashes = list(outing.hashes().values())
    return AboardDrive(
        job_id=job_id,
        drive_id=footage_id(hashes),
        eyes=Eyes(outing.card.id, outing.layout_id, outing.spacing_m),
        footage=frozenset(hashes),
    )
