"""Training frames: random streets as JPEG with YOLO labels. Needs `bpy`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from training.synth import optics, render, scene
from training.synth.classes import CLASS_NAMES
from training.synth.close_views import PRIVATE, close_view, private_items
from training.synth.plan import Plan
from training.synth.pools import Pool
from training.synth.schedule import Shot, missing, of_shard, picture, schedule
from training.synth.streets import street as draw_street
from training.synth.truth import Box, is_plain, yolo_lines
from training.synth.views import View, look_view, targets_for, wide_view
from training.synth.visibility import Viewer
from training.synth.weather import relit
from vision.errors import OutputError

MIN_MEAN = 8.0
"""A picture darker than this, of 255, shows the inside of something."""
_TRIES = 3
_DRAWS = 60
_MIN_TARGET_PX = 20.0
_INSIDE = 0.6


@dataclass(frozen=True, slots=True)
class FrameDone:
    """One frame that was tried.

    Attributes:
        shot: what was asked for.
        path: its picture, or None when no usable view was found.
        labels: boxes written.
        wall_s, cpu_s: seconds it took; the first frame of a scene has the building.
        done, total: frames tried so far and in all, in this run.
    """

    shot: Shot
    path: Path | None
    labels: int
    wall_s: float
    cpu_s: float
    done: int
    total: int


@dataclass(slots=True)
class _Street:
    plan: Plan
    stage: scene.Stage
    viewer: Viewer


def render_frames(
    out: Path,
    *,
    pool: Pool = "teach",
    seed_start: int = 1000,
    looks: int = 350,
    wides: int = 80,
    closes: int = 0,
    threads: int = 2,
    shard: tuple[int, int] = (0, 1),
) -> Iterator[FrameDone]:
    """Render look and wide views, skipping those whose picture is there already.

    Args:
        out: gets `images/`, `labels/`, `meta/` and `classes.txt`. A picture is written
            last and in one step: what has a picture is complete.
        pool: `teach` or `test`: whose assets and seeds.
        seed_start: seed of the first scene; each further scene adds one.
        looks: close views in all.
        wides: patrol views in all.
        closes: views of faces and plates in all.
        threads: of the renderer.
        shard: `(i, n)`: only every n-th scene from the i-th on, so that n processes
            can fill one folder.

    Raises:
        InputError: nothing to make, seeds of the other pool, a wrong shard.
        OutputError: the folder cannot be written.
    """
    scenes = of_shard(
        schedule(
            pool=pool, seed_start=seed_start, looks=looks, wides=wides, closes=closes
        ),
        shard,
    )
    _prepare(out)
    left = missing(out, scenes)
    total, done = sum(map(len, left)), 0
    for shots in left:
        for row in _render_scene(out, shots, pool, threads):
            done += 1
            yield replace(row, done=done, total=total)


def _prepare(out: Path) -> None:
    try:
        for name in ("images", "labels", "meta"):
            (out / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"cannot make the folders in {out}: {error}"
        raise OutputError(msg) from error
    _write(out / "classes.txt", "".join(f"{n}\n" for n in CLASS_NAMES).encode())


def _write(path: Path, data: bytes) -> None:
    """Write a file in one step.

    Raises:
        OutputError: the disk is full or the folder is not ours.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        msg = f"cannot write {path}: {error}"
        raise OutputError(msg) from error


def _render_scene(
    out: Path, shots: tuple[Shot, ...], pool: Pool, threads: int
) -> Iterator[FrameDone]:
    started, started_cpu = time.monotonic(), time.process_time()
    plan = draw_street(shots[0].seed, pool)
    street = _Street(plan, scene.build(plan), Viewer(plan))
    for shot in shots:
        labels = _render_shot(out, shot, street, threads)
        path = None if labels is None else picture(out, shot)
        wall_s = time.monotonic() - started
        cpu_s = time.process_time() - started_cpu
        yield FrameDone(shot, path, labels or 0, wall_s, cpu_s, 0, 0)
        started, started_cpu = time.monotonic(), time.process_time()


def _render_shot(out: Path, shot: Shot, street: _Street, threads: int) -> int | None:
    """Render one frame and write it; None when no try showed anything."""
    kind = ("look", "wide", "close").index(shot.kind)
    for attempt in range(_TRIES):
        rng = np.random.default_rng([shot.seed, kind, shot.number, attempt])
        view = _draw_view(shot, street, rng)
        if view is None:
            continue
        look = relit(street.plan.look, rng)
        scene.light(look)
        render.configure(view.lens, look.exposure, threads=threads)
        render.place_camera(street.stage.camera, view.pose)
        camera = optics.random_optics(rng, look.weather)
        shown = optics.photographed(
            render.pixels(seed=shot.turn + attempt), camera, rng
        )
        if shown.mean() < MIN_MEAN:
            continue
        boxes = _boxes(street.viewer, view)
        meta = {
            "seed": shot.seed,
            "view": asdict(view),
            "look": asdict(look),
            "optics": asdict(camera),
            "ranges_m": [round(box.range_m, 1) for box in boxes],
        }
        _write(
            out / "labels" / f"{shot.name}.txt", yolo_lines(boxes, view.lens).encode()
        )
        _write(out / "meta" / f"{shot.name}.json", json.dumps(meta).encode())
        _write(picture(out, shot), optics.jpeg(shown, camera.quality))
        return len(boxes)
    return None


def _boxes(viewer: Viewer, view: View) -> list[Box]:
    found = viewer.boxes(view.lens, view.pose)
    return [box for box in found if is_plain(box, view.lens)]


def _draw_view(shot: Shot, street: _Street, rng: np.random.Generator) -> View | None:
    """Draw views until one is clear and, for a look, shows its target well."""
    if shot.kind == "wide":
        drawn = (wide_view(street.plan, rng) for _ in range(_DRAWS))
        return next((v for v in drawn if street.viewer.is_clear(v.lens, v.pose)), None)
    if shot.kind == "close":
        return _draw_close(street, rng)
    centres = street.viewer.centres()
    targets = targets_for(street.plan, shot.turn, rng)
    for k in range(_DRAWS):
        view = look_view(street.plan, targets[k // 4 % len(targets)], centres, rng)
        if (
            view
            and street.viewer.is_clear(view.lens, view.pose)
            and _shows(street, view)
        ):
            return view
    return None


def _draw_close(street: _Street, rng: np.random.Generator) -> View | None:
    """Draw views of faces and plates until one shows what it is aimed at."""
    items = private_items(street.plan)
    for _ in range(_DRAWS if items else 0):
        view = close_view(street.plan, items[int(rng.integers(len(items)))], rng)
        if (
            view
            and street.viewer.is_clear(view.lens, view.pose)
            and any(
                box.owner_id == view.target_id
                and box.category in PRIVATE
                and box.inside_fraction > _INSIDE
                for box in _boxes(street.viewer, view)
            )
        ):
            return view
    return None


def _shows(street: _Street, view: View) -> bool:
    """Tell whether the thing that a view is aimed at has a good label in it.

    A thing without a category has none and is only aimed at.
    """
    if view.target_id not in street.viewer.centres():
        return True
    return any(
        box.owner_id == view.target_id
        and box.longer_px >= _MIN_TARGET_PX
        and box.inside_fraction > _INSIDE
        for box in _boxes(street.viewer, view)
    )
