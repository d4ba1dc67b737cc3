from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.memory.settle import settle
from service.memory.street import score_store
from service.scoring import StreetValue, intact_rate, load_standard, roll_up
from service.scoring.rollup import UNKNOWN
from service.settings import JobSettings, Settings
from service.store import Store
from tests.service.api.scored_city import (
    EAST,
    STANDARD,
    WEST,
    ZONES,
    all_pages,
    client_of,
    drive_through,
    on,
    scored_city,
    terms,
    window,
)
from tests.service.store.records import DAY_S, EYES, NOON_S, seen
from vision.catalogue import models_folder
from vision.promotions import Promotion, note


def test_the_passes_over_a_street_come_with_the_ground_they_saw(store: Store) -> None:
    scored_city(store)
    for days in (1.5, 2.5):
        drive_through(store, at_s=NOON_S + days * DAY_S)
    client = client_of(store)

    rows = all_pages(client, "/coverage", 2, segment_id="s2")

    begins = [row["passed"]["from"] for row in rows]
    assert begins == sorted(begins, reverse=True)
    assert len(rows) == len({row["inspection_id"] for row in rows}) == 3
    for row in rows:
        assert len(row["pieces"]) == 2 * len(ZONES)
        assert {piece["zone"] for piece in row["pieces"]} == set(ZONES)
        assert {piece["to_m"] for piece in row["pieces"]} == {370.0}
        assert {piece["status"] for piece in row["pieces"]} == {"seen"}
        assert (row["model_id"], row["layout_id"]) == ("street@2", "layout@1")
    assert client.get("/coverage?segment_id=s5").json() == {"items": [], "next": None}
    assert client.get("/coverage").status_code == 400
    assert client.get("/coverage?segment_id=s9").status_code == 404


def with_covers(store: Store) -> Store:
    """Fill a store: three covers in the west, one of them bad, one good in the east."""
    covers = [
        seen("manhole_ok", offset_m=20.0),
        seen("manhole_ok", offset_m=60.0),
        seen("manhole_damaged", offset_m=120.0),
        on("s3", seen("manhole_ok", offset_m=20.0, lat=34.032)),
    ]
    eyes = replace(EYES, recall={"litter": 0.8, "manhole_damaged": 0.5})
    drive_through(store, *covers, seen_by=eyes)
    settle(store, terms(), known_s=NOON_S + DAY_S)
    return store


def test_covers_are_listed_with_their_state(store: Store) -> None:
    client = client_of(with_covers(store))

    rows = all_pages(client, "/covers", 3)

    ids = [row["id"] for row in rows]
    assert ids == sorted(ids)
    by_place = {(row["segment_id"], row["offset_m"]): row for row in rows}
    assert {place: row["state"] for place, row in by_place.items()} == {
        ("s1", 20.0): "ok",
        ("s1", 60.0): "ok",
        ("s1", 120.0): "damaged",
        ("s3", 20.0): "ok",
    }
    assert by_place["s3", 20.0]["district"] == EAST
    assert by_place["s1", 20.0]["looks"] == 1
    west = client_of(store, district=WEST)
    assert {row["segment_id"] for row in all_pages(west, "/covers", 9)} == {"s1"}


def test_a_cover_that_was_repaired_is_listed_once(store: Store) -> None:
    with_covers(store)
    drive_through(store, seen("manhole_ok", offset_m=120.0), at_s=NOON_S + 2 * DAY_S)
    settle(store, terms(), known_s=NOON_S + 3 * DAY_S)

    rows = all_pages(client_of(store), "/covers", 9)

    (repaired,) = [row for row in rows if row["offset_m"] == 120.0]
    assert (repaired["state"], repaired["looks"]) == ("ok", 2)
    assert len(rows) == 4


def test_an_intact_rate_says_what_is_proven(store: Store) -> None:
    found = client_of(with_covers(store)).get("/covers/intact").json()

    by_district = {row["district"]: row for row in found["items"]}
    assert set(by_district) == {WEST, EAST}
    assert found["recall"] == 0.5
    whole = intact_rate(3, 1, recall=0.5)
    assert by_district[WEST] == {
        "district": WEST,
        "seen": 3,
        "bad": 1,
        "rate": pytest.approx(2 / 3),
        "low": pytest.approx(whole.low),
        "high": pytest.approx(whole.high),
        "verdict": "证据不足",
    }
    assert (found["total"]["seen"], found["total"]["bad"]) == (4, 1)
    west = client_of(store, district=WEST).get("/covers/intact").json()
    assert [row["district"] for row in west["items"]] == [WEST]
    assert west["total"]["seen"] == 3


def test_covers_that_nobody_saw_have_no_rate(store: Store) -> None:
    found = client_of(store).get("/covers/intact").json()

    assert found["items"] == []
    assert (found["total"]["seen"], found["total"]["rate"]) == (0, None)


def units(answer: dict[str, Any]) -> dict[tuple[str, str, str | None], dict[str, Any]]:
    return {(u["level"], u["unit"], u["parent"]): u for u in answer["items"]}


def test_units_stand_below_those_they_belong_to(store: Store) -> None:
    answer = client_of(scored_city(store)).get("/rollups").json()

    assert answer["standard"] == STANDARD
    assert [(u["level"], u["unit"], u["parent"]) for u in answer["items"]] == [
        ("city", "全市", None),
        ("district", EAST, "全市"),
        ("unit_grid", "g1", EAST),
        ("unit_grid", UNKNOWN, EAST),
        ("district", UNKNOWN, "全市"),
        ("unit_grid", UNKNOWN, UNKNOWN),
        ("district", WEST, "全市"),
        ("unit_grid", "g1", WEST),
        ("unit_grid", "g2", WEST),
    ]


