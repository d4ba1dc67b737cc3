"""What maps read: the newest of everything, by place and time, by an index."""

# ruff: noqa: S608 - numbers for a database of the test's own

from __future__ import annotations

import importlib
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import event, text

from service.store import PlaceKind, PlaceQuery, Store, places
from service.store.engine import writing
from tests.service.store.records import NOON_S, STREET, drive
from tests.service.store.towns import (
    HOUR_S,
    LAT,
    LON,
    STEP_DEG,
    build_town,
    finding,
    score,
    street,
)

MIGRATION = "service.store.migrations.versions.0006_places"
CORNER = (LON - 0.0001, LAT - 0.0001, LON + 0.0021, LAT + 0.0001)
"""Holds the two most south-western beginnings of streets."""


def ids(store: Store, kind: PlaceKind, query: PlaceQuery | None = None) -> list[str]:
    name = "segment_id" if kind == "scores" else "id"
    return [row[name] for row in store.places(kind, query or PlaceQuery())]


@pytest.mark.parametrize("kind", ["segments", "scores", "findings"])
def test_a_box_holds_what_lies_in_it(store: Store, kind: PlaceKind) -> None:
    build_town(store)

    found = ids(store, kind, PlaceQuery(boxes=(CORNER,)))

    assert [name.removeprefix("f-") for name in found] == ["s0000", "s0001"]
    assert len(ids(store, kind)) == 16
    nowhere = (LON + 1, LAT + 1, LON + 2, LAT + 2)
    assert ids(store, kind, PlaceQuery(boxes=(nowhere,))) == []
    assert len(ids(store, kind, PlaceQuery(boxes=(nowhere, CORNER)))) == 2


def test_the_newest_version_of_a_finding_counts(store: Store) -> None:
    one = street(0, 0)
    store.add_drive(drive(segments=(one,)), known_s=NOON_S)
    moved = finding("f", one, lon=LON + 0.5, state="cleared")
    store.add_findings({one.id: [finding("f", one)]}, known_s=NOON_S)
    store.add_findings({one.id: [moved]}, known_s=NOON_S + 1)

    (row,) = store.places("findings", PlaceQuery())

    assert (row["lon"], row["state"]) == (LON + 0.5, "cleared")
    assert row["district"] == "魏都区"
    assert ids(store, "findings", PlaceQuery(boxes=(CORNER,))) == []
    store.add_findings({one.id: []}, known_s=NOON_S + 2)
    assert ids(store, "findings") == []
    store.add_findings({one.id: [moved]}, known_s=NOON_S + 3)
    assert ids(store, "findings") == ["f"]


def test_a_version_that_comes_in_late_does_not_win(store: Store) -> None:
    one = street(0, 0)
    store.add_drive(drive(segments=(one,)), known_s=NOON_S)
    store.add_findings({one.id: [finding("f", one)]}, known_s=NOON_S + 9)
    store.add_findings({one.id: []}, known_s=NOON_S + 5)  # its row is older

    assert ids(store, "findings") == ["f"]


def test_the_newest_version_of_a_street_counts(store: Store) -> None:
    (one, *_) = build_town(store, 1, 2)
    east = replace(one, lonlat=one.lonlat + np.array([1.0, 0.0]), district="东城区")
    store.add_drive(drive(name="b", segments=(east,)), known_s=NOON_S + 1)

    in_corner = ids(store, "segments", PlaceQuery(boxes=(CORNER,)))
    in_east = ids(store, "segments", PlaceQuery(equal={"district": "东城区"}))

    assert (in_corner, in_east) == (["s0001"], ["s0000"])
    assert ids(store, "findings", PlaceQuery(district="东城区")) == ["f-s0000"]
    west, south, east_lon, north = store.extent() or (0, 0, 0, 0)
    assert (west, south) == pytest.approx((LON + STEP_DEG, LAT))
    assert (east_lon, north) == pytest.approx((LON + 1.001, LAT + 0.001))


def test_an_empty_store_has_no_extent(store: Store) -> None:
    build_town(store, 1, 1)

    assert store.extent(district="禹州市") is None
    assert ids(store, "segments", PlaceQuery(district="禹州市")) == []


@pytest.mark.parametrize(
    ("kind", "equal", "count"),
    [
        pytest.param("segments", {"road_class": "2"}, 4, id="streets of a class"),
        pytest.param("segments", {"district": "建安区"}, 8, id="streets of a district"),
        pytest.param("scores", {"grade": "优秀"}, 15, id="scores of a grade"),
        pytest.param("scores", {"status": "stale"}, 1, id="scores of a status"),
        pytest.param("scores", {"standard_id": "no@1"}, 0, id="another standard"),
        pytest.param("findings", {"segment_id": "s0103"}, 1, id="findings of a street"),
        pytest.param("findings", {"category": "poster"}, 0, id="of a category"),
        pytest.param("findings", {"state": "confirmed"}, 16, id="of a state"),
    ],
)
def test_columns_choose(
    store: Store, kind: PlaceKind, equal: dict[str, str], count: int
) -> None:
    (one, *_) = build_town(store)
    later = {"to_s": NOON_S + HOUR_S, "grade": None, "status": "stale"}
    store.add_scores([score(one, **later)])

    assert len(ids(store, kind, PlaceQuery(equal=equal))) == count


