"""Each verb alone, and its output read by its neighbours."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from service.cli import main

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("audited")
    assert main(["audit", str(SAMPLE), "--device", "cpu", "--out", str(out)]) == 0
    return out


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a verb and return what it printed."""
    capsys.readouterr()
    assert main(list(map(str, arguments))) == 0
    return capsys.readouterr().out


def test_telemetry_csv_has_the_documented_header_and_utc_times(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = said(capsys, "telemetry", SAMPLE / "track.gpx").splitlines()

    assert lines[0] == "time,lon,lat,alt_m,speed_mps,course_deg"
    assert lines[1].split(",")[0].endswith("Z")


def test_telemetry_forms_are_read_back_as_the_same_fixes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = said(capsys, "telemetry", SAMPLE / "track.gpx")
    (tmp_path / "track.csv").write_text(first, "utf-8")
    gpx = said(capsys, "telemetry", tmp_path / "track.csv", "--format", "gpx")
    (tmp_path / "again.gpx").write_text(gpx, "utf-8")

    again = said(capsys, "telemetry", tmp_path / "again.gpx")

    places = [
        [
            (r["time"][:19], f"{float(r['lon']):.6f}", f"{float(r['lat']):.6f}")
            for r in rows
        ]
        for rows in (csv.DictReader(io.StringIO(t)) for t in (first, again))
    ]
    assert places[0] == places[1]


def test_match_gives_one_row_a_fix(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = said(capsys, "telemetry", SAMPLE / "track.gpx")
    fixes = list(csv.DictReader(io.StringIO(table)))
    short = tmp_path / "short.csv"
    short.write_text(
        "time,lon,lat\n"
        + "".join(f"{f['time']},{f['lon']},{f['lat']}\n" for f in fixes),
        "utf-8",
    )

    rows = json.loads(said(capsys, "match", short, "--roads", SAMPLE / "roads.geojson"))

    assert len(rows) == len(fixes)
    assert set(rows[0]) == {
        "time",
        "lon",
        "lat",
        "segment_id",
        "offset_m",
        "probability",
    }
    known = {
        f["properties"]["id"]
        for f in json.loads((SAMPLE / "roads.geojson").read_text("utf-8"))["features"]
    }
    assert {r["segment_id"] for r in rows} <= known
    assert len({r["segment_id"] for r in rows}) >= 3


def test_detect_json_is_in_pixels_of_the_given_image(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shared: Path
) -> None:
    photos = shared / "data" / "street" / "amsterdam_sidewaste" / "images"
    given = sorted(photos.iterdir())[:4]

    rows = json.loads(said(capsys, "detect", *given, "--out", tmp_path / "boxes"))

    assert [r["image"] for r in rows] == [str(p) for p in given]
    assert sum(len(r["detections"]) for r in rows) > 0
    for row, path in zip(rows, given, strict=True):
        height, width = cv2.imread(str(path)).shape[:2]
        assert (row["width"], row["height"]) == (width, height)
        assert set(row) == {"image", "width", "height", "detections"}
        for box in row["detections"]:
            assert set(box) == {"category", "confidence", "xyxy"}
            x1, y1, x2, y2 = box["xyxy"]
            assert 0 <= x1 < x2 <= width
            assert 0 <= y1 < y2 <= height
        assert (tmp_path / "boxes" / f"{path.stem}.jpg").is_file()


def test_a_higher_confidence_never_gives_more_boxes(
    capsys: pytest.CaptureFixture[str], shared: Path
) -> None:
    photos = shared / "data" / "street" / "amsterdam_sidewaste" / "images"
    image = min(photos.iterdir())

    counts = [
        len(
            json.loads(said(capsys, "detect", image, "--confidence", c))[0][
                "detections"
            ]
        )
        for c in (0.1, 0.4, 0.9)
    ]

    assert counts == sorted(counts, reverse=True)


def test_score_of_an_audit_s_own_files_gives_its_scores_again(
    audited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[dict[str, Any]] = json.loads(
        said(
            capsys,
            "score",
            audited / "findings.geojson",
            "--coverage",
            audited / "coverage.json",
            "--roads",
            SAMPLE / "roads.geojson",
        )
    )

    first = json.loads((audited / "scores.json").read_text("utf-8"))
    values = [{r["segment_id"]: r["value"] for r in some} for some in (first, rows)]
    again = {name: values[1].pop(name) for name in values[0]}
    assert again == pytest.approx(values[0], abs=0.01)
    assert set(values[1].values()) <= {None}  # finds beside streets not driven


def test_audit_leaves_every_promised_file(audited: Path) -> None:
    names = {p.name for p in audited.iterdir()}

    assert names >= {
        "report.html",
        "segments.geojson",
        "findings.geojson",
        "coverage.json",
        "scores.json",
        "台账.csv",
        "run.json",
        "evidence",
    }
    assert (audited / "台账.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_every_finding_shows_a_picture_that_exists(audited: Path) -> None:
    features = json.loads((audited / "findings.geojson").read_text("utf-8"))["features"]

    assert features
    for feature in features:
        best = feature["properties"]["evidence"][0]
        assert (audited / best["image"]).is_file()
        assert (audited / best["crop"]).is_file()


def test_every_stored_picture_belongs_to_a_finding(audited: Path) -> None:
    features = json.loads((audited / "findings.geojson").read_text("utf-8"))["features"]

    shown = {
        best[kind]
        for feature in features
        for best in feature["properties"]["evidence"]
        for kind in ("image", "crop")
    }
    stored = {f"evidence/{p.name}" for p in (audited / "evidence").iterdir()}
    assert stored == shown


def test_every_lost_point_names_findings_that_exist(audited: Path) -> None:
    features = json.loads((audited / "findings.geojson").read_text("utf-8"))["features"]
    known = {f["properties"]["id"] for f in features}

    for score in json.loads((audited / "scores.json").read_text("utf-8")):
        assert {i for d in score["deductions"] for i in d["finding_ids"]} <= known
        if score["value"] is not None:
            lost = sum(d["points"] for d in score["deductions"])
            assert score["value"] == pytest.approx(100 - lost, abs=1e-5)


def test_masking_a_video_keeps_its_size_and_length(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shared: Path
) -> None:
    source = shared / "data" / "drives" / "kitti_0005"
    video = next(source.glob("*.mp4"))

    said(capsys, "mask", video, "--out", tmp_path / "masked.mp4")

    with av.open(str(video)) as one, av.open(str(tmp_path / "masked.mp4")) as two:
        frames = [
            [f.to_ndarray(format="gray") for f in c.decode(video=0)] for c in (one, two)
        ]
    assert len(frames[0]) == len(frames[1])
    assert frames[0][0].shape == frames[1][0].shape
    changed = [np.abs(a.astype(int) - b).max() for a, b in zip(*frames, strict=True)]
    assert max(changed) > 60


def test_models_and_standards_list_what_is_installed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = said(capsys, "models")
    assert "street@1" in shown
    assert "layout@1" in shown
    assert "camvid_val: mean IoU" in shown
    assert "xuchang@1" in said(capsys, "standards")
    listed = [card["id"] for card in json.loads(said(capsys, "models", "--json"))]
    assert listed == ["street@1", "street@2", "layout@1"]
    names = [one["name"] for one in json.loads(said(capsys, "standards", "--json"))]
    assert names == ["hetown", "xuchang", "alley"]
