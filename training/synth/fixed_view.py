"""A camera that stands: snapshots of a street in which things come and go. Needs `bpy`.

Every vehicle and stall before the camera is there from one snapshot to another; the
truth says from when to when, where, and whether the camera shows it well.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from training.synth import render, scene
from training.synth.camera import Lens, Pose, project
from training.synth.geodesy import GeoFrame
from training.synth.plan import Item, Leg, Plan
from training.synth.random_plan import random_plan
from training.synth.truth import Box
from training.synth.visibility import Viewer
from vision.errors import OutputError

SEED = 50_702
START = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
STEP_S = 20.0
SNAPSHOTS = 30
LENS = Lens.of_hfov(70.0, 960, 540)
HEIGHT_M = 5.0
ORIGIN = GeoFrame(113.8612, 34.0291, 20.0)
COMING = frozenset({"car", "truck", "bus", "motorcycle", "bicycle", "stall"})
LEAST_PX = 24.0
LEAST_SEEN = 0.6
_EXIF, _TAKEN, _OFFSET = 0x8769, 0x9003, 0x9011


@dataclass(frozen=True, slots=True)
class Stay:
    """One thing and the snapshots that show it: first to last, both counted."""

    item: Item
    first: int
    last: int


def render_fixed_view(out: Path, *, threads: int = 2) -> Iterator[str]:
    """Render the missing snapshots and write camera file and truth.

    Args:
        out: gets `snapshots/HHMMSS.jpg`, `camera.toml` and `truth.json`.
        threads: of the renderer.

    Raises:
        OutputError: the folder cannot be written.
    """
    plan = random_plan(SEED, "test")
    leg = plan.legs["main"]
    pose = Pose((*leg.xy(6.0, leg.half_width_m + 0.6), HEIGHT_M), -4.0, -15.0)
    rng = np.random.default_rng([SEED, 3])
    stays = [_stay(item, rng) for item in plan.items if item.category in COMING]
    folder = out / "snapshots"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"cannot make {folder}: {error}"
        raise OutputError(msg) from error
    rows = _truth(plan, stays, Viewer(plan).boxes(LENS, pose))
    told = {"step_s": STEP_S, "start": START.isoformat(), "stays": rows}
    (out / "truth.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (out / "camera.toml").write_text(_camera_file(leg, pose), encoding="utf-8")
    yield f"{len(rows)} stays before the camera"
    left = [k for k in range(SNAPSHOTS) if not _file(folder, k).is_file()]
    if not left:
        return
    stage = scene.build(plan)
    render.configure(LENS, plan.look.exposure, threads=threads)
    render.place_camera(stage.camera, pose)
    objects = dict(stage.statics)
    for number in left:
        for stay in stays:
            there = stay.first <= number <= stay.last
            objects[stay.item.item_id].hide_render = not there
        _save(_file(folder, number), render.pixels(seed=number), number)
        yield f"snapshot {number}, {len(left)} in all"


def _stay(item: Item, rng: np.random.Generator) -> Stay:
    """Draw how long a thing is there: a third all the time, others for a while."""
    if rng.random() < 0.3:
        return Stay(item, 0, SNAPSHOTS - 1)
    first = int(rng.integers(0, SNAPSHOTS - 4))
    length = int(rng.integers(2, SNAPSHOTS - first))
    return Stay(item, first, first + length - 1)


def _truth(plan: Plan, stays: list[Stay], boxes: list[Box]) -> list[dict[str, Any]]:
    """Return what the camera shows well, were all there at once."""
    shown = {
        box.owner_id: box
        for box in boxes
        if box.longer_px >= LEAST_PX
        and box.inside_fraction > 0.9
        and box.visible_fraction >= LEAST_SEEN
        and box.category in COMING
    }
    rows = []
    for stay in stays:
        if stay.item.item_id not in shown:
            continue
        x, y, _ = plan.item_xyz(stay.item)
        lon, lat = ORIGIN.lonlat(x, y)
        rows.append(
            {
                "id": stay.item.item_id,
                "category": stay.item.category,
                "lon": round(lon, 8),
                "lat": round(lat, 8),
                "zone": stay.item.zone,
                "first_s": stay.first * STEP_S,
                "last_s": stay.last * STEP_S,
                "range_m": round(shown[stay.item.item_id].range_m, 1),
            }
        )
    return rows


def _camera_file(leg: Leg, pose: Pose) -> str:
    """Write known points on the carriageway, and zones of the whole street."""
    half = leg.half_width_m
    places = [(28.0, -half), (16.0, half - 0.5), (55.0, half - 0.5), (55.0, -half)]
    lines = ['name = "fixed view"', "width_px = 960", "height_px = 540"]
    for s, t in places:
        x, y = leg.xy(s, t)
        uv, _ = project(np.array([[x, y, 0.0]]), LENS, pose)
        lon, lat = ORIGIN.lonlat(x, y)
        lines += ["", "[[point]]", f"u_px = {uv[0, 0]:.3f}", f"v_px = {uv[0, 1]:.3f}"]
        lines += [f"lon = {lon:.9f}", f"lat = {lat:.9f}"]
    bands = (
        ("carriageway", "lane", -half, half),
        ("right pavement", "pavement", half, leg.wall_m + 1.0),
        ("left pavement", "pavement", -leg.wall_m - 1.0, -half),
    )
    for name, surface, low, high in bands:
        lines += ["", "[[zone]]", f'name = "{name}"', f'surface = "{surface}"']
        lines += ["limit_s = 180.0"]
        for s, t in ((0.0, low), (0.0, high), (120.0, high), (120.0, low)):
            lon, lat = ORIGIN.lonlat(*leg.xy(s, t))
            lines += ["[[zone.corner]]", f"lon = {lon:.9f}", f"lat = {lat:.9f}"]
    return "\n".join(lines) + "\n"


def _file(folder: Path, number: int) -> Path:
    taken = START + timedelta(seconds=STEP_S * number)
    return folder / f"{taken.strftime('%H%M%S')}.jpg"


def _save(path: Path, pixels: Any, number: int) -> None:
    taken = START + timedelta(seconds=STEP_S * number)
    exif = Image.Exif()
    exif.get_ifd(_EXIF)[_TAKEN] = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(_EXIF)[_OFFSET] = "+00:00"
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, format="JPEG", quality=55, exif=exif)
    part = path.with_suffix(".part")
    try:
        part.write_bytes(data.getvalue())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        msg = f"cannot write {path}: {error}"
        raise OutputError(msg) from error
