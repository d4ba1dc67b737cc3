"""File forms: what is written is read back; what is wrong is said in one sentence."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest

from service.scoring import (
    check_references,
    coverage_rows,
    findings_geojson,
    read_coverage,
    read_findings,
    read_scores,
    write_coverage,
    write_findings,
    write_scores,
)
from vision.errors import FormError, NotFoundError, OutputError
from vision.types import Evidence

MINIMAL = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [113.83, 34.02]},
            "properties": {
                "id": "a",
                "category": "litter",
                "zone": "carriageway",
                "segment_id": "s1",
                "side": "left",
                "offset_m": 12.5,
                "state": "confirmed",
                "probability": 1,
            },
        }
    ],
}
PIECE = {
    "segment_id": "s1",
    "zone": "carriageway",
    "side": "left",
    "from_m": 0,
    "to_m": 100,
    "status": "seen",
}


def test_findings_come_back_as_they_were(tmp_path, example_1) -> None:
    picture = Evidence(
        "evidence/1.jpg", "evidence/1-0.jpg", (1.0, 2.0, 3.0, 4.0), "a.mp4", 1.5, 1.5
    )
    whole = replace(
        example_1[0],
        evidence=(picture,),
        first_seen="2026-11-20T01:02:03.000Z",
        size_m=0.3,
        candidate=True,
        severity="light",
        element="road_surface",
        segment_id=None,
        side=None,
        offset_m=None,
    )
    findings = [whole, *example_1[1:]]
    path = tmp_path / "findings.geojson"

    write_findings(path, findings)

    back = read_findings(path)
    assert [f.id for f in back] == [f.id for f in findings]
    for was, now in zip(findings, back, strict=True):
        assert (now.lon, now.lat) == pytest.approx((was.lon, was.lat), abs=1e-8)
        assert replace(now, lon=was.lon, lat=was.lat) == was


def test_findings_carry_exactly_the_documented_properties(example_1) -> None:
    feature = findings_geojson(example_1)["features"][0]

    assert list(feature["properties"]) == [
        *("id", "category", "zone", "element", "state", "probability", "severity"),
        *("sigma_m", "segment_id", "side", "offset_m", "first_seen", "last_seen"),
        *("evidence", "candidate", "zone_probability", "size_m"),
    ]


def test_findings_by_hand_need_few_properties(tmp_path) -> None:
    path = tmp_path / "findings.geojson"
    path.write_text("\ufeff" + json.dumps(MINIMAL), encoding="utf-8")

    (finding,) = read_findings(path)

    assert (finding.id, finding.zone, finding.offset_m) == ("a", "carriageway", 12.5)
    assert (finding.severity, finding.candidate, finding.evidence) == (None, False, ())


def changed(path: list, value: object) -> dict:
    form = copy.deepcopy(MINIMAL)
    here = form["features"][0]
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return form


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param(
            changed(["properties", "probability"], 1.7),
            r"feature 1, field properties\.probability: .*got 1\.7",
            id="probability",
        ),
        pytest.param(
            changed(["properties", "state"], "done"),
            r"feature 1, field properties\.state: .*'confirmed'.*got 'done'",
            id="state",
        ),
        pytest.param(
            changed(["properties", "side"], "north"), r"properties\.side", id="side"
        ),
        pytest.param(
            changed(["properties", "zone"], "roof"), "zone must be one of", id="zone"
        ),
        pytest.param(
            changed(["geometry", "coordinates"], [34.02, 113.83]),
            "longitude, latitude",
            id="swapped",
        ),
        pytest.param(
            changed(["geometry", "type"], "Polygon"), r"geometry\.type", id="polygon"
        ),
        pytest.param(changed(["geometry"], None), "field geometry", id="no place"),
        pytest.param(
            {"type": "FeatureCollection", "features": MINIMAL["features"] * 2},
            "feature 2.*'a' is also feature 1",
            id="same id twice",
        ),
        pytest.param({"type": "FeatureCollection"}, "field features", id="no list"),
        pytest.param([1, 2], "no GeoJSON FeatureCollection", id="another file"),
    ],
)
def test_wrong_findings_name_the_feature_and_the_field(tmp_path, form, said) -> None:
    path = tmp_path / "findings.geojson"
    path.write_text(json.dumps(form), encoding="utf-8")

    with pytest.raises(FormError, match=f"^findings.geojson.*{said}") as caught:
        read_findings(path)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["id", "category", "state", "probability", "segment_id"]
)
def test_a_finding_without_what_it_needs_is_refused(tmp_path, name) -> None:
    form = copy.deepcopy(MINIMAL)
    del form["features"][0]["properties"][name]
    path = tmp_path / "findings.geojson"
    path.write_text(json.dumps(form), encoding="utf-8")

    with pytest.raises(FormError, match=rf"feature 1, field properties\.{name}: "):
        read_findings(path)


def test_coverage_comes_back_as_it_was(tmp_path, street) -> None:
    pieces = street(unseen=frozenset({"corner"})).coverage()
    path = tmp_path / "coverage.json"

    write_coverage(path, pieces)

    assert read_coverage(path) == pieces
    assert list(coverage_rows(pieces)[0]) == [*PIECE, "reason"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param({**PIECE, "status": "clean"}, "row 2, field status", id="status"),
        pytest.param({**PIECE, "zone": "roof"}, "zone must be one of", id="zone"),
        pytest.param({**PIECE, "to_m": 0}, "to_m must exceed from_m", id="no length"),
        pytest.param(
            {**PIECE, "from_m": -1}, "row 2, field from_m.*got -1", id="before"
        ),
        pytest.param({**PIECE, "to_m": "end"}, "row 2, field to_m.*'end'", id="text"),
        pytest.param({"zone": "corner"}, "row 2, field segment_id", id="missing"),
        pytest.param("seen", "row 2", id="no object"),
    ],
)
def test_wrong_coverage_names_the_row_and_the_field(tmp_path, row, said) -> None:
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps([PIECE, row]), encoding="utf-8")

    with pytest.raises(FormError, match=f"^coverage.json: .*{said}"):
        read_coverage(path)


def test_scores_come_back_as_they_were(tmp_path, street, example_1) -> None:
    road = street(recall={"litter": 0.5})
    unseen = replace(road, unseen=frozenset({"carriageway", "pavement"}))
    scores = [road.score(example_1), unseen.score(example_1)]
    path = tmp_path / "scores.json"

    write_scores(path, scores)

    assert read_scores(path) == scores


def test_a_score_without_a_status_is_refused(tmp_path) -> None:
    path = tmp_path / "scores.json"
    path.write_text('[{"segment_id": "s1"}]', encoding="utf-8")

    with pytest.raises(FormError, match=r"^scores.json: row 1, field status"):
        read_scores(path)


@pytest.mark.parametrize("read", [read_findings, read_coverage, read_scores])
def test_files_that_are_not_there_or_not_json_are_refused(tmp_path, read) -> None:
    torn = tmp_path / "torn.json"
    torn.write_text('[{"segment_id": ', encoding="utf-8")
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(NotFoundError, match=r"nowhere\.json"):
        read(tmp_path / "nowhere.json")
    with pytest.raises(FormError, match=r"torn\.json is not JSON"):
        read(torn)
    with pytest.raises(FormError, match=r"binary\.json is not JSON"):
        read(binary)
    with pytest.raises(FormError, match="cannot be read"):
        read(tmp_path)


def test_a_place_that_cannot_be_written_is_refused(tmp_path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_coverage(tmp_path / "no" / "folder.json", [])


def test_finds_and_coverage_of_other_roads_are_refused(street, find) -> None:
    road = street()
    stray = find(1, "litter", segment_id="s9")
    foreign = [replace(p, segment_id="s8") for p in road.coverage()]

    check_references(
        [find(2, "litter", segment_id=None)], road.coverage(), [road.segment]
    )
    with pytest.raises(FormError, match="'f001' lies on segment 's9'"):
        check_references([stray], [], [road.segment])
    with pytest.raises(FormError, match="segment 's8'"):
        check_references([], foreign, [road.segment])


def test_finds_of_an_unknown_category_are_refused(find) -> None:
    known, strange = (
        find(n, name, segment_id=None) for n, name in ((1, "litter"), (2, "liter"))
    )

    check_references([known], [], [], categories={"litter"})
    with pytest.raises(FormError, match="'f002' has the category 'liter'"):
        check_references([known, strange], [], [], categories={"litter"})


def test_a_place_beyond_the_segments_end_is_refused(street, find) -> None:
    road = street()
    length_m = road.segment.length_m
    near = find(1, "litter", offset_m=length_m + 4.0)

    check_references([near], [], [road.segment])
    for offset_m in (length_m + 50.0, -30.0):
        far = replace(near, offset_m=offset_m)
        with pytest.raises(FormError, match="m long; give offset_m"):
            check_references([far], [], [road.segment])
