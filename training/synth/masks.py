"""Exact layouts of frames that are rendered already. Needs `bpy`.

A street is built again from its seed, each surface in the flat colour of its class, and
seen through the same lens: one ray a pixel, no light. A frame whose boxes would not
come out as they were written is left alone: its street is drawn differently today.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from PIL import Image

from training.layout.labels import LayoutLabels
from training.synth import render, scene
from training.synth.camera import Lens, Pose
from training.synth.drive_setup import FRAME_COUNT, FRAME_RATE_HZ, LENS, pose_at
from training.synth.nodes import Nodes
from training.synth.pools import Pool
from training.synth.sample_plan import sample_plan
from training.synth.streets import street
from training.synth.truth import is_plain, yolo_lines
from training.synth.visibility import Viewer
from vision.errors import OutputError

FOLDER = "masks"
_STEP = 12
"""Grey levels between two classes."""


@dataclass(frozen=True, slots=True)
class MaskDone:
    """One frame: its name, whether it has a mask now, and how many are left."""

    name: str
    made: bool
    left: int


@dataclass(frozen=True, slots=True)
class _Frame:
    name: str
    seed: int
    lens: Lens
    pose: Pose


def render_masks(
    out: Path,
    labels: LayoutLabels,
    *,
    pool: Pool,
    threads: int = 2,
    shard: tuple[int, int] = (0, 1),
) -> Iterator[MaskDone]:
    """Write `masks/NAME.png` (class ids, size of the picture) where there is none.

    Args:
        out: folder of frames, see `frames.render_frames`.
        labels: our classes, and what rendered things are.
        pool: whose assets.
        threads: of the renderer.
        shard: `(i, n)`: only every n-th street from the i-th on.

    Raises:
        InputError: a rendered thing has no class.
        OutputError: the folder cannot be written.
    """
    streets: dict[int, list[_Frame]] = {}
    for meta in sorted((out / "meta").glob("*.json")):
        if not (out / FOLDER / f"{meta.stem}.png").is_file():
            frame = _read(meta)
            streets.setdefault(frame.seed, []).append(frame)
    mine = list(streets.items())[shard[0] :: shard[1]]
    left = sum(len(frames) for _, frames in mine)
    try:
        (out / FOLDER).mkdir(exist_ok=True)
    except OSError as error:
        msg = f"cannot make {out / FOLDER}: {error}"
        raise OutputError(msg) from error
    for seed, frames in mine:
        for name, made in _street(out, seed, frames, labels, pool, threads):
            left -= 1
            yield MaskDone(name, made, left)


def render_drive_masks(
    out: Path, labels: LayoutLabels, *, every: int, threads: int = 2
) -> Iterator[MaskDone]:
    """Write the exact layouts of every n-th frame of the sample drive, as `NNNN.png`.

    Raises:
        InputError: a rendered thing has no class.
        OutputError: the folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"cannot make {out}: {error}"
        raise OutputError(msg) from error
    wanted = [
        k for k in range(0, FRAME_COUNT, every) if not (out / f"{k:04d}.png").is_file()
    ]
    stage = _flat_stage(sample_plan(), labels) if wanted else None
    for done, number in enumerate(wanted, start=1):
        if stage is None:
            break
        name, at_s = f"{number:04d}", number / FRAME_RATE_HZ
        scene.move_actors(stage, at_s)
        frame = _Frame(name, 0, LENS, pose_at(at_s))
        _render(out / f"{name}.png", stage, frame, threads)
        yield MaskDone(name, made=True, left=len(wanted) - done)


def _read(meta: Path) -> _Frame:
    data = json.loads(meta.read_text(encoding="utf-8"))
    lens, pose = data["view"]["lens"], data["view"]["pose"]
    return _Frame(
        meta.stem,
        data["seed"],
        Lens(**lens),
        Pose(**{**pose, "xyz": tuple(pose["xyz"])}),
    )


def _street(
    out: Path,
    seed: int,
    frames: list[_Frame],
    labels: LayoutLabels,
    pool: Pool,
    threads: int,
) -> Iterator[tuple[str, bool]]:
    plan = street(seed, pool)
    viewer = Viewer(plan)
    same = {frame.name for frame in frames if _is_same(out, viewer, frame)}
    stage = _flat_stage(plan, labels) if same else None
    for frame in frames:
        if stage is not None and frame.name in same:
            _render(out / FOLDER / f"{frame.name}.png", stage, frame, threads)
        yield frame.name, frame.name in same


def _is_same(out: Path, viewer: Viewer, frame: _Frame) -> bool:
    boxes = [
        box for box in viewer.boxes(frame.lens, frame.pose) if is_plain(box, frame.lens)
    ]
    written = out / "labels" / f"{frame.name}.txt"
    return written.is_file() and written.read_text("utf-8") == yolo_lines(
        boxes, frame.lens
    )


def _flat_stage(plan: Any, labels: LayoutLabels) -> scene.Stage:
    made: dict[str, Any] = {}

    def paint(kind: str, material: str) -> Any:
        name = labels.rendered.class_of(kind, material)
        if name not in made:
            made[name] = _flat(name, labels.names.index(name))
        return made[name]

    stage = scene.build(plan, paint, labels.rendered.hidden)
    world = bpy.data.worlds.new("class")
    world.use_nodes = True
    grey = _STEP * labels.names.index("sky") / 255
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (grey, grey, grey, 1.0)
    bpy.context.scene.world = world
    return stage


def _flat(name: str, row: int) -> Any:
    nodes = Nodes(f"class-{name}")
    grey = _STEP * row / 255
    light = nodes.add("Emission", in_Color=(grey, grey, grey, 1.0), in_Strength=1.0)
    out = nodes.tree.nodes["Material Output"]
    nodes.link(light.outputs[0], out.inputs["Surface"])
    return nodes.material


def _render(path: Path, stage: scene.Stage, frame: _Frame, threads: int) -> None:
    render.configure(frame.lens, 0.0, samples=1, threads=threads)
    blender = bpy.context.scene
    blender.view_settings.view_transform = "Raw"
    blender.view_settings.look = "None"
    cycles = blender.cycles
    cycles.use_denoising = False
    cycles.use_fast_gi = False
    cycles.max_bounces = 0
    cycles.pixel_filter_type = "BOX"
    blender.cycles.filter_width = 0.01
    render.place_camera(stage.camera, frame.pose)
    grey = render.pixels(seed=0)[..., 0].astype(np.int64)
    rows = (grey + _STEP // 2) // _STEP
    part = path.with_name(f".{path.name}.part")
    try:
        Image.fromarray(rows.astype(np.uint8)).save(part, format="PNG", optimize=True)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        msg = f"cannot write {path}: {error}"
        raise OutputError(msg) from error
