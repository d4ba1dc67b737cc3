"""When a drive starts, with what, and that it does so once; on both databases."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.device_records import (
    Contact,
    Manifest,
    ManifestFile,
    ManifestSaid,
    Progress,
)
from service.intake.devices import (
    NewDevice,
    clock_offset_of,
    end_device,
    hear,
    register,
    rotate,
)
from service.intake.manifests import (
    Speaker,
    announce,
    progress_of,
    start_due,
    state_of,
)
from service.intake.quarantine import Quarantine
from service.intake.submit import Sender, inspect_again, submit
from service.job_records import JobRecord, RawFile
from service.settings import RawSettings, Settings
from service.store import FolderBlobs, Store
from tests.service.store.coming import coming
from vision.errors import ConflictError

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
SPEAKER = Speaker("lj1", "魏都区", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", raw=RawSettings(least_free_mb=1))


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def file(name: str) -> ManifestFile:
    return ManifestFile(name, sha(name), 10)


def say(
    store: Store, *names: str, speaker: Speaker = SPEAKER, name: str = "d", **said: Any
) -> Manifest:
    whole = ManifestSaid(files=tuple(map(file, names)), **said)
    return announce(store, speaker, name, whole)[0]


def come(store: Store, *names: str) -> None:
    """Let files be whole in the quarantine."""
    for name in names:
        raw = RawFile(sha(f"raw {name}")[:32], sha(name), 10, False, time.time())
        store.add_raw(raw)
        store.look_for_file(raw.sha256)


def due(settings: Settings, store: Store, after_s: float = 0.0) -> list[JobRecord]:
    return start_due(settings, store, now_s=time.time() + after_s)


def end(store: Store, job: JobRecord, state: Any = "done", **more: Any) -> None:
    assert store.end_job(job.id, None, state, now_s=time.time(), **more)


def now(store: Store, manifest: Manifest) -> Progress:
    found = store.manifest(manifest.id)
    assert found is not None
    return progress_of(store, found)


def names(job: JobRecord) -> set[str]:
    return set(job.order.files)


def test_a_whole_drive_starts_at_once_and_once(
    settings: Settings, store: Store
) -> None:
    come(store, "a.mp4", "a.gpx")
    manifest = say(store, "a.mp4", "a.gpx", complete=True, vehicle="K-07", priority=7)

    (job,) = due(settings, store)

    assert due(settings, store) == []
    assert due(settings, store, DAY_S) == []
    assert names(job) == {"a.mp4", "a.gpx"}
    order = job.order
    assert (order.vehicle, order.priority, order.by) == ("K-07", 7, "lj1")
    assert (order.district, order.given["outing"]) == ("魏都区", manifest.id)
    assert state_of(now(store, manifest)) == "started"
    end(store, job)
    assert state_of(now(store, manifest)) == "done"


def test_the_last_file_wakes_it(settings: Settings, store: Store) -> None:
    come(store, "a.mp4")
    manifest = say(store, "a.mp4", "a.gpx", complete=True)
    assert due(settings, store) == []
    assert state_of(now(store, manifest)) == "waiting"

    come(store, "a.gpx")

    assert len(due(settings, store)) == 1


def test_the_quarantine_wakes_it_for_what_it_receives(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"pixels")
    digest = hashlib.sha256(b"pixels").hexdigest()
    said = ManifestSaid(files=(ManifestFile("a.mp4", digest, 6),), complete=True)
    announce(store, SPEAKER, "d", said)
    assert due(settings, store) == []

    Quarantine(settings, store).take(path)

    assert len(due(settings, store)) == 1


def test_after_a_day_it_starts_with_what_is_there(
    settings: Settings, store: Store
) -> None:
    come(store, "a.mp4")
    manifest = say(store, "a.mp4", "b.mp4", "a.gpx")
    assert due(settings, store, 23 * HOUR_S) == []

    (job,) = due(settings, store, 25 * HOUR_S)

    assert names(job) == {"a.mp4"}
    end(store, job)
    assert state_of(now(store, manifest)) == "started", "files are still missing"


def test_without_footage_nothing_ever_starts(settings: Settings, store: Store) -> None:
    come(store, "a.gpx")
    say(store, "a.gpx", "a.mp4")

    assert due(settings, store, 30 * DAY_S) == []


def test_late_footage_is_a_second_piece_with_the_same_track(
    settings: Settings, store: Store
) -> None:
    come(store, "a.mp4", "t.gpx")
    manifest = say(store, "a.mp4", "t.gpx")
    (first,) = due(settings, store, DAY_S)
    end(store, first, drive_id="d" * 32)

    come(store, "b.mp4")
    manifest = say(store, "b.mp4", complete=True)
    (second,) = due(settings, store)

    assert names(second) == {"b.mp4", "t.gpx"}
    assert second.order.drive_id is None
    assert second.order.given["outing"] == first.order.given["outing"] == manifest.id
    end(store, second)
    assert due(settings, store, DAY_S) == []
    assert state_of(now(store, manifest)) == "done"


def test_a_late_track_inspects_every_piece_again_when_none_is_worked_on(
    settings: Settings, store: Store
) -> None:
    come(store, "a.mp4")
    say(store, "a.mp4")
    (first,) = due(settings, store, DAY_S)
    end(store, first, result={"drive_id": "d" * 32}, drive_id="d" * 32)
    come(store, "b.mp4", "t.gpx")
    say(store, "b.mp4", "t.gpx", complete=True)

    again, late = due(settings, store)

    assert (names(again), names(late)) == ({"a.mp4", "t.gpx"}, {"b.mp4", "t.gpx"})
    assert again.order.drive_id == "d" * 32, "the same drive, inspected anew"
    come(store, "roads.geojson")
    say(store, "roads.geojson", complete=True)
    assert due(settings, store) == [], "the newest must be the last to end"
    end(store, again, "failed")
    end(store, late)
    both = due(settings, store, 10.0)
    assert [names(job) for job in both] == [
        {"a.mp4", "t.gpx", "roads.geojson"},
        {"b.mp4", "t.gpx", "roads.geojson"},
    ]


def test_a_job_that_somebody_cancelled_stays_so(
    settings: Settings, store: Store
) -> None:
    come(store, "a.mp4")
    say(store, "a.mp4", complete=True)
    (job,) = due(settings, store)
    end(store, job, "cancelled")
    come(store, "t.gpx")
    say(store, "t.gpx", complete=True)

    assert due(settings, store, DAY_S) == []


def test_one_file_under_two_manifests_counts_once(
    settings: Settings, store: Store
) -> None:
    other = Speaker("lj2", None, None)
    come(store, "a.mp4", "b.mp4")
    say(store, "a.mp4", complete=True)
    manifest = say(store, "a.mp4", "b.mp4", speaker=other, complete=True)

    jobs = due(settings, store)

    footage = sorted(name for job in jobs for name in job.order.files)
    assert footage == ["a.mp4", "b.mp4"]
    assert now(store, manifest).elsewhere in ((), ("a.mp4",))
    for job in jobs:
        end(store, job)
    assert due(settings, store, DAY_S) == []
    assert state_of(now(store, manifest)) == "done"


def test_a_drive_that_failed_lets_go_of_its_footage(
    settings: Settings, store: Store
) -> None:
    other = Speaker("lj2", None, None)
    come(store, "a.mp4")
    say(store, "a.mp4", complete=True)
    (first,) = due(settings, store)
    manifest = say(store, "a.mp4", "t.gpx", speaker=other, complete=True)
    come(store, "t.gpx")
    assert due(settings, store) == []
    assert now(store, manifest).elsewhere == ("a.mp4",)

    end(store, first, "failed")

    (second,) = due(settings, store, HOUR_S)
    assert names(second) == {"a.mp4", "t.gpx"}


def test_what_was_sent_as_a_form_is_not_begun_again(
    settings: Settings, store: Store
) -> None:
    come(store, "a.mp4", "b.mp4")
    submit(settings, store, {"x.mp4": sha("a.mp4")}, Sender())
    manifest = say(store, "a.mp4", "b.mp4", complete=True)

    (job,) = due(settings, store)

    assert names(job) == {"b.mp4"}
    assert now(store, manifest).elsewhere == ("a.mp4",)


def test_equal_files_under_two_names_are_one(settings: Settings, store: Store) -> None:
    twin = replace(file("a.mp4"), name="copy.mp4")
    come(store, "a.mp4")
    said = ManifestSaid(files=(file("a.mp4"), twin), complete=True)
    manifest = announce(store, SPEAKER, "d", said)[0]

    (job,) = due(settings, store)

    assert names(job) == {"a.mp4"}
    end(store, job)
    assert due(settings, store, DAY_S) == []
    assert state_of(now(store, manifest)) == "done"


def test_what_was_kept_aside_counts_as_come_and_is_a_failure_beside_the_good(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad: Mapping[str, str] = {sha("b.mp4"): "it is no video"}

    def asides(hashes: Iterable[str]) -> dict[str, str]:
        return {one: bad[one] for one in hashes if one in bad}

    monkeypatch.setattr(store, "asides", asides)
    come(store, "a.mp4")
    manifest = say(store, "a.mp4", "b.mp4", complete=True)

    (job,) = due(settings, store)

    assert names(job) == {"a.mp4"}
    assert job.order.given["failures"] == [
        {"item": "b.mp4", "code": "aside", "message": "b.mp4: it is no video"}
    ]
    assert now(store, manifest).aside == {"b.mp4": "it is no video"}
    end(store, job)
    assert state_of(now(store, manifest)) == "done"


def test_of_many_workers_one_starts_a_drive(
    settings: Settings, store: Store, address: str, tmp_path: Path
) -> None:
    come(store, "a.mp4", "b.mp4")
    for number in range(4):
        speaker = Speaker(f"lj{number}", None, None)
        say(store, "a.mp4", "b.mp4", speaker=speaker, complete=True)
    stores = [Store(address, FolderBlobs(tmp_path / "pictures")) for _ in range(4)]
    started: list[JobRecord] = []
    gate = threading.Barrier(4)

    def round_of(one: Store) -> None:
        gate.wait()
        started.extend(start_due(settings, one, now_s=time.time()))

    threads = [threading.Thread(target=round_of, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores:
        one.close()

    assert len(started) == len(store.jobs()) == 1, [j.order for j in store.jobs()]
    assert names(started[0]) == {"a.mp4", "b.mp4"}


def test_the_clock_nearest_to_the_drive_goes_with_it(
    settings: Settings, store: Store
) -> None:
    """By the device's own clock: ahead by 97 s in the morning, right at noon."""
    device, _, _ = register(store, NewDevice("车 7", vehicle="K-07"))
    morning_s = 1_790_000_000.0
    for at_s, ahead_s in ((morning_s, 97.0), (morning_s + 4 * HOUR_S, 0.2)):
        hear(store, device, Contact(at_s, 0.0), device_time_s=at_s + ahead_s)
    speaker = Speaker(device.keys[0], None, device)
    come(store, "a.mp4", "b.mp4", "c.mp4")
    say(store, "a.mp4", name="a", speaker=speaker, complete=True,
        started_s=morning_s + 97 + HOUR_S)  # fmt: skip
    say(store, "b.mp4", name="b", speaker=speaker, complete=True,
        started_s=morning_s + 5 * HOUR_S)  # fmt: skip
    say(store, "c.mp4", name="c", speaker=speaker, complete=True,
        started_s=morning_s - 60 * DAY_S)  # fmt: skip

    jobs = {next(iter(names(job))): job.order for job in due(settings, store)}

    assert jobs["a.mp4"].given["clock_offset_s"] == pytest.approx(-97.0, abs=1e-5)
    assert jobs["a.mp4"].given["started_s"] == pytest.approx(morning_s + HOUR_S)
    assert jobs["b.mp4"].given["clock_offset_s"] == pytest.approx(-0.2, abs=1e-5)
    assert jobs["c.mp4"].given["clock_offset_s"] is None, "two months say nothing"
    assert jobs["a.mp4"].vehicle == "K-07"


