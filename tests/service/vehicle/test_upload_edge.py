"""`liujing upload --edge`: what was seen is scored, and no footage leaves the car."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.audit.drive import audit_drive
from service.device_clock import DeviceClock
from service.intake.devices import clock_offset_of
from service.intake.manifests import progress_of, state_of
from tests.service.jobs.short_drive import SAMPLE, SPACING_M, cut_drive, request
from tests.service.jobs.workers import (
    Lab,
    all_kept,
    quiet,
    settings_at,
    what_is_known,
)
from tests.service.vehicle.processes import (
    PATIENCE_S,
    Service,
    Vehicle,
    vehicle_at,
)

ROADS = SAMPLE / "roads.geojson"
EDGE = ("--edge", "--spacing", str(SPACING_M))
QUICK = ("--still", "0.2", "--quiet", "0.4", "--broken", "0.6", "--longest-wait", "1")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    lab = Lab.at(settings_at(tmp_path))
    made = Service(lab, environment={"LIUJING_JOBS__ROADS": str(ROADS)})
    made.start()
    yield made
    made.kill()
    lab.close()


@pytest.fixture
def vehicle(service: Service, tmp_path: Path) -> Iterator[Vehicle]:
    server = f"http://127.0.0.1:{service.port}"
    made = vehicle_at(service.lab, tmp_path / "car", server, "K-07", *QUICK, *EDGE)
    drive = cut_drive(made.folder / "morning", seconds=8.0)
    (drive / "roads.geojson").unlink()
    yield made
    made.kill()


def until_inspecting(folder: Path) -> int:
    """Wait for the first written state; return the process that wrote it."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if list(folder.glob(".liujing/outbox/.work/*/state-*")):
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = entry.read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"edge" in words and any(bytes(folder) in word for word in words):
                    return int(entry.parent.name)
        time.sleep(0.02)
    msg = "no inspection began"
    raise AssertionError(msg)


def test_a_drive_is_scored_as_the_servers_own_without_a_byte_of_its_footage_though_the_power_was_cut(  # noqa: E501
    service: Service, vehicle: Vehicle, tmp_path: Path
) -> None:
    lab = service.lab
    service.wait()
    vehicle.start("--once", "--raw", "never", "--piece", "10")
    eyes = until_inspecting(vehicle.folder)
    vehicle.kill()
    os.kill(eyes, signal.SIGKILL)
    assert lab.store.jobs() == []

    vehicle.start("--once", "--raw", "never", "--piece", "10")

    assert vehicle.end() == 0, vehicle.log.read_text("utf-8")
    until(lambda: bool(lab.store.jobs()))
    (job,) = lab.store.jobs()
    done = lab.finished(job.id)
    assert done.state == "done", (done.error, service.log())
    assert (done.order.kind, done.order.vehicle) == ("edge", None)
    assert done.result["findings"] > 0
    (sent,) = done.order.files
    assert sent.endswith(".edge.zip")
    sizes = [path.stat().st_size for path in raw_files(lab)]
    footage = vehicle.folder / "morning" / "drive.mp4"
    assert footage.is_file()
    assert len(sizes) == 1
    assert sizes[0] < footage.stat().st_size
    known = what_is_known(lab.store)
    ((device, contact),) = lab.store.contacts().items()
    assert contact.models == ("street@2", "layout@1")
    ahead_s = clock_offset_of(lab.store, device, None)
    assert ahead_s is not None
    here = replace(
        request(footage.parent, tmp_path / "audit"),
        roads=ROADS,
        device_clock=DeviceClock(-ahead_s),
    )
    audited = audit_drive(here, progress=quiet), tmp_path / "audit"
    assert known == all_kept(tmp_path / "alone", audited), "the roads were fetched"
    assert "道路数据" in vehicle.log.read_text("utf-8")

    vehicle.start("--once", "--raw", "always", "--piece", "10")

    assert vehicle.end() == 0, vehicle.log.read_text("utf-8")
    until(lambda: not lab.store.manifests_due(now_s=time.time(), limit=1))
    (raw,) = [m for m in lab.store.manifests({}, limit=9) if m.said.kind == "drive"]
    progress = progress_of(lab.store, raw)
    assert (state_of(progress), progress.elsewhere) == ("done", ("drive.mp4",))
    assert set(progress.there) == {"drive.mp4", "track.gpx", "camera.toml"}
    assert [one.id for one in lab.store.jobs()] == [job.id]
    assert what_is_known(lab.store) == known
    looks = [look for s in lab.store.segments() for look in lab.store.looks(s.id)]
    assert {look.outing for look in looks} == {raw.id}, "late footage is the same pass"


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something."""
    until_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until_s
        time.sleep(0.05)


def raw_files(lab: Lab) -> list[Path]:
    """Return what lies in the quarantine."""
    folder = lab.settings.raw_folder / "files"
    return [path for path in folder.rglob("*") if path.is_file()]
