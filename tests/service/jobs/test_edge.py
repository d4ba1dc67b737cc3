"""A drive that the vehicle inspected is as good as one that the server inspected."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from service.audit.drive import audit_drive
from service.intake.submit import Sender, take_in
from service.keys import make_key
from service.vehicle.edge import inspect_into
from service.vehicle.eyes import EdgeOptions
from tests.service.edge.seen_drive import unzipped, with_head, zipped
from tests.service.jobs.short_drive import (
    ROOT,
    SAMPLE,
    SPACING_M,
    cut_drive,
    request,
)
from tests.service.jobs.test_serve import free_port
from tests.service.jobs.workers import (
    PATIENCE_S,
    Alone,
    Lab,
    all_kept,
    in_environment,
    quiet,
    settings_at,
    what_is_known,
)
from vision.errors import InputError

ROADS = SAMPLE / "roads.geojson"


@dataclass(frozen=True, slots=True)
class Served:
    """A running service and its clients."""

    lab: Lab
    device: httpx.Client
    admin: httpx.Client

    def send(self, *files: Path) -> dict[str, Any]:
        """Send files as one drive and return its job when that has ended."""
        form = [("file", (path.name, path.read_bytes())) for path in files]
        sent = self.device.post("/drives", files=form)
        assert sent.status_code == 202, sent.text
        return self.ended(sent.json()["id"])

    def ended(self, job_id: str) -> dict[str, Any]:
        """Return a job when it has ended."""
        self.lab.finished(job_id)
        shown: dict[str, Any] = self.device.get(f"/jobs/{job_id}").json()
        return shown


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a drive as a vehicle records it: no road file among it."""
    folder = cut_drive(tmp_path_factory.mktemp("drive") / "in", seconds=10.0)
    (folder / "roads.geojson").unlink()
    return folder


@pytest.fixture(scope="module")
def alone(drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """Return the drive as a server inspects it: with the city's roads."""
    out = tmp_path_factory.mktemp("alone")
    asked = replace(request(drive, out), roads=ROADS)
    return audit_drive(asked, progress=quiet), out


@pytest.fixture(scope="module")
def package(drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = EdgeOptions(
        device="cpu", spacing_m=SPACING_M, pictures="full", roads=ROADS
    )
    return inspect_into(
        [drive], tmp_path_factory.mktemp("outbox"), options, progress=quiet
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    settings = settings_at(tmp_path)
    in_city = settings.jobs.model_copy(update={"roads": ROADS})
    lab = Lab.at(settings.model_copy(update={"jobs": in_city}))
    _, device = make_key(lab.store, name="car", role="device")
    _, admin = make_key(lab.store, name="chief", role="admin")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve", "--port", str(port)],
        env={**in_environment(lab.settings), "LIUJING_JOBS__ROADS": str(ROADS)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    clients = [
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=30,
        )
        for secret in (device, admin)
    ]
    try:
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            try:
                if clients[0].get("/jobs").status_code == 200:
                    break
            except httpx.ConnectError:
                time.sleep(0.1)
        yield Served(lab, *clients)
    finally:
        for client in clients:
            client.close()
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        finally:
            server.kill()
            server.wait()
        lab.close()


def pictures_of(lab: Lab) -> set[bytes]:
    folder = lab.settings.data / "city"
    return {path.read_bytes() for path in folder.rglob("*.jpg")}


def test_what_the_vehicle_saw_is_scored_as_the_servers_own_and_raw_footage_doubles_nothing(  # noqa: E501
    served: Served, package: Path, drive: Path, alone: Alone, tmp_path: Path
) -> None:
    lab = served.lab

    job = served.send(package)

    assert job["state"] == "done", job
    assert (job["model"], job["progress"]) == ("aboard", 1)
    assert job["result"]["new"]
    assert job["result"]["scored"] > 0
    assert job["result"]["findings"] == len(alone[0].findings) > 0
    known = what_is_known(lab.store)
    assert known == all_kept(tmp_path / "alone", alone)
    kept = pictures_of(lab)
    assert kept == {path.read_bytes() for path in (alone[1] / "evidence").glob("*.jpg")}
    raw = served.send(*sorted(drive.iterdir()))
    assert raw["state"] == "done", raw
    assert raw["result"]["drive_id"] == job["result"]["drive_id"]
    assert not raw["result"]["new"]
    assert what_is_known(lab.store) == known
    assert pictures_of(lab) == kept
    newer = served.admin.post(
        f"/drives/{job['result']['drive_id']}/inspect", params={"model": "street@1"}
    )
    assert newer.status_code == 202, newer.text
    assert lab.finished(newer.json()["id"]).result["new"]
    looks = [look for s in lab.store.segments() for look in lab.store.looks(s.id)]
    assert {look.seen_by.model_id for look in looks} == {"street@1"}
    assert len(looks) == len({look.inspection_id for look in looks}) * len(known)


def test_a_package_that_is_refused_says_why_and_is_not_lost(
    served: Served, package: Path, tmp_path: Path
) -> None:
    members = unzipped(package)
    with_head(members, lambda head: head["model"].update(sha256="0" * 64))
    bad = zipped(tmp_path / "bad.edge.zip", members)

    job = served.send(bad)

    assert job["state"] == "failed"
    assert "street@2 is another file" in job["error"]
    (sha256,) = job["files"].values()
    (file,) = served.lab.store.raw_files([sha256]).values()
    assert (file.size, file.deleted_s) == (bad.stat().st_size, None)
    assert served.lab.store.segments() == []


def test_only_raw_footage_can_be_inspected_again(served: Served, package: Path) -> None:
    job = served.send(package)

    again = served.admin.post(
        f"/drives/{job['result']['drive_id']}/inspect", params={"model": "street@1"}
    )

    assert again.status_code == 404
    assert "cannot be inspected again" in again.text


def test_a_package_is_a_drive_by_itself(
    served: Served, package: Path, drive: Path
) -> None:
    lab = served.lab

    with pytest.raises(InputError, match="send it alone"):
        take_in(lab.settings, lab.store, [package, drive], Sender())

    assert lab.store.jobs() == []
    job, new = take_in(lab.settings, lab.store, [package], Sender(vehicle="K-07"))
    assert new
    assert (job.order.kind, job.order.vehicle) == ("edge", "K-07")
    shutil.copy(package, lab.settings.data / package.name)
    copy = lab.settings.data / package.name
    assert take_in(lab.settings, lab.store, [copy], Sender())[0].id == job.id
