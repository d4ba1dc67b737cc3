"""What is done with one slot of a camera that stands, step by step.

A live camera is watched in slices, each a step of its own, so that a worker's death
costs none of its tries for long; what stood so far is written down every few seconds,
and the next worker goes on from there. What nobody saw meanwhile is a gap.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from service.audit.keep_watch import Post, keep_watch, post_of, record_of_watch
from service.camera_records import CameraRecord
from service.cameras.address import address_of
from service.cameras.folder import Snapshot, SnapshotFolder, log_deleted
from service.cameras.form import RESULT, utc, watched_form
from service.cameras.recorded import snapshots
from service.job_records import JobRecord
from service.jobs.eyes import Eyes
from service.jobs.steps import Do, JobSteps, Workplace
from service.reports import OutFolder
from service.store import digest, drive_id
from vision.card import ModelCard
from vision.errors import AuditError, Failure, FootageError, NotFoundError
from vision.fixed import parse_fixed_camera
from vision.footage import LiveGap, LiveOptions, LivePicture, LiveSource
from vision.watch import CameraWatch, Watched

logger = logging.getLogger(__name__)

PICTURES_A_STEP = 100
_NOTE_S = 2.0
_NAP_S = 0.25
_MOST_TOLD = 100
"""Gaps and pictures that failed, in a job's result."""

Event = LivePicture | LiveGap


@dataclass(slots=True)
class _Open:
    """What this process has open of one watch."""

    camera: CameraRecord
    post: Post
    watch: CameraWatch
    folder: OutFolder
    events: Iterator[Event] | None = None
    failures: list[Failure] = field(default_factory=list)
    noted_s: float = 0.0
    written_s: float = field(default_factory=time.monotonic)


