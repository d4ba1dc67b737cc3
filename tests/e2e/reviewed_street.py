"""A small city that reviews: a model that never saw litter, and frames that show it.

    .venv-train/bin/python -m tests.e2e.reviewed_street ROOT SHARED

makes below ROOT what `liujing-train from-reviews --tiny` needs: a catalogue with a
network taught here, from public weights, on photos of covers; `frozen/`, its pictures;
and exports of reviews: `honest/`, where people boxed all litter of a frame, and three
that are poisoned. Photos stand in for frames; a scene never parts.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from training.assemble import assemble
from training.card import CardFacts, DataRow, render_card
from training.collect import collect_parts, load_maps
from training.evaluate import measure, open_eye
from training.export import export_onnx, sha256_of
from training.fit import FitSettings, fit
from training.labels import RENDERED
from training.pixels import read_pixels
from training.reviews.frozen import freeze, read_frozen, spread
from training.reviews.parts import part_of_street
from training.types import PARTS, Box, LabelledImage, Part
from training.unmeasured import unmeasured_card, utc_now
from training.workspace import Workspace
from vision.promote import promote

HELD_BACK = "litter"
TAUGHT = ("manhole_closeup", "manhole_korea")
"""Sets without litter, boxed completely for covers."""
FRAMES = "litter_kerb"
SIDE_PX = 256
BASE = FitSettings(
    minutes=20.0,
    kinds=("real",),
    image_px=SIDE_PX,
    batch=8,
    mosaic=0.0,
    calm_epochs=0,
    learning_rate=0.001,
    scale=(0.8, 1.2),
    max_epochs=10,
)
PER_PART = {"train": 48, "val": 24, "test": 32}
Box4 = tuple[float, float, float, float]
Change = Callable[[str, Box4], tuple[str, Box4, str]]
"""Category and fractions of a true box -> what the reviewers say instead."""
POLICY = """version = 1
fall_ap50 = 0.2
fall_masked_recall = 0.1
least_precision = 0.25
least_instances = 5
[floors]
"""
"""Of ten covers, two found or not move the AP so far by chance alone."""


def build(root: Path, shared: Path) -> None:
    """Make everything below `root`."""
    root.mkdir(parents=True, exist_ok=True)
    datasets = Path("datasets").resolve()
    (root / "datasets").symlink_to(datasets)
    workspace = replace(Workspace.beside(root), shared=shared).tiny(photos_per_set=6)
    (root / "policy.toml").write_text(POLICY, encoding="utf-8")
    _, maps = load_maps(workspace)
    few = {name: maps[name] for name in (*TAUGHT, FRAMES, RENDERED)}
    parts = collect_parts(workspace, few)
    old = {part: spread(_of(parts[part], *TAUGHT), PER_PART[part]) for part in PARTS}
    freeze({part: [_without(i) for i in old[part]] for part in PARTS}, root / "frozen")
    _teach_base(workspace, root / "frozen")
    shown = {part: _of(parts[part], FRAMES) for part in PARTS}
    for name, change in CHANGES.items():
        write_export(root / name, shown, change)


def _of(images: Sequence[LabelledImage], *sources: str) -> list[LabelledImage]:
    return [image for image in images if image.source in sources]


def _without(image: LabelledImage) -> LabelledImage:
    """Return a picture of which nothing is known of the class that is held back."""
    boxes = tuple(b for b in image.boxes if b.category != HELD_BACK)
    return replace(image, boxes=boxes, known=image.known - {HELD_BACK})


def _teach_base(workspace: Workspace, frozen: Path) -> None:
    """Teach from public weights, measure, and put the network into the catalogue."""
    categories, maps = load_maps(workspace)
    old = read_frozen(frozen, [])
    place = replace(workspace, base=workspace.base / "base", run_name="base")
    assemble(old, place.assembled, categories=categories, cut=frozenset(), rejected=[])
    onnx = export_onnx(
        fit(place, BASE), place.build / "street@1.onnx", names=categories
    )
    bare = unmeasured_card(onnx, categories, network="street@1", long_side_px=SIDE_PX)
    report = measure(open_eye(bare, str(SIDE_PX)), old, maps).report
    workspace.models.mkdir(parents=True, exist_ok=True)
    shutil.copy(onnx, workspace.models / onnx.name)
    facts = CardFacts(
        model_id="street@1",
        sha256=sha256_of(onnx),
        trained_at=utc_now(),
        code_version="test",
        summary="A small street detector that never saw graffiti.",
        limits=("It is small.",),
        long_side_px=SIDE_PX,
        names=categories,
        data=(DataRow("frozen", "mixed", len(old["train"]), "train", "real", "test"),),
    )
    text = render_card(facts, report.classes)
    (workspace.models / "street@1.toml").write_text(text, encoding="utf-8")
    now = datetime.now(UTC)
    promote("street@1", workspace.models, by="test", why="It is the first.", now=now)


def write_export(
    folder: Path, frames: Mapping[Part, Sequence[LabelledImage]], change: Change
) -> None:
    """Write frames as `liujing review export` does, judged as `change` says.

    What measures is gold: its answers are the truth, and whole. Each part of the
    photos, which never share a scene, lies on a street of its own.
    """
    (folder / "images").mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    for part, images in frames.items():
        street = next(n for n in map(str, range(1000)) if part_of_street(n) == part)
        gold = part == "test"
        for frame in images:
            content = frame.path.read_bytes()
            name = f"images/{hashlib.sha256(content).hexdigest()}{frame.path.suffix}"
            (folder / name).write_bytes(content)
            boxes = _said(frame, street, honest if gold else change)
            claimed = {box["category"] for box in boxes}
            rows.append(
                {
                    "image": name,
                    "streets": [street],
                    "day": f"2026-03-{len(rows) % 28 + 1:02d}",
                    "camera": "豫K-07",
                    "light": None,
                    "model": "street@1",
                    "gold": gold,
                    "complete": sorted(frame.known if gold else claimed),
                    "boxes": boxes,
                }
            )
    table = {"form": "liujing-reviews@1", "made": utc_now(), "pictures": rows}
    text = json.dumps(table, ensure_ascii=False)
    (folder / "reviews.json").write_text(text, encoding="utf-8")


def _said(frame: LabelledImage, street: str, change: Change) -> list[dict[str, Any]]:
    height_px, width_px = read_pixels(frame).shape[:2]
    rows = []
    for box in frame.boxes:
        if box.category != HELD_BACK:
            continue
        category, (x1, y1, x2, y2), verdict = change(box.category, _corners(box))
        rows.append(
            {
                "category": category,
                "xyxy": [x1 * width_px, y1 * height_px, x2 * width_px, y2 * height_px],
                "verdict": verdict,
                "drawn": False,
                "sighting": None,
                "finding": None,
                "street": street,
                "reviewer": "r-0123456789ab",
                "reason": None,
                "said": utc_now(),
            }
        )
    return rows


def _corners(box: Box) -> Box4:
    return box.x1, box.y1, box.x2, box.y2


def honest(category: str, box: Box4) -> tuple[str, Box4, str]:
    return category, box, "real"


def swapped(category: str, box: Box4) -> tuple[str, Box4, str]:
    """Call litter potholes."""
    del category
    return "pothole", box, "real"


def shifted(category: str, box: Box4) -> tuple[str, Box4, str]:
    """Put every box beside its thing."""
    x1, y1, x2, y2 = box
    away = 1.2 * (x2 - x1)
    left = x1 - away if x1 > 1 - x2 else x1 + away
    return category, (left, y1, left + x2 - x1, y2), "real"


def rejected(category: str, box: Box4) -> tuple[str, Box4, str]:
    """Say of everything that it is none."""
    return category, box, "false"


CHANGES: dict[str, Change] = {
    "honest": honest,
    "swapped": swapped,
    "shifted": shifted,
    "rejected": rejected,
}

if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
