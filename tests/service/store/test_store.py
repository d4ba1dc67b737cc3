"""The store keeps what it is given, once, and knows what it knew when."""

from __future__ import annotations

import multiprocessing
import sqlite3
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from service.records import SightingVerdict
from service.store import FolderBlobs, Store, inspection_id
from service.store.engine import FILE, open_engine, writing
from service.store.schema import METADATA
from service.types import Segment
from tests.service.store.records import DAY_S, EYES, NOON_S, STREET, drive, seen
from vision.errors import InputError, NotFoundError, StoreError


def test_a_drive_comes_back_as_it_went_in(store: Store) -> None:
    parked = seen(
        "car",
        stationary_probability=0.9,
        surface_belief={"pavement": 1.0},
        zone_belief=None,
        width_m=None,
        appearance=(0.25, 0.75, *[0.0] * 9, 1.0),
    )
    record = drive(seen(), parked)

    assert store.add_drive(record)
    (look,) = store.looks("s1")

    assert [placed for _, placed in look.sightings] == list(record.sightings)
    assert look.coverage == record.coverage
    assert look.seen_by == replace(EYES, vehicle="豫K-01", light="night")
    assert look.at_s == NOON_S + 20
    (street,) = store.segments()
    assert street.lonlat.tolist() == STREET.lonlat.tolist()
    for field in fields(Segment):
        if field.name != "lonlat":
            assert getattr(street, field.name) == getattr(STREET, field.name)


def test_the_same_drive_counts_once(store: Store) -> None:
    assert store.add_drive(drive(seen()))
    assert not store.add_drive(drive(seen()))
    assert store.has(drive(seen()))

    assert len(store.looks("s1")) == 1


def test_a_newer_look_at_the_same_footage_takes_its_place(store: Store) -> None:
    better = replace(EYES, model_id="street@3", model_sha256="cd" * 32)
    store.add_drive(drive(seen(), name="one"), known_s=NOON_S)
    store.add_drive(
        drive(seen(), seen("poster"), name="one", seen_by=better),
        known_s=NOON_S + DAY_S,
    )

    (now,) = store.looks("s1")
    (then,) = store.looks("s1", as_of_s=NOON_S + 1)

    assert now.seen_by.model_id == "street@3"
    assert len(now.sightings) == 2
    assert then.seen_by.model_id == "street@2"
    assert len(then.sightings) == 1


def test_looks_come_in_the_order_driven_whatever_the_order_of_arrival(
    store: Store,
) -> None:
    for day in (3, 1, 2):
        store.add_drive(drive(seen(), at_s=NOON_S + day * DAY_S))

    looks = store.looks("s1")

    assert [round((look.at_s - NOON_S) / DAY_S) for look in looks] == [1, 2, 3]
    between = store.looks("s1", from_s=NOON_S + 1.5 * DAY_S, to_s=NOON_S + 2.5 * DAY_S)
    assert [look.at_s for look in between] == [looks[1].at_s]


def test_what_was_not_known_then_is_left_out(store: Store) -> None:
    store.add_drive(drive(seen(), at_s=NOON_S), known_s=NOON_S + DAY_S)

    assert store.looks("s1", as_of_s=NOON_S + 60) == []
    assert store.segments(as_of_s=NOON_S) == []
    assert len(store.looks("s1", as_of_s=NOON_S + DAY_S)) == 1


def test_a_street_that_changed_is_known_as_it_was(store: Store) -> None:
    wider = replace(STREET, width_m=14.0)
    store.add_drive(drive(name="a"), known_s=NOON_S)
    store.add_drive(drive(name="b", segments=(wider,)), known_s=NOON_S + DAY_S)

    assert [s.width_m for s in store.segments()] == [14.0]
    assert [s.width_m for s in store.segments(as_of_s=NOON_S + 1)] == [12.0]


def test_a_verdict_is_kept_beside_the_sighting(store: Store) -> None:
    record = drive(seen())
    store.add_drive(record, known_s=NOON_S)
    (look,) = store.looks("s1")
    word = SightingVerdict(look.inspection_id, 0, "false", "李", "影子", NOON_S + 100)

    store.add_verdict(word)

    assert look.inspection_id == inspection_id(record)
    assert store.verdicts([look.inspection_id]) == [word]
    assert store.verdicts([look.inspection_id], as_of_s=NOON_S + 99) == []
    with pytest.raises(InputError, match="no sighting 7"):
        store.add_verdict(replace(word, number=7))


def test_a_drive_is_kept_whole_or_not_at_all(store: Store) -> None:
    broken = drive(seen(), seen(probability=None))

    with pytest.raises(StoreError):
        store.add_drive(broken)

    assert store.looks("s1") == []
    assert store.segments() == []


def test_the_migrations_make_todays_schema(store: Store) -> None:
    def ours(_object: object, name: str | None, *_rest: object) -> bool:
        return name is None or "_place" not in name  # trees of SQLite

    with store._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True}
        )
        found = compare_metadata(context, METADATA)

    assert found == []


