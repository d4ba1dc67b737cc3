"""Training frames: random streets as JPEG with YOLO labels. Needs `bpy`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from training.synth import render, scene
from training.synth.classes import CLASS_NAMES
from training.synth.random_plan import random_plan, random_views
from training.synth.truth import keep_label, yolo_lines
from training.synth.visibility import Viewer

VIEWS_PER_SCENE = 3


@dataclass(frozen=True, slots=True)
class FrameDone:
    """One finished frame.

    Attributes:
        index: 0-based number of the frame.
        path: its picture.
        labels: boxes written.
        wall_s: seconds it took, or 0 when the file was there already.
    """

    index: int
    path: Path
    labels: int
    wall_s: float


def render_frames(
    out: Path, *, seed_start: int, count: int, only: int | None = None
) -> Iterator[FrameDone]:
    """Render `count` frames, three views a scene, skipping those that exist.

    Args:
        out: gets `images/`, `labels/`, `meta/` and `classes.txt`.
        seed_start: seed of the first scene; each further scene adds one.
        count: frames in all.
        only: render this frame alone.
    """
    for name in ("images", "labels", "meta"):
        (out / name).mkdir(parents=True, exist_ok=True)
    (out / "classes.txt").write_text(
        "".join(f"{n}\n" for n in CLASS_NAMES), encoding="utf-8"
    )
    for first in range(0, count, VIEWS_PER_SCENE):
        wanted = [
            i
            for i in range(first, min(first + VIEWS_PER_SCENE, count))
            if only in (None, i)
        ]
        wanted = [i for i in wanted if not _picture(out, i, first, seed_start).exists()]
        if wanted:
            yield from _render_scene(
                out, seed_start + first // VIEWS_PER_SCENE, first, wanted
            )


def _picture(out: Path, index: int, first: int, seed_start: int) -> Path:
    seed = seed_start + first // VIEWS_PER_SCENE
    return out / "images" / f"synth_{seed:05d}_{index - first}.jpg"


def _render_scene(
    out: Path, seed: int, first: int, wanted: list[int]
) -> Iterator[FrameDone]:
    started = time.monotonic()
    plan = random_plan(seed)
    stage = scene.build(plan)
    viewer = Viewer(plan)
    views = random_views(seed, plan, VIEWS_PER_SCENE)
    for index in wanted:
        lens, pose = views[index - first]
        path = out / "images" / f"synth_{seed:05d}_{index - first}.jpg"
        boxes = [box for box in viewer.boxes(lens, pose) if keep_label(box)]
        (out / "labels" / f"{path.stem}.txt").write_text(
            yolo_lines(boxes, lens), encoding="utf-8"
        )
        meta = {
            "seed": seed,
            "lens": asdict(lens),
            "pose": asdict(pose),
            "look": asdict(plan.look),
        }
        (out / "meta" / f"{path.stem}.json").write_text(
            json.dumps(meta), encoding="utf-8"
        )
        render.configure(lens, plan.look.exposure)
        render.place_camera(stage.camera, pose)
        render.render_to(path, seed=index)
        yield FrameDone(index, path, len(boxes), time.monotonic() - started)
        started = time.monotonic()
