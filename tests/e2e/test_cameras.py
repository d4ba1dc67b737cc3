"""Registered cameras with real workers: snapshots, a live stream that dies, a kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from service.camera_records import CameraStanding, Schedule, SlotTaken
from service.cameras.register import add_camera, camera_of, end_camera
from service.cameras.wish import CameraWish
from service.job_records import JobOrder, JobRecord
from service.settings import CameraSettings, Settings
from service.store import schema
from tests.e2e.live_camera import port, serving
from tests.e2e.test_watch import GATE, GATE_LINE, check_kept, is_told, road_file
from tests.service.cameras.registered import FILE
from tests.service.jobs.workers import Lab, settings_at

__all__ = ["port"]
WEEK = (1, 2, 3, 4, 5, 6, 7)
PATIENCE_S = 240.0

pytestmark = pytest.mark.timeout(900)  # the server may have to be installed


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings that the workers of `Lab` have too."""
    made = settings_at(tmp_path, key="footage is sealed here")
    jobs = made.jobs.model_copy(update={"roads": road_file(tmp_path, GATE_LINE)})
    cameras = CameraSettings(slice_s=4.0, state_s=0.5, late_s=1.0)
    monkeypatch.setenv("LIUJING_JOBS__ROADS", str(jobs.roads))
    for name in ("slice_s", "state_s", "late_s"):
        monkeypatch.setenv(
            f"LIUJING_CAMERAS__{name.upper()}", str(getattr(cameras, name))
        )
    return made.model_copy(update={"jobs": jobs, "cameras": cameras})


@pytest.fixture
def lab(settings: Settings) -> Iterator[Lab]:
    made = Lab.at(settings)
    yield made
    made.close()


def wait_for(lab: Lab, found: Callable[[], Any]) -> Any:
    """Return what is found as soon as it is; else fail with the logs."""
    ends_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_s:
        if value := found():
            return value
        time.sleep(0.05)
    raise AssertionError(lab.logs())


def watches(lab: Lab) -> list[JobRecord]:
    return [job for job in lab.store.jobs() if job.order.kind == "watch"]


def dropped(settings: Settings, folder: str) -> list[Path]:
    """Let a camera drop the pictures of the rendered gate, a minute ago."""
    target = settings.cameras_folder / folder / "2026-09-16"
    shutil.copytree(GATE / "snapshots", target)
    paths = sorted(target.iterdir())
    then = time.time() - 60
    for path in paths:
        os.utime(path, (then, then))
    return paths


def test_a_registered_gates_known_stays_become_findings_once(
    lab: Lab, settings: Settings
) -> None:
    ten = Schedule(60, 10, 10, 11, WEEK)
    wish = CameraWish("卡口", "魏都区", "snapshots", "gate", FILE, ten, interval_s=20.0)
    one = add_camera(settings, lab.store, wish)
    paths = dropped(settings, "gate")
    for _ in range(2):
        lab.start()

    def of_the_gate() -> JobRecord | None:
        found = [j for j in watches(lab) if j.order.given["from_s"] < 1.79e9]
        ours = [
            j
            for j in found
            if datetime.fromtimestamp(j.order.given["from_s"], UTC)
            == datetime(2026, 9, 16, 2, tzinfo=UTC)
        ]
        assert len(ours) <= 1
        return next((j for j in ours if not j.is_open), None)

    done = wait_for(lab, of_the_gate)

    assert done.state == "done", (done.error, lab.logs())
    assert done.order.district == "魏都区"
    out = settings.jobs_folder / done.id
    told = json.loads((out / "dwells.json").read_text("utf-8"))
    truth = json.loads((GATE / "truth.json").read_text("utf-8"))
    right = [stay for stay in truth["stays"] if is_told(stay, truth, told["dwells"])]
    assert told["pictures"] == len(paths) == 30
    assert len(right) >= 6  # as test_watch has it
    check_kept(lab.store, told)
    (street,) = lab.store.segments()
    found = {k.finding.category for k in lab.store.findings(street.id)}
    assert found & {"stall", "parking_motor", "parking_non_motor"}, found
    assert lab.store.scores(street.id)
    assert done.result["scored"] == 1
    # The camera's folder is empty; the quarantine has them, sealed, for their days.
    assert [path for path in paths if path.exists()] == []
    raw = lab.store.raw_before()
    assert len(raw) == 30
    assert all(file.sealed for file in raw)
    assert not any((settings.raw_folder / "open").iterdir())
    standing = camera_of(lab.store, one.camera.id)
    assert standing.seen_s == datetime(2026, 9, 16, 2, 9, 40, tzinfo=UTC).timestamp()


def live(lab: Lab, port: int, schedule: Schedule, *, enabled: bool) -> CameraStanding:
    address = f"rtsp://127.0.0.1:{port}/gate"
    wish = CameraWish(
        "卡口", "魏都区", "rtsp", address, FILE, schedule, 0.5, enabled=enabled
    )
    return add_camera(lab.settings, lab.store, wish)


