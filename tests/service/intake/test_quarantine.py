"""Raw footage: taken in whole, sealed, opened with a trace, deleted in time."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.intake.quarantine import Quarantine
from service.intake.sealed import CHUNK, sealed, unsealed
from service.intake.submit import Sender, take_in
from service.job_records import JobOrder, JobRecord
from service.jobs.watched import WatchedFolder
from service.settings import JobSettings, RawSettings, Settings
from service.store import Store
from service.types import DAY_S
from vision.errors import GoneError, InputError, NotFoundError, OutputError

KEY = "a key of the tests, long"
VIDEO = b"what the camera saw " * 100


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


def quarantine(
    store: Store, tmp_path: Path, *, key: str | None = None
) -> tuple[Quarantine, Settings]:
    secret = None if key is None else SecretStr(key)
    raw = RawSettings(key=secret, least_free_mb=1, raw_days=7)
    settings = Settings(data=tmp_path / "data", raw=raw)
    return Quarantine(settings, store), settings


def footage(tmp_path: Path, content: bytes = VIDEO) -> Path:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    return path


def job(store: Store, files: dict[str, str]) -> JobRecord:
    return store.add_job(JobOrder(files, "street@2", None, 3.0), now_s=1.0)[0]


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 7])
def test_what_is_sealed_comes_back(size: int) -> None:
    data, file = os.urandom(size), io.BytesIO()
    sealed(data, KEY, file)
    file.seek(0)

    assert b"".join(unsealed(file, KEY)) == data
    assert data[:64] not in file.getvalue() or size < 16


def change(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda d: change(d, 40), id="a changed byte"),
        pytest.param(lambda d: change(d, 20), id="a changed header"),
        pytest.param(lambda d: d[:-1], id="a byte short"),
        pytest.param(lambda d: d[: 31 + CHUNK + 16], id="the last chunk gone"),
        pytest.param(lambda d: d + d[-30:], id="something added"),
        pytest.param(lambda d: d[:31], id="the header alone"),
        pytest.param(lambda d: d[:10], id="half a header"),
        pytest.param(lambda _: VIDEO, id="never sealed"),
    ],
)
def test_a_sealed_file_that_was_changed_is_refused(harm: object) -> None:
    file = io.BytesIO()
    sealed(os.urandom(CHUNK + 100), KEY, file)

    with pytest.raises(InputError, match="sealed"):
        list(unsealed(io.BytesIO(harm(file.getvalue())), KEY))  # type: ignore[operator]


def test_another_key_opens_nothing() -> None:
    file = io.BytesIO()
    sealed(VIDEO, KEY, file)
    file.seek(0)

    with pytest.raises(InputError, match=r"raw\.key"):
        list(unsealed(file, KEY + "!"))


@pytest.mark.parametrize("key", [None, KEY])
def test_footage_is_opened_as_it_was_taken_and_leaves_a_trace(
    store: Store, tmp_path: Path, key: str | None
) -> None:
    house, settings = quarantine(store, tmp_path, key=key)
    name, digest = house.take(footage(tmp_path))

    folder = house.open_for("job1", {"b.mp4": digest})
    opened = (folder / "b.mp4").read_bytes()
    house.close_for("job1")

    assert (name, digest) == ("a.mp4", hashlib.sha256(VIDEO).hexdigest())
    assert opened == VIDEO
    assert not folder.exists()
    (kept,) = (settings.raw_folder / "files").rglob("*/*")
    assert (VIDEO[:50] in kept.read_bytes()) == (key is None)
    assert settings.raw_folder.stat().st_mode & 0o077 == 0
    assert [(row["method"], row["target"]) for row in store.accesses()] == [
        ("RECEIVE", digest),
        ("OPEN", digest),
    ]


def test_footage_that_came_before_is_kept_once(store: Store, tmp_path: Path) -> None:
    house, settings = quarantine(store, tmp_path)
    path = footage(tmp_path)

    assert house.take(path) == house.take(path)
    assert len(store.raw_before()) == 1
    assert sum(p.is_file() for p in settings.raw_folder.rglob("*")) == 1


def test_footage_is_deleted_when_its_days_are_over(
    store: Store, tmp_path: Path
) -> None:
    house, settings = quarantine(store, tmp_path)
    _, digest = house.take(footage(tmp_path))
    files = {"a.mp4": digest}
    running = job(store, files)
    now_s = time.time()

    early = house.tidy([], now_s=now_s + 6.9 * DAY_S)
    needed = house.tidy([running], now_s=now_s + 7.1 * DAY_S)
    there = house.refuse_gone(files)
    over = house.tidy([], now_s=now_s + 7.1 * DAY_S)

    assert (early, needed) == ([], [])
    assert there
    assert [file.sha256 for file in over] == [digest]
    assert not any((settings.raw_folder / "files").rglob("*/*"))
    (row,) = store.raw_files([digest]).values()
    assert row.deleted_s == now_s + 7.1 * DAY_S
    with pytest.raises(GoneError, match=r"deleted on .* after 7 days"):
        house.open_for("job1", files)
    assert store.accesses()[-1]["method"] == "DELETE"


def test_what_jobs_left_behind_is_taken_away(store: Store, tmp_path: Path) -> None:
    house, _ = quarantine(store, tmp_path)
    _, digest = house.take(footage(tmp_path))
    running = job(store, {"a.mp4": digest})
    left = house.open_for("left", {"a.mp4": digest})
    kept = house.open_for(running.id, {"a.mp4": digest})

    house.tidy([running], now_s=time.time())
    fresh = left.exists()
    house.tidy([running], now_s=time.time() + 2 * 3600)

    assert fresh
    assert not left.exists()
    assert kept.exists()


def test_footage_that_never_came_is_not_there(store: Store, tmp_path: Path) -> None:
    house, _ = quarantine(store, tmp_path)

    with pytest.raises(NotFoundError, match="never was"):
        house.open_for("job1", {"a.mp4": "00"})


def test_a_disk_that_fills_while_a_file_comes_keeps_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, settings = quarantine(store, tmp_path)

    def full(expected: int = 0) -> None:
        msg = "the disk of the quarantine is nearly full"
        raise OutputError(msg)

    with house.receive("a.mp4") as file:
        monkeypatch.setattr(house, "refuse_full", full)
        file.write(bytes(60 << 20))
        with pytest.raises(OutputError, match="full"):
            file.write(bytes(5 << 20))

    assert not [p for p in settings.raw_folder.rglob("*") if p.is_file()]


def test_a_drive_is_the_files_of_its_folders(store: Store, tmp_path: Path) -> None:
    _, settings = quarantine(store, tmp_path)
    drive = tmp_path / "drive"
    drive.mkdir()
    for name in ("b.mp4", "b.gpx", "notes.docx", ".hidden.mp4"):
        (drive / name).write_bytes(name.encode())
    roads = tmp_path / "city.geojson"
    roads.write_text("{}")

    made, new = take_in(
        settings, store, [drive], Sender(), named={"roads.geojson": roads}
    )

    assert new
    assert set(made.order.files) == {"b.mp4", "b.gpx", "roads.geojson"}
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.mp4").write_bytes(VIDEO)
    with pytest.raises(InputError, match="two files"):
        take_in(settings, store, [drive, other], Sender())
    with pytest.raises(NotFoundError, match="no file or folder"):
        take_in(settings, store, [tmp_path / "none"], Sender())
    with pytest.raises(InputError, match="priority"):
        take_in(settings, store, [drive], Sender(priority=0))


def test_a_watched_folder_takes_what_stopped_growing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    (inbox / "night").mkdir(parents=True)
    (inbox / "night" / "x.mp4").write_bytes(VIDEO)
    (inbox / "night" / "x.gpx").write_bytes(b"<gpx/>")
    (inbox / "one.mp4").write_bytes(b"one")
    (inbox / "tracks").mkdir()
    (inbox / "tracks" / "t.gpx").write_bytes(b"<gpx/>")
    (inbox / "link.mp4").symlink_to(inbox / "one.mp4")
    settings = Settings(
        data=tmp_path / "data",
        raw=RawSettings(least_free_mb=1),
        jobs=JobSettings(watch=inbox),
    )
    clock = [1000.0]
    monkeypatch.setattr("service.jobs.watched.time.monotonic", lambda: clock[0])
    watched = WatchedFolder(settings, store)

    watched.look()
    clock[0] += 9
    (inbox / "one.mp4").write_bytes(b"one grows")
    watched.look()
    early = store.jobs()
    clock[0] += 2
    watched.look()
    whole = store.jobs()
    clock[0] += 9
    watched.look()

    assert early == []
    assert [set(found.order.files) for found in whole] == [{"x.mp4", "x.gpx"}]
    assert {frozenset(found.order.files) for found in store.jobs()} == {
        frozenset({"x.mp4", "x.gpx"}),
        frozenset({"one.mp4"}),
    }
    left = sorted(str(p.relative_to(inbox)) for p in inbox.rglob("*") if p.is_file())
    assert [name for name in left if not name.startswith(("refused", "."))] == []
    (why,) = inbox.glob("refused/tracks-*/why.txt")
    assert "no video" in why.read_text("utf-8")
