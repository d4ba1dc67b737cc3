"""A whole measurement of two photos by a double, written, read back and shown."""

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.training.evaluate.builders import label_maps
from training.evaluate import append_comparison, measure, read_comparison
from training.evaluate.page import render_page
from training.evaluate.report import read_report, write_report
from training.evaluate.run import Measured
from training.evaluate.seen import Eye
from training.evaluate.worst import cut, worst_crops
from training.types import Box, LabelledImage
from vision.detect import FakeBox, FakeDetector
from vision.errors import FormError

NAMES = ("litter", "graffiti", "face")
TRUTH = (Box("litter", 0.0, 0.0, 0.2, 0.2), Box("graffiti", 0.5, 0.5, 0.9, 0.9))


@pytest.fixture
def eye(tmp_path: Path) -> Eye:
    found = [
        FakeBox("litter", (0, 0, 20, 20), 0.9),
        FakeBox("litter", (70, 0, 90, 20), 0.8),
    ]
    detector = FakeDetector(NAMES, {0: found})
    return Eye(detector, "fake@1", "f" * 64, "100", 100, tmp_path / "memory")


@pytest.fixture
def measured(tmp_path: Path, eye: Eye) -> Measured:
    images = []
    for name in "abcd":
        noise = np.random.default_rng(ord(name)).integers(0, 255, (100, 100, 3))
        cv2.imwrite(str(tmp_path / f"{name}.png"), noise.astype(np.uint8))
        path = tmp_path / f"{name}.png"
        images.append(LabelledImage(path, TRUTH, "photos", name, frozenset(NAMES)))
    parts = {"val": images, "test": [*images, _broken(tmp_path)]}
    return measure(eye, parts, label_maps())


def _broken(folder: Path) -> LabelledImage:
    (folder / "broken.png").write_bytes(b"no picture")
    return LabelledImage(folder / "broken.png", (), "photos", "x", frozenset())


def test_a_picture_that_does_not_decode_is_skipped(measured: Measured) -> None:
    assert measured.report.pictures == {"real": 4, "rendered": 0}


def test_each_picture_is_a_scene_with_one_of_two_boxes_right(
    measured: Measured,
) -> None:
    row = measured.report.classes["litter"].kinds["real"]

    assert (row.instances, row.groups) == (4, 4)
    assert row.ap50 == 1.0  # every hit is surer than every false box
    assert measured.report.classes["graffiti"].kinds["real"].ap50 == 0.0
    assert list(measured.report.classes["litter"].kinds) == ["real"]


def test_a_report_is_read_back_as_it_was(tmp_path: Path, measured: Measured) -> None:
    write_report(tmp_path / "report.json", measured.report)

    assert read_report(tmp_path / "report.json") == measured.report
    (tmp_path / "report.json").write_text("{}", "utf-8")
    with pytest.raises(FormError, match=r"report\.json, network"):
        read_report(tmp_path / "report.json")


def test_a_second_look_is_remembered(
    tmp_path: Path, measured: Measured, eye: Eye
) -> None:
    kept = sorted((tmp_path / "memory").rglob("*.npz"))
    blind = FakeDetector(NAMES, {})
    again = Eye(blind, eye.network, eye.sha256, eye.size, 100, eye.memory)
    images = [seen.image for seen in measured.seen["real"].pictures]

    got = measure(again, {"val": images, "test": images}, label_maps())

    assert len(kept) == 4
    assert got.report.classes == measured.report.classes


def test_measuring_again_replaces_the_row(tmp_path: Path, measured: Measured) -> None:
    for _ in range(2):
        append_comparison(tmp_path / "comparison.json", measured.report)

    rows = read_comparison(tmp_path / "comparison.json")

    assert [(row["network"], row["size"]) for row in rows] == [("fake@1", "100")]
    assert "rendered" not in rows[0]


def test_the_page_shows_both_faults_and_needs_no_other_file(
    measured: Measured, eye: Eye
) -> None:
    points = dict.fromkeys(NAMES, 0.5)
    crops = worst_crops(measured.seen["real"], NAMES, points, eye.detector)

    page = render_page(measured.report, {"real": crops, "rendered": {}})

    assert {c.fault for c in crops["litter"]} == {"false"}
    assert {c.fault for c in crops["graffiti"]} == {"missed"}
    assert "litter 0.80" in page
    assert "<polyline" in page
    assert "http" not in page
    assert "rendered pictures" not in page


def test_a_face_in_a_crop_is_masked() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (100, 100, 3)).astype(np.uint8)
    box = np.array([10.0, 10.0, 90.0, 90.0])
    face = FakeDetector(NAMES, {0: [FakeBox("face", (30, 30, 70, 70), 0.1)]})

    plain = cut(noise, box, "x", "found", FakeDetector(NAMES, {}))
    masked = cut(noise, box, "x", "found", face)

    assert _roughness(masked.jpeg) < 0.6 * _roughness(plain.jpeg)


def _roughness(jpeg: str) -> float:
    data = np.frombuffer(base64.b64decode(jpeg), np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    middle = pixels[100:160, 100:160].astype(np.float64)
    return float(np.abs(np.diff(middle, axis=1)).mean())
