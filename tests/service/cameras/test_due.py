"""Every slot is one job, however many workers look and however often."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from service.camera_records import CameraRecord, Schedule
from service.cameras.due import AGAIN_S, MOST_PIECES, DueCameras
from service.cameras.register import end_camera
from service.intake.submit import Sender, inspect_again
from service.job_records import JobRecord
from service.settings import Settings
from service.store import FolderBlobs, Store
from tests.service.cameras.registered import CAMERA_ID, camera
from vision.errors import InputError

LATE_S = 120.0
WEEK = (1, 2, 3, 4, 5, 6, 7)
HOURLY = Schedule(60, 15, 7, 22, WEEK)


def local(hour: int, minute: int = 0, second: int = 0) -> float:
    """Return a time of 16 September 2026 in China."""
    at = datetime(2026, 9, 16, tzinfo=UTC)
    return (at + timedelta(hours=hour - 8, minutes=minute, seconds=second)).timestamp()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def due(settings: Settings, store: Store) -> DueCameras:
    return DueCameras(settings, store)


def live(**changes: Any) -> CameraRecord:
    return camera(schedule=HOURLY, known_s=local(0), **changes)


def folder(**changes: Any) -> CameraRecord:
    """Return a camera of snapshots that was registered when the slot of 8 had begun."""
    given = {"kind": "snapshots", "address": "gate", "shown": "gate", **changes}
    return camera(schedule=HOURLY, known_s=local(8, 10), **given)


def drop(settings: Settings, at_s: float, *, name: str = "") -> Path:
    """Let a camera drop a picture, taken and written then."""
    path = settings.cameras_folder / "gate" / (name or f"{at_s:.0f}.jpg")
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 24)).save(path)
    os.utime(path, (at_s, at_s))
    return path


def ended(store: Store, job: JobRecord, state: Any = "done") -> None:
    assert store.end_job(job.id, None, state, now_s=job.submitted_s + 1)


def test_a_live_slot_is_due_once_while_it_lasts(due: DueCameras, store: Store) -> None:
    store.add_camera(live(district="魏都区"))

    assert due.look(local(8, 59)) == []
    (job,) = due.look(local(9, 1))
    assert due.look(local(9, 2)) == []
    ended(store, job, "failed")
    assert due.look(local(9, 14)) == []
    (later,) = due.look(local(10, 0))

    assert (job.order.kind, job.order.district) == ("watch", "魏都区")
    assert job.order.given == {
        "camera_id": CAMERA_ID,
        "version": 1,
        "from_s": local(9),
        "to_s": local(9, 15),
        "piece": 0,
    }
    assert later.order.given["from_s"] == local(10)


def test_many_workers_make_one_job_of_a_slot(
    settings: Settings, store: Store, address: str, tmp_path: Path
) -> None:
    store.add_camera(live())
    stores = [Store(address, FolderBlobs(tmp_path / "pictures")) for _ in range(4)]
    ready = threading.Barrier(4)
    made: list[JobRecord] = []

    def look(one: Store) -> None:
        due = DueCameras(settings, one)
        ready.wait()
        made.extend(due.look(local(9, 1)))

    threads = [threading.Thread(target=look, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores:
        one.close()

    assert len(made) == 1
    assert [job.id for job in store.jobs()] == [made[0].id]


def test_a_new_schedule_begins_no_second_watch_beside_the_one_at_hand(
    due: DueCameras, store: Store
) -> None:
    store.add_camera(live())
    (job,) = due.look(local(9, 1))
    other = Schedule(10, 10, 7, 22, WEEK)
    store.add_camera(camera(version=2, schedule=other, known_s=local(9, 5)))

    assert due.look(local(9, 11)) == []
    ended(store, job)

    (next_one,) = due.look(local(9, 12))
    assert next_one.order.given["version"] == 2


@pytest.mark.parametrize("off", ["disabled", "ended"])
def test_a_camera_that_is_off_is_never_due(
    due: DueCameras, store: Store, off: str
) -> None:
    store.add_camera(live(enabled=off != "disabled"))
    if off == "ended":
        end_camera(store, CAMERA_ID, reason="sold")

    assert due.look(local(9, 1)) == []


def test_ending_a_camera_cancels_what_is_watched(due: DueCameras, store: Store) -> None:
    store.add_camera(live())
    (job,) = due.look(local(9, 1))

    one = end_camera(store, CAMERA_ID, reason="sold")

    found = store.job(job.id)
    assert found is not None
    assert found.state == "cancelled"
    assert (one.condition, one.reason) == ("off", "sold")


def test_snapshots_are_due_when_their_slot_is_over_and_late_ones_had_their_time(
    due: DueCameras, store: Store, settings: Settings
) -> None:
    store.add_camera(folder())
    drop(settings, local(9, 5))

    assert due.look(local(9, 15) + LATE_S - 1) == []
    (job,) = due.look(local(9, 15) + LATE_S + 1)
    assert due.look(local(9, 15) + LATE_S + 2) == []

    assert (job.order.given["from_s"], job.order.given["piece"]) == (local(9), 0)


def test_a_slot_without_pictures_is_due_too_so_that_somebody_is_told(
    due: DueCameras, store: Store
) -> None:
    store.add_camera(folder())

    (job,) = due.look(local(9, 20))
    ended(store, job, "failed")

    assert due.look(local(9, 40)) == []
    assert job.order.given["from_s"] == local(9)


def test_no_slot_before_the_camera_was_registered_is_missed(
    due: DueCameras, store: Store
) -> None:
    store.add_camera(camera(kind="snapshots", address="gate", known_s=local(9, 10)))

    assert due.look(local(9, 20)) == []


def test_pictures_that_come_late_are_a_further_piece_of_their_slot(
    due: DueCameras, store: Store, settings: Settings
) -> None:
    store.add_camera(folder())
    first = drop(settings, local(9, 5))
    (job,) = due.look(local(9, 20))
    first.unlink()
    ended(store, job)
    drop(settings, local(9, 6))
    drop(settings, local(8, 6))

    (older,) = due.look(local(9, 30))
    ended(store, older)
    (settings.cameras_folder / "gate" / f"{local(8, 6):.0f}.jpg").unlink()
    (late,) = due.look(local(9, 31))

    assert (older.order.given["from_s"], older.order.given["piece"]) == (local(8), 0)
    assert (late.order.given["from_s"], late.order.given["piece"]) == (local(9), 1)


def test_what_could_not_be_taken_is_tried_again_later_and_not_for_ever(
    due: DueCameras, store: Store, settings: Settings
) -> None:
    store.add_camera(folder())
    drop(settings, local(9, 5))
    pieces = []
    now_s = local(9, 20)
    for _ in range(MOST_PIECES + 5):
        made = due.look(now_s)
        for job in made:
            of_nine = job.order.given["from_s"] == local(9)
            pieces += [job.order.given["piece"]] if of_nine else []
            ended(store, job, "failed")
        assert all(j.order.given["from_s"] != local(9) for j in due.look(now_s + 1))
        for job in store.jobs(states=("queued",)):
            ended(store, job, "failed")
        now_s += AGAIN_S + 1

    assert pieces == list(range(MOST_PIECES))


def test_pictures_outside_of_all_slots_wait_for_their_end(
    due: DueCameras, store: Store, settings: Settings
) -> None:
    store.add_camera(folder())
    path = drop(settings, local(3, 0))

    due.look(local(9, 20))

    assert path.exists()
    assert {job.order.given["from_s"] for job in store.jobs()} == {local(9)}


def test_one_camera_that_cannot_be_looked_into_keeps_no_other_waiting(
    due: DueCameras, store: Store, settings: Settings
) -> None:
    store.add_camera(folder(id="cam1"))
    (settings.cameras_folder).mkdir(parents=True)
    (settings.cameras_folder / "gate").write_text("a file, no folder")
    store.add_camera(live(id="cam2"))

    made = due.look(local(9, 14))

    assert [job.order.given["camera_id"] for job in made] == ["cam2"]


def test_a_watch_is_not_inspected_again(
    due: DueCameras, store: Store, settings: Settings
) -> None:
    store.add_camera(live())
    (job,) = due.look(local(9, 1))
    assert store.end_job(job.id, None, "done", now_s=local(9, 16), drive_id="d1")

    with pytest.raises(InputError, match="camera that stands"):
        inspect_again(settings, store, "d1", Sender(model="street@1"))

    assert [one.id for one in store.jobs()] == [job.id]
