"""A worker: takes jobs out of the queues, and takes over those of the dead."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from typing import NoReturn

from service.cameras.due import DueCameras
from service.intake.manifests import start_due
from service.intake.quarantine import Quarantine
from service.intake.uploads import Uploads
from service.job_records import JobKind, JobRecord, WorkerRecord
from service.jobs import workflow
from service.jobs.drive import DriveSteps
from service.jobs.edge import EdgeSteps
from service.jobs.process import is_alive, this_host, this_process
from service.jobs.reviewing import Reviewers
from service.jobs.steps import Steps, Workplace
from service.jobs.telling import keep_telling
from service.jobs.unchanged import Unchanged
from service.jobs.watch import WatchSteps
from service.jobs.watched import WatchedFolder
from service.retention import Retention
from service.settings import Settings
from service.store import Store, refuse_unreachable
from vision.errors import AuditError

logger = logging.getLogger(__name__)

LOST_CODE = 75
"""Exit code of a worker that was found dead by others and was not: start it again."""
_ROUND_S = 0.5
_TIDY_EVERY_S = 60.0
_CHECK_EVERY_S = 5.0
_DUE_EVERY_S = 5.0
_BEATS = 6
_PATIENCE_S = 60.0
_BREAK_S = 3.0


class Worker:
    """One process that works on one drive at a time, and watches some cameras.

    Args:
        settings: of the service.
        store: the city's memory.
        worker_id: its name, that no other one ever had.
    """

    def __init__(self, settings: Settings, store: Store, worker_id: str) -> None:
        self.id = worker_id
        self._settings = settings
        self._store = store
        self._stop = threading.Event()
        self._host = this_host()
        place = Workplace(
            settings, store, self.id, stopping=self._stop.is_set, lost=self._lost
        )
        kinds: dict[JobKind, Steps] = {
            "drive": DriveSteps(place),
            "edge": EdgeSteps(place),
            "watch": WatchSteps(place),
        }
        self._drives = workflow.DriveWorkflow(
            kinds, store, worker=self.id, tries=settings.jobs.tries
        )
        self._cameras = DueCameras(settings, store)
        self._quarantine = Quarantine(settings, store)
        self._uploads = Uploads(settings, store)
        self._retention = Retention(settings, store)
        self._watched = WatchedFolder(settings, store)
        self._queued: set[str] = set()
        break_s = max(settings.jobs.silent_s / 2, _BREAK_S)
        self._beats, self._released = Unchanged(break_s), Unchanged(break_s)
        self._given_up = Unchanged(2 * _CHECK_EVERY_S)
        self._next_s = dict.fromkeys(("check", "tidy", "due"), 0.0)

    def stop(self) -> None:
        """Ask the worker to stop at the next frame; may be called in a signal."""
        self._stop.set()

    def run(self) -> NoReturn:
        """Work until asked to stop; then end the process.

        Raises:
            StoreError: the queue's database cannot be reached.
        """
        refuse_unreachable(self._settings.jobs_url)
        self._store.add_worker(
            WorkerRecord(self.id, self._host, this_process(), time.time(), time.time())
        )
        threading.Thread(target=self._beat, daemon=True).start()
        threading.Thread(
            target=keep_telling,
            args=(self._store, self._settings.hooks, self._stop),
            daemon=True,
        ).start()
        reviewers = Reviewers(self._store, self._settings, self._stop)
        reviewers.look()
        workflow.launch(
            self._settings.jobs_url, self.id, watches=self._settings.cameras.at_once
        )
        logger.info("worker begins")
        while not self._stop.wait(_ROUND_S):
            reviewers.look()
            try:
                self.round(time.time(), time.monotonic())
            except (AuditError, OSError) as error:
                logger.warning("worker's round failed", exc_info=error)
        self._end()

    def round(self, now_s: float, at_s: float) -> None:
        """Do once what all workers do besides their drives.

        Args:
            now_s: Unix seconds, to be written down.
            at_s: by this process's own clock; those of other machines may be wrong.
        """
        self._take_over(now_s, at_s)
        start_due(self._settings, self._store, now_s=now_s)
        if self._is_time("due", now_s, _DUE_EVERY_S):
            self._cameras.look(now_s)
        for job in self._store.waiting_jobs():
            if job.id not in self._queued:
                workflow.enqueue(self._drives, job)
                self._queued.add(job.id)
        self._watched.look()
        if self._is_time("check", now_s, _CHECK_EVERY_S):
            self._free_stranded(now_s)
            self._fail_lost(now_s, at_s)
        if self._is_time("tidy", now_s, _TIDY_EVERY_S):
            self._quarantine.tidy(self._store.jobs(states=("running",)), now_s=now_s)
            self._uploads.tidy(now_s=now_s)
            self._cameras.tidy(now_s)
            self._retention.tidy(now_s)

    def _take_over(self, now_s: float, at_s: float) -> None:
        """Set the drives of the dead going again."""
        silent_s = self._settings.jobs.silent_s
        others = [one for one in self._store.workers() if one.id != self.id]
        same_s = self._beats.look({one.id: one.seen_s for one in others}, at_s)
        for other in others:
            here = other.host == self._host
            if same_s[other.id] > silent_s or (here and not is_alive(other.process)):
                self._store.end_worker(other.id, now_s=now_s)
        orphans = self._store.orphans()
        left = {job.id: job.touched_s for job in orphans if job.worker is None}
        same_s = self._released.look(left, at_s)
        for job in orphans:
            if same_s.get(job.id, math.inf) <= silent_s:
                continue  # who let go of it is about to set it going
            if self._store.release_job(job, now_s=now_s):
                logger.warning(
                    "job taken over", extra={"job": job.id, "from": job.worker}
                )
                self._quarantine.close_for(job.id)
                workflow.resume(job)

    def _free_stranded(self, now_s: float) -> None:
        """Set jobs going again whose worker died before it could say that it began."""
        queued = {job.id: job for job in self._store.waiting_jobs()}
        begun = workflow.begun_by(queued)
        living = {worker.id for worker in self._store.workers()}
        for job_id, worker in begun.items():
            if worker in living:
                continue
            if self._store.release_job(queued[job_id], now_s=now_s):
                workflow.resume(queued[job_id])

    def _fail_lost(self, now_s: float, at_s: float) -> None:
        """Note the failure of jobs that the engine gave up and nobody is at."""
        running = {job.id: job for job in self._store.jobs(states=("running",))}
        given_up = workflow.ended_badly(running)
        touched = {job_id: running[job_id].touched_s for job_id in given_up}
        same_s = self._given_up.look(touched, at_s)
        for job_id, said in given_up.items():
            job = self._store.job(job_id)
            if job is None or not job.is_open or job.touched_s != touched[job_id]:
                continue
            if same_s[job_id] < _CHECK_EVERY_S:
                continue
            reason = f"the program failed at step {job.step} ({said})"
            self._store.end_job(job_id, None, "failed", now_s=now_s, error=reason)

    def _is_time(self, what: str, now_s: float, every_s: float) -> bool:
        if now_s < self._next_s[what]:
            return False
        self._next_s[what] = now_s + every_s
        return True

    def _beat(self) -> None:
        """Show that this worker lives; end at once where others took it for dead."""
        every_s = min(5.0, self._settings.jobs.silent_s / _BEATS)
        while True:
            try:
                if not self._store.beat(self.id, now_s=time.time()):
                    self._lost()
            except AuditError as error:
                logger.warning("worker cannot show that it lives", exc_info=error)
            time.sleep(every_s)

    def _lost(self) -> NoReturn:
        """End the process: its drive is another's, so nothing here may go on."""
        logger.error("this worker was taken for dead; it ends")
        os._exit(LOST_CODE)

    def _end(self) -> NoReturn:
        """Let go of the drive at hand, so that others go on with it at once."""
        until_s = time.monotonic() + _PATIENCE_S
        while mine := self._mine():
            names = [job.id for job in mine]
            if self._drives.wait_parked(names, _ROUND_S) or time.monotonic() > until_s:
                break
        now_s = time.time()
        for job in self._mine():
            if self._store.release_job(job, now_s=now_s, clean=True):
                self._quarantine.close_for(job.id)
                workflow.resume(job)
        self._store.end_worker(self.id, now_s=now_s)
        logger.info("worker ends")
        os._exit(0)

    def _mine(self) -> list[JobRecord]:
        running = self._store.jobs(states=("running",))
        return [job for job in running if job.worker == self.id]
