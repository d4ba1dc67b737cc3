"""The shipped sample drive: complete, small, and in the agreed forms."""

import json
import math
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import gpxpy
import pytest

from training.synth.classes import SCORED_CLASSES
from training.synth.drive_files import write_tracks
from training.synth.plan import ZONES

FOLDER = Path(__file__).parents[3] / "datasets" / "sample-drive"
MAX_BYTES = 12_000_000
OBJECT_KEYS = {
    "id",
    "category",
    "lon",
    "lat",
    "zone",
    "segment_id",
    "side",
    "offset_m",
    "first_visible_s",
    "last_visible_s",
}
CAMERA_KEYS = {"pts_s", "lon", "lat", "heading_deg", "pitch_deg", "height_m"}


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def roads() -> dict[str, Any]:
    text = (FOLDER / "roads.geojson").read_text(encoding="utf-8")
    return {f["properties"]["id"]: f for f in json.loads(text)["features"]}


def test_the_folder_is_small() -> None:
    size = sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file())

    assert size <= MAX_BYTES


def test_objects_have_the_agreed_form(
    truth: dict[str, Any], roads: dict[str, Any]
) -> None:
    for row in truth["objects"]:
        assert row.keys() >= OBJECT_KEYS
        assert row["category"] in SCORED_CLASSES
        assert row["zone"] in ZONES
        assert row["side"] in {"left", "right"}
        assert row["segment_id"] in roads
        assert row["offset_m"] >= 0.0
        first, last = row["first_visible_s"], row["last_visible_s"]
        assert (first is None) == (last is None)
        if first is not None:
            assert 0.0 <= first < last < 32.0


def test_most_objects_are_seen(truth: dict[str, Any]) -> None:
    seen = [o for o in truth["objects"] if o["first_visible_s"] is not None]

    assert 35 <= len(seen) <= 60
    assert {o["category"] for o in seen} == SCORED_CLASSES


def test_cameras_cover_every_frame(truth: dict[str, Any]) -> None:
    cameras = truth["cameras"]

    assert all(c.keys() >= CAMERA_KEYS for c in cameras)
    assert [c["pts_s"] for c in cameras] == [k / 10 for k in range(len(cameras))]
    assert 300 <= len(cameras) <= 320


def test_at_least_three_segments_are_driven(
    truth: dict[str, Any], roads: dict[str, Any]
) -> None:
    seen = {o["segment_id"] for o in truth["objects"] if o["first_visible_s"]}

    assert len(seen) >= 3
    assert len(roads) - len(seen) >= 3


def test_roads_have_the_agreed_properties(roads: dict[str, Any]) -> None:
    for feature in roads.values():
        properties = feature["properties"]
        assert feature["geometry"]["type"] == "LineString"
        assert properties["class"] in {"1", "2", "3", "4", "alley"}
        assert properties.keys() >= {
            "name",
            "width_m",
            "oneway",
            "district",
            "unit_grid",
            "responsible_unit",
        }


def test_video_starts_when_the_truth_says(truth: dict[str, Any]) -> None:
    with av.open(str(FOLDER / "drive.mp4")) as container:
        stream = container.streams.video[0]
        created = container.metadata["creation_time"]
        frames = [(f.pts * f.time_base, f.width) for f in container.decode(stream)]

    assert datetime.fromisoformat(created) == datetime.fromisoformat(truth["start_utc"])
    assert len(frames) == len(truth["cameras"])
    assert [float(t) for t, _ in frames] == pytest.approx(
        [c["pts_s"] for c in truth["cameras"]], abs=1e-3
    )
    assert {w for _, w in frames} == {1280}


def test_the_camera_file_agrees_with_the_truth(truth: dict[str, Any]) -> None:
    camera = tomllib.loads((FOLDER / "camera.toml").read_text(encoding="utf-8"))

    assert camera["height_m"] == truth["cameras"][0]["height_m"]
    assert camera["pitch_deg"] == truth["cameras"][0]["pitch_deg"]
    assert camera["lane_offset_m"] == truth["frame"]["lane_offset_m"]


def test_the_default_track_follows_the_cameras(truth: dict[str, Any]) -> None:
    text = (FOLDER / "track.gpx").read_text(encoding="utf-8")
    points = gpxpy.parse(text).tracks[0].segments[0].points
    start = datetime.fromisoformat(truth["start_utc"])
    by_pts = {c["pts_s"]: c for c in truth["cameras"]}

    for point in points:
        camera = by_pts.get(round((point.time - start).total_seconds(), 1))
        if camera is None:
            continue
        north = math.radians(point.latitude - camera["lat"]) * 6378137
        east = math.radians(point.longitude - camera["lon"]) * 6378137 * 0.829
        assert math.hypot(east, north) < 4.0


def test_tracks_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    for path in write_tracks(tmp_path):
        name = path.relative_to(tmp_path)
        assert path.read_bytes() == (FOLDER / name).read_bytes(), name
