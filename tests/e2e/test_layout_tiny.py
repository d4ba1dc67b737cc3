"""The recipe of the layout network on a handful of pictures."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from tests.e2e.tiny_recipe import (
    TRAIN,
    Walk,
    call,
    copied,
    options,
)
from training.layout.recipe import TINY as LAYOUT_TINY
from vision.catalogue import load_layout_card
from vision.scene import load_layout

# The first run may install both environments; slow machines teach slowly.
pytestmark = pytest.mark.timeout(3000)


def test_the_layout_is_taught_measured_and_published(
    walk: Walk, tmp_path: Path, shared: Path
) -> None:
    copied(walk, tmp_path)
    command = [str(TRAIN / "liujing-train"), "layout", *options(tmp_path, shared)]

    done = call(command)

    assert done.code == 0, done.err[-4000:]
    tiny = tmp_path / "build" / "tiny"
    note = json.loads((tiny / "train/runs/layout/fit.json").read_text("utf-8"))
    assert note["step"] == LAYOUT_TINY.steps
    assert set(note["pictures"]) == {"camvid", "rendered", "photos"}
    card = load_layout_card("layout@1", tiny / "models")
    assert set(card.measured) == {"camvid_val", "rendered_test"}
    assert any("research" in limit and "camvid" in limit for limit in card.limits)
    picture = cv2.imread(str(next((tiny / "synth/test/images").glob("*.jpg"))))
    layout = load_layout(card, device="cpu").read_whole(picture)
    assert layout.classes.shape == picture.shape[:2]

    again = call([*command[:1], "layout-fit", *command[2:]])  # nothing is left to teach

    assert again.code == 0, again.err[-4000:]
    kept = json.loads((tiny / "train/runs/layout/fit.json").read_text("utf-8"))
    assert kept["step"] == note["step"]


def test_the_layout_is_taught_without_research_data_when_told(
    walk: Walk, tmp_path: Path, shared: Path
) -> None:
    copied(walk, tmp_path)
    train, given = str(TRAIN / "liujing-train"), options(tmp_path, shared)

    rendered = call([train, "layout-render", *given])
    done = call([train, "layout-fit", "--without-research-data", *given])

    assert rendered.code == 0, rendered.err[-4000:]
    assert done.code == 0, done.err[-4000:]
    run = tmp_path / "build" / "tiny" / "train" / "runs" / "layout"
    note = json.loads((run / "fit.json").read_text("utf-8"))
    assert set(note["pictures"]) == {"rendered", "photos"}
