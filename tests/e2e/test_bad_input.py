"""Every bad input is one sentence and exit code 2, without a trace."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"
VIDEO = SAMPLE / "drive.mp4"
TRACK = SAMPLE / "track.gpx"
ROADS = SAMPLE / "roads.geojson"


def liujing(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def lone_video(folder: Path) -> Path:
    """Copy the drive without its track, roads and camera."""
    copy = folder / "lone.mp4"
    copy.write_bytes(VIDEO.read_bytes())
    return copy


def other_day(folder: Path) -> Path:
    text = TRACK.read_text("utf-8").replace("2026-09-15T", "2026-09-12T")
    path = folder / "other-day.gpx"
    path.write_text(text, "utf-8")
    return path


def roads_with(folder: Path, change: Callable[[dict[str, object]], None]) -> Path:
    roads = json.loads(ROADS.read_text("utf-8"))
    change(roads)
    path = folder / "roads-bad.geojson"
    path.write_text(json.dumps(roads), "utf-8")
    return path


def polygons(roads: dict[str, object]) -> None:
    for feature in roads["features"]:  # type: ignore[attr-defined]
        line = feature["geometry"]["coordinates"]
        feature["geometry"] = {
            "type": "Polygon",
            "coordinates": [[*line, *line[::-1][:1], line[0]]],
        }


def no_roads(roads: dict[str, object]) -> None:
    roads["features"] = []


def swapped(roads: dict[str, object]) -> None:
    for feature in roads["features"]:  # type: ignore[attr-defined]
        geometry = feature["geometry"]
        geometry["coordinates"] = [[y, x] for x, y in geometry["coordinates"]]


def square_camera(folder: Path) -> Path:
    text = (SAMPLE / "camera.toml").read_text("utf-8")
    text = text.replace("width_px = 1280", "width_px = 640")
    path = folder / "square.toml"
    path.write_text(text.replace("height_px = 720", "height_px = 640"), "utf-8")
    return path


def timeless(folder: Path) -> Path:
    text = re.sub(r"<time>[^<]*</time>", "", TRACK.read_text("utf-8"))
    path = folder / "timeless.gpx"
    path.write_text(text, "utf-8")
    return path


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


LITER = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [113.8, 34.0]},
            "properties": {
                "id": "f1",
                "category": "liter",
                "state": "confirmed",
                "probability": 1,
                "segment_id": None,
            },
        }
    ],
}


def photo(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), "grey").save(path)
    return path


CASES: list[tuple[str, Callable[[Path], list[object]], str]] = [
    ("no such file", lambda d: ["audit", d / "none.mp4"], "none.mp4"),
    (
        "not a video",
        lambda d: ["audit", written(d, "text.mp4", b"this is a letter\n" * 99)],
        "text.mp4",
    ),
    ("empty file", lambda d: ["audit", written(d, "empty.mp4", b"")], "empty"),
    ("no GPS and no track", lambda d: ["audit", lone_video(d)], "--track"),
    (
        "track of another day",
        lambda d: ["audit", lone_video(d), "--track", other_day(d)],
        "2026-09-12",
    ),
    (
        "roads with polygons",
        lambda d: ["audit", SAMPLE, "--roads", roads_with(d, polygons)],
        "Polygon",
    ),
    (
        "empty roads",
        lambda d: ["audit", SAMPLE, "--roads", roads_with(d, no_roads)],
        "roads-bad.geojson",
    ),
    (
        "swapped lon and lat",
        lambda d: ["audit", SAMPLE, "--roads", roads_with(d, swapped)],
        "swapped",
    ),
    (
        "out folder that cannot be written",
        lambda d: ["audit", SAMPLE, "--out", written(d, "file", b"") / "out"],
        "--out",
    ),
    (
        "unknown standard",
        lambda _: ["audit", SAMPLE, "--standard", "atlantis@7"],
        "atlantis@7",
    ),
    ("unknown model", lambda _: ["audit", SAMPLE, "--model", "no@1"], "no@1"),
    ("unknown verb", lambda _: ["polish", "x"], "polish"),
    ("no verb", lambda _: [], "VERB"),
    ("no arguments", lambda _: ["audit"], "FOOTAGE"),
    (
        "camera file that is no TOML",
        lambda d: ["audit", SAMPLE, "--camera", written(d, "c.toml", b"= 3")],
        "c.toml",
    ),
    (
        "camera of pictures of another shape",
        lambda d: ["audit", SAMPLE, "--camera", square_camera(d)],
        "640x640",
    ),
    (
        "report folder over the footage",
        lambda d: ["audit", lone_video(d), "--out", d],
        "--out",
    ),
    (
        "track without times",
        lambda d: ["audit", lone_video(d), "--track", timeless(d)],
        "no_time",
    ),
    (
        "telemetry of a text",
        lambda d: ["telemetry", written(d, "letter.txt", b"Dear all,\n")],
        "letter.txt",
    ),
    ("detect without a photo", lambda d: ["detect", d], "photo"),
    (
        "confidence out of range",
        lambda d: ["detect", d, "--confidence", "7"],
        "--confidence",
    ),
    (
        "mask of a text",
        lambda d: ["mask", written(d, "a.jpg", b"no"), "--out", d / "b.jpg"],
        "a.jpg",
    ),
    (
        "findings that are no GeoJSON",
        lambda d: [
            "score",
            written(d, "f.geojson", b"[]"),
            "--coverage",
            written(d, "c.json", b"[]"),
            "--roads",
            ROADS,
        ],
        "f.geojson",
    ),
    (
        "spacing of nothing",
        lambda _: ["audit", SAMPLE, "--spacing", "0"],
        "--spacing",
    ),
    (
        "spacing without end",
        lambda _: ["audit", SAMPLE, "--spacing", "inf"],
        "--spacing",
    ),
    (
        "clock offset that is no number",
        lambda _: ["audit", SAMPLE, "--clock-offset", "nan"],
        "--clock-offset",
    ),
    (
        "finding of a category that nobody knows",
        lambda d: [
            "score",
            written(d, "f.geojson", json.dumps(LITER).encode()),
            "--coverage",
            written(d, "c.json", b"[]"),
            "--roads",
            ROADS,
        ],
        "'liter'",
    ),
    (
        "boxes drawn over the photos themselves",
        lambda d: ["detect", photo(d / "a.jpg").parent, "--out", d],
        "--out",
    ),
]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [pytest.param(make, named, id=name) for name, make, named in CASES],
)
def test_bad_input_is_one_sentence(
    arguments: Callable[[Path], list[object]], named: str, tmp_path: Path
) -> None:
    given = arguments(tmp_path)
    if given and given[0] == "audit" and "--out" not in given and len(given) > 1:
        given += ["--out", tmp_path / "out"]

    done = liujing(*given)

    assert done.returncode == 2, done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stdout == ""


def test_truncated_video_gives_what_it_holds_and_names_the_last_good_second(
    tmp_path: Path,
) -> None:
    whole = VIDEO.read_bytes()
    drive = tmp_path / "drive.mp4"
    drive.write_bytes(whole[: len(whole) * 6 // 10])
    for name in ("track.gpx", "roads.geojson", "camera.toml"):
        (tmp_path / name).write_bytes((SAMPLE / name).read_bytes())

    done = liujing("audit", tmp_path, "--out", tmp_path / "out")

    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "drive.mp4" in done.stderr
    assert " s" in done.stderr
    run = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert run["frames_sampled"] > 10
    assert run["failures"][0]["item"] == "drive.mp4"
    assert (tmp_path / "out" / "report.html").is_file()


def test_damaged_model_is_one_sentence(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for name in ("street@2.toml", "street@2.onnx"):
        (models / name).write_bytes((ROOT / "models" / name).read_bytes())
    model = models / "street@2.onnx"
    model.write_bytes(model.read_bytes()[:-1000])

    done = liujing("audit", SAMPLE, "--models", models, "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "street@2.onnx" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_bad_photo_is_a_failure_beside_the_good_ones(
    tmp_path: Path, shared: Path
) -> None:
    good = shared / "data" / "drives" / "larochelle_photos" / "img_test_panoramx_1.jpg"
    (tmp_path / "good.jpg").write_bytes(good.read_bytes())
    written(tmp_path, "bad.jpg", b"not a photo")

    done = liujing("detect", tmp_path)

    assert done.returncode == 1
    assert [Path(r["image"]).name for r in json.loads(done.stdout)] == ["good.jpg"]
    assert "bad.jpg" in done.stderr


def test_a_photo_that_is_not_there_is_a_failure_beside_the_good_ones(
    tmp_path: Path,
) -> None:
    good = photo(tmp_path / "good.jpg")

    done = liujing("detect", tmp_path / "none.jpg", good)

    assert done.returncode == 1
    assert [r["image"] for r in json.loads(done.stdout)] == [str(good)]
    assert "none.jpg" in done.stderr


def test_photos_of_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    given = [photo(tmp_path / name) for name in ("n/a.jpg", "n/a.png", "s/a.jpg")]

    done = liujing("detect", *given, "--out", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    pictures = sorted(p.name for p in (tmp_path / "out").glob("*.jpg"))
    assert pictures == ["a-2.jpg", "a-3.jpg", "a.jpg"]


def test_a_track_without_times_is_matched_with_unknown_times(tmp_path: Path) -> None:
    (lon, lat), *_ = json.loads(ROADS.read_text("utf-8"))["features"][0]["geometry"][
        "coordinates"
    ]
    places = "".join(f'<trkpt lat="{lat}" lon="{lon + i * 1e-6}"/>' for i in range(9))
    text = f"<gpx version='1.1' creator='t'><trk><trkseg>{places}</trkseg></trk></gpx>"
    track = written(tmp_path, "bare.gpx", text.encode())

    done = liujing("match", track, "--roads", ROADS)

    assert done.returncode == 0, done.stderr
    assert [row["time"] for row in json.loads(done.stdout)] == [None] * 9