def test_times_meet(store: Store) -> None:
    one = street(0, 0)
    store.add_drive(drive(segments=(one,)), known_s=NOON_S)
    store.add_scores([score(one)])
    store.add_findings({one.id: [finding("f", one)]}, known_s=NOON_S)
    (row,) = store.places("findings", PlaceQuery())
    first_s, last_s = row["first_s"], row["last_s"]

    def found(from_s: float | None, to_s: float | None) -> int:
        return len(ids(store, "findings", PlaceQuery(from_s=from_s, to_s=to_s)))

    assert last_s - first_s == 24 * HOUR_S
    assert found(first_s + 1, first_s + 2) == 1
    assert found(last_s, None) == found(None, first_s) == 1
    assert found(last_s + 1, None) == found(None, first_s - 1) == 0
    for at_s, count in ((NOON_S, 1), (NOON_S - 1, 0), (NOON_S + 1, 0)):
        query = PlaceQuery(from_s=at_s, to_s=at_s)
        assert len(ids(store, "scores", query)) == count
        assert len(ids(store, "segments", query)) == 1


def test_one_is_found_by_its_name_if_it_may_be_seen(store: Store) -> None:
    build_town(store, 1, 2)

    row = store.place("findings", "f-s0001", PlaceQuery())

    assert row is not None
    assert row["segment_id"] == "s0001"
    mine = PlaceQuery(district="魏都区")
    assert store.place("findings", "f-s0001", mine) is None
    assert store.place("segments", "s0001", mine) is None
    assert store.place("scores", "s0001", mine) is None
    assert store.place("scores", "s0000", mine) is not None


@pytest.mark.parametrize("few", [0, 20_000])
@pytest.mark.parametrize("kind", ["segments", "scores", "findings"])
def test_pages_hold_every_row_once(
    store: Store, kind: PlaceKind, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_FEW", few)
    monkeypatch.setattr(places, "_MOST", 4)
    build_town(store)
    box = (LON, LAT, LON + 2.7 * STEP_DEG, LAT + 2.7 * STEP_DEG)
    query = PlaceQuery(boxes=(box,), equal={"district": "魏都区"})

    whole = list(store.places(kind, query))
    paged: list[dict[str, Any]] = []
    while True:
        after = paged[-1]["number"] if paged else 0
        page = store.places(kind, query, after=after, at_once=2)
        row = next(iter(page), None)
        if row is None:
            break
        paged.append(row)

    assert len(whole) == 6  # three rows of the columns 0 and 2
    assert paged == whole


def test_few_and_many_are_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    one = street(0, 0)
    store.add_drive(drive(segments=(one,)), known_s=NOON_S)
    scattered = [
        finding(f"f{n}", one, lon=LON + chance.random(), lat=LAT + chance.random())
        for n in range(200)
    ]
    store.add_findings({one.id: scattered}, known_s=NOON_S)
    for _ in range(20):
        west, south = LON + chance.random(), LAT + chance.random()
        query = PlaceQuery(boxes=((west, south, west + 0.3, south + 0.3),))
        monkeypatch.setattr(places, "_FEW", 20_000)
        few = ids(store, "findings", query)
        monkeypatch.setattr(places, "_FEW", 0)

        assert ids(store, "findings", query) == few
        assert sorted(few) == sorted(
            known.finding.id
            for known in scattered
            if west <= known.finding.lon <= west + 0.3
            and south <= known.finding.lat <= south + 0.3
        )


MANY = 20_000


def _fill(store: Store) -> None:
    """Make many streets and findings, by the databases' own means."""
    is_sqlite = store._engine.dialect.name == "sqlite"
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        f"WHERE i < {MANY}) SELECT {{}} FROM n"
        if is_sqlite
        else f"SELECT {{}} FROM generate_series(1, {MANY}) AS i"
    )
    lon, lat = "113 + (i % 200) * 0.01", "34 + (i / 200) * 0.01"
    name = "'x' || i"
    segment = (
        f"INSERT INTO segment_now (id, digest, known_s, lon0, lat0, lon1, lat1) "
        f"{numbers.format(f'{name}, {name}, 0, {lon}, {lat}, {lon}, {lat}')}"
    )
    finding_ = (
        "INSERT INTO finding_now (id, known_s, segment_id, category, state, lon, lat, "
        "first_s, last_s) "
        f"{numbers.format(f'{name}, 0, {name}, {name}, {name}, {lon}, {lat}, i, i')}"
    )
    with writing(store._engine) as connection:
        for statement in (segment, finding_, "ANALYZE"):
            connection.execute(text(statement))


