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
from service.device_clock import DeviceClock
from service.device_records import Contact
from service.intake.devices import NewDevice, register
from service.intake.submit import Sender, take_in
from service.keys import make_key
from service.store import manifest_id
from service.vehicle.edge import inspect_into
from service.vehicle.eyes import DriveSaid, EdgeOptions
from tests.service.api.tus_client import TusClient, sha256
from tests.service.edge.seen_drive import unzipped, with_body, with_head, zipped
from tests.service.intake.two_files import STARTED, beside, cut
from tests.service.jobs.short_drive import (
    ROOT,
    SAMPLE,
    SPACING_M,
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
AHEAD_S = 97.0
"""By how much the vehicle's clock is ahead: beyond the whole track."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running service and its clients."""

    lab: Lab
    device: httpx.Client
    admin: httpx.Client

    def send(self, name: str, *files: Path, kind: str = "drive") -> dict[str, Any]:
        """Send files as the drive of a name, as vehicles do; return its manifest."""
        listed = [
            {"name": f.name, "sha256": sha256(f.read_bytes()), "size": f.stat().st_size}
            for f in files
        ]
        said = {"complete": True, "kind": kind, "files": listed}
        put = self.device.put(f"/drives/manifests/{name}", json=said)
        assert put.status_code == 201, put.text
        key = {"Authorization": self.device.headers["Authorization"]}
        tus = TusClient(self.device, key)
        for file in files:
            data = file.read_bytes()
            path = tus.begin(data, file.name)
            assert tus.patch(path, data, 0).status_code == 204
        return self.manifest(name)

    def manifest(self, name: str) -> dict[str, Any]:
        """Return how far a drive has come."""
        shown: dict[str, Any] = self.device.get(f"/drives/manifests/{name}").json()
        return shown

    def package(self, name: str, file: Path) -> dict[str, Any]:
        """Send a package and return its job when that has ended."""
        self.send(name, file, kind="edge")
        until_s = time.monotonic() + PATIENCE_S
        while not (jobs := self.manifest(name)["jobs"]):
            assert time.monotonic() < until_s
            time.sleep(0.05)
        self.lab.finished(jobs[0]["id"])
        shown: dict[str, Any] = self.device.get(f"/jobs/{jobs[0]['id']}").json()
        return shown


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a drive as a vehicle records it: no road file, and a clock that drifts."""
    film = tmp_path_factory.mktemp("drive") / "in" / "drive.mp4"
    cut(film, from_s=0.0, to_s=10.0, clock_s=AHEAD_S)
    for file in beside(film.parent):
        if file.name == "roads.geojson":
            file.unlink()
    return film.parent


@pytest.fixture(scope="module")
def alone(drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """Return the drive as a server inspects it: with the city's roads and clock."""
    out = tmp_path_factory.mktemp("alone")
    clock = DeviceClock(-AHEAD_S, STARTED.timestamp())
    asked = replace(request(drive, out), roads=ROADS, device_clock=clock)
    return audit_drive(asked, progress=quiet), out


@pytest.fixture(scope="module")
def package(drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = EdgeOptions(
        device="cpu", spacing_m=SPACING_M, pictures="full", roads=ROADS
    )
    said = DriveSaid(
        "drive",
        drive="am-1",
        clock_ahead_s=AHEAD_S,
        began_s=STARTED.timestamp() + AHEAD_S,
    )
    outbox = tmp_path_factory.mktemp("outbox")
    return inspect_into([drive], outbox, options, progress=quiet, said=said)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    settings = settings_at(tmp_path)
    in_city = settings.jobs.model_copy(update={"roads": ROADS})
    lab = Lab.at(settings.model_copy(update={"jobs": in_city}))
    car, _, device = register(lab.store, NewDevice("car"))
    heard = Contact(at_s=STARTED.timestamp(), offset_s=AHEAD_S)
    lab.store.add_contact(car.id, heard)
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

    job = served.package("am-1-edge", package)

    assert job["state"] == "done", job
    assert (job["model"], job["progress"]) == ("aboard", 1)
    assert job["result"]["new"]
    assert job["result"]["scored"] > 0
    assert job["result"]["findings"] == len(alone[0].findings) > 0
    known = what_is_known(lab.store)
    assert known == all_kept(tmp_path / "alone", alone)
    kept = pictures_of(lab)
    assert kept == {path.read_bytes() for path in (alone[1] / "evidence").glob("*.jpg")}
    again = f"/drives/{job['result']['drive_id']}/inspect"
    early = served.admin.post(again, params={"model": "street@1"})
    assert early.status_code == 404, "its raw footage did not come"
    assert "cannot be inspected again" in early.text
    raw = served.send("am-1", *sorted(drive.iterdir()))
    assert (raw["state"], raw["elsewhere"]) == ("done", ["drive.mp4"])
    assert raw["missing"] == raw["aside"] == []
    looks = [look for s in lab.store.segments() for look in lab.store.looks(s.id)]
    outing = manifest_id(raw["device"], "am-1")
    assert {look.outing for look in looks} == {outing}, "the drive's, not the package's"
    newer = served.admin.post(again, params={"model": "street@1"})
    assert newer.status_code == 202, newer.text
    assert lab.finished(newer.json()["id"]).result["new"]
    assert len(lab.store.jobs()) == 2
    looks = [look for s in lab.store.segments() for look in lab.store.looks(s.id)]
    assert {look.seen_by.model_id for look in looks} == {"street@1"}
    assert len(looks) == len({look.inspection_id for look in looks}) * len(known)


def test_a_package_that_is_refused_says_why_and_is_not_lost(
    served: Served, package: Path, tmp_path: Path
) -> None:
    members = unzipped(package)
    with_head(members, lambda head: head["model"].update(sha256="0" * 64))
    bad = zipped(tmp_path / "bad.edge.zip", members)
    members = unzipped(package)
    with_body(members, forget_clock)
    unaware = zipped(tmp_path / "unaware.edge.zip", members)

    job, other = served.package("bad", bad), served.package("unaware", unaware)

    assert (job["state"], other["state"]) == ("failed", "failed")
    assert "street@2 is another file" in job["error"]
    assert "by a clock that was 97 s off and did not know it" in other["error"]
    (sha,) = job["files"].values()
    (file,) = served.lab.store.raw_files([sha]).values()
    assert (file.size, file.deleted_s) == (bad.stat().st_size, None)
    assert served.lab.store.segments() == []
    told = served.device.post(
        "/devices/me/contact", json={"device_time": time.time()}
    ).json()
    assert {one["name"]: one["reason"] for one in told["refused_packages"]} == {
        "bad": job["error"],
        "unaware": other["error"],
    }


def forget_clock(body: Any) -> None:
    """Make a package of a vehicle that had not heard of its clock."""
    body["outing"]["clock_offset_s"] = None
    body["outing"]["clock"]["epoch_at_zero_s"] += AHEAD_S
    body["outing"]["clock"]["residual_s"] = None


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
