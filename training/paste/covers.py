"""States of a cover, painted flat: whole, broken, shifted, sunken, missing.

A sheet is square, the far side up, the cover in its middle. What a hole shows is told
by how flat the camera looks into it: the deeper, the darker, the far wall first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from training.paste.layout import Mask
from training.paste.textures import FACE_PX, Face, Rgb

SHEET_PX = 400
SHEET_PER_COVER = SHEET_PX / FACE_PX
"""Side of the sheet in cover diameters."""

Rng = np.random.Generator
Floats = npt.NDArray[np.float32]
State = Literal["ok", "broken", "cracked", "shifted", "sunken", "missing"]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A flat picture to be laid on the ground or a wall.

    Attributes:
        colours: BGR `(S, S, 3)`, `[0, 1]`.
        alpha: `(S, S)`, `[0, 1]`.
        depth: `(S, S)`, `[0, 1]`: 1 where one looks into a hole, which the light and
            the grain of the street do not reach.
    """

    colours: Rgb
    alpha: Floats
    depth: Floats


def paint_cover(
    state: State, face: Face, rng: Rng, *, flatness: float, cover_m: float
) -> Sheet:
    """Paint a cover in a state.

    Args:
        state: what is wrong with it.
        face: its surface.
        rng: draws the details.
        flatness: metres ahead per metre of camera height; the view into the hole.
        cover_m: diameter or side.
    """
    px_m = cover_m / FACE_PX
    opening = _disc(face, grow=1.0)
    sheet = _frame(face, rng)
    lid = _lid(face)
    hole = _look_into(opening, rng, flatness=flatness, px_m=px_m)
    if state == "missing":
        return _put(sheet, hole, opening, deep=True)
    if state == "shifted":
        return _shifted(_put(sheet, hole, opening, deep=True), lid, opening, rng)
    if state == "sunken":
        return _sunken(sheet, lid, hole, opening, rng, flatness / px_m)
    whole = _gap(_put(sheet, lid, opening, deep=False), face)
    if state == "ok":
        return whole
    gone = _cracks(rng, wide=state == "cracked") & opening
    if state == "broken":
        gone |= _broken_off(rng) & opening
    return _put(
        whole, _look_into(gone, rng, flatness=flatness, px_m=px_m), gone, deep=True
    )


def _grid() -> tuple[Floats, Floats]:
    yy, xx = np.mgrid[:SHEET_PX, :SHEET_PX].astype(np.float32) - (SHEET_PX - 1) / 2
    return yy, xx


def _disc(face: Face, *, grow: float) -> Mask:
    yy, xx = _grid()
    reach = FACE_PX / 2 * grow
    away = np.hypot(yy, xx) if face.round else np.maximum(np.abs(yy), np.abs(xx))
    return np.asarray(away <= reach)


def _noise(rng: Rng, cells: int) -> Floats:
    small = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return np.asarray(
        cv2.resize(small, (SHEET_PX, SHEET_PX), interpolation=cv2.INTER_CUBIC),
        np.float32,
    )


def _frame(face: Face, rng: Rng) -> Sheet:
    """Paint the ring that the cover sits in: iron, or a collar of mortar."""
    tone = float(rng.choice((0.25, 0.32, 0.4, 0.52)))
    grow = float(rng.uniform(1.03, 1.09) if tone < 0.35 else rng.uniform(1.05, 1.22))
    alpha = _disc(face, grow=grow).astype(np.float32)
    shade = tone * (1 + 0.08 * _noise(rng, 60) + 0.08 * _noise(rng, 12))
    tint = np.asarray((0.95, 1.0, 1.03), np.float32)
    colours = np.asarray(np.clip(shade[..., None] * tint, 0, 1), np.float32)
    return Sheet(colours, alpha, np.zeros_like(alpha))


def _lid(face: Face) -> Rgb:
    margin = (SHEET_PX - FACE_PX) // 2
    lid = cv2.copyMakeBorder(
        face.colours, margin, margin, margin, margin, cv2.BORDER_REPLICATE
    )
    return np.asarray(lid, np.float32)


def _look_into(opening: Mask, rng: Rng, *, flatness: float, px_m: float) -> Rgb:
    """Return what is seen through an opening: its far wall, darker with the depth."""
    run = np.zeros(SHEET_PX, np.float32)
    below = np.zeros((SHEET_PX, SHEET_PX), np.float32)
    for row in range(SHEET_PX):
        run = (run + 1) * opening[row]
        below[row] = run
    depth_m = below * px_m / flatness
    reach_m = float(rng.uniform(0.03, 0.14))
    wall = float(rng.uniform(0.12, 0.4))
    grit = 1 + 0.15 * _noise(rng, 40)
    tone = wall * np.exp(-depth_m / reach_m) * grit + float(rng.uniform(0.02, 0.06))
    tint = np.asarray((0.9, 0.97, 1.0), np.float32)
    return np.asarray(np.clip(tone[..., None] * tint, 0, 1), np.float32)


