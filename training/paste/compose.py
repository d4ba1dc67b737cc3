"""Put one wished-for thing after another into a photo, where road or wall has room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from training.paste.blend import Floats, Look, lay
from training.paste.covers import Sheet, State, paint_cover
from training.paste.layout import Layout, Mask
from training.paste.surfaces import paint_flat
from training.paste.textures import Face, pick_face
from training.paste.view import Quad, View
from training.types import Box
from vision.types import Image

Rng = np.random.Generator
NEAR_M, FAR_M = 3.0, 15.0
TRIES = 80
MIN_COVER_PX = {"ok": 14.0, "missing": 14.0}
MIN_DAMAGE_PX = 24.0
MIN_PAPER_PX = 9.0
LARGEST_FRACTION = 0.33
LARGEST_SPREAD = 34.0
"""Of tones 0-255 where something is pasted: above it lie edges and reflections."""
COVER_STATES: dict[str, tuple[State, ...]] = {
    "manhole_ok": ("ok",),
    "manhole_missing": ("missing",),
    "manhole_damaged": ("broken", "broken", "shifted", "shifted", "sunken", "cracked"),
}
GROUND_LOOKALIKES = ("stain", "patch", "grate")


@dataclass(slots=True)
class Scene:
    """A photo that is being pasted into.

    Attributes:
        pixels: BGR uint8 `(H, W, 3)`; replaced with every paste.
        layout: where ground and wall are.
        view: its camera.
        taken: where something lies already, bool `(H, W)`.
        boxes: pasted things that are labelled.
        notes: what was pasted, one record each, for the meta file.
    """

    pixels: Image
    layout: Layout
    view: View
    taken: Mask
    boxes: list[Box] = field(default_factory=list)
    notes: list[dict[str, object]] = field(default_factory=list)


def occupied(boxes: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    """Return where boxes lie, with a margin, bool `(H, W)`."""
    h, w = shape[:2]
    taken = np.zeros((h, w), np.bool_)
    for b in boxes:
        x1, x2 = int(b.x1 * w) - 4, int(np.ceil(b.x2 * w)) + 4
        y1, y2 = int(b.y1 * h) - 4, int(np.ceil(b.y2 * h)) + 4
        taken[max(0, y1) : y2, max(0, x1) : x2] = True
    return taken


def paste_cover(scene: Scene, category: str, faces: Sequence[Face], rng: Rng) -> bool:
    """Paste a cover of a category onto the ground; tell whether there was room."""
    state = COVER_STATES[category][int(rng.integers(len(COVER_STATES[category])))]
    cover_m = float(rng.uniform(0.6, 0.8))
    least = MIN_COVER_PX.get(state, MIN_DAMAGE_PX)
    spot = _ground_spot(scene, cover_m * 1.25, rng, least_px=least * 1.25)
    if spot is None:
        return False
    x, ahead = spot
    face = pick_face(faces, rng)
    flatness = ahead / scene.view.height_m
    sheet = paint_cover(state, face, rng, flatness=flatness, cover_m=cover_m)
    side = cover_m * sheet.alpha.shape[0] / face.colours.shape[0]
    quad = scene.view.ground_quad(x, ahead, side)
    tone = float(rng.uniform(0.5, 0.95))
    look = Look(tone, float(rng.uniform(0.2, 0.6)), 0.7, 0.22, _softness(scene, rng))
    note: dict[str, object] = {
        "state": state,
        "texture": face.name,
        "set": face.source,
        "ahead_m": ahead,
    }
    return _commit(scene, sheet, quad, look, category, note)


def paste_ground_lookalike(scene: Scene, rng: Rng) -> bool:
    """Paste a patch, stain or grate, which is no cover and gets no box."""
    kind = str(rng.choice(GROUND_LOOKALIKES))
    side = float(rng.uniform(0.45, 1.2))
    spot = _ground_spot(scene, side, rng, least_px=14)
    if spot is None:
        return False
    sheet, name = paint_flat(kind, rng)
    quad = scene.view.ground_quad(spot[0], spot[1], side)
    tone = float(rng.uniform(0.55, 0.9))
    look = Look(tone, 0.7, 0.9, 0.08, _softness(scene, rng))
    note: dict[str, object] = {
        "state": kind,
        "texture": name,
        "set": None,
        "ahead_m": spot[1],
    }
    return _commit(scene, sheet, quad, look, None, note)


def paste_on_wall(scene: Scene, kind: str, rng: Rng) -> bool:
    """Paste a poster, sprayed paint, or a legal board without a box, onto a wall."""
    category = kind if kind in {"poster", "graffiti"} else None
    sheet, name = paint_flat(kind, rng)
    for _ in range(TRIES):
        quad = _wall_quad(scene, kind, rng)
        if quad is not None and _fits(scene, quad, scene.layout.wall):
            fade = float(rng.uniform(0.25, 0.6))
            look = Look(None, fade, 0.55, 0.1, _softness(scene, rng))
            note: dict[str, object] = {"state": kind, "texture": name, "set": None}
            return _commit(scene, sheet, quad, look, category, note)
    return False


def _ground_spot(
    scene: Scene, side_m: float, rng: Rng, *, least_px: float
) -> tuple[float, float] | None:
    view = scene.view
    w = scene.taken.shape[1]
    far = min(FAR_M, view.focal_px * side_m / least_px)
    if far <= NEAR_M:
        return None
    for _ in range(TRIES):
        ahead = float(np.exp(rng.uniform(np.log(NEAR_M), np.log(far))))
        x = (float(rng.uniform(0, w)) - view.centre_px) * ahead / view.focal_px
        quad = view.ground_quad(x, ahead, side_m)
        wide = float(quad[:, 0].max() - quad[:, 0].min())
        if wide <= LARGEST_FRACTION * w and _fits(scene, quad, scene.layout.ground):
            return x, ahead
    return None


def _wall_quad(scene: Scene, kind: str, rng: Rng) -> Quad | None:
    """Return a place on some wall whose foot, where seen, tells how far it is."""
    wall, view = scene.layout.wall, scene.view
    rows, columns = np.nonzero(wall)
    if not len(rows):
        return None
    pick = int(rng.integers(len(rows)))
    u, v = int(columns[pick]), int(rows[pick])
    foot = np.flatnonzero(scene.layout.ground[v:, u])
    ahead = float(rng.uniform(4, 9))
    if len(foot) and v + foot[0] > view.horizon_px + 8:
        ahead = float(np.clip(view.ahead_of_row(float(v + foot[0])), 2.0, 14.0))
    up = view.height_m - (v - view.horizon_px) * ahead / view.focal_px
    if not 0.4 < up < (4.5 if kind == "sign" else 2.6):
        return None
    w_m, h_m = _size_m(kind, rng)
    if min(w_m, h_m) * view.focal_px / ahead < MIN_PAPER_PX:
        return None
    yaw = float(rng.uniform(*view.wall_yaw_deg)) * float(rng.choice((-1, 1)))
    if view.wall_yaw_deg[0] > 30:
        yaw = abs(yaw) * (1 if u < view.centre_px else -1)
    tilt = float(rng.normal(0, 3.0)) if kind == "poster" else 0.0
    x = (u - view.centre_px) * ahead / view.focal_px
    return view.wall_quad((x, up, ahead), (w_m, h_m), yaw, tilt)


def _size_m(kind: str, rng: Rng) -> tuple[float, float]:
    if kind == "poster":
        w = float(rng.choice((0.21, 0.3, 0.42, 0.5, 0.6, 0.8)))
        return w, w * 4 / 3
    if kind == "graffiti":
        w = float(rng.uniform(0.9, 2.2))
        return w, w / 2
    shape = {"notice": (1.5, 1.0), "bill": (0.8, 1.2), "sign": (2.3, 0.5)}[kind]
    scale = float(rng.uniform(0.7, 1.2))
    return shape[0] * scale, shape[1] * scale


def _fits(scene: Scene, quad: Quad, allowed: Mask) -> bool:
    h, w = allowed.shape
    x1, y1 = quad.min(0)
    x2, y2 = quad.max(0)
    if x1 < 1 or y1 < 1 or x2 > w - 2 or y2 > min(h - 2, scene.view.lowest_px):
        return False
    left, top = int(x1), int(y1)
    window = (slice(top, int(y2) + 2), slice(left, int(x2) + 2))
    area = np.zeros(allowed[window].shape, np.uint8)
    cv2.fillConvexPoly(area, np.round(quad - (left, top)).astype(np.int32), (1,))
    inside = area > 0
    if not inside.any() or (scene.taken[window] & inside).any():
        return False
    if allowed[window][inside].mean() < 0.985:
        return False
    tones = scene.pixels[window][inside].mean(1)
    return bool(tones.std() < LARGEST_SPREAD)


def _softness(scene: Scene, rng: Rng) -> float:
    """Return the blur in pixels that agrees with the photo's own sharpness."""
    grey = cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2GRAY)
    edges = float(np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), 97))
    return float(np.clip(1.05 - edges / 130, 0.4, 1.0) * rng.uniform(0.85, 1.2))


def _commit(
    scene: Scene,
    sheet: Sheet,
    quad: Quad,
    look: Look,
    category: str | None,
    note: dict[str, object],
) -> bool:
    pixels, alpha = lay(scene.pixels, sheet, quad, look)
    box = _box_of(alpha, category or "")
    if box is None:
        return False
    scene.pixels = pixels
    scene.taken = scene.taken | occupied([box], alpha.shape)
    record = note | {
        "category": category,
        "quad_px": np.round(quad.astype(float), 1).tolist(),
    }
    scene.notes.append(record)
    if category is not None:
        scene.boxes.append(replace(box, category=category))
    return True


def _box_of(alpha: Floats, category: str) -> Box | None:
    h, w = alpha.shape
    rows, columns = np.nonzero(alpha > 0.4)
    if len(rows) < 12:
        return None
    return Box(
        category,
        float(columns.min() / w),
        float(rows.min() / h),
        float((columns.max() + 1) / w),
        float((rows.max() + 1) / h),
    )
