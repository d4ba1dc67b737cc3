"""`liujing rescore` and `liujing explain` on a store."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from service.cli import main
from service.store import Store
from tests.service.store.records import DAY_S, NOON_S, drive, seen

DAY = "2026-09-21"
"""Of `NOON_S`, in China."""


@pytest.fixture
def city(tmp_path: Path) -> str:
    folder = tmp_path / "city"
    store = Store(str(folder))
    crack = seen("poster", offset_m=90, zone="kerb_strip", probability=0.9)
    store.add_drive(drive(seen(), crack, at_s=NOON_S), known_s=NOON_S + 60)
    store.add_drive(drive(crack, at_s=NOON_S + DAY_S), known_s=NOON_S + DAY_S + 60)
    store.close()
    return str(folder)


def said(capsys: pytest.CaptureFixture[str], *args: str, code: int = 0) -> str:
    assert main(list(args)) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


def test_rescore_shows_and_keeps_every_street(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = said(capsys, "rescore", city)

    assert "许由路" in table
    (row,) = Store(city).scores("s1")
    assert row["standard_id"] == "xuchang@1"
    assert row["body"]["passes"] == 2
    assert row["to_s"] - row["from_s"] == 30 * DAY_S


def test_rescore_as_it_was_known_before(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    now = json.loads(said(capsys, "rescore", city, "--json"))
    args = ("rescore", city, "--json", "--as-of", f"{DAY}T23:59")
    then = json.loads(said(capsys, *args))

    assert [row["passes"] for row in (*then, *now)] == [1, 2]


def test_the_explanation_adds_up(city: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", city, "s1", "--date", DAY)

    value = re.search(r"^S = 100(.*) = ([\d.]+)$", text, re.MULTILINE)
    if value is None:
        assert "看清的部分不足" in text
        pytest.fail(text)
    minus = [float(part) for part in value.group(1).split(" - ")[1:]]
    assert 100 - sum(minus) == pytest.approx(float(value.group(2)), abs=1e-3)
    points = [float(p) for p in re.findall(r"扣 ([\d.]+) 分", text)]
    assert sum(points) == pytest.approx(sum(minus), abs=0.01)
    assert "非法小广告" in text
    assert "1 次经过" in text
    assert "（截取一位小数）" in text
    other = said(capsys, "explain", city, "s1", "--standard", "hetown@1")
    assert "（截取整数）" in other


def test_a_street_nobody_passed_in_time_is_said_to_be_old(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "explain", city, "s1", "--date", "2027-02-01")

    assert "期内没有经过" in text
    assert "从未经过" in said(capsys, "explain", city, "s1", "--date", "2025-01-01")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--date", "31.3.2026"], "--date must be a day"),
        (["--days", "0"], "--days must be at least 1"),
        (["--as-of", "soon"], "--as-of must be a time"),
        (["--utc-offset", "99"], "--utc-offset"),
        (["--standard", "nowhere@1"], "nowhere@1"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    city: str, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = said(capsys, "rescore", city, *more, code=2)

    assert sentence in error
    assert error.count("\n") == 1


def test_no_store_and_no_street_are_said(
    city: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "none")

    assert "there is no store" in said(capsys, "rescore", missing, code=2)
    assert not Path(missing).exists()
    assert "no street called s9" in said(capsys, "explain", city, "s9", code=2)
    empty = str(tmp_path / "empty")
    Store(empty).close()
    assert "knows no street" in said(capsys, "rescore", empty, code=2)


def test_units_and_covers_are_shown(
    city: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units = tmp_path / "units.toml"
    units.write_text('[[unit]]\nid = "未划分"\nparent = "魏都区"\n', "utf-8")
    rows = json.loads(said(capsys, "rollup", city, "--units", str(units), "--json"))

    assert [row["unit"] for row in rows] == ["全市", "魏都区", "未划分"]
    assert "全市" in said(capsys, "rollup", city)
    assert "证据不足" in said(capsys, "covers", city)


def test_another_towns_standard_and_a_checklist_run_on_the_same_passes(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = json.loads(
        said(capsys, "rescore", city, "--standard", "hetown@1", "--json")
    )
    lanes = said(capsys, "rescore", city, "--standard", "alley@1")

    assert {e["element"] for e in other[0]["score"]["elements"]} == {
        "lane",
        "walkway",
        "order",
    }
    assert other[0]["score"]["grade"] in {"洁净", "及格", "不及格"}
    assert "空" in lanes


def test_what_if_shows_what_moves(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ("whatif", city, "--against", "hetown@1")
    (row,) = json.loads(said(capsys, *args, "--json"))

    assert row["move"] == pytest.approx(
        row["hetown@1"]["value"] - row["xuchang@1"]["value"]
    )
    assert "→" in said(capsys, *args)


def test_what_if_takes_a_draft_by_its_file(
    city: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "next.toml"
    root = Path(__file__).resolve().parents[3]
    shipped = root / "service/scoring/standards/hetown@1.toml"
    text = shipped.read_text("utf-8")
    draft.write_text(text.replace('"hetown"', '"hetown-next"', 1), "utf-8")

    by_file = said(capsys, "whatif", city, "--against", str(draft), "--json")
    (row,) = json.loads(by_file)
    installed = said(capsys, "whatif", city, "--against", "hetown@1", "--json")

    assert row["hetown-next@1 (next.toml)"] == json.loads(installed)[0]["hetown@1"]
    gone = ("whatif", city, "--standard", str(tmp_path / "x.toml"), "--against", "a@1")
    assert "there is no standard" in said(capsys, *gone, code=2)


def test_a_layer_goes_in_once_and_changes_the_score(
    city: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "schools.geojson"
    point = {"type": "Point", "coordinates": [113.851, 34.03]}
    feature = {"type": "Feature", "geometry": point, "properties": {"name": "一中"}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    args = ("layer", city, str(file), "--kind", "school")

    assert "added: schools, 1 x school" in said(capsys, *args)
    assert "was there" in said(capsys, *args)
    assert "一中" in said(capsys, "explain", city, "s1", "--date", DAY)
    early = ("explain", city, "s1", "--date", DAY, "--as-of", "2026-10-01")
    assert "一中" not in said(capsys, *early)
    wrong = (*args, "--valid-from", "2026-05-01", "--valid-to", "2026-04-01")
    assert "lies before" in said(capsys, *wrong, code=2)


def test_rescore_writes_the_findings_down(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "rescore", city)
    said(capsys, "rescore", city)

    store = Store(city)
    found = {k.finding.category: len(k.sightings) for k in store.findings("s1")}
    assert found == {"litter": 1, "poster": 2}
    assert list(store.standards()) == ["xuchang@1"]


def test_every_day_has_its_score(
    city: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "days.csv"
    days = ("--every-day", "--first-day", "2026-09-15", "--date", "2026-11-15")

    text = said(capsys, "rescore", city, *days, "--out", str(table))

    assert "2026-09-15 至 2026-11-15" in text
    rows = table.read_text("utf-8-sig").splitlines()
    assert [row.split(",")[1:3] for row in rows[1:]] == [
        ["2026-09-15", "not_passed"],
        ["2026-09-21", "scored"],
        ["2026-09-22", "scored"],
        ["2026-10-21", "scored"],
        ["2026-10-22", "stale"],
    ]
    whole = json.loads(said(capsys, "rescore", city, "--date", "2026-09-30", "--json"))
    value = float(rows[3].split(",")[3])
    assert value == pytest.approx(whole[0]["score"]["value"], abs=1e-4)
    (kept, *_) = Store(city).score_days("s1")
    assert (kept.standard_id, kept.window_s) == ("xuchang@1", 30 * DAY_S)


def test_every_day_as_people_and_programs_read_it(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ("--every-day", "--first-day", "2026-09-20", "--date", "2026-09-25")
    (street,) = json.loads(said(capsys, "rescore", city, *days, "--json"))

    assert street["scored_days"] == 5
    assert street["lowest"] <= street["mean"] <= 100
    wrong = ("--every-day", "--first-day", "2026-09-20", "--date", "2026-09-19")
    assert "lies after the last day" in said(capsys, "rescore", city, *wrong, code=2)
    nowhere = (*days, "--out", "/nowhere/days.csv")
    assert "cannot be written" in said(capsys, "rescore", city, *nowhere, code=2)


def test_every_day_under_another_standard_needs_no_findings_made_again(
    city: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    days = ("--every-day", "--first-day", "2026-09-20", "--date", "2026-09-25")
    other = ("rescore", city, *days, "--standard", "hetown@1")
    made = json.loads(said(capsys, *other, "--json"))

    def never(*_args: object, **_more: object) -> None:
        pytest.fail("findings were worked out again")

    monkeypatch.setattr("service.cli.every_day.settle", never)
    settled = json.loads(said(capsys, *other, "--settled", "--json"))

    assert settled == made
    text = said(capsys, *other, "--settled")
    assert re.search(r"findings: 0\.0 s，评分 scores: [\d.]+ s", text)


def test_another_standard_of_the_same_name_is_refused(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(city)
    store.add_standard("xuchang@1", "00", "other rules", known_s=NOON_S)
    store.close()

    assert "another xuchang@1" in said(capsys, "rescore", city, code=2)
