"""Which cameras are due: every slot becomes one job, however many workers look.

A live camera's slot is due while it lasts. Snapshots are due when their slot is over
and what comes late has had its time; what comes later is a further piece of the slot.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from service.camera_records import CameraRecord, CameraStanding, Slot, SlotTaken
from service.cameras.folder import SnapshotFolder
from service.job_records import JobOrder, JobRecord
from service.settings import Settings
from service.store import Store
from vision.errors import AuditError

logger = logging.getLogger(__name__)

MOST_PIECES = 50
AGAIN_S = 600.0
"""Late pictures of a slot whose job failed are tried again after so long."""
PRIORITY = 40


class DueCameras:
    """Makes jobs of the slots that are due.

    Args:
        settings: of the service.
        store: the city's memory.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._offset_s = settings.score.utc_offset_h * 3600
        self._folders = SnapshotFolder(settings, store)
        self._made: dict[str, float] = {}

    def look(self, now_s: float) -> list[JobRecord]:
        """Make the jobs that are due and not yet made; return them."""
        made: list[JobRecord] = []
        for one in self._store.cameras():
            if one.ended_s is not None:
                continue
            try:
                made += self._of(one, now_s)
            except (AuditError, OSError) as error:
                logger.warning(
                    "camera cannot be watched",
                    extra={"camera": one.camera.id, "reason": str(error)},
                )
        return made

    def tidy(self, now_s: float) -> None:
        """Delete snapshots that no watch wanted, when their days are over."""
        for one in self._store.cameras():
            if one.camera.kind == "snapshots":
                self._folders.drop_old(one.camera, now_s=now_s)

    def _of(self, one: CameraStanding, now_s: float) -> Iterator[JobRecord]:
        camera = one.camera
        if not camera.enabled:
            return
        if camera.kind == "rtsp":
            slot = camera.schedule.slot_at(now_s, offset_s=self._offset_s)
            is_made = slot is not None and self._made.get(camera.id) == slot.from_s
            if slot is not None and not is_made and not self._is_watched(camera, slot):
                yield from self._make(camera, slot, 0, now_s)
                self._made[camera.id] = slot.from_s
            return
        if self._store.open_watches(camera.id):
            return
        for slot in self._slots_of_snapshots(one, now_s):
            piece = self._piece(camera, slot, now_s)
            if piece is not None:
                yield from self._make(camera, slot, piece, now_s)
                return

    def _is_watched(self, camera: CameraRecord, slot: Slot) -> bool:
        """Say if a watch at hand reaches into a slot, as after a new schedule."""
        now = self._store.open_watches(camera.id)
        return any(other.to_s > slot.from_s for other in now)

    def _slots_of_snapshots(self, one: CameraStanding, now_s: float) -> Iterator[Slot]:
        """Yield slots that are over, the oldest first: those of pictures, and the last.

        The last one is due without pictures too: then its job says that none came.
        """
        camera, late_s = one.camera, self._settings.cameras.late_s
        slots: dict[float, tuple[Slot, bool]] = {}
        last = camera.schedule.last_ended(now_s - late_s, offset_s=self._offset_s)
        if last is not None and last.from_s >= one.registered_s:
            slots[last.from_s] = last, False
        for picture in self._folders.pictures(camera, now_s=now_s):
            slot = camera.schedule.slot_at(picture.taken_s, offset_s=self._offset_s)
            if slot is not None and slot.to_s <= now_s - late_s:
                slots[slot.from_s] = slot, True
        for _, (slot, has_pictures) in sorted(slots.items()):
            taken = self._store.slots_taken(camera.id, after_s=slot.from_s)
            if has_pictures or not any(t.from_s == slot.from_s for t in taken):
                yield slot

    def _piece(self, camera: CameraRecord, slot: Slot, now_s: float) -> int | None:
        """Return the number of the next piece of a slot; None if it must wait."""
        taken = self._store.slots_taken(camera.id, after_s=slot.from_s)
        before = [one for one in taken if one.from_s == slot.from_s]
        if not before:
            return 0
        newest = before[0]
        waits = newest.state != "done" and newest.known_s > now_s - AGAIN_S
        if waits or newest.piece + 1 >= MOST_PIECES:
            return None
        return newest.piece + 1

    def _make(
        self, camera: CameraRecord, slot: Slot, piece: int, now_s: float
    ) -> Iterator[JobRecord]:
        jobs = self._settings.jobs
        given = {
            "camera_id": camera.id,
            "version": camera.version,
            "from_s": slot.from_s,
            "to_s": slot.to_s,
            "piece": piece,
        }
        order = JobOrder(
            files={},
            model=jobs.model,
            layout=None,
            spacing_m=0.0,
            district=camera.district,
            priority=PRIORITY,
            kind="watch",
            given=given,
        )
        taken = SlotTaken(slot.from_s, slot.to_s, piece, "", "queued", now_s)
        job = self._store.add_watch(order, taken, camera_id=camera.id, now_s=now_s)
        if job is not None:
            logger.info("camera is due", extra={"camera": camera.id, "job": job.id})
            yield job
