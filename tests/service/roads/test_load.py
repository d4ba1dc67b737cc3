from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.roads import check_near, load_roads
from vision.errors import NotFoundError, RoadsError

STREET = [[113.85, 34.03], [113.851, 34.03]]


def feature(
    coordinates: object = STREET, kind: str = "LineString", **properties: object
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def write(folder: Path, *features: object) -> Path:
    path = folder / "roads.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": list(features)}),
        encoding="utf-8",
    )
    return path


def test_reads_every_documented_property(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        feature(
            id="A1",
            name="许都路",
            width_m=14,
            oneway=True,
            district="魏都区",
            unit_grid="411002001",
            responsible_unit="环卫一队",
            absent_zones=["tree_pit"],
            **{"class": 2},
        ),
    )

    street = load_roads(path).segment("A1")

    assert (street.name, street.road_class) == ("许都路", "2")
    assert (street.width_m, street.oneway) == (14.0, True)
    assert street.district == "魏都区"
    assert street.unit_grid == "411002001"
    assert street.responsible_unit == "环卫一队"
    assert street.absent_zones == {"tree_pit"}
    assert street.length_m == pytest.approx(92.4, abs=0.1)


@pytest.mark.parametrize(
    ("properties", "road_class"),
    [
        pytest.param({"class": "alley"}, "alley", id="its own word"),
        pytest.param({"class": "一级"}, "1", id="as cities write it"),
        pytest.param({"class": 4.0}, "4", id="a number with a point"),
        pytest.param({"highway": "secondary"}, "2", id="OSM"),
        pytest.param(
            {"class": 1, "highway": "service"}, "1", id="the city's goes first"
        ),
        pytest.param({}, "3", id="nothing known"),
    ],
)
def test_road_class_comes_from(
    tmp_path: Path, properties: dict[str, object], road_class: str
) -> None:
    network = load_roads(write(tmp_path, feature(**properties)))

    assert network.segments[0].road_class == road_class


def test_id_is_the_property_else_the_features_else_made_and_stable(
    tmp_path: Path,
) -> None:
    named = feature(id=17)
    outside = feature([[113.86, 34.0], [113.87, 34.0]]) | {"id": "way/3"}
    bare = feature([[113.86, 34.1], [113.87, 34.1]])

    first = load_roads(write(tmp_path, named, outside, bare))
    other_order = load_roads(write(tmp_path, bare, named))

    assert [s.id for s in first.segments[:2]] == ["17", "way/3"]
    assert first.segments[2].id == other_order.segments[0].id


def test_multilinestring_gives_one_segment_a_part(tmp_path: Path) -> None:
    parts = [STREET, [[113.852, 34.03], [113.853, 34.03]]]

    network = load_roads(write(tmp_path, feature(parts, "MultiLineString", id="m")))

    assert [s.id for s in network.segments] == ["m/1", "m/2"]


def test_oneway_minus_one_turns_the_line_round(tmp_path: Path) -> None:
    street = load_roads(write(tmp_path, feature(oneway="-1"))).segments[0]

    assert street.oneway
    assert street.lonlat[0].tolist() == STREET[1]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        pytest.param(
            feature([[[0, 0], [0, 1], [1, 1], [0, 0]]], "Polygon"),
            "feature 2 is a Polygon, not a LineString",
            id="polygon",
        ),
        pytest.param(feature([1, 2], "Point"), "feature 2 is a Point", id="point"),
        pytest.param(
            feature([[34.03, 113.85], [34.03, 113.851]]), "swapped", id="swapped"
        ),
        pytest.param(
            feature([[500000, 3700000], [500100, 3700000]]),
            "look projected",
            id="projected metres",
        ),
        pytest.param(feature([[1, "x"], [2, 3]]), "pairs of numbers", id="words"),
        pytest.param(feature([STREET[0]] * 2), "one place only", id="no length"),
        pytest.param({"type": "Feature"}, "no geometry", id="no geometry"),
        pytest.param(7, "feature 2 is not a GeoJSON feature", id="a number"),
        pytest.param(feature(id="a"), "the id 'a'", id="same id twice"),
        pytest.param(feature(**{"class": 9}), "road class", id="unknown class"),
        pytest.param(feature(width_m="wide"), "width_m", id="width in words"),
        pytest.param(feature(oneway="perhaps"), "oneway", id="oneway perhaps"),
        pytest.param(feature(absent_zones=["moat"]), "moat", id="unknown zone"),
    ],
)
def test_refuses_in_one_sentence(tmp_path: Path, broken: object, says: str) -> None:
    with pytest.raises(RoadsError, match=says) as caught:
        load_roads(write(tmp_path, feature(id="a"), broken))

    assert "\n" not in str(caught.value)
    assert "roads.geojson" in str(caught.value) or "the id" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"<osm/>", "not JSON", id="xml"),
        pytest.param(b"\xff\xfe\x00", "not UTF-8", id="bytes"),
        pytest.param(b"[]", "not a FeatureCollection", id="a list"),
        pytest.param(b'{"type": "Feature"}', "not a FeatureCollection", id="feature"),
        pytest.param(
            b'{"type": "FeatureCollection", "features": []}', "no features", id="empty"
        ),
        pytest.param(b"", "not JSON", id="empty file"),
    ],
)
def test_refuses_files_that_hold_no_roads(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "roads.json"
    path.write_bytes(content)

    with pytest.raises(RoadsError, match=says):
        load_roads(path)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        load_roads(tmp_path / "none.geojson")


def test_near_roads_pass_the_check(tmp_path: Path) -> None:
    check_near(load_roads(write(tmp_path, feature())), [(113.88, 34.04)])


@pytest.mark.parametrize(
    ("line", "track", "says"),
    [
        pytest.param(
            [[34.03, 60.2], [34.03, 60.3]],
            [(60.25, 34.03)],
            "the road file look swapped",
            id="roads swapped, both numbers below 90",
        ),
        pytest.param(
            [[60.25, 34.03], [60.26, 34.03]],
            [(34.03, 60.25)],
            "look swapped",
            id="track swapped",
        ),
        pytest.param(
            STREET,
            [(116.4, 39.9)],
            "give the road file of the place",
            id="another city",
        ),
    ],
)
def test_far_roads_are_refused_with_the_likely_reason(
    tmp_path: Path, line: object, track: list[tuple[float, float]], says: str
) -> None:
    network = load_roads(write(tmp_path, feature(line)))

    with pytest.raises(RoadsError, match="within 5 km") as caught:
        check_near(network, track)

    assert says in str(caught.value)
