"""GB/T 28181 media through the sidecar: PS over RTP becomes a registered camera."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.app import open_city
from service.camera_records import CameraStanding, Schedule, SlotTaken
from service.cameras.once import try_camera
from service.cameras.register import add_camera, camera_of
from service.cameras.wish import CameraWish
from service.job_records import JobOrder, JobRecord
from service.jobs.steps import Workplace
from service.jobs.watch import WatchSteps
from service.settings import JobSettings, RawSettings, Settings
from service.store import Store
from tests.e2e.gb28181_device import Device
from tests.e2e.live_camera import FILM, ROOT, SERVER
from tests.e2e.test_watch import GATE_LINE, road_file
from tests.service.cameras.registered import FILE

SIDECAR = ROOT / "docs" / "gb28181" / "ps_to_rtsp.py"
RECIPE = ROOT / "docs" / "gb28181" / "compose.yaml"
NEVER = Schedule(60, 1, 0, 1, (1,))

pytestmark = pytest.mark.timeout(900)  # the server may have to be installed


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    script = str(SERVER.with_name("install-rtsp-server.sh"))
    subprocess.run(["sh", script], check=True)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def sidecar(rtp_port: int, *more: str) -> Iterator[str]:
    """Run the sidecar; yield the address at which it serves."""
    rtsp_port = free_port()
    ports = ["--rtp-port", str(rtp_port), "--rtsp-port", str(rtsp_port)]
    with subprocess.Popen(
        ["/usr/bin/python3", str(SIDECAR), *ports, *more],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        try:
            yield f"rtsp://127.0.0.1:{rtsp_port}/gate"
        finally:
            server.kill()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data",
        raw=RawSettings(least_free_mb=1),
        jobs=JobSettings(roads=road_file(tmp_path, GATE_LINE), device="cpu"),
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    made = open_city(settings)
    yield made
    made.close()


def begun(store: Store, one: CameraStanding) -> JobRecord:
    """Return the claimed job of a slot that lasts long enough for any machine."""
    from_s = time.time()
    slot = SlotTaken(from_s, from_s + 900, 0, "", "queued", from_s)
    given = {"camera_id": one.camera.id, "version": 1, "piece": 0}
    given |= {"from_s": slot.from_s, "to_s": slot.to_s}
    order = JobOrder({}, "street@2", None, 0.0, kind="watch", given=given)
    job = store.add_watch(order, slot, camera_id=one.camera.id, now_s=from_s)
    assert job is not None
    assert store.claim_job(job.id, "w", now_s=from_s)
    return job


def now(store: Store, job: JobRecord) -> JobRecord:
    found = store.job(job.id)
    assert found is not None
    return found


def lost() -> None:
    raise AssertionError


@pytest.mark.parametrize("over", ["tcp", "udp"])
def test_a_cameras_program_stream_is_watched_as_a_registered_camera(
    settings: Settings, store: Store, over: str
) -> None:
    port = free_port()
    tcp = over == "tcp"
    with (
        sidecar(port, *(["--tcp"] if tcp else [])) as address,
        Device(FILM, port, tcp=tcp, shuffled=not tcp),
    ):
        wish = CameraWish("国标卡口", None, "rtsp", address, FILE, NEVER, 0.5)
        one = add_camera(settings, store, wish)
        tried = try_camera(settings, store, one.camera)
        steps = WatchSteps(
            Workplace(settings, store, "w", stopping=lambda: False, lost=lost)
        )
        job = begun(store, one)

        def do(name: str, act: Callable[[JobRecord], Any]) -> Any:
            return act(steps.begin(job.id, name))

        assert do("open", steps.open)
        none: dict[str, Any] = {"files": {}}
        while now(store, job).done < 3:
            soon_s = time.time() + 1.0
            do("watch", partial(steps.watch, end=soon_s, taken=none))
        kept = do("keep", partial(steps.keep, taken=none))

    assert tried.reason is None
    assert (tried.width_px, tried.height_px) == (1280, 720)
    assert kept["new"]
    assert kept["pictures"] >= 3
    assert camera_of(store, one.camera.id).condition == "ok"


def test_the_recipe_follows_the_specification_and_runs_no_version_unseen() -> None:
    check = [sys.executable, "-m", "check_jsonschema"]
    schema = ["--builtin-schema", "vendor.compose-spec"]

    done = subprocess.run(
        [*check, *schema, str(RECIPE)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
    recipe = yaml.safe_load(RECIPE.read_text("utf-8"))
    for name, service in recipe["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "latest" not in service["image"], name
        # No version can be tried here: whoever starts it must say which one was.
        assert ":${GB_VERSION:?" in service["image"], name
        told = str(service.get("environment", {})).lower()
        assert "password: " not in told.replace("'", ""), name
