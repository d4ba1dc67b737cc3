"""What a city knows, out of its store and out of files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service.city import city_of_store, near_drive, with_files
from service.scoring import Area, Calendar, load_standard
from tests.service.store.records import STREET
from vision.errors import FormError

POINT = {"type": "Point", "coordinates": [113.851, 34.03]}


class Rows:
    """A store of layers."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = list(rows)
        self.asked: list[float | None] = []

    def layers(self, *, as_of_s: float | None = None) -> list[dict[str, Any]]:
        self.asked.append(as_of_s)
        return self.rows


def row(name: str, kind: str, *features: dict[str, Any]) -> dict[str, Any]:
    days = {"valid_from_s": 5.0, "valid_to_s": None}
    return {"id": name, "kind": kind, **days, "features": list(features)}


def day(text: str, reason: str) -> dict[str, str]:
    return {"date": text, "reason": reason}


SCHOOL = {"name": "一中", "geometry": POINT, "hours": []}


def test_a_store_gives_areas_and_days_apart() -> None:
    store = Rows(
        row("schools", "school", SCHOOL),
        row("march", "abnormal_days", day("2026-03-12", "snow")),
    )

    areas, calendar = city_of_store(store, utc_offset_h=7.0, as_of_s=99.0)

    assert [(a.kind, a.name, a.hours) for a in areas] == [("school", "一中", ())]
    assert areas[0].valid_from_s == 5.0
    assert calendar == Calendar(7.0, {date(2026, 3, 12): "snow"})
    assert store.asked == [99.0]


def test_lists_of_days_add_up_and_the_first_by_name_gives_the_reason() -> None:
    lists = (
        row("b", "abnormal_days", day("2026-03-12", "rain"), day("2026-03-13", "rain")),
        row("a", "abnormal_days", day("2026-03-12", "snow")),
    )
    more = {date(2026, 3, 13): "works", date(2026, 5, 1): "festival"}

    for rows in (lists, lists[::-1]):
        _, calendar = city_of_store(Rows(*rows), utc_offset_h=8.0, more_days=more)

        assert calendar.abnormal == {
            date(2026, 3, 12): "snow",
            date(2026, 3, 13): "rain",
            date(2026, 5, 1): "festival",
        }


def test_files_add_to_what_is_known(tmp_path: Path) -> None:
    feature = {"type": "Feature", "geometry": POINT, "properties": {"name": "二中"}}
    schools = tmp_path / "schools.geojson"
    schools.write_text(json.dumps({"features": [feature]}))
    days = tmp_path / "days.toml"
    days.write_text("[[day]]\ndate = 2026-03-12\nreason = 'rain'\n")
    known = Area("school", "一中", POINT)
    snow = Calendar(8.0, {date(2026, 3, 12): "snow"})

    areas, calendar = with_files(
        [known], snow, [("school", schools), ("abnormal_days", days)], [STREET]
    )

    assert [area.name for area in areas] == ["一中", "二中"]
    assert calendar == snow
    _, calendar = with_files((), Calendar(), [("abnormal_days", days)], [STREET])
    assert calendar.abnormal == {date(2026, 3, 12): "rain"}
    schools.write_text(schools.read_text().replace("113.851", "116.4"))
    with pytest.raises(FormError, match="far from every street"):
        with_files((), Calendar(), [("school", schools)], [STREET])


def test_what_cannot_reach_the_drive_is_left_aside() -> None:
    path = [(113.85, 34.03), (113.852, 34.03)]
    east = {m: [113.852 + m / 92_200, 34.03] for m in (580.0, 620.0)}
    markets = [
        Area("market", str(m), {"type": "Point", "coordinates": place})
        for m, place in east.items()
    ]

    near = near_drive(markets, path, load_standard("xuchang@1"))

    assert [area.name for area in near] == ["580.0"]
