"""Snapshots in a camera's folder: when they were taken, when they are deleted."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from service.cameras.folder import STILL_S, Snapshot, SnapshotFolder, taken_s
from service.settings import RawSettings, Settings
from service.store import Store
from service.types import DAY_S
from tests.service.cameras.registered import camera

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC).timestamp()
"""Ten in the morning in China."""
GATE = camera(kind="snapshots", address="gate", shown="gate")


def picture(path: Path, *, taken: str | None = None, zone: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken
    if zone is not None:
        exif.get_ifd(0x8769)[0x9011] = zone
    Image.new("RGB", (32, 24)).save(path, exif=exif)
    os.utime(path, (AT + 30, AT + 30))
    return path


@pytest.mark.parametrize(
    ("name", "exif", "wanted"),
    [
        pytest.param(
            "a.jpg", ("2026:09:16 02:00:00", "+00:00"), AT, id="EXIF with a zone"
        ),
        pytest.param("a.jpg", ("2026:09:16 10:00:00", None), AT, id="the city's clock"),
        pytest.param(
            "gate_20260916100000123_MOTION.jpg", (None, None), AT, id="the name"
        ),
        pytest.param("2026-09-16_10-00-00.jpg", (None, None), AT, id="a dashed name"),
        pytest.param("latest.jpg", (None, None), AT + 30, id="when it was written"),
        pytest.param("x20261399999999.jpg", (None, None), AT + 30, id="no time"),
        pytest.param(
            "a.jpg",
            ("2027:01:01 00:00:00", "+00:00"),
            AT + 30,
            id="a camera that is ahead of its file is not believed",
        ),
    ],
)
def test_when_a_picture_was_taken(
    tmp_path: Path, name: str, exif: tuple[str | None, str | None], wanted: float
) -> None:
    path = picture(tmp_path / name, taken=exif[0], zone=exif[1])

    assert taken_s(path, AT + 30, offset_h=8.0) == wanted


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, raw=RawSettings(raw_days=2.0))


@pytest.fixture
def folder(settings: Settings, store: Store) -> SnapshotFolder:
    return SnapshotFolder(settings, store)


def test_pictures_come_in_time_order_from_folders_below_too(
    folder: SnapshotFolder, settings: Settings
) -> None:
    gate = settings.cameras_folder / "gate"
    picture(gate / "2026-09-16" / "b.jpg", taken="2026:09:16 10:00:20")
    picture(gate / "a.jpg", taken="2026:09:16 10:00:40")
    picture(gate / "c.png", taken=None)
    (gate / "notes.txt").write_text("no picture")
    (gate / ".part.jpg").write_bytes(b"half")
    (gate / "linked.jpg").symlink_to(gate / "a.jpg")

    found = folder.pictures(GATE, now_s=AT + 300)

    assert [(one.path.name, one.taken_s - AT) for one in found] == [
        ("b.jpg", 20),
        ("c.png", 30),
        ("a.jpg", 40),
    ]


def test_a_picture_that_may_still_grow_waits(
    folder: SnapshotFolder, settings: Settings
) -> None:
    picture(settings.cameras_folder / "gate" / "a.jpg")

    assert folder.pictures(GATE, now_s=AT + 30 + STILL_S - 1) == []
    assert len(folder.pictures(GATE, now_s=AT + 30 + STILL_S + 1)) == 1


def test_a_later_file_of_the_same_name_is_another(tmp_path: Path) -> None:
    path = picture(tmp_path / "latest.jpg")
    facts = path.stat()
    seen = Snapshot(path, AT, facts.st_size, facts.st_mtime_ns)
    assert seen.is_still_there()

    os.utime(path, (AT + 60, AT + 60))

    assert not seen.is_still_there()
    path.unlink()
    assert not seen.is_still_there()


def test_what_no_watch_wanted_is_deleted_after_its_days_and_that_is_logged(
    folder: SnapshotFolder, settings: Settings, store: Store
) -> None:
    gate = settings.cameras_folder / "gate"
    old = picture(gate / "deep" / "old.jpg")
    young = picture(gate / "young.jpg")
    now_s = time.time()
    os.utime(old, (now_s - 2.1 * DAY_S, now_s - 2.1 * DAY_S))
    os.utime(young, (now_s - 1.9 * DAY_S, now_s - 1.9 * DAY_S))

    assert folder.drop_old(GATE, now_s=now_s) == 1

    assert (old.exists(), young.exists()) == (False, True)
    (row,) = store.accesses()
    assert (row["method"], row["route"]) == ("DELETE", "camera_snapshots")
    assert row["target"] == f"{GATE.id}: 1 pictures"