def test_an_offset_is_remembered_when_it_changes_and_once_an_hour(
    store: Store,
) -> None:
    device, _, _ = register(store, NewDevice("车 7"))

    def contact(minute: float, ahead_s: float) -> None:
        at_s = 1_790_000_000.0 + 60 * minute
        hear(store, device, Contact(at_s, 0.0), device_time_s=at_s + ahead_s)

    for minute in range(130):
        contact(minute, 5.0 + minute * 1e-4)
    contact(131, -3600.0)

    at_s = 1_790_000_000.0
    assert store.clock_near(device.id, at_s)[1] == pytest.approx(5.0)  # type: ignore[index]
    assert clock_offset_of(store, device.id, None) == pytest.approx(-3600.0)
    assert store.contacts()[device.id].offset_s == pytest.approx(-3600.0)


def test_a_new_key_keeps_the_manifests_of_its_device(
    settings: Settings, store: Store
) -> None:
    device, _, _ = register(store, NewDevice("车 7"))
    say(store, "a.mp4", speaker=Speaker(device.keys[0], None, device))
    device, key, _ = rotate(store, device)

    manifest = say(store, "b.mp4", speaker=Speaker(key.id, None, device))

    assert [one.name for one in manifest.said.files] == ["a.mp4", "b.mp4"]
    assert manifest.by == key.id
    end_device(store, device, reason="sold")
    assert all(k.ended_s is not None for k in store.all_keys())
    register(store, NewDevice("车 7"))
    with pytest.raises(ConflictError, match="车 7 already"):
        register(store, NewDevice("车 7"))


