"""What vehicles get of the city's roads: enough to look as the service does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.audit.walls import usual_wall_m
from service.roads import load_roads
from service.store import Store
from tests.service.api.guarded import Asked, asked
from tests.service.jobs.short_drive import SAMPLE

WHERE = "/devices/me/roads"
ROADS = SAMPLE / "roads.geojson"


@pytest.fixture
def city(tmp_path: Path) -> Asked:
    copy = tmp_path / "city.geojson"
    copy.write_bytes(ROADS.read_bytes())
    return asked(Store(str(tmp_path / "city")), tmp_path, jobs={"roads": copy})


def test_only_a_device_gets_the_roads(city: Asked) -> None:
    client = city.client()

    answers = {
        role: client.get(WHERE, headers=city.key(role)).status_code  # type: ignore[arg-type]
        for role in ("device", "centre", "reviewer")
    }

    assert answers == {"device": 200, "centre": 403, "reviewer": 403}
    assert client.get(WHERE).status_code == 401


def test_walls_stand_as_far_off_by_what_a_vehicle_gets_and_nothing_else_is_told(
    city: Asked, tmp_path: Path
) -> None:
    got = tmp_path / "got.geojson"

    got.write_bytes(city.client().get(WHERE, headers=city.key("device")).content)

    ours, theirs = load_roads(ROADS), load_roads(got)
    for segment in ours.segments:
        path = segment.lonlat.tolist()
        assert usual_wall_m(theirs, path) == usual_wall_m(ours, path)
        assert theirs.width_m(segment.id) == ours.width_m(segment.id)
    told = {name for f in json.loads(got.read_text())["features"] for name in f}
    assert told == {"type", "properties", "geometry"}
    properties = json.loads(got.read_text())["features"][0]["properties"]
    assert set(properties) == {"id", "class", "width_m"}


def test_roads_that_a_vehicle_has_are_not_sent_again_until_they_change(
    city: Asked, tmp_path: Path
) -> None:
    client, key = city.client(), city.key("device")
    tag = client.get(WHERE, headers=key).headers["ETag"]
    have = {**key, "If-None-Match": tag}

    again = client.get(WHERE, headers=have)
    (tmp_path / "city.geojson").write_text(ROADS.read_text("utf-8") + "\n", "utf-8")
    changed = client.get(WHERE, headers=have)

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    assert len(list((tmp_path / "roads").iterdir())) == 1


@pytest.mark.parametrize("content", [None, "no roads"], ids=["none", "a broken file"])
def test_a_city_without_roads_says_so(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "broken.geojson"
    if content is not None:
        path.write_text(content, "utf-8")
    city = asked(Store(str(tmp_path / "city")), tmp_path, jobs={"roads": path})

    answer = city.client().get(WHERE, headers=city.key("device"))

    assert answer.status_code == 404
    assert str(tmp_path) not in answer.text