def _plans(store: Store, kind: PlaceKind, query: PlaceQuery) -> list[str]:
    """Return the plan of every statement that a question leads to."""
    asked: list[tuple[str, Any]] = []

    def listen(*given: Any) -> None:
        asked.append((given[2], given[3]))

    event.listen(store._engine, "before_cursor_execute", listen)
    list(store.places(kind, query, at_once=10))
    event.remove(store._engine, "before_cursor_execute", listen)
    is_sqlite = store._engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    with store._engine.connect() as connection:
        return [
            "\n".join(
                str(row[-1])
                for row in connection.exec_driver_sql(explain + statement, given)
            )
            for statement, given in asked
            if statement.startswith(("SELECT", "(SELECT"))
        ]


@pytest.mark.parametrize("kind", ["segments", "scores", "findings"])
def test_places_are_found_by_an_index(store: Store, kind: PlaceKind) -> None:
    _fill(store)
    box = (113.995, 34.095, 114.005, 34.105)

    by_index, *rest = _plans(store, kind, PlaceQuery(boxes=(box,)))

    now = "finding" if kind == "findings" else "segment"
    if store._engine.dialect.name == "sqlite":
        assert f"SCAN {now}_place VIRTUAL TABLE INDEX 2:" in by_index
        assert all(f"SEARCH {now}_now USING INTEGER PRIMARY KEY" in p for p in rest)
    else:
        assert f"on ix_{now}_now_place" in by_index
        assert "Seq Scan" not in by_index
        assert not any(f"Seq Scan on {now}_now" in plan for plan in rest)
    assert rest


def test_what_was_seen_lately_is_found_by_an_index(store: Store) -> None:
    _fill(store)

    by_index, *_ = _plans(store, "findings", PlaceQuery(from_s=MANY - 5.0))

    assert "ix_finding_now_last_s" in by_index


@pytest.mark.parametrize("kind", ["segments", "scores", "findings"])
def test_many_rows_are_walked_in_order_and_never_sorted_by_sqlite(
    tmp_path: Path, kind: PlaceKind
) -> None:
    store = Store(str(tmp_path / "city"))
    query = PlaceQuery(equal={"standard_id": "x@1"} if kind == "scores" else {})

    (plan,) = _plans(store, kind, query)

    now = "finding_now" if kind == "findings" else "segment_now"
    assert plan.startswith(f"SEARCH {now} USING INTEGER PRIMARY KEY")
    assert "TEMP B-TREE" not in plan
    store.close()


def test_what_was_there_before_is_put_in(store: Store) -> None:
    (one, *_) = build_town(store, 2, 2)
    wider = replace(one, lonlat=one.lonlat + np.array([0.5, 0.0]))
    store.add_drive(drive(name="b", segments=(wider,)), known_s=NOON_S + 1)
    changed = finding(f"f-{one.id}", one, state="cleared")
    store.add_findings({one.id: [changed]}, known_s=NOON_S + 1)
    store.add_findings({"s0101": []}, known_s=NOON_S + 1)
    kinds: tuple[PlaceKind, ...] = ("segments", "scores", "findings")
    query = PlaceQuery(boxes=((LON - 1, LAT - 1, LON + 1, LAT + 1),))
    graded = PlaceQuery(equal={"grade": "优秀"})
    before = [_unnumbered(store, kind, query) for kind in kinds]
    gone = _undone(store._engine.dialect.name)

    with writing(store._engine) as connection:
        for statement in gone:
            connection.execute(text(statement))
        with Operations.context(MigrationContext.configure(connection)):
            importlib.import_module(MIGRATION).upgrade()

    assert [_unnumbered(store, kind, query) for kind in kinds] == before
    assert len(ids(store, "scores", graded)) == 4
    store.add_drive(drive(name="c", segments=(STREET,)), known_s=NOON_S + 2)
    assert "s1" in ids(store, "segments", query)


def _unnumbered(store: Store, kind: PlaceKind, query: PlaceQuery) -> list[Any]:
    rows = [{**row, "number": None} for row in store.places(kind, query)]
    return sorted(rows, key=lambda row: str(row.get("id") or row["segment_id"]))


def _undone(dialect: str) -> list[str]:
    tables = ["DROP TABLE segment_now", "DROP TABLE finding_now"]
    column = ["ALTER TABLE score_now DROP COLUMN grade"]
    if dialect == "sqlite":
        triggers = [
            f"DROP TRIGGER {one}" for one in ("segment_is_now", "finding_is_now")
        ]
        trees = ["DROP TABLE segment_place", "DROP TABLE finding_place"]
        return [*triggers, *tables, *trees, *column]
    names = ("segment_is_now", "finding_is_now", "finding_district")
    return [*tables, *column, *(f"DROP FUNCTION {one}() CASCADE" for one in names)]
