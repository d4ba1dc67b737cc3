"""Layers of context: read, refused, and what they say of places and hours."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.scoring import Area, Calendar, areas_near, read_layer
from service.types import Segment
from vision.errors import FormError, NotFoundError
from vision.geo import LocalFrame

LON, LAT = 113.85, 34.03
STREET = Segment("s1", None, "2", np.array([[LON, LAT], [LON + 0.002, LAT]]), 185.0)


def square(half_m: float = 10.0, east_m: float = 0.0) -> dict[str, Any]:
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    xy = np.array([(east_m + a * half_m, b * half_m) for a, b in corners])
    ring = LocalFrame(LON, LAT).to_lonlat(xy).tolist()
    return {"type": "Polygon", "coordinates": [ring]}


def layer(tmp_path: Path, *features: tuple[Any, dict[str, Any]]) -> Path:
    path = tmp_path / "layer.geojson"
    rows = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry, properties in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def at(east_m: float) -> tuple[float, float]:
    lon, lat = LocalFrame(LON, LAT).to_lonlat(np.array([east_m, 0.0]))
    return float(lon), float(lat)


def test_distances_are_metres_from_the_outline() -> None:
    school = Area("school", "实验小学", square(10.0))

    assert school.distance_m(*at(0.0)) == 0
    assert school.distance_m(*at(60.0)) == pytest.approx(50.0, abs=0.1)
    assert school.holds(*at(209.0), 200.0)
    assert not school.holds(*at(211.0), 200.0)


def test_a_point_is_a_place_too(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [LON, LAT]}

    (school,) = read_layer(layer(tmp_path, (point, {"name": "一中"})), "school")

    assert school.name == "一中"
    assert school.distance_m(*at(40.0)) == pytest.approx(40.0, abs=0.1)


@pytest.mark.parametrize(
    ("hours", "clock", "is_open"),
    [
        (("06:00-09:00",), "08:59", True),
        (("06:00-09:00",), "09:00", False),
        (("00:00-02:00", "20:00-24:00"), "23:30", True),
        ((), "12:00", True),
    ],
)
def test_a_permit_has_hours(
    hours: tuple[str, ...], clock: str, *, is_open: bool
) -> None:
    permit = Area("stall_permit", None, square(), hours)
    now_s = datetime.fromisoformat(f"2026-03-12T{clock}+08:00").timestamp()

    assert permit.open_at(now_s, Calendar()) is is_open


def test_an_area_has_days() -> None:
    works = Area("works", None, square(), (), 100.0, 200.0)

    told = [works.open_at(at_s, Calendar()) for at_s in (99.0, 100.0, 199.0, 200.0)]
    assert told == [False, True, True, False]


def test_at_an_unknown_time_only_what_always_holds_is_open() -> None:
    always = Area("works", None, square())
    told = [
        area.open_at(None, Calendar())
        for area in (
            always,
            replace(always, hours=("00:00-24:00",)),
            replace(always, valid_from_s=0.0),
            replace(always, valid_to_s=9e9),
        )
    ]

    assert told == [True, False, False, False]


def test_areas_far_from_a_path_are_left_aside() -> None:
    path = [at(0.0), at(100.0)]
    areas = {
        east_m: Area("works", None, square(10.0, east_m))
        for east_m in (-320.0, -290.0, 50.0, 390.0, 420.0)
    }

    near = areas_near(areas.values(), path, 300.0)

    assert near == tuple(areas[east_m] for east_m in (-290.0, 50.0, 390.0))


@pytest.mark.parametrize(
    ("kind", "feature", "said"),
    [
        ("stall_permit", (square(), {}), "a permit needs hours"),
        ("stall_permit", (square(), {"hours": "morning"}), "like 06:00-09:00"),
        ("stall_permit", (square(), {"hours": "22:00-05:00"}), "ends before it begins"),
        ("stall_permit", (square(), {"hours": []}), "like 06:00-09:00"),
        (
            "no_parking",
            ({"type": "Point", "coordinates": [LON, LAT]}, {}),
            "needs an area",
        ),
        ("school", (None, {}), "no geometry"),
        ("school", ({"type": "Blob", "coordinates": []}, {}), "no geometry"),
        (
            "school",
            ({"type": "Point", "coordinates": [500123.0, 3766234.0]}, {}),
            "EPSG:4326",
        ),
        (
            "school",
            ({"type": "Point", "coordinates": [LAT, LON]}, {}),
            "longitude and latitude are swapped",
        ),
        (
            "works",
            (
                {
                    "type": "Polygon",
                    "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]],
                },
                {},
            ),
            "crosses itself",
        ),
    ],
)
def test_a_feature_that_cannot_be_is_one_sentence(
    kind: Any, feature: tuple[Any, dict[str, Any]], said: str, tmp_path: Path
) -> None:
    with pytest.raises(FormError, match=said):
        read_layer(layer(tmp_path, feature), kind)


def test_a_layer_of_elsewhere_is_refused(tmp_path: Path) -> None:
    beijing = {"type": "Point", "coordinates": [116.4, 39.9]}

    with pytest.raises(FormError, match="far from every street"):
        read_layer(layer(tmp_path, (beijing, {})), "school", [STREET])
    assert read_layer(layer(tmp_path, (square(), {})), "school", [STREET])


def test_every_feature_of_elsewhere_is_named(tmp_path: Path) -> None:
    here = (square(), {"name": "一中"})
    in_the_sea = ({"type": "Point", "coordinates": [0.0, 0.0]}, {})
    beijing = ({"type": "Point", "coordinates": [116.4, 39.9]}, {"name": "二中"})
    path = layer(tmp_path, in_the_sea, here, beijing)

    with pytest.raises(FormError) as refused:
        read_layer(path, "school", [STREET])

    assert str(refused.value).startswith(
        "layer.geojson: 2 of 3 features lie far from every street known here: "
        "feature 1 at 0.000, 0.000, feature 3 (二中) at 116.400, 39.900; "
    )


def test_the_far_end_of_a_prefecture_is_no_elsewhere(tmp_path: Path) -> None:
    yuzhou = {"type": "Point", "coordinates": [LON - 0.8, LAT + 0.2]}

    assert (
        len(
            read_layer(
                layer(tmp_path, (square(), {}), (yuzhou, {})), "school", [STREET]
            )
        )
        == 2
    )


@pytest.mark.parametrize("text", ["", "[]", '{"features": 3}', '{"features": [3]}'])
def test_what_is_no_geojson_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "layer.geojson"
    path.write_text(text)

    with pytest.raises(FormError, match="no GeoJSON FeatureCollection"):
        read_layer(path, "school")
    path.write_text('{"features": []}')
    with pytest.raises(FormError, match="no feature"):
        read_layer(path, "school")
    with pytest.raises(NotFoundError):
        read_layer(tmp_path / "none.geojson", "school")