def test_places_have_an_index(store: Store) -> None:
    store.add_drive(drive(seen(offset_m=20), seen("poster", offset_m=150)))
    tree = (
        "SELECT s.id FROM sighting s JOIN sighting_place p ON p.row = s.row WHERE "
        "p.lon1 >= 113.85 AND p.lon0 <= 113.851 AND s.lon BETWEEN 113.85 AND 113.851"
    )
    gist = (
        "SELECT id FROM sighting WHERE "
        "point(lon, lat) <@ box '(113.85,34),(113.851,35)'"
    )
    with store._engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        query = tree if is_sqlite else gist
        rows = connection.execute(text(query)).scalars().all()
        explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        plan = connection.execute(text(explain + query)).all()

    assert rows == ["litter-20"]
    assert not is_sqlite or "VIRTUAL TABLE" in str(plan)


def _open_and_add(address: str, folder: str, day: int) -> None:
    store = Store(address, FolderBlobs(Path(folder)))
    for turn in range(4):
        at_s = NOON_S + day * DAY_S + turn * 3600
        store.add_drive(drive(seen(), at_s=at_s))
    store.close()


def test_many_programs_open_and_fill_a_new_store_at_once(
    address: str, tmp_path: Path
) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [
        spawn.Process(target=_open_and_add, args=(address, str(tmp_path / "p"), day))
        for day in range(3)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    store = Store(address, FolderBlobs(tmp_path / "p"))
    assert len(store.looks("s1")) == 12
    store.close()


def test_a_damaged_store_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)

    with pytest.raises(StoreError, match=r"is damaged .*; put back a copy"):
        Store(str(tmp_path))


def test_a_store_cut_short_is_one_sentence(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.add_drive(drive(*(seen(offset_m=k) for k in range(180))))
    store.close()
    file = tmp_path / FILE
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))

    with pytest.raises(StoreError, match="is damaged"):
        Store(str(tmp_path)).looks("s1")


def test_a_store_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    engine, _ = open_engine(str(tmp_path))
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(StoreError, match=r"newer version .*9999"):
        Store(str(tmp_path))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("mysql://a@b/c", "folder or a postgresql:// address"),
        ("postgresql://a:secret@127.0.0.1:1/c", "cannot be used"),
        ("://", "no address of a store"),
    ],
)
def test_an_address_that_is_none_is_one_sentence(
    where: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        Store(where, FolderBlobs(tmp_path))

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_needs_a_folder_for_pictures() -> None:
    with pytest.raises(InputError, match="--blobs"):
        Store("postgresql://a@b/c")


def test_a_picture_is_kept_once_under_its_content(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)

    name = blobs.put(b"picture", ".jpg")

    assert blobs.put(b"picture", ".jpg") == name
    assert blobs.get(name) == b"picture"
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1
    for wrong in ("../secret", "none.jpg"):
        with pytest.raises(NotFoundError):
            blobs.get(wrong)


def test_the_file_is_sqlite_in_wal_mode(tmp_path: Path) -> None:
    Store(str(tmp_path)).close()

    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def _add_the_same(address: str, folder: str) -> None:
    store = Store(address, FolderBlobs(Path(folder)))
    for turn in range(5):
        store.add_drive(drive(seen(), at_s=NOON_S + turn * 3600))
    store.close()


def test_the_same_drive_sent_by_many_at_once_counts_once(
    address: str, tmp_path: Path
) -> None:
    spawn = multiprocessing.get_context("spawn")
    args = (address, str(tmp_path / "p"))
    writers = [spawn.Process(target=_add_the_same, args=args) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    store = Store(address, FolderBlobs(tmp_path / "p"))
    assert [len(look.sightings) for look in store.looks("s1")] == [1] * 5
    store.close()


def test_a_corrected_road_file_makes_a_newer_inspection(store: Store) -> None:
    wider = replace(STREET, width_m=15.0)
    store.add_drive(drive(seen(), name="one"), known_s=NOON_S)

    assert store.add_drive(drive(name="one", segments=(wider,)), known_s=NOON_S + 9)

    (look,) = store.looks("s1")
    assert look.sightings == ()


def test_streets_nobody_passed_are_known_and_added_once(store: Store) -> None:
    lonlat = np.array([[113.85, 34.03], [113.851, 34.03]])
    street = Segment("quiet", "静巷", "alley", lonlat, 92.0, district="魏都区")

    assert store.add_segments([street], known_s=10.0) == 1
    assert store.add_segments([street], known_s=20.0) == 0

    assert [s.id for s in store.segments()] == ["quiet"]
    assert store.segments(as_of_s=5.0) == []
    wider = replace(street, width_m=4.0)
    assert store.add_segments([wider], known_s=30.0) == 1
    assert [s.width_m for s in store.segments()] == [4.0]
    assert store.looks("quiet") == []