def _put(sheet: Sheet, colours: Rgb, mask: Mask, *, deep: bool) -> Sheet:
    m = mask[..., None]
    return Sheet(
        np.asarray(np.where(m, colours, sheet.colours), np.float32),
        np.maximum(sheet.alpha, mask.astype(np.float32)),
        np.where(mask, np.float32(deep), sheet.depth).astype(np.float32),
    )


def _gap(sheet: Sheet, face: Face) -> Sheet:
    """Darken the joint between cover and frame."""
    joint = _disc(face, grow=1.015) & ~_disc(face, grow=0.965)
    soft = cv2.GaussianBlur(joint.astype(np.float32), (0, 0), 1.5)[..., None]
    colours = sheet.colours * (1 - 0.7 * soft)
    return Sheet(np.asarray(colours, np.float32), sheet.alpha, sheet.depth)


def _shifted(sheet: Sheet, lid: Rgb, opening: Mask, rng: Rng) -> Sheet:
    """Lay the lid beside its seat, on the road, with the shadow of its thickness."""
    far = FACE_PX * float(rng.uniform(0.16, 0.26))
    angle = float(rng.uniform(0, 2 * np.pi))
    move = np.asarray(
        [[1, 0, far * np.cos(angle)], [0, 1, far * np.sin(angle)]], np.float32
    )
    size = (SHEET_PX, SHEET_PX)
    moved = cv2.warpAffine(lid, move, size, borderMode=cv2.BORDER_REPLICATE)
    place = cv2.warpAffine(opening.astype(np.uint8), move, size) > 0
    drop = np.roll(place, (6, 5), (0, 1)).astype(np.float32)
    shadow = cv2.GaussianBlur(drop, (0, 0), 3) * 0.75
    dark = sheet.colours * (1 - shadow[..., None])
    under = Sheet(
        np.asarray(dark, np.float32), np.maximum(sheet.alpha, shadow * 0.9), sheet.depth
    )
    return _put(under, np.asarray(moved, np.float32), np.asarray(place), deep=False)


def _sunken(
    sheet: Sheet, lid: Rgb, hole: Rgb, opening: Mask, rng: Rng, px_per_depth_m: float
) -> Sheet:
    """Let the lid hang lower than the road, by parallax, leaning a little."""
    drop_px = float(np.clip(rng.uniform(0.05, 0.11) * px_per_depth_m, 26, 110))
    lean = float(rng.uniform(-0.22, 0.22))
    yy, xx = _grid()
    fall = drop_px * (1 + lean * xx / (FACE_PX / 2))
    lower = cv2.remap(
        opening.astype(np.float32),
        xx + (SHEET_PX - 1) / 2,
        yy + (SHEET_PX - 1) / 2 - fall,
        cv2.INTER_LINEAR,
    )
    down = np.asarray([[1, 0, 0], [0, 1, drop_px]], np.float32)
    sunk = cv2.warpAffine(lid, down, (SHEET_PX, SHEET_PX)) * rng.uniform(0.45, 0.7)
    seen = np.asarray(lower > 0.5) & opening
    return _put(
        _put(sheet, hole, opening, deep=True),
        np.asarray(sunk, np.float32),
        seen,
        deep=False,
    )


def _broken_off(rng: Rng) -> Mask:
    """Return a ragged piece that is gone from the rim inwards."""
    turn, open_rad = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.0)
    r = FACE_PX / 2
    rim = np.linspace(turn - open_rad, turn + open_rad, 8)
    inner = np.linspace(turn + open_rad * 0.7, turn - open_rad * 0.7, 6)
    depth = rng.uniform(0.05, 0.6) + rng.uniform(-0.18, 0.18, 6)
    points = [(1.1 * r * np.cos(a), 1.1 * r * np.sin(a)) for a in rim]
    points += [
        (r * d * np.cos(a), r * d * np.sin(a))
        for a, d in zip(inner, depth, strict=True)
    ]
    mask = np.zeros((SHEET_PX, SHEET_PX), np.uint8)
    outline = (np.asarray(points) + SHEET_PX / 2).astype(np.int32)
    cv2.fillPoly(mask, [outline], (1,))
    return np.asarray(mask > 0)


def _cracks(rng: Rng, *, wide: bool) -> Mask:
    mask = np.zeros((SHEET_PX, SHEET_PX), np.uint8)
    start = rng.uniform(-40, 40, 2)
    turn = rng.uniform(0, 2 * np.pi)
    for branch in range(int(rng.integers(2, 5))):
        angle = turn + branch * 2.1 + rng.normal(0, 0.3)
        steps = np.cumsum(rng.normal(0, 7, (12, 2)), axis=0)
        line = start + np.outer(np.arange(12) * 14, (np.cos(angle), np.sin(angle)))
        points = (line + steps + SHEET_PX / 2).astype(np.int32)
        width = int(rng.integers(11, 20) if wide else rng.integers(4, 9))
        cv2.polylines(mask, [points], isClosed=False, color=(1,), thickness=width)
    return np.asarray(mask > 0)