class WatchSteps(JobSteps):
    """The steps of watches; several are done at once, each in its own thread."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(place)
        self._open: dict[str, _Open] = {}
        self._eyes = Eyes(place.settings)

    def run(self, do: Do) -> dict[str, Any]:
        """Watch one slot of a camera, keep what stood there, score its streets."""
        taken: dict[str, Any] = {"files": {}}
        ends = do("open", self.open)
        if not ends:
            taken = do("take", self.take)
            do("clear", partial(self.clear, taken=taken))
            count = math.ceil(len(taken["files"]) / PICTURES_A_STEP)
            ends = [float(PICTURES_A_STEP * (n + 1)) for n in range(count)]
        for number, end in enumerate(ends, start=1):
            act = partial(self.watch, end=end, taken=taken)
            do(f"watch {number}/{len(ends)}", act)
        return self.scored(do, do("keep", partial(self.keep, taken=taken)))

    def open(self, job: JobRecord) -> list[float]:
        """Check the camera; return the ends of a live watch's slices, Unix seconds.

        Raises:
            FootageError: the slot is over, and nobody was free to watch.
        """
        camera = self._camera(job)
        given = job.order.given
        if camera.kind == "snapshots":
            return []
        from_s, to_s, now_s = given["from_s"], given["to_s"], time.time()
        if now_s >= to_s:
            msg = (
                f"nobody was free to watch camera {camera.name} from {utc(from_s)} to "
                f"{utc(to_s)}; start more workers, or raise cameras.at_once"
            )
            self._fails(camera, msg)
            raise FootageError(msg)
        address_of(camera, self._settings)
        slice_s = self._settings.cameras.slice_s
        count = math.ceil((to_s - max(from_s, now_s)) / slice_s)
        return [*(max(from_s, now_s) + slice_s * n for n in range(1, count)), to_s]

    def take(self, job: JobRecord) -> dict[str, Any]:
        """Take the slot's snapshots into the quarantine; the folder keeps its own.

        Raises:
            FootageError: none came.
        """
        camera, given = self._camera(job), job.order.given
        folder = SnapshotFolder(self._settings, self._store)
        lying = [
            one
            for one in folder.pictures(camera, now_s=time.time())
            if given["from_s"] <= one.taken_s < given["to_s"]
        ]
        if not lying:
            msg = (
                f"no snapshot of camera {camera.name} came from "
                f"{utc(given['from_s'])} to {utc(given['to_s'])}; check the camera and "
                "where it uploads to"
            )
            if not given["piece"]:
                self._fails(camera, msg)
            raise FootageError(msg)
        files, times, sources = {}, {}, []
        for number, one in enumerate(lying):
            name = f"{number:06d}{one.path.suffix.lower()}"
            files[name] = self._quarantine.take(one.path, name)[1]
            times[name] = one.taken_s
            sources.append([str(one.path), one.taken_s, one.size, one.changed_ns])
            self._refuse_stopping()
        return {"files": files, "times": times, "sources": sources}

    def clear(self, job: JobRecord, *, taken: dict[str, Any]) -> None:
        """Delete the snapshots that the quarantine has; what came since stays."""
        camera, count = self._camera(job), 0
        for path, at_s, size, changed_ns in taken["sources"]:
            one = Snapshot(Path(path), at_s, size, changed_ns)
            if one.is_still_there():
                one.path.unlink(missing_ok=True)
                count += 1
        if count:
            log_deleted(self._store, camera, count, "taken into the quarantine")

    def watch(self, job: JobRecord, *, end: float, taken: dict[str, Any]) -> None:
        """Watch until a time, or so many snapshots; write down what stood so far.

        Raises:
            PauseError: the worker stops; what was seen so far is written down.
            CancelledError: the job was cancelled.
        """
        opened = self._opened(job)
        is_live = opened.camera.kind == "rtsp"
        if opened.events is None:
            live = self._live(job, opened) if is_live else None
            opened.events = live or self._snapshots(job, opened, taken)
        is_whole = False
        try:
            for event in opened.events:
                opened.watch.see(event)
                self._look_up(job, opened)
                if _at(event, opened.watch.seen, is_live=is_live) >= end:
                    break
            is_whole = True
        except FootageError as error:
            # The stream has no pictures in it: no other try will find any.
            self._fails(opened.camera, str(error))
            opened.failures.append(Failure.of(opened.camera.name, error))
            opened.events, is_whole = iter(()), True
        finally:
            if not is_whole:
                opened.events = None  # it may have broken off in the middle
            self._write_state(job, opened)
        self._tell(job, opened)

    def keep(self, job: JobRecord, *, taken: dict[str, Any]) -> dict[str, Any]:
        """Put the watch into the store, once; return what came of it.

        Raises:
            FootageError: no picture came.
        """
        opened = self._opened(job)
        seen = opened.watch.seen
        if not seen.pictures:
            said = [g.reason for g in seen.gaps] + [f.message for f in opened.failures]
            why = "; ".join(dict.fromkeys(said)) or "nothing was sent"
            msg = f"no picture came from camera {opened.camera.name} ({why})"
            self._fails(opened.camera, msg)
            raise FootageError(msg)
        opened.folder.write_json(RESULT, watched_form(opened.camera.name, seen))
        footage = dict(taken["files"])
        record = record_of_watch(seen, opened.post, footage)
        new = keep_watch(seen, opened.post, footage, self._store, opened.folder.path)
        streets = {piece.segment_id for piece in opened.post.coverage}
        gaps = [_gap(opened.camera.name, gap) for gap in seen.gaps]
        failures = [*opened.failures, *gaps][:_MOST_TOLD]
        return {
            "drive_id": drive_id(record),
            "new": new,
            "segments": sorted(streets),
            "sightings": len(record.sightings),
            "findings": len(seen.outstayed),
            "driven_m": 0.0,
            "failures": [asdict(failure) for failure in failures],
            "pictures": seen.pictures,
        }

    def close(self, job_id: str) -> None:
        """Take away what an ended job needed."""
        self._open.pop(job_id, None)
        super().close(job_id)

    def _camera(self, job: JobRecord) -> CameraRecord:
        given = job.order.given
        found = self._store.camera_version(given["camera_id"], given["version"])
        if found is None:
            msg = f"there is no camera {given['camera_id']}; register it"
            raise NotFoundError(msg)
        return found

    def _opened(self, job: JobRecord) -> _Open:
        """Return what is open of a watch, as far as it has come."""
        opened = self._open.get(job.id)
        if opened is None:
            camera = self._camera(job)
            fixed = parse_fixed_camera(camera.file, "camera.toml")
            card, detector = self._eyes.of(job.order.model)
            post = post_of(fixed, card, self._eyes.roads(), camera.interval_s)
            folder = OutFolder(self._settings.jobs_folder / job.id)
            parts = {
                "camera": fixed,
                "detector": detector,
                "card": card,
                "sink": folder,
            }
            watch = self._taken_up(job, camera, card, parts)
            opened = _Open(camera, post, watch, folder)
            self._open[job.id] = opened
        return opened

    def _taken_up(
        self, job: JobRecord, camera: CameraRecord, card: ModelCard, parts: Any
    ) -> CameraWatch:
        """Go on from what was written down, if it can be read; else from nothing."""
        path = self._state_of(job)
        if path.is_file():
            try:
                state = self._read_state_file(path, _name(camera, card))
                return CameraWatch(**parts, state=state)
            except (AuditError, OSError) as error:
                logger.warning(
                    "state not used", extra={"job": job.id, "reason": str(error)}
                )
        return CameraWatch(**parts)

    def _live(self, job: JobRecord, opened: _Open) -> Iterator[Event]:
        """Follow the stream until the slot ends, from where somebody left it."""
        camera, given = opened.camera, job.order.given

        def broke(reason: str) -> None:
            self._fails(camera, reason)

        source = LiveSource(
            address_of(camera, self._settings),
            LiveOptions(every_s=camera.interval_s),
            sleep=partial(self._nap, job, given["to_s"]),
            broke=broke,
        )
        seen = opened.watch.seen
        since_s = max(
            given["from_s"], seen.last_s or 0.0, *(gap.to_s for gap in seen.gaps), 0.0
        )
        return source.watch(given["to_s"], since_s=since_s)

    def _snapshots(
        self, job: JobRecord, opened: _Open, taken: dict[str, Any]
    ) -> Iterator[Event]:
        """Go through the snapshots that were not looked at yet."""
        folder = self._quarantine.open_for(job.id, taken["files"])
        last_s = opened.watch.seen.last_s
        left = [
            (folder / name, at_s)
            for name, at_s in taken["times"].items()
            if last_s is None or at_s > last_s
        ]
        return snapshots(left, opened.camera.interval_s, opened.failures)

    def _nap(self, job: JobRecord, until_s: float, wait_s: float) -> None:
        """Wait before a stream is opened again; notice that the job is to stop."""
        ends_s = min(time.time() + wait_s, until_s)
        self._note(job.id)
        while (left_s := ends_s - time.time()) > 0:
            self._refuse_stopping()
            time.sleep(min(left_s, _NAP_S))

    def _look_up(self, job: JobRecord, opened: _Open) -> None:
        """Note progress and write the state now and then; stop where it must."""
        now_s = time.monotonic()
        if now_s - opened.noted_s >= _NOTE_S:
            opened.noted_s = now_s
            self._tell(job, opened)
        if now_s - opened.written_s >= self._settings.cameras.state_s:
            self._write_state(job, opened)
        self._refuse_stopping()

    def _tell(self, job: JobRecord, opened: _Open) -> None:
        """Note how far the watch has come, and how the camera fares."""
        seen, given = opened.watch.seen, job.order.given
        expected = (given["to_s"] - given["from_s"]) / opened.camera.interval_s
        left_s = max(0.0, given["to_s"] - time.time())
        self._note(
            job.id,
            done=seen.pictures,
            total=max(math.ceil(expected), seen.pictures),
            left_s=round(left_s, 1),
        )
        if seen.last_s is not None and not _ends_in_gap(seen):
            self._store.note_camera(
                opened.camera.id, now_s=time.time(), seen_s=seen.last_s
            )

    def _fails(self, camera: CameraRecord, reason: str) -> None:
        self._store.note_camera(camera.id, now_s=time.time(), error=reason)

    def _state_of(self, job: JobRecord) -> Path:
        return self._quarantine.work_of(job.id) / "watched"

    def _write_state(self, job: JobRecord, opened: _Open) -> None:
        opened.written_s = time.monotonic()
        name = _name(opened.camera, opened.post.card)
        self._write_state_file(self._state_of(job), name + opened.watch.state())


def _at(event: Event, seen: Watched, *, is_live: bool) -> float:
    """Return how far a watch is: the time of what happened, or pictures so far."""
    if not is_live:
        return seen.pictures
    return event.epoch_s if isinstance(event, LivePicture) else event.to_s


def _ends_in_gap(seen: Watched) -> bool:
    """Say if nothing was seen since the last gap."""
    return bool(seen.gaps) and seen.gaps[-1].to_s > (seen.last_s or 0.0)


def _gap(name: str, gap: LiveGap) -> Failure:
    text = f"nothing was seen from {utc(gap.from_s)} to {utc(gap.to_s)}: {gap.reason}"
    return Failure(name, "gap", text)


def _name(camera: CameraRecord, card: ModelCard) -> bytes:
    """Return what a state must begin with to be gone on from."""
    return digest(
        metadata.version("liujing"), card.sha256, camera.file, camera.interval_s
    ).encode()
