"""What a vehicle saw by itself: its package is opened, then kept as any drive is."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from service.audit.inputs import Checked, CityGiven, in_city
from service.audit.keep import refuse_unkeepable
from service.audit.outing import Outing, driven_m
from service.device_clock import untold_s
from service.device_records import AboardDrive, Eyes
from service.edge import read_package
from service.intake.devices import clock_offset_of, device_of
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
        owner = self._owner(job)
        self._refuse_other_clock(packed.outing, owner)
        outing = job.order.given.get("outing")
        if packed.drive is not None and owner is not None:
            outing = manifest_id(owner, packed.drive)
        return OpenJob(job.id, checked, folder, seen=packed.seen, outing=outing)

    def _owner(self, job: JobRecord) -> str | None:
        """Return whose package it is: a device's, or a key's of none."""
        owner, by = job.order.given.get("owner"), job.order.by
        if owner is not None or by is None:
            return None if owner is None else str(owner)
        device = device_of(self._store, by)
        return by if device is None else device.id

    def _refuse_other_clock(self, outing: Outing, owner: str | None) -> None:
        """Refuse what was placed by a clock that was off, which nobody knew aboard.

        Raises:
            InputError: the drive lies elsewhere on its track; its footage is needed.
        """
        at_s, used_s = outing.clock.epoch_at_zero_s, outing.clock_offset_s
        if owner is None or at_s is None:
            return
        wall_s = at_s - (used_s or 0.0)
        ahead_s = clock_offset_of(self._store, owner, wall_s)
        measured_s = None if ahead_s is None else -ahead_s
        off_s = untold_s(outing.clock, used_s, measured_s)
        if off_s is not None:
            msg = (
                f"the vehicle placed this drive by a clock that was {abs(off_s):.0f} s "
                "off and did not know it; send its raw footage, or let the vehicle "
                "reach the service before it inspects"
            )
            raise InputError(msg)


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
