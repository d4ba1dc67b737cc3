"""Real footage with real telemetry, through the whole audit."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from service.cli import main
from vision.catalogue import load_card, load_layout_card
from vision.detect import load_detector
from vision.encode import encode_masked
from vision.evidence import PictureOptions
from vision.footage import open_video
from vision.geo import LocalFrame
from vision.privacy import head_regions, mask_regions, private_regions
from vision.scene import load_layout


def audit(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """Audit on the CPU and return the JSON it prints."""
    code = main(["audit", *map(str, arguments), "--device", "cpu", "--json"])
    assert code == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def read(out: Path, name: str) -> list[dict[str, Any]]:
    """Return the features of one layer of a report folder."""
    features: list[dict[str, Any]] = json.loads((out / name).read_text("utf-8"))[
        "features"
    ]
    return features


def farthest_m(out: Path, path: np.ndarray) -> float:
    """Return how far any vertex of the segments lies from a true path of lon/lat."""
    frame = LocalFrame(*path[0])
    lines = [f["geometry"]["coordinates"] for f in read(out, "segments.geojson")]
    places = frame.to_xy(np.concatenate([np.array(line) for line in lines]))
    true = frame.to_xy(path)
    apart = np.linalg.norm(places[:, None] - true[None], axis=2)
    return float(apart.min(axis=1).max())


def test_gopro_alone_lays_segments_along_its_own_gps(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "data" / "drives" / "gopro_pavement"
    lone = tmp_path / "max-heromode.mp4"
    lone.write_bytes((folder / "max-heromode.mp4").read_bytes())

    answer = audit(capsys, lone, "--out", tmp_path / "out")

    assert answer["run"]["telemetry"]["format"] == "gpmf"
    assert answer["run"]["assumed"] == ["roads", "camera"]
    with (folder / "max-heromode_gps_18hz.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    lat, lon = (
        next(k for k in rows[0] if k.lower().startswith(n)) for n in ("lat", "lon")
    )
    path = np.array([[float(r[lon]), float(r[lat])] for r in rows])
    assert farthest_m(tmp_path / "out", path) < 2.0
    frames = answer["run"]["frames_sampled"]
    assert (
        answer["run"]["driven_m"] / 3 - 1 <= frames <= answer["run"]["driven_m"] / 3 + 2
    )


def test_kitti_vehicles_are_found_parked_and_moving(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "data" / "drives" / "kitti_0005"
    video = next(folder.glob("*.mp4"))

    audit(capsys, video, "--track", folder / "track.gpx", "--out", tmp_path / "out")

    found = [f["properties"] for f in read(tmp_path / "out", "vehicles.geojson")]
    sure = [v for v in found if v["probability"] >= 0.5]
    assert len([v for v in sure if v["stationary_probability"] >= 0.5]) >= 3
    assert len([v for v in sure if v["stationary_probability"] < 0.5]) >= 1
    with (folder / "gps_imu.csv").open() as lines:
        path = np.array(
            [[float(r["lon"]), float(r["lat"])] for r in csv.DictReader(lines)]
        )
    assert farthest_m(tmp_path / "out", path) < 2.0


@pytest.mark.parametrize("drive", ["gopro_pavement", "kitti_0005"])
def test_stored_pictures_show_nothing_private(
    drive: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = next((shared / "data" / "drives" / drive).glob("*.mp4"))

    audit(capsys, video, "--out", tmp_path / "out")

    found = read(tmp_path / "out", "findings.geojson")
    pictures = {
        (e["image"], e["drive_s"]) for f in found for e in f["properties"]["evidence"]
    }
    assert pictures
    detector = load_detector(load_card("street@2"), device="cpu")
    reader = load_layout(load_layout_card("layout@1"), device="cpu")
    source = open_video(video)
    masked = 0
    for name, drive_s in pictures:
        frame = next(source.frames([drive_s], 0))
        regions = private_regions(detector.detect(frame), frame.image.shape)
        people = reader.read(frame.image).people()
        regions += head_regions(people, frame.image.shape)
        quality = PictureOptions().jpeg_quality
        file = encode_masked(mask_regions(frame.image, regions), quality=quality)
        stored = (tmp_path / "out" / name).read_bytes()
        wanted, shown = (
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(int)
            for data in (file, stored)
        )
        assert np.abs(shown - wanted).max() <= 2
        masked += len(regions)
    assert masked > 0


def test_drive_without_gps_says_in_one_sentence_what_is_missing(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = next((shared / "data" / "drives" / "cambridge").glob("*.mp4"))

    code = main(["audit", str(video), "--out", str(tmp_path / "out")])

    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    assert "GPS" in said.err
    assert "--track" in said.err


@pytest.mark.parametrize(
    ("folder", "photos", "near"),
    [
        pytest.param("portland_photos", 1, None, id="one photo"),
        pytest.param(
            "larochelle_photos", 6, (46.1621, -1.1393), id="six photos of one drive"
        ),
    ],
)
def test_photos_are_placed_by_their_exif(
    folder: str,
    photos: int,
    near: tuple[float, float] | None,
    shared: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = shared / "data" / "drives" / folder

    answer = audit(capsys, source, "--out", tmp_path / "out")

    assert answer["run"]["telemetry"]["format"] == "exif"
    assert answer["run"]["frames_sampled"] == photos
    assert len(answer["scores"]) >= 1
    if near is not None:
        lat, lon = near
        start = read(tmp_path / "out", "segments.geojson")[0]["geometry"]["coordinates"]
        assert abs(start[0][0] - lon) < 1e-3
        assert abs(start[0][1] - lat) < 1e-3
