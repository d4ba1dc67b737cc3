"""What a store knows of files on their way in."""

from __future__ import annotations

import importlib
from dataclasses import replace

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from service.job_records import RawFile
from service.store import Store
from tests.service.store.coming import coming

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def test_an_upload_is_noted_until_it_has_ended(store: Store) -> None:
    one = coming("魏都区", sha256=A, size=1 << 40)
    store.add_upload(one)

    first = store.upload(one.id)
    noted = store.note_upload(one.id, offset=1 << 39, stored=5, expires_s=9.0)
    digested = store.note_digest(one.id, B)
    half = store.upload(one.id)
    ended = store.end_upload(one.id, "aside", now_s=3.0, kind="video", reason="why")
    again = store.end_upload(one.id, "ended", now_s=4.0)
    late = store.note_upload(one.id, offset=0, stored=0, expires_s=1.0)
    last = store.upload(one.id)

    assert first == one
    assert half is not None
    assert (half.offset, half.stored, half.expires_s) == (1 << 39, 5, 9.0)
    assert [noted, digested, ended, again, late] == [True, True, True, False, False]
    assert last is not None
    assert last.is_here
    assert (last.state, last.kind, last.reason) == ("aside", "video", "why")
    assert (last.ended_s, last.digest) == (3.0, B)
    assert store.upload("0" * 32) is None


def test_those_still_coming_are_found_by_who_what_and_when(store: Store) -> None:
    behind = coming(key_id="car1", sha256=A, offset=1)
    ahead = coming(key_id="car1", sha256=A, offset=2, expires_s=5.0)
    other = coming(key_id="car2", sha256=B)
    over = coming(key_id="car1", sha256=A, state="ended")
    for one in (behind, ahead, other, over):
        store.add_upload(one)

    assert store.open_uploads(keys=["car1"]) == [ahead, behind]
    assert store.open_uploads(hashes=[B]) == [other]
    assert store.open_uploads(expired_s=6.0) == [ahead]
    assert {u.id for u in store.uploads_of("car1")} == {behind.id, ahead.id, over.id}


def test_what_a_key_holds_is_counted_once_and_until_it_is_deleted(
    store: Store,
) -> None:
    for one in (
        coming(key_id="car", size=100),
        coming(key_id="car", size=50, state="expired"),
        coming(key_id="car", size=7, state="whole", digest=A),
        coming(key_id="car", size=7, state="whole", digest=A),
        coming(key_id="car", size=30, state="aside", digest=B),
        coming(key_id="car", size=1000, state="whole", digest=C),
        coming(key_id="bus", size=5),
    ):
        store.add_upload(one)
    for name, digest in (("1", A), ("2", B), ("3", C)):
        store.add_raw(RawFile(name, digest, 1, sealed=False, received_s=1.0))
    store.note_raw_deleted("3", now_s=2.0)

    assert store.bytes_held(["car"]) == 100 + 7 + 30
    assert store.bytes_held(["bus"]) == 5
    assert store.bytes_held(["car", "bus"]) == 100 + 7 + 30 + 5
    assert store.bytes_held(["nobody"]) == 0


def test_the_first_reason_why_a_file_is_aside_stays(store: Store) -> None:
    store.add_aside(A, "no picture", now_s=1.0)
    store.add_aside(A, "another", now_s=2.0)

    assert store.asides([A, B]) == {A: "no picture"}


def test_two_that_complete_one_file_at_once_add_it_once(store: Store) -> None:
    file = RawFile("0" * 32, "a" * 64, 7, False, 1.0)

    assert store.add_raw(file)
    assert not store.add_raw(replace(file, received_s=2.0))
    assert store.raw_files(["a" * 64]) == {"a" * 64: file}


def test_of_equal_files_one_is_there_at_a_time(store: Store) -> None:
    first = RawFile("1", A, 7, False, 1.0)

    added = [store.add_raw(first), store.add_raw(replace(first, id="2"))]
    store.note_raw_deleted("1", now_s=2.0)
    later = store.add_raw(RawFile("3", A, 7, False, 3.0))

    assert (added, later) == ([True, False], True)
    assert [file.id for file in store.raw_before()] == ["3"]


def test_a_store_that_has_equal_files_goes_on_with_the_newest(store: Store) -> None:
    step = importlib.import_module("service.store.migrations.versions.0020_raw_once")
    with store._writing() as connection:
        connection.execute(text("DROP INDEX uq_raw_footage_there"))
    for name, sha256, came_s in (("1", A, 1.0), ("2", A, 2.0), ("3", B, 1.0)):
        store.add_raw(RawFile(name, sha256, 7, False, came_s))
    store.add_raw(RawFile("0", A, 7, False, 0.5, deleted_s=0.7))

    with (
        store._writing() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        step.upgrade()

    assert sorted(file.id for file in store.raw_before()) == ["2", "3"]
    assert store.raw_files([A])[A].id == "2"
    lost = store.without_raw(["0", "1", "2", "3", "unknown"])
    assert set(lost) == {"0", "1", "unknown"}
    assert not store.add_raw(RawFile("4", A, 7, False, 4.0))
