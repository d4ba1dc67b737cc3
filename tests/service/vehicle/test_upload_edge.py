"""`liujing upload --edge`: what was seen is scored, and no footage leaves the car."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.jobs.short_drive import SAMPLE, SPACING_M, cut_drive
from tests.service.jobs.workers import Lab, settings_at, what_is_known
from tests.service.vehicle.processes import (
    PATIENCE_S,
    Service,
    Vehicle,
    vehicle_at,
)

ROADS = SAMPLE / "roads.geojson"
EDGE = ("--edge", "--spacing", str(SPACING_M), "--roads", str(ROADS))
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


def test_a_drive_is_scored_without_a_byte_of_its_footage_though_the_power_was_cut(
    service: Service, vehicle: Vehicle
) -> None:
    lab = service.lab
    vehicle.start("--once", "--raw", "never", "--piece", "10")
    eyes = until_inspecting(vehicle.folder)
    vehicle.kill()
    os.kill(eyes, signal.SIGKILL)
    assert lab.store.jobs() == []
    service.wait()

    vehicle.start("--once", "--raw", "never", "--piece", "10")

    assert vehicle.end() == 0, vehicle.log.read_text("utf-8")
    until_s = time.monotonic() + PATIENCE_S
    while not lab.store.jobs() and time.monotonic() < until_s:
        time.sleep(0.05)
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

    vehicle.start("--once", "--raw", "always", "--piece", "10")

    assert vehicle.end() == 0, vehicle.log.read_text("utf-8")
    until_s = time.monotonic() + PATIENCE_S
    while len(lab.store.jobs()) < 2 and time.monotonic() < until_s:
        time.sleep(0.05)
    (raw,) = [one for one in lab.store.jobs() if one.order.kind == "drive"]
    again = lab.finished(raw.id)
    assert again.state == "done", (again.error, service.log())
    assert again.result["drive_id"] == done.result["drive_id"]
    assert not again.result["new"]
    assert what_is_known(lab.store) == known
    (contact,) = lab.store.contacts().values()
    assert contact.models == ("street@2", "layout@1")


def raw_files(lab: Lab) -> list[Path]:
    """Return what lies in the quarantine."""
    folder = lab.settings.raw_folder / "files"
    return [path for path in folder.rglob("*") if path.is_file()]
