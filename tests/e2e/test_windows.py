"""The trainer is shown windows of frames: boxes stay on things, things keep their size.

Runs in the environment of training, which `make` builds where it is not there yet.
"""

from __future__ import annotations

import json
import statistics
import subprocess
from pathlib import Path

import pytest

from training.windows import SCALE

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-train" / "bin" / "python"
WIDTH_PX = 32
INPUT_PX = 128

pytestmark = pytest.mark.timeout(1500)  # the environment may have to be installed

Pairs = list[tuple[list[float], list[float]]]


def shown(folder: Path, mosaic: float) -> dict[str, Pairs]:
    subprocess.run(
        ["make", "--silent", ".venv-train/.ready"], cwd=ROOT, check=True, text=True
    )
    done = subprocess.run(
        [str(PYTHON), "-m", "tests.e2e.show_windows", str(folder), str(mosaic)],
        cwd=ROOT,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    said: dict[str, Pairs] = json.loads(done.stdout.splitlines()[-1])
    return said


def whole_widths(pairs: Pairs) -> list[float]:
    return [b[2] - b[0] for b, _ in pairs if b[0] > 1 and b[2] < INPUT_PX - 1]


def test_windows_keep_boxes_and_size(tmp_path: Path) -> None:
    said = shown(tmp_path, 0.0)
    widths = whole_widths(said["rows"])

    assert len(widths) >= 12
    for box, red in said["rows"]:
        assert box == pytest.approx(red, abs=1.6)
    assert min(widths) >= WIDTH_PX * SCALE[0] - 1
    assert max(widths) <= WIDTH_PX * SCALE[1] + 1
    assert statistics.median(widths) > 25  # shrunk to the input it would be 13


def test_mosaics_keep_boxes_and_give_way_to_windows(tmp_path: Path) -> None:
    said = shown(tmp_path, 1.0)

    assert len(said["rows"]) >= 12
    for box, red in said["rows"]:
        assert box == pytest.approx(red, abs=1.6)
    assert statistics.median(whole_widths(said["rows"])) < 16
    assert max(whole_widths(said["calm"])) > 18
