"""On a GPU the networks see what they see on the CPU, and an audit finds the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from service.cli import main
from vision.catalogue import load_card, load_layout_card
from vision.detect import load_detector
from vision.footage import open_video
from vision.scene import load_layout
from vision.types import Frame

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        "CUDAExecutionProvider" not in ort.get_available_providers(),
        reason="needs a CUDA device and onnxruntime-gpu",
    ),
]
SAMPLE = Path(__file__).resolve().parents[2] / "datasets" / "sample-drive"
MODEL, LAYOUT = "street@2", "layout@1"
CONFIDENCE_APART = 0.02
"""A GPU adds in another order, and in TF32 where it may."""


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    return list(open_video(SAMPLE / "drive.mp4").frames([1.0, 9.0, 17.0, 25.0], 0))


def test_the_detector_runs_on_the_gpu_and_sees_the_same(frames: list[Frame]) -> None:
    here = load_detector(load_card(MODEL), device="cpu")
    there = load_detector(load_card(MODEL), device="cuda")
    assert there.device == "cuda"

    for frame in frames:
        slow, fast = here.detect(frame), there.detect(frame)

        for seen, other in ((slow, fast), (fast, slow)):
            for row in np.flatnonzero(seen.confidence > 0.3):
                same = other.class_id == seen.class_id[row]
                near = np.abs(other.xyxy - seen.xyxy[row]).max(axis=1) < 2.0
                twins = np.flatnonzero(same & near)
                assert len(twins), (frame.index, seen.class_id[row])
                apart = np.abs(other.confidence[twins] - seen.confidence[row])
                assert apart.min() < CONFIDENCE_APART


def test_the_layout_runs_on_the_gpu_and_reads_the_same(frames: list[Frame]) -> None:
    here = load_layout(load_layout_card(LAYOUT), device="cpu")
    there = load_layout(load_layout_card(LAYOUT), device="cuda")

    for frame in frames:
        slow, fast = here.read(frame.image), there.read(frame.image)

        assert (slow.classes == fast.classes).mean() > 0.995


def test_an_audit_on_the_gpu_finds_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for device in ("cpu", "cuda"):
        out = str(tmp_path / device)
        assert main(["audit", str(SAMPLE), "--device", device, "--out", out]) == 0
    capsys.readouterr()

    def read(device: str, name: str) -> Any:
        return json.loads((tmp_path / device / name).read_text("utf-8"))

    for slow, fast in zip(
        read("cpu", "scores.json"), read("cuda", "scores.json"), strict=True
    ):
        assert slow["segment_id"] == fast["segment_id"]
        assert fast["value"] == pytest.approx(slow["value"], abs=1.0)
    counts = [
        len(read(device, "findings.geojson")["features"]) for device in ("cpu", "cuda")
    ]
    assert abs(counts[0] - counts[1]) <= 2
