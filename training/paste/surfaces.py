"""Flat things for walls and roads: papers, spray, and their legal look-alikes."""

from __future__ import annotations

import cv2
import numpy as np

from training.paste.covers import Floats, Rng, Sheet
from training.synth.artwork import bill, graffiti, notice, poster, sign_board
from training.synth.artwork_base import Picture

_PAINTERS = {
    "poster": poster,
    "graffiti": graffiti,
    "notice": notice,
    "bill": bill,
    "sign": sign_board,
}


def paint_flat(kind: str, rng: Rng) -> tuple[Sheet, str]:
    """Return a sheet and its name: a wall thing, `patch`, `stain` or `grate`.

    Raises:
        KeyError: no painter is called `kind`.
    """
    number = int(rng.integers(0, 2**31))
    own = np.random.default_rng(number)
    name = f"painted:{kind}/{number}"
    if kind == "patch":
        return _patch(own), name
    if kind == "stain":
        return _stain(own), name
    if kind == "grate":
        return _grate(own), name
    return _paper(_PAINTERS[kind](own), own, worn=kind == "poster"), name


def _paper(picture: Picture, rng: Rng, *, worn: bool) -> Sheet:
    """Fade and crease a painted picture; margins let torn edges stay inside."""
    rgba = np.asarray(picture, np.float32) / 255
    colours, alpha = rgba[..., 2::-1], rgba[..., 3]
    h, w = alpha.shape
    fade = float(rng.uniform(0.02, 0.3)) if worn else 0.05
    grey = colours.mean(2, keepdims=True)
    colours = (colours * (1 - fade) + grey * fade) * (1 - 0.3 * fade) + 0.1 * fade
    shade = 1 + (0.07 if worn else 0.02) * _soft(rng, (h, w), 5)
    shade += (0.05 if worn else 0.02) * _soft(rng, (h, w), 14)
    if worn:
        alpha = alpha * _torn(rng, (h, w))
    dirty = np.clip(colours * shade[..., None], 0, 1)
    opaque = alpha * (0.88 if not worn else 1.0) if alpha.min() < 0.5 else alpha
    return Sheet(
        np.asarray(np.ascontiguousarray(dirty), np.float32),
        np.asarray(opaque, np.float32),
        np.zeros((h, w), np.float32),
    )


def _torn(rng: Rng, shape: tuple[int, int]) -> Floats:
    """Return 1 on the paper, 0 where its ragged rim or a corner is gone."""
    h, w = shape
    yy, xx = np.mgrid[:h, :w].astype(np.float32)
    rim = np.minimum(np.minimum(xx, w - 1 - xx), np.minimum(yy, h - 1 - yy))
    bite = 3.0 * _soft(rng, shape, 9)
    if rng.random() < 0.3:
        cx, cy = float(rng.choice((0, w))), float(rng.choice((0, h)))
        corner = np.hypot(xx - cx, yy - cy) - rng.uniform(30, 80)
        rim = np.minimum(rim, corner + 6 * bite)
    return np.asarray(rim > bite, np.float32)


def _soft(rng: Rng, shape: tuple[int, int], cells: int) -> Floats:
    small = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    big = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(big, np.float32)


def _patch(rng: Rng) -> Sheet:
    """Paint a mended rectangle of asphalt with a sealed seam."""
    side = 256
    yy, xx = np.mgrid[:side, :side].astype(np.float32) - 127.5
    wide, deep = rng.uniform(70, 118, 2)
    wobble = 4 * _soft(rng, (side, side), 6)
    inside = np.minimum(wide - np.abs(xx), deep - np.abs(yy)) + wobble
    seam = np.exp(-((inside / 5) ** 2)) * float(rng.uniform(0, 0.5))
    tone = 0.3 * (1 + 0.06 * _soft(rng, (side, side), 50)) * (1 - seam)
    alpha = np.clip(inside / 3 + 0.5, 0, 1) * float(rng.uniform(0.7, 0.95))
    colours = np.repeat(tone[..., None], 3, axis=2)
    return Sheet(
        np.asarray(np.clip(colours, 0, 1), np.float32),
        np.asarray(alpha, np.float32),
        np.zeros((side, side), np.float32),
    )


def _stain(rng: Rng) -> Sheet:
    """Paint an oil or damp spot with a soft, irregular rim."""
    side = 256
    yy, xx = np.mgrid[:side, :side].astype(np.float32) - 127.5
    turn = np.arctan2(yy, xx)
    edge = 78 + sum(
        float(rng.uniform(3, 14)) * np.cos(k * turn + rng.uniform(0, 6.3))
        for k in range(1, 6)
    )
    near = np.clip((edge - np.hypot(xx, yy)) / float(rng.uniform(15, 40)), 0, 1)
    alpha = near * np.clip(0.62 + 0.18 * _soft(rng, (side, side), 12), 0.2, 0.85)
    return Sheet(
        np.full((side, side, 3), 0.25, np.float32),
        np.asarray(alpha, np.float32),
        np.zeros((side, side), np.float32),
    )


def _grate(rng: Rng) -> Sheet:
    """Paint a storm drain: an iron frame and dark slots."""
    side = 256
    yy, xx = np.mgrid[:side, :side].astype(np.float32) - 127.5
    wide, deep = float(rng.uniform(60, 110)), float(rng.uniform(90, 118))
    inside = (np.abs(xx) < wide) & (np.abs(yy) < deep)
    step = float(rng.uniform(20, 34))
    along = yy if rng.random() < 0.5 else xx
    slot = (np.mod(along, step) < step * 0.55) & (np.abs(xx) < wide - 14)
    slot &= (np.abs(yy) < deep - 14) & (np.abs(xx) > 5)
    tone = 0.33 * (1 + 0.1 * _soft(rng, (side, side), 40))
    tone = np.where(slot, 0.05, tone)
    colours = np.repeat(tone[..., None], 3, axis=2)
    return Sheet(
        np.asarray(np.clip(colours, 0, 1), np.float32),
        inside.astype(np.float32),
        (slot & inside).astype(np.float32),
    )