def test_inspecting_again_keeps_the_outing(settings: Settings, store: Store) -> None:
    come(store, "a.mp4")
    say(store, "a.mp4", complete=True)
    (job,) = due(settings, store)
    end(store, job, drive_id="d" * 32)

    again, new = inspect_again(
        settings, store, "d" * 32, Sender(model="street@1", by="x")
    )

    assert new
    assert again.order.given == job.order.given
    assert due(settings, store, DAY_S) == []


@pytest.mark.parametrize(
    ("name", "kind", "there"),
    [
        pytest.param("film.mp4", "photo", "film.mp4.jpg", id="a photo called a film"),
        pytest.param("view.jpg", "video", "view.jpg.mp4", id="a film called a photo"),
        pytest.param("film.mp4", "video", "film.mp4", id="a film called a film"),
    ],
)
def test_footage_is_read_as_what_was_seen_in_it(
    settings: Settings,
    store: Store,
    tmp_path: Path,
    name: str,
    kind: str,
    there: str,
) -> None:
    path = tmp_path / name
    path.write_bytes(b"pixels")
    house = Quarantine(settings, store)
    _, digest = house.take(path)
    store.add_upload(coming(name=name, digest=digest, kind=kind, state="whole"))
    said = ManifestSaid(files=(ManifestFile(name, digest, 6),), complete=True)
    manifest, _ = announce(store, SPEAKER, "d", said)

    (job,) = due(settings, store)
    folder = house.open_for(job.id, job.order.files)

    assert now(store, manifest).footage == {name}
    assert [one.name for one in folder.iterdir()] == [there]


def test_what_was_seen_says_more_than_a_name(settings: Settings, store: Store) -> None:
    come(store, "a.mp4", "b.mp4")
    store.add_upload(coming(digest=sha("a.mp4"), kind="track", state="whole"))

    manifest = say(store, "a.mp4", "b.mp4", complete=True)

    assert now(store, manifest).footage == {"b.mp4"}
    (job,) = due(settings, store)
    assert names(job) == {"a.mp4", "b.mp4"}
