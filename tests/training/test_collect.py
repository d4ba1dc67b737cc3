"""Rendered frames as they are gathered."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.collect import load_maps, rendered_frames
from training.labels import RENDERED
from training.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


def frame(folder: Path, ranges_m: list[float] | None) -> Path:
    """Write one rendered frame with two boxes, the second of a line that is no box."""
    for name in ("images", "labels", "meta"):
        (folder / name).mkdir(parents=True)
    (folder / "classes.txt").write_text("litter\nstall\n")
    stem = "synth_50001_look00"
    pixels = np.random.default_rng(0).integers(0, 255, (96, 96, 3), np.uint8)
    cv2.imwrite(str(folder / "images" / f"{stem}.jpg"), pixels)
    lines = ["0 0.5 0.5 0.2 0.2", "7 0.5 0.5 0.2 0.2", "1 0.4 0.4 0.2 0.2"]
    (folder / "labels" / f"{stem}.txt").write_text("\n".join(lines) + "\n")
    meta = {} if ranges_m is None else {"ranges_m": ranges_m}
    (folder / "meta" / f"{stem}.json").write_text(json.dumps(meta))
    return folder


@pytest.mark.parametrize(
    ("noted", "wanted"),
    [
        pytest.param([8.5, 9.0, 31.0], [8.5, 31.0], id="by line"),
        pytest.param([8.5], [None, None], id="of another label file"),
        pytest.param(None, [None, None], id="an older frame"),
    ],
)
def test_a_box_knows_how_far_off_it_was_rendered(
    tmp_path: Path, noted: list[float] | None, wanted: list[float | None]
) -> None:
    _, maps = load_maps(Workspace.beside(ROOT))

    (image,) = rendered_frames(frame(tmp_path / "set", noted), maps[RENDERED], [])

    assert [box.range_m for box in image.boxes] == wanted


@pytest.mark.parametrize("note", ["{", "[]", ""])
def test_a_broken_note_leaves_the_ranges_unknown(tmp_path: Path, note: str) -> None:
    _, maps = load_maps(Workspace.beside(ROOT))
    folder = frame(tmp_path / "set", None)
    next((folder / "meta").iterdir()).write_text(note)

    (image,) = rendered_frames(folder, maps[RENDERED], [])

    assert [box.range_m for box in image.boxes] == [None, None]
