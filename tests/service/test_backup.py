"""A backup is whole although others write, and comes back as it was."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from service.backup import LIST, back_up, restore
from service.cli import main
from service.settings import Settings, load_settings
from service.store import FILE, FolderBlobs, Store
from tests.service.backup_writer import SIGHTINGS, record
from tests.service.store.records import drive, seen
from vision.errors import (
    FormError,
    InputError,
    NotFoundError,
    StoreError,
)

ROOT = Path(__file__).resolve().parents[2]


def settings_at(address: str, folder: Path) -> Settings:
    """Return settings of a service at an address, all else below a folder."""
    store = {"where": address, "blobs": folder / "pictures"}
    return load_settings(data=folder, store=store)


def new_place(address: str, folder: Path) -> Settings:
    """Return settings of a service elsewhere, in the same kind of database."""
    if "://" not in address:
        return settings_at(str(folder / "city"), folder)
    name = f"{address.rpartition('/')[2]}_again"
    admin = create_engine(
        address.rpartition("/")[0].replace("postgresql:", "postgresql+psycopg:")
        + "/postgres",
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return settings_at(f"{address.rpartition('/')[0]}/{name}", folder)


@contextmanager
def a_writer(settings: Settings, said: Path) -> Iterator[None]:
    """Let another process add drives until the end."""
    said.touch()
    command = [sys.executable, "-m", "tests.service.backup_writer"]
    places = [settings.store_where, str(settings.store.blobs), str(said)]
    with subprocess.Popen([*command, *places], cwd=ROOT) as writer:
        try:
            yield
            assert writer.poll() is None
        finally:
            writer.kill()


def wait_for(said: Path, count: int) -> list[str]:
    """Return what was acknowledged, once it is so much."""
    until_s = time.monotonic() + 120
    while time.monotonic() < until_s:
        lines = said.read_text("utf-8").splitlines()
        if len(lines) >= count:
            return lines
        time.sleep(0.02)
    pytest.fail("the writer wrote too little")


def whole_drives(settings: Settings) -> set[str]:
    """Return all inspections of a store, having looked that each is whole."""
    assert settings.store.blobs is not None
    store = Store(settings.store_where, FolderBlobs(settings.store.blobs))
    looks = store.looks("s1")
    for look in looks:
        assert [number for number, _ in look.sightings] == list(range(SIGHTINGS))
        assert len(look.coverage) == 8
        for _, placed in look.sightings:
            (picture,) = placed.sighting.evidence
            assert b"frame" in store.blobs.get(picture.image)
            assert b"crop" in store.blobs.get(picture.crop)
    store.close()
    return {look.inspection_id for look in looks}


def test_every_acknowledged_drive_is_whole_in_a_backup_taken_while_others_write(
    address: str, tmp_path: Path
) -> None:
    here = settings_at(address, tmp_path / "here")
    said, folder = tmp_path / "said", tmp_path / "backup"

    with a_writer(here, said):
        first = wait_for(said, 5)
        back_up(here, folder)
        before_second = wait_for(said, len(first) + 5)
        second = back_up(here, folder)
        after = wait_for(said, len(before_second) + 3)
    there = new_place(address, tmp_path / "there")
    restore(there, folder)

    restored = whole_drives(there)
    assert set(before_second) <= restored
    assert len(restored) <= len(after) + 1
    assert second.new < second.pictures
    assert len(second.databases) == 1
    assert len(list(folder.glob("store.*"))) == 1


def test_what_was_restored_goes_on_as_before(address: str, tmp_path: Path) -> None:
    here = settings_at(address, tmp_path / "here")
    assert here.store.blobs is not None
    store = Store(address, FolderBlobs(here.store.blobs))
    store.log_access([ROW])
    store.add_drive(record(store, 0))
    store.close()
    back_up(here, tmp_path / "backup")

    there = new_place(address, tmp_path / "there")
    restore(there, tmp_path / "backup")

    again = Store(there.store_where, FolderBlobs(tmp_path / "there" / "pictures"))
    assert not again.add_drive(record(again, 0))
    assert again.add_drive(record(again, 1))
    again.log_access([{**ROW, "request_id": "r2"}])
    assert [row["request_id"] for row in again.accesses()] == ["r1", "r2"]
    with pytest.raises(StoreError, match="only added to"), again._writing() as one:
        one.execute(text("DELETE FROM access_log"))
    again.close()
    with pytest.raises(InputError, match="is there already"):
        restore(there, tmp_path / "backup")


ROW: dict[str, Any] = {
    "at_s": 1.0,
    "key_id": None,
    "role": None,
    "method": "GET",
    "route": "/x",
    "target": "/x",
    "status": 401,
    "request_id": "r1",
}


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    settings = load_settings(data=tmp_path / "here")
    store = Store(settings.store_where)
    store.add_drive(record(store, 0))
    store.close()
    return settings


def test_the_queue_of_jobs_is_in_it(here: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(here.data / "jobs.sqlite")) as jobs:
        jobs.execute("CREATE TABLE job (id TEXT)")
        jobs.execute("INSERT INTO job VALUES ('one')")
        jobs.commit()
        copied = back_up(here, tmp_path / "backup")

    there = load_settings(data=tmp_path / "there")
    restore(there, tmp_path / "backup")

    assert [name.split(".")[0] for name in copied.databases] == ["jobs", "store"]
    with closing(sqlite3.connect(tmp_path / "there" / "jobs.sqlite")) as jobs:
        assert jobs.execute("SELECT id FROM job").fetchall() == [("one",)]


def test_a_damaged_picture_is_told_and_the_rest_is_kept(
    here: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = sorted((here.data / "city" / "blobs").rglob("*.jpg"))
    pictures[3].write_bytes(b"rotten")

    code = main(["backup", str(tmp_path / "b"), "--data", str(here.data)])

    said = capsys.readouterr()
    assert code == 1
    assert said.err.count("\n") == 1
    assert f"{pictures[3].name} is damaged and was left out" in said.err
    assert f"pictures: {len(pictures) - 1}," in said.out
    assert not list((tmp_path / "b").rglob(pictures[3].name))


def test_a_backup_that_was_cut_short_is_none_and_the_older_one_holds(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    back_up(here, folder)
    store = Store(here.store_where)
    store.add_drive(drive(seen()))
    store.close()

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("service.backup._copy_pictures", cut)
        patched.setattr("service.backup.time.time", lambda: 1.0)
        with pytest.raises(KeyboardInterrupt):
            back_up(here, folder)
        with pytest.raises(KeyboardInterrupt):
            back_up(here, tmp_path / "new")

    there = load_settings(data=tmp_path / "there")
    with pytest.raises(NotFoundError, match="no backup that was finished"):
        restore(there, tmp_path / "new")
    restore(there, folder)
    assert len(Store(there.store_where).looks("s1")) == 1
    back_up(here, folder)
    back_up(here, tmp_path / "new")
    assert len(list(folder.glob("store.*"))) == 1


def test_a_backup_that_changed_is_refused(here: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    back_up(here, folder)
    there = load_settings(data=tmp_path / "there")
    (copy,) = folder.glob("store.*")
    whole = copy.read_bytes()

    copy.write_bytes(whole[:-1] + b"x")
    with pytest.raises(FormError, match="not as it was written"):
        restore(there, folder)
    copy.write_bytes(whole)
    facts = json.loads((folder / LIST).read_text("utf-8"))
    for wrong in ("{", "[]", json.dumps({**facts, "form": 9})):
        (folder / LIST).write_text(wrong, "utf-8")
        with pytest.raises(FormError):
            restore(there, folder)
    outside = {**facts, "files": {"../here/city/" + FILE: "00"}}
    (folder / LIST).write_text(json.dumps(outside), "utf-8")
    with pytest.raises(FormError, match="not as it was written"):
        restore(there, folder)
    assert not (tmp_path / "there").exists()


def test_what_cannot_be_is_one_sentence(
    here: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*args: str) -> str:
        assert main(list(args)) == 2
        text = capsys.readouterr().err
        assert text.count("\n") == 1
        return text

    data = ("--data", str(here.data))
    nowhere = ("--data", str(tmp_path / "nowhere"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letters.txt").write_text("dear")

    assert "there is no store" in said("backup", str(tmp_path / "b"), *nowhere)
    assert "holds something else" in said("backup", str(tmp_path / "full"), *data)
    assert "holds something else" in said("backup", str(here.data), *data)
    assert "holds no backup" in said("restore", str(tmp_path / "full"), *nowhere)
    assert "cannot write into" in said("backup", "/proc/nothing", *data)
    (here.data / "city" / FILE).write_bytes(b"no database" * 1000)
    assert "is damaged" in said("backup", str(tmp_path / "b"), *data)
    assert not (tmp_path / "b" / LIST).exists()


def test_another_kind_of_database_is_refused(
    here: Settings, postgresql: str, tmp_path: Path
) -> None:
    back_up(here, tmp_path / "backup")
    there = settings_at(f"{postgresql}/postgres", tmp_path / "there")

    with pytest.raises(InputError, match="goes back into a SQLite file only"):
        restore(there, tmp_path / "backup")


def test_without_the_programs_of_postgresql_it_is_said(
    postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(InputError, match="pg_dump is not installed; install Postgre"):
        back_up(settings_at(f"{postgresql}/postgres", tmp_path), tmp_path / "backup")


def test_a_database_that_cannot_be_reached_is_said_without_its_password(
    tmp_path: Path,
) -> None:
    address = "postgresql://liujing:hunter2@127.0.0.1:1/city"

    with pytest.raises(StoreError, match="pg_dump failed at postgresql://") as caught:
        back_up(settings_at(address, tmp_path), tmp_path / "backup")

    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