def test_units_are_what_the_command_prints(store: Store) -> None:
    scored_city(store)
    streets = [
        StreetValue(
            street.segment,
            None if street.working is None else street.working.score,
            street.status == "scored",
        )
        for street in score_store(store, window=window(), terms=terms())
    ]
    printed = roll_up(streets, standard=load_standard(STANDARD), by="district")

    found = units(client_of(store).get("/rollups?level=district").json())
    city = units(client_of(store).get("/rollups?level=city").json())

    assert len(found) == len(printed) - 1 == 3
    for unit in printed:
        level = "city" if unit.parent is None else "district"
        known = {**found, **city}[level, unit.unit, unit.parent]
        for name in ("value", "low", "high", "grade", "worst", "streets", "left_out"):
            assert known[name] == getattr(unit, name), (unit.unit, name)
        assert known["length_m"] == unit.length_m
        assert known["red_lines"] == unit.red_lines


def test_streets_without_a_grid_count_in_their_own_district(store: Store) -> None:
    found = units(client_of(scored_city(store)).get("/rollups").json())

    assert found["unit_grid", UNKNOWN, EAST]["streets"] == 1
    assert found["unit_grid", UNKNOWN, UNKNOWN]["streets"] == 0
    assert found["unit_grid", UNKNOWN, UNKNOWN]["left_out"] == 1
    assert found["district", EAST, "全市"]["length_m"] == 370.0
    assert found["district", WEST, "全市"]["length_m"] == 555.0


def test_a_district_rolls_up_alone(store: Store) -> None:
    scored_city(store)
    whole = units(client_of(store).get("/rollups").json())

    for answer in (
        client_of(store, district=WEST).get("/rollups"),
        client_of(store).get("/rollups", params={"district": WEST}),
    ):
        assert units(answer.json()) == {
            key: unit for key, unit in whole.items() if WEST in key
        }
    assert client_of(store).get("/rollups?level=street").status_code == 400


def test_standards_are_those_installed_and_those_used(store: Store) -> None:
    client = client_of(scored_city(store))

    rows = client.get("/standards").json()["items"]

    assert {row["id"]: row["scored"] for row in rows} == {
        "hetown@1": False,
        STANDARD: True,
    }
    whole = client.get(f"/standards/{STANDARD}").json()
    known = load_standard(STANDARD)
    assert whole["title_zh"] == known.title_zh
    assert sum(element["weight"] for element in whole["elements"]) == 100
    assert [rule["id"] for rule in whole["rules"]] == [rule.id for rule in known.rules]
    assert [grade["floor"] for grade in whole["grades"]] == [
        grade.floor for grade in known.grades
    ]
    assert whole["ceiling"] == "合格"
    assert client.get("/standards/hetown@1").json()["scored"] is False
    assert client.get("/standards/none@1").status_code == 404


def test_a_standard_that_scores_were_given_under_stays_readable(store: Store) -> None:
    """It was taken out of the program, or its form has changed since."""
    text = load_standard(STANDARD).model_dump(mode="json", by_alias=True)
    kept = json.dumps({**text, "name": "older"})
    store.add_standard("older@1", "a", kept, known_s=NOON_S)
    store.add_standard("oldest@1", "b", '{"of": "another form"}', known_s=NOON_S)
    client = client_of(store)

    ids = [row["id"] for row in client.get("/standards").json()["items"]]

    assert ids == ["hetown@1", "older@1", STANDARD]
    assert client.get("/standards/older@1").json()["elements"][0]["zh"] == "路面净"
    assert client.get("/standards/oldest@1").status_code == 404


def test_models_are_those_installed_and_those_that_looked(store: Store) -> None:
    rows = client_of(scored_city(store)).get("/models").json()["items"]

    ids = [row["id"] for row in rows]
    assert ids == sorted(ids)
    (gone,) = [row for row in rows if not row["installed"]]
    assert gone["id"] == "street@2"
    assert gone["used"]
    assert gone["recall"] == {"litter": 0.8, "poster": 0.7}
    installed = [row for row in rows if row["installed"]]
    assert {row["kind"] for row in installed} == {"detect", "layout"}
    for row in installed:
        assert not row["used"]
        assert len(row["sha256"]) == 64
        assert row["license"]
        assert row["names"]


def test_of_each_name_the_model_promoted_last_is_current(
    store: Store, tmp_path: Path
) -> None:
    for file in models_folder().glob("*@*.toml"):
        shutil.copy(file, tmp_path)
    note(Promotion("2026-04-01", "promote", "street@2", None, "a", "x", "y"), tmp_path)
    settings = Settings(jobs=JobSettings(models=tmp_path))
    client = client_of(scored_city(store), settings=settings)

    def current() -> dict[str, bool | None]:
        rows = client.get("/models").json()["items"]
        return {row["id"]: row["current"] for row in rows if row["installed"]}

    assert current() == {"layout@1": None, "street@1": False, "street@2": True}
    back = Promotion("2026-04-02", "promote", "street@1", "street@2", "a", "x", "y")
    note(back, tmp_path)
    assert current() == {"layout@1": None, "street@1": True, "street@2": False}


def test_every_field_is_described_in_both_languages(store: Store) -> None:
    api = client_of(store).get("/openapi.json").json()

    def both(text: str) -> bool:
        return text.isascii() is False and any("a" <= c <= "z" for c in text)

    lacking = [
        f"{name}.{field}"
        for name, form in api["components"]["schemas"].items()
        for field, about in form.get("properties", {}).items()
        if name not in ("HTTPValidationError", "ValidationError")
        and not both(about.get("description", ""))
    ]
    lacking += [
        f"{path} {about['name']}"
        for path, verbs in api["paths"].items()
        for about in verbs.get("get", {}).get("parameters", [])
        if not both(about.get("description", ""))
    ]
    assert lacking == []
