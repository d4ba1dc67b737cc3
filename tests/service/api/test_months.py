"""Monthly sheets: kept by the command, read by the page, locked for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.cli import main
from service.scoring import load_sheet, month_json, month_of, read_month
from service.store import Store
from tests.service.api.scored_city import EAST, WEST, all_pages, client_of
from tests.service.store.records import NOON_S
from vision.errors import FormError

UNIT = """
[unit."{name}"]
digital = {digital}
special = 80
safety = 96
civilisation = 96
management = 96
garden = 96
"""


def figures(folder: Path, month: str, **digital: float) -> Path:
    """Write a month's figures; a unit is named by its district."""
    path = folder / f"{month}.toml"
    units = (UNIT.format(name=name, digital=one) for name, one in digital.items())
    path.write_text(f'month = "{month}"\n' + "".join(units), "utf-8")
    return path


def sheet_of(path: Path) -> dict[str, Any]:
    sheet, given = load_sheet("qixian@1"), read_month(path)
    return month_json(sheet, given, month_of(sheet, given.figures, given.ledger))


def test_months_are_listed_the_newest_first_and_read_whole(
    store: Store, tmp_path: Path
) -> None:
    both = {WEST: 91.3, EAST: 70.0}
    for number, month in enumerate(("2026-02", "2026-03", "2026-01")):
        content = sheet_of(figures(tmp_path, month, **both))
        store.add_month(content, locked=month < "2026-03", known_s=NOON_S + number)
    client = client_of(store)

    rows = all_pages(client, "/months", 2)
    whole = client.get("/months/2026-03").json()

    assert [(row["month"], row["locked"]) for row in rows] == [
        ("2026-03", False),
        ("2026-02", True),
        ("2026-01", True),
    ]
    assert {row["units"] for row in rows} == {2}
    assert whole["fingerprint"] == rows[0]["fingerprint"]
    # 0.5 x 91.3 + 0.4 x 80 + 0.1 x 96 = 45.65 + 32 + 9.6; 0.5 x 70 is 10.65 less
    assert [(one["unit"], one["rank"], one["value"]) for one in whole["items"]] == [
        (WEST, 1, "87.25"),
        (EAST, 2, "76.60"),
    ]
    assert client.get("/months/2026-03?sheet=qixian@1").json() == whole
    assert client.get("/months/2026-03?sheet=none@1").status_code == 404
    assert client.get("/months/2026-04").status_code == 404
    assert client.get("/months/2026-13").status_code == 400
    assert client.get("/months?cursor=x").status_code == 400


def test_a_district_sees_its_own_unit_alone(store: Store, tmp_path: Path) -> None:
    both = sheet_of(figures(tmp_path, "2026-02", **{WEST: 91.3, EAST: 70.0}))
    other = sheet_of(figures(tmp_path, "2026-03", **{WEST: 91.3}))
    for content in (both, other):
        store.add_month(content, locked=False, known_s=NOON_S)
    east = client_of(store, district=EAST)

    (row,) = all_pages(east, "/months", 1)

    assert (row["month"], row["units"]) == ("2026-02", 1)
    (own,) = east.get("/months/2026-02").json()["items"]
    assert (own["unit"], own["rank"]) == (EAST, 2)
    assert east.get("/months/2026-03").status_code == 404
    assert east.get(f"/months?district={WEST}").status_code == 404
    asked = client_of(store).get("/months/2026-02", params={"district": EAST})
    assert asked.json()["items"] == [own]


def test_a_tag_holds_until_a_month_is_kept(store: Store, tmp_path: Path) -> None:
    first = sheet_of(figures(tmp_path, "2026-03", **{WEST: 91.3}))
    store.add_month(first, locked=False, known_s=NOON_S)
    client = client_of(store)
    known = {"If-None-Match": client.get("/months/2026-03").headers["etag"]}

    assert client.get("/months/2026-03", headers=known).status_code == 304
    second = sheet_of(figures(tmp_path, "2026-03", **{WEST: 80.0}))
    store.add_month(second, locked=True, known_s=NOON_S + 1)

    newer = client.get("/months/2026-03", headers=known)
    assert (newer.status_code, newer.json()["locked"]) == (200, True)
    told = client.get("/changes").json()["items"]
    assert [(one["kind"], one["id"]) for one in told] == [("month", "2026-03")] * 2


def test_a_locked_month_is_kept_for_good(store: Store, tmp_path: Path) -> None:
    one = sheet_of(figures(tmp_path, "2026-03", **{WEST: 91.3}))
    other = sheet_of(figures(tmp_path, "2026-03", **{WEST: 91.4}))

    assert store.add_month(one, locked=False, known_s=1.0)
    assert not store.add_month(one, locked=False, known_s=2.0)
    assert store.add_month(one, locked=True, known_s=3.0)
    assert not store.add_month(one, locked=False, known_s=4.0)
    with pytest.raises(FormError, match="2026-03 under qixian@1 was locked"):
        store.add_month(other, locked=False, known_s=5.0)

    (kept,) = store.months(limit=9)
    assert (kept.locked, kept.known_s) == (True, 3.0)


def test_the_command_keeps_what_the_api_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    march, city = figures(tmp_path, "2026-03", **{WEST: 91.3}), tmp_path / "city"
    lock = str(tmp_path / "march.json")

    assert main(["month", str(march), "--into", str(city), "--lock", lock]) == 0
    assert "已存入 kept in" in capsys.readouterr().out
    assert main(["month", str(march), "--into", str(city)]) == 0
    assert "此前已存入" in capsys.readouterr().out
    figures(tmp_path, "2026-03", **{WEST: 91.4})
    assert main(["month", str(march), "--into", str(city)]) == 2
    assert "was locked" in capsys.readouterr().err
    assert main(["month", lock, "--year", "--into", str(city)]) == 2

    store = Store(str(city))
    shown = client_of(store).get("/months/2026-03").json()
    assert (shown["locked"], shown["items"][0]["value"]) == (True, "87.25")
    store.close()
