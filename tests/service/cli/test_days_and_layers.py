"""Abnormal days and layers in a store, and what every verb makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.cli import main
from service.store import Store
from tests.service.findings.passes import SHARP, car
from tests.service.store.records import DAY_S, NOON_S, STREET, drive, seen
from tests.service.test_layered import around

FIRST = "2026-09-21"
"""The city's day of the first of two passes; the other is the next."""
Say = Callable[..., str]


@pytest.fixture
def city(tmp_path: Path) -> str:
    folder = tmp_path / "city"
    store = Store(str(folder))
    paper = seen("poster", offset_m=90, zone="kerb_strip", probability=0.9)
    store.add_drive(drive(seen(), paper, at_s=NOON_S), known_s=NOON_S)
    store.add_drive(drive(paper, at_s=NOON_S + DAY_S), known_s=NOON_S + DAY_S)
    store.close()
    return str(folder)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def run(*args: str, code: int = 0) -> str:
        assert main(list(args)) == code
        captured = capsys.readouterr()
        return captured.out if code == 0 else captured.err

    return run


@pytest.fixture
def days(tmp_path: Path) -> Callable[..., str]:
    def write(name: str, **reasons: str) -> str:
        rows = [
            f"[[day]]\ndate = {day[1:].replace('_', '-')}\nreason = '{reason}'\n"
            for day, reason in reasons.items()
        ]
        path = tmp_path / f"{name}.toml"
        path.write_text("".join(rows) or "day = []")
        return str(path)

    return write


def passes(say: Say, city: str, *more: str) -> int:
    (row,) = json.loads(say("rescore", city, "--json", *more))
    count: int = row["passes"]
    return count


def test_every_verb_leaves_the_stores_abnormal_days_out(
    city: str, say: Say, days: Any
) -> None:
    assert passes(say, city) == 2
    before = say("whatif", city, "--against", "hetown@1", "--json")

    told = say("layer", city, days("snow", _2026_09_21="snow"), "--kind=abnormal_days")

    assert "added: snow, 1 x abnormal_days" in told
    assert passes(say, city) == 1
    assert "1 次经过" in say("explain", city, "s1")
    assert say("whatif", city, "--against", "hetown@1", "--json") != before
    assert "全市" in say("rollup", city)
    assert passes(say, city, "--as-of", "2026-10-01") == 2


def test_days_of_this_run_are_added_to_the_stores(
    city: str, say: Say, days: Any
) -> None:
    say("layer", city, days("snow", _2026_09_21="snow"), "--kind", "abnormal_days")
    more = days("more", _2026_09_22="rain")

    assert "从未经过" in say("explain", city, "s1", "--abnormal-days", more)
    assert passes(say, city) == 1


def test_lists_of_other_names_add_up_and_one_of_the_same_name_replaces(
    city: str, say: Say, days: Any
) -> None:
    kind = ("--kind", "abnormal_days")
    first, second = days("a", _2026_09_21="snow"), days("b", _2026_09_22="rain")

    say("layer", city, first, *kind)
    say("layer", city, second, *kind)
    assert passes(say, city) == 0
    say("layer", city, days("none"), *kind, "--name", "b")
    assert passes(say, city) == 1
    assert "added" in say("layer", city, second, *kind)  # back to what it was
    assert passes(say, city) == 0
    assert "was there" in say("layer", city, second, *kind)


def test_days_have_no_other_days(city: str, say: Say, days: Any) -> None:
    file = days("a", _2026_09_21="snow")
    args = ("layer", city, file, "--kind", "abnormal_days", "--valid-from", FIRST)

    assert "leave --valid-from" in say(*args, code=2)
    assert Store(city).layers() == []


def test_covers_seen_on_an_abnormal_day_do_not_count(
    tmp_path: Path, say: Say, days: Any
) -> None:
    city = str(tmp_path / "covers")
    store = Store(city)
    store.add_drive(drive(seen("manhole_ok"), at_s=NOON_S), known_s=NOON_S)
    store.close()

    assert json.loads(say("covers", city, "--json"))["全市"]["seen"] == 1
    say("layer", city, days("snow", _2026_09_21="snow"), "--kind", "abnormal_days")
    assert json.loads(say("covers", city, "--json"))["全市"]["seen"] == 0
    then = say("covers", city, "--json", "--as-of", "2026-10-01")
    assert json.loads(then)["全市"]["seen"] == 1


@pytest.mark.parametrize(
    ("kind", "rule"),
    [("fire_lane", "占用消防通道"), ("tactile_paving", "机动车乱停放")],
)
def test_a_vehicle_that_two_passes_saw_in_a_forbidden_area_is_explained(
    kind: str, rule: str, tmp_path: Path, say: Say
) -> None:
    standing = car(offset_m=60, surface="kerb_lane")
    city = str(tmp_path / "parked")
    store = Store(city)
    for at_s in (NOON_S, NOON_S + 7200):
        record = drive(standing, at_s=at_s, seen_by=SHARP, segments=(STREET,))
        store.add_drive(record, known_s=at_s)
    store.close()
    layer = tmp_path / "areas.geojson"
    feature = {"type": "Feature", "geometry": around(standing), "properties": {}}
    layer.write_text(json.dumps({"features": [feature]}))

    say("layer", city, str(layer), "--kind", kind)

    assert rule in say("explain", city, "s1")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--layer", "schools.geojson"], "--layer is written KIND=FILE"),
        (["--layer", "school="], "--layer is written KIND=FILE"),
        (
            ["--layer", "temple=a.geojson"],
            "knows no kind 'temple'; it is one of school",
        ),
        (["--utc-offset", "nan"], "--utc-offset must be hours"),
    ],
)
def test_an_audit_with_a_wrong_layer_makes_no_store(
    more: list[str], sentence: str, tmp_path: Path, say: Say
) -> None:
    city = tmp_path / "city"
    error = say("audit", "drive.mp4", "--into", str(city), *more, code=2)

    assert sentence in error
    assert error.count("\n") == 1
    assert not city.exists()
