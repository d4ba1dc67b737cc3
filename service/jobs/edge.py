"""What a vehicle saw by itself: its package is opened, then kept as any drive is."""

from __future__ import annotations

from typing import Any

from service.audit.inputs import CityGiven, in_city
from service.audit.keep import refuse_unkeepable
from service.edge import read_package
from service.job_records import JobRecord, is_package
from service.jobs.drive import DriveSteps, OpenJob
from service.jobs.steps import Do
from service.reports import OutFolder
from vision.errors import InputError


class EdgeSteps(DriveSteps):
    """The steps of drives that were inspected aboard; nothing is looked at again."""

    def run(self, do: Do) -> dict[str, Any]:
        """Work on a package from its opening to the scores."""
        do("check", self.open_package)
        return self._kept(do)

    def open_package(self, job: JobRecord) -> None:
        """Open what a vehicle sent; its frames are done.

        Raises:
            AuditError: the package is refused, or its drive was driven elsewhere.
        """
        seen = self._opened(job).seen
        frames = 0 if seen is None else seen.frames
        self._told(job.id, frames, frames)

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
        return OpenJob(job.id, checked, folder, seen=packed.seen)
