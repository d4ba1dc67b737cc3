"""The uploader against the contract: what is sent, in which order, what is deleted."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.vehicle.eyes import EdgeOptions
from tests.service.vehicle.boxes import NOON_S, Box, filled, film, put, sha, status
from tests.service.vehicle.fake_service import FakeService, serving
from vision.errors import OutputError


@pytest.fixture
def service() -> Iterator[FakeService]:
    with serving() as made:
        yield made


def test_a_drive_is_sent_whole_side_files_first_and_announced_as_complete(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    files = filled(box.folder)

    code = box.run()

    assert code == 0
    assert set(service.files) == {sha(c) for c in files.values()}
    ((name, said),) = service.manifests.items()
    assert name.startswith("night-")
    assert said["complete"] is True
    assert said["kind"] == "drive"
    assert service.names() == {n: sha(c) for n, c in files.items()}
    order = [u.meta["filename"] for u in service.begun]
    assert order[:2] == ["camera.toml", "track.gpx"]
    assert {u.meta["drive"] for u in service.begun} == {name}
    assert box.left == sorted(f"night/{n}" for n in files)
    first = next(p for m, p in service.asked if m in ("PUT", "PATCH"))
    assert first.startswith("/drives/manifests/")
    assert service.contacts[0]["waiting_files"] == 4
    assert status(box)["state"] == "ended"
    assert status(box)["received_files"] == 4


def test_nothing_that_is_there_is_sent_again_after_all_was_forgotten(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    filled(box.folder)
    box.run()
    before = (service.count("PATCH", ".*"), dict(service.manifests))
    (box.folder / ".liujing" / "state.json").write_text('{"form": 1, "dri')

    code = box.run()

    assert code == 0
    assert (service.count("PATCH", ".*"), service.manifests) == before


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        pytest.param("whole", 1, id="the service has it"),
        pytest.param("aside", 1, id="the service keeps it aside"),
        pytest.param("lost", 2, id="the service lost it: it is sent again first"),
    ],
)
def test_a_file_is_deleted_only_if_the_service_still_has_it_when_asked_again(
    service: FakeService, tmp_path: Path, said: str, sent: int
) -> None:
    box = Box(tmp_path, service)
    wanted = sha(filled(box.folder)["f1.mp4"])
    box.run()
    if said == "lost":
        service.lost.add(wanted)
    elif said == "aside":
        service.aside[wanted] = "no picture in it"
    deleting = Box(tmp_path, service, delete=True)

    deleting.run()

    begun = [upload for upload in service.begun if upload.meta["sha256"] == wanted]
    assert len(begun) == sent
    assert deleting.left == []
    assert not (box.folder / "night").exists()


def test_without_the_wish_nothing_is_deleted(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    files = filled(box.folder)

    box.run()

    assert len(box.left) == len(files)


def test_a_file_that_changes_while_it_is_sent_is_hashed_and_sent_anew(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service, limit_mbit=1.0, delete=True)
    before, after = film(1, 900_000), film(1, 900_000) + film(2)
    path = put(box.folder / "night" / "f.mp4", before)
    box.clock.events = [(8.0, lambda: put(path, after) and None)]

    code = box.run()

    assert code == 0
    assert set(service.files) == {sha(after)}
    assert service.names() == {"f.mp4": sha(before), "f~2.mp4": sha(after)}
    assert service.count("DELETE", "/uploads/.*") == 1
    assert box.left == []


def test_a_file_that_changed_after_it_was_received_is_not_deleted(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    path = put(box.folder / "night" / "f.mp4", film(1))
    box.run()
    facts = path.stat()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"another")
    assert path.stat().st_size == facts.st_size

    deleting = Box(tmp_path, service, delete=True)
    deleting.run()

    assert deleting.left == []
    assert len(service.files) == 2


def test_a_recording_is_left_alone_until_it_stops_growing(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    whole = film(3)
    path = put(box.folder / "night" / "f.mp4", whole[:1000], changed_s=NOON_S)
    grown = [
        (4.0 * n, lambda n=n: put(path, whole[: 9000 * n], changed_s=NOON_S + 4.0 * n))
        for n in range(1, 6)
    ]
    box.clock.events = [(at, lambda act=act: act() and None) for at, act in grown]

    box.run()

    assert set(service.files) == {sha(whole)}
    assert service.names() == {"f.mp4": sha(whole)}
    assert box.clock.passed_s >= 20.0 + 60.0


def test_a_film_whose_power_was_cut_is_sent_after_ten_minutes(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    torn = film(3)[:20_000]
    put(box.folder / "night" / "f.mp4", torn, changed_s=NOON_S)

    box.run()

    assert set(service.files) == {sha(torn)}
    assert box.clock.passed_s >= 600.0


def test_flat_films_that_run_on_are_one_drive_and_others_another(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service, delete=True)
    begun_s = NOON_S - 20_000.0
    for n, at_s in enumerate((0.0, 61.0, 122.0, 5000.0)):
        start_s = begun_s + at_s
        put(box.folder / f"r{n}.mp4", film(n, start_s=start_s), changed_s=start_s + 60)
    put(box.folder / "r3.gpx", b"<gpx>3</gpx>", changed_s=begun_s + 5060)
    put(box.folder / "trip.nmea", b"$GPRMC", changed_s=begun_s + 190)
    put(box.folder / "camera.toml", b"width_px = 1")

    code = box.run()

    assert code == 0
    listed = sorted(
        sorted(f["name"] for f in m["files"]) for m in service.manifests.values()
    )
    assert listed == [
        ["camera.toml", "r0.mp4", "r1.mp4", "r2.mp4", "trip.nmea"],
        ["camera.toml", "r3.gpx", "r3.mp4"],
    ]
    assert box.left == ["camera.toml"]


def test_a_late_part_joins_its_drive_though_the_rest_was_deleted(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service, delete=True)
    begun_s = NOON_S - 20_000.0
    put(box.folder / "r0.mp4", film(0, start_s=begun_s), changed_s=begun_s + 60)
    box.run()
    put(box.folder / "r1.mp4", film(1, start_s=begun_s + 61), changed_s=begun_s + 121)

    box.run()

    ((_, said),) = service.manifests.items()
    assert [f["name"] for f in said["files"]] == ["r0.mp4", "r1.mp4"]
    assert box.left == []


@pytest.mark.parametrize("place", ["", "night/"], ids=["flat", "a sub-folder"])
def test_a_track_that_comes_when_all_films_are_gone_joins_its_drive(
    service: FakeService, tmp_path: Path, place: str
) -> None:
    box = Box(tmp_path, service, delete=True)
    begun_s = NOON_S - 20_000.0
    film_at = box.folder / f"{place}r0.mp4"
    put(film_at, film(0, start_s=begun_s), changed_s=begun_s + 60)
    box.run()
    put(box.folder / f"{place}trip.gpx", b"<gpx/>", changed_s=begun_s + 90)

    box.run()

    ((_, said),) = service.manifests.items()
    assert [f["name"] for f in said["files"]] == ["r0.mp4", "trip.gpx"]
    assert box.left == []


def test_an_older_manifest_that_arrives_late_costs_a_name_and_no_file(
    service: FakeService, tmp_path: Path
) -> None:
    """The service got a word of ours that we think was lost, of the file as it was."""
    box = Box(tmp_path, service)
    put(box.folder / "night" / "f.mp4", film(1))
    box.run()
    ((name, said),) = service.manifests.items()
    put(box.folder / "night" / "g.mp4", film(2))
    late = {"name": "g.mp4", "sha256": "0" * 64, "size": 1}
    service.before("PUT", lambda: said["files"].append(late))

    code = box.run()

    assert code == 0
    assert service.names() == {
        "f.mp4": sha(film(1)), "g.mp4": "0" * 64, "g~2.mp4": sha(film(2))
    }  # fmt: skip
    assert list(service.manifests) == [name]


def test_the_same_folder_used_for_the_next_night_is_another_drive(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service, delete=True)
    put(box.folder / "card" / "REC1.mp4", film(0))
    box.run()
    put(box.folder / "card" / "REC1.mp4", film(1))

    box.run()

    assert len(service.manifests) == 2
    assert set(service.names()) == {"REC1.mp4"}


def test_an_empty_file_is_told_and_not_sent(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    put(box.folder / "night" / "f.mp4", b"")
    put(box.folder / "night" / "g.mp4", film(1))

    code = box.run()

    assert code == 1
    assert len(service.files) == 1
    assert [p["path"] for p in status(box)["problems"]] == ["night/f.mp4"]


def test_links_and_hidden_files_are_not_sent(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    secret = put(tmp_path / "secret.mp4", film(1))
    put(box.folder / "night" / ".f.mp4", film(2))
    put(box.folder / "night" / "g.mp4", film(3))
    (box.folder / "night" / "h.mp4").symlink_to(secret)

    box.run()

    assert set(service.names()) == {"g.mp4"}


def test_the_folder_may_go_and_come_back(service: FakeService, tmp_path: Path) -> None:
    """As a memory card does: its state lies on it, the status elsewhere."""
    box = Box(tmp_path, service, status=tmp_path / "status.json")
    filled(box.folder, films=1)
    uploader = box.start()
    away = tmp_path / "away"
    box.folder.rename(away)
    box.clock.events = [(1.0, lambda: away.rename(box.folder) and None)]

    code = uploader.run()

    assert code == 0
    assert len(service.files) == 3
    assert "文件夹不见了" in box.said.getvalue()


def test_names_that_others_refuse_are_made_plain_and_their_drive_goes_on(
    service: FakeService, tmp_path: Path
) -> None:
    """As recorders write them: in GBK, with colons, too long, and two made alike."""
    box = Box(tmp_path, service)
    gbk = "路面.mp4".encode("gb18030").decode("utf-8", "surrogateescape")
    names = [gbk, "10:20:30.mp4", "10_20_30.mp4", "路" * 80 + ".mp4"]
    for n, name in enumerate(names):
        put(box.folder / "night" / name, film(n, start_s=NOON_S - 9000 + n))

    code = box.run()

    assert code == 0
    assert len(service.files) == 4
    listed = sorted(service.names())
    assert listed[:2] == ["10_20_30.mp4", "10_20_30~2.mp4"]
    assert all(len(name.encode()) <= 200 for name in listed)
    assert all(name == name.encode("utf-8", "replace").decode() for name in listed)


@pytest.mark.parametrize(
    "eyes", [None, EdgeOptions()], ids=["without eyes on board", "with eyes on board"]
)
def test_a_full_disk_stops_neither_sending_nor_deleting(
    service: FakeService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    eyes: EdgeOptions | None,
) -> None:
    def full(path: Path, _: str, *, sync: bool = True) -> None:
        msg = f"{path} cannot be written (No space left on device)"
        raise OutputError(msg)

    def cannot_inspect(*_: object) -> list[str]:
        words = "liujing edge: nothing can be written (No space left on device)"
        code = f"import sys; print({words!r}, file=sys.stderr); sys.exit(75)"
        return [sys.executable, "-c", code]

    monkeypatch.setattr("service.vehicle.remembered.write_whole", full)
    monkeypatch.setattr("service.vehicle.shown.write_whole", full)
    monkeypatch.setattr("service.vehicle.aboard.write_whole", full)
    monkeypatch.setattr("service.vehicle.aboard.command_of", cannot_inspect)
    box = Box(tmp_path, service, delete=True, eyes=eyes)
    files = filled(box.folder)

    code = box.run()

    assert code == 0
    assert len(service.files) == len(files)
    assert box.left == []
    assert "No space left" in box.said.getvalue()
    said = [one["says"] for one in service.contacts if "says" in one]
    assert bool(said) == (eyes is not None)
    assert all("night: not inspected" in one for one in said)


def test_what_the_service_could_not_use_is_said_and_shown(
    service: FakeService, tmp_path: Path
) -> None:
    service.remark = "this service does not have street@9"
    service.refused = [{"name": "am-1", "reason": "it was cut short; send it again"}]
    box = Box(tmp_path, service)
    filled(box.folder)

    box.run()

    assert status(box)["refused_packages"] == service.refused
    assert status(box)["remark"] == service.remark
    assert box.said.getvalue().count("package refused: it was cut short") == 1
    assert "有问题 troubled 1" in box.said.getvalue()
    assert service.contacts[0]["firmware"].startswith("liujing ")


def test_a_file_on_a_bad_sector_does_not_stop_the_others(
    service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box(tmp_path, service)
    filled(box.folder)
    bad = (box.folder / "night" / "f1.mp4").stat().st_ino
    true_read = os.pread

    def pread(handle: int, size: int, offset: int) -> bytes:
        if os.fstat(handle).st_ino == bad and offset:
            raise OSError(errno.EIO, "Input/output error")
        return true_read(handle, size, offset)

    monkeypatch.setattr("service.vehicle.sending.os.pread", pread)
    monkeypatch.setattr("service.vehicle.sending._READ", 100_000)

    code = box.run()

    assert code == 1
    assert len(service.files) == 3
    (problem,) = status(box)["problems"]
    assert problem["path"] == "night/f1.mp4"
    assert "Input/output error" in problem["en"]
