"""Masked pictures and reports are deleted when `raw.evidence_days` are over.

The chain over pictures stays as it is, and a row says when each was deleted: it can
still be shown which pictures there were, and that none went before its time.
"""

from __future__ import annotations

import logging
import shutil

from service.settings import Settings
from service.store import Store
from service.types import DAY_S

logger = logging.getLogger(__name__)

_EVERY_S = 3600.0
_AT_ONCE = 500


class Retention:
    """Deletes what is over its days, now and then.

    Args:
        settings: the days, and the folder of reports.
        store: the city's memory, with its pictures.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._kept_s = settings.raw.evidence_days * DAY_S
        self._reports = settings.jobs_folder
        self._store = store
        self._next_s = 0.0

    def tidy(self, now_s: float) -> None:
        """Delete pictures that no newer inspection uses, and reports of old jobs.

        It looks once an hour, however often it is asked.

        Raises:
            StoreError: the store cannot be used, or a picture cannot be deleted.
        """
        if now_s < self._next_s:
            return
        self._next_s = now_s + _EVERY_S
        before_s = now_s - self._kept_s
        pictures = self._drop_pictures(before_s, now_s)
        reports = self._drop_reports(before_s, now_s)
        if pictures or reports:
            facts = {"pictures": pictures, "reports": reports}
            logger.info("evidence past its days deleted", extra=facts)

    def _drop_pictures(self, before_s: float, now_s: float) -> int:
        count, after = 0, ""
        while names := self._store.pictures_before(
            before_s, after=after, limit=_AT_ONCE
        ):
            for name in names:
                if self._store.blobs.drop(name, before_s=now_s - DAY_S):
                    self._store.note_picture_gone(name, now_s=now_s)
                    count += 1
            after = names[-1]
        return count

    def _drop_reports(self, before_s: float, now_s: float) -> int:
        """Delete the folders of jobs that ended before; write each into the log."""
        if not self._reports.is_dir():
            return 0
        count = 0
        for folder in sorted(self._reports.iterdir()):
            job = self._store.job(folder.name)
            if job is None or job.finished_s is None or job.finished_s >= before_s:
                continue
            shutil.rmtree(folder)
            count += 1
            row = {
                "at_s": now_s,
                "key_id": None,
                "role": "service",
                "method": "DELETE",
                "route": "job_report",
                "target": job.id,
                "status": 200,
                "request_id": "evidence_days",
            }
            self._store.log_access([row])
        return count