def slot_now(lab: Lab, one: CameraStanding, seconds: float) -> JobRecord:
    """Make the job of a slot that begins now."""
    from_s = time.time()
    given = {
        "camera_id": one.camera.id,
        "version": 1,
        "from_s": from_s,
        "to_s": from_s + seconds,
        "piece": 0,
    }
    order = JobOrder({}, "street@2", None, 0.0, kind="watch", given=given)
    slot = SlotTaken(from_s, from_s + seconds, 0, "", "queued", from_s)
    job = lab.store.add_watch(order, slot, camera_id=one.camera.id, now_s=from_s)
    assert job is not None
    return job


def test_a_watch_goes_on_after_kills_and_a_dead_camera_and_says_what_it_missed(
    lab: Lab, port: int
) -> None:
    one = live(lab, port, Schedule(60, 1, 0, 1, (1,)), enabled=False)
    killed_s, done = [], 0
    with serving(port):
        job = slot_now(lab, one, 900.0)
        killed_s.append(watch_and_kill(lab, job, done + 3))
        done = now(lab, job).done
        second = lab.start()
        lab.wait(job.id, lambda job: job.done > done + 2)
    failing = wait_for(lab, lambda: camera_of(lab.store, one.camera.id).error)
    with serving(port):
        done = now(lab, job).done
        lab.wait(job.id, lambda job: job.done > done + 2)
        well = wait_for(lab, lambda: not camera_of(lab.store, one.camera.id).error)
        wait_for_state(lab, job, now(lab, job).done)
        second.send_signal(signal.SIGKILL)
        second.wait()
        killed_s.append(time.time())
    bring_end_nearer(lab, job, killed_s[1] + 3.0)
    wait_for(lab, lambda: time.time() > killed_s[1] + 3.0)
    lab.start()  # it finds the slot over, and keeps what the others saw

    ended = lab.finished(job.id)

    assert ended.state == "done", (ended.error, lab.logs())
    assert failing
    assert well
    told = json.loads(
        (lab.settings.jobs_folder / job.id / "dwells.json").read_text("utf-8")
    )
    gaps = [(_at(gap["from"]), _at(gap["to"]), gap["reason"]) for gap in told["gaps"]]
    for at_s in killed_s:
        assert any(
            from_s <= at_s <= to_s + 1 and reason == "nobody watched"
            for from_s, to_s, reason in gaps
        ), (at_s, gaps)
    assert any(reason != "nobody watched" for _, _, reason in gaps), gaps
    assert told["pictures"] > done
    said = [f for f in ended.result["failures"] if f["code"] == "gap"]
    assert len(said) == len(gaps)
    (look,) = lab.store.looks(lab.store.segments()[0].id)
    assert look.started_s <= killed_s[0] <= killed_s[1] + 1


def now(lab: Lab, job: JobRecord) -> JobRecord:
    found = lab.store.job(job.id)
    assert found is not None
    return found


def watch_and_kill(lab: Lab, job: JobRecord, pictures: int) -> float:
    """Let a worker see some pictures and kill it; return when."""
    worker = lab.start()
    lab.wait(job.id, lambda job: job.done >= pictures)
    wait_for_state(lab, job, pictures)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    return time.time()


def wait_for_state(lab: Lab, job: JobRecord, pictures: int) -> None:
    """Wait until what was seen so far is written down."""
    state = lab.settings.raw_folder / "work" / job.id / "watched"
    wait_for(lab, state.is_file)
    before_ns = state.stat().st_mtime_ns
    wait_for(lab, lambda: state.stat().st_mtime_ns > before_ns)
    assert now(lab, job).done >= pictures


def bring_end_nearer(lab: Lab, job: JobRecord, to_s: float) -> None:
    """Let a slot that nobody watches end soon, so that no test waits for it."""
    given = {**now(lab, job).order.given, "to_s": to_s}
    with lab.store._writing() as connection:
        connection.execute(
            update(schema.job).where(schema.job.c.id == job.id).values(given=given)
        )


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_cameras_that_are_down_are_known_and_given_up_at_a_word(lab: Lab) -> None:
    always = Schedule(1440, 1440, 0, 24, WEEK)
    sold, *others = [live(lab, 9, always, enabled=True) for _ in range(3)]
    worker = lab.start()
    wait_for(lab, lambda: all(c.error for c in lab.store.cameras()))
    jobs = {job.order.given["camera_id"]: job for job in watches(lab)}

    end_camera(lab.store, sold.camera.id, reason="sold")
    ended = lab.finished(jobs[sold.camera.id].id)
    begun_s = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    code = worker.wait(60)

    assert {c.error for c in lab.store.cameras()} == {"Connection refused"}
    assert ended.state == "cancelled"
    assert code == 0
    assert time.monotonic() - begun_s < 30
    assert len(watches(lab)) == 3
    for one in others:
        left = now(lab, jobs[one.camera.id])
        assert (left.state, left.worker) == ("running", None)
