"""The sample drive as two files of one outing, and a worker without an engine."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import av

from service.device_records import Contact, Manifest, ManifestFile, ManifestSaid
from service.intake.devices import NewDevice, hear, register
from service.intake.manifests import Speaker, announce, start_due
from service.intake.quarantine import Quarantine
from service.job_records import JobRecord
from service.jobs.drive import DriveSteps
from service.jobs.steps import Workplace
from service.settings import Settings
from service.store import Store
from tests.service.jobs.short_drive import SAMPLE
from vision.errors import AuditError

STARTED = datetime(2026, 9, 15, 2, 10, tzinfo=UTC)
_MS = 1e-3
SPEAKER = Speaker("lj0", None, None)


def cut(target: Path, *, from_s: float, to_s: float, clock_s: float = 0.0) -> Path:
    """Write a part of the sample drive, its packets unchanged.

    Args:
        target: the new file.
        from_s: of the drive; a key frame must lie there.
        to_s: of the drive.
        clock_s: by how much the camera's clock is ahead.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    wall = STARTED + timedelta(seconds=from_s + clock_s)
    with (
        av.open(str(SAMPLE / "drive.mp4")) as source,
        av.open(str(target), "w") as file,
    ):
        file.metadata["creation_time"] = f"{wall:%Y-%m-%dT%H:%M:%S.%f}Z"
        stream = file.add_stream_from_template(source.streams.video[0])
        shift = None
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            if not from_s <= float(packet.pts * packet.time_base) + _MS < to_s:
                continue
            shift = packet.dts if shift is None else shift
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = stream
            file.mux(packet)
    return target


def beside(folder: Path) -> list[Path]:
    """Copy track, camera and road file of the sample drive."""
    names = ("track.gpx", "camera.toml", "roads.geojson")
    return [Path(shutil.copy(SAMPLE / name, folder / name)) for name in names]


def taken(quarantine: Quarantine, path: Path) -> ManifestFile:
    """Let a file come in; return what a manifest says of it."""
    name, sha256 = quarantine.take(path)
    return ManifestFile(name, sha256, path.stat().st_size)


def say(
    store: Store, *files: ManifestFile, speaker: Speaker = SPEAKER, **said: object
) -> Manifest:
    """Announce files under the name of one drive."""
    whole = replace(ManifestSaid(files=files), **said)  # type: ignore[arg-type]
    return announce(store, speaker, "drive", whole)[0]


def heard(store: Store, *, ahead_s: float) -> Speaker:
    """Register a device whose clock is so far ahead, and hear it once."""
    device, _, _ = register(store, NewDevice("车 7", vehicle="K-07"))
    now_s = time.time()
    hear(store, device, Contact(now_s, 0.0), device_time_s=now_s + ahead_s)
    return Speaker(device.keys[0], None, device)


def work(settings: Settings, store: Store, *, now_s: float | None = None) -> list[str]:
    """Start what is due, do all that is queued, and return how each job ended."""
    start_due(settings, store, now_s=time.time() if now_s is None else now_s)
    return [_worked_on(settings, store, job) for job in store.waiting_jobs()]


def _worked_on(settings: Settings, store: Store, job: JobRecord) -> str:
    assert store.claim_job(job.id, "w", now_s=time.time())
    lost = partial(_lost, job)
    steps = DriveSteps(
        Workplace(settings, store, "w", stopping=lambda: False, lost=lost)
    )
    try:
        for end in steps.check(steps.begin(job.id, "check")):
            steps.piece(steps.begin(job.id, f"inspect {end}"), end)
    except AuditError as error:
        store.end_job(job.id, "w", "failed", now_s=time.time(), error=str(error))
        return str(error)
    steps.publish(steps.begin(job.id, "publish"))
    kept = steps.keep(steps.begin(job.id, "keep"))
    steps.score(kept["segments"])
    steps.close(job.id)
    result = {**kept, "segments": len(kept["segments"]), "scored": 0}
    drive = {"drive_id": kept["drive_id"], "result": result}
    assert store.end_job(job.id, "w", "done", now_s=time.time(), **drive)
    return "done"


def _lost(job: JobRecord) -> None:
    msg = f"the job {job.id} was lost"
    raise AssertionError(msg)
