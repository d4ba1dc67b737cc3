"""Painted faces of manhole covers: relief pattern, lettering, material and wear.

A face is an RGBA array whose alpha is the relief's height, 0-255, not a cut-out.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from training.synth.artwork_base import Picture, Rng, font, has_cjk

SIDE_PX = 320
_DRAWN_PX = 640
_FLAT, _HIGH, _LOW = 95, 225, 0

Heights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Finish:
    """What a face is made of.

    Attributes:
        base: sRGB of the flat plate, 0-255.
        contrast: how far relief changes the tone, `[0, 1]`.
        shine: share of bare bright metal on the raised parts, `[0, 1]`.
        rust: share of the face that is rusty, `[0, 1]`.
        dust: how far the low parts are filled with dust, `[0, 1]`.
    """

    base: tuple[float, float, float]
    contrast: float
    shine: float
    rust: float
    dust: float


FINISHES: dict[str, Finish] = {
    "iron": Finish((86, 82, 76), 0.85, 0.15, 0.12, 0.15),
    "ductile": Finish((56, 57, 60), 0.8, 0.1, 0.03, 0.1),
    "worn": Finish((92, 88, 83), 0.8, 0.75, 0.05, 0.2),
    "rusty": Finish((112, 76, 54), 0.75, 0.1, 0.7, 0.1),
    "dusty": Finish((106, 99, 87), 0.55, 0.1, 0.1, 0.75),
    "concrete": Finish((138, 134, 126), 0.35, 0.0, 0.05, 0.3),
    "composite": Finish((104, 108, 106), 0.6, 0.0, 0.0, 0.2),
    "green": Finish((72, 104, 84), 0.6, 0.1, 0.05, 0.2),
    "pink": Finish((156, 110, 100), 0.4, 0.0, 0.0, 0.3),
    "yellow": Finish((176, 146, 58), 0.6, 0.1, 0.1, 0.2),
    "blue": Finish((56, 74, 100), 0.7, 0.15, 0.05, 0.2),
}
PATTERNS = (
    "checker", "diamond", "rings", "radial", "dots", "bricks", "sectors", "waves",
    "grid", "plain",
)  # fmt: skip
_WORDS = ("雨", "污", "电力", "通信", "水", "雨水", "污水", "燃气", "消防", "路灯")


def smooth_noise(rng: Rng, side_px: int, cells: int) -> Heights:
    """Draw soft noise of about unit spread, `(side_px, side_px)`."""
    small = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    big = Image.fromarray(small).resize((side_px, side_px), Image.Resampling.BICUBIC)
    return np.asarray(big, dtype=np.float64)


@functools.lru_cache(maxsize=512)
def face(variant: int, pattern: str, finish: str, form: str) -> Picture:
    """Paint one face; `form` is `round`, `square` or `double` (two leaves).

    Raises:
        KeyError: an unknown pattern or finish.
    """
    rng = np.random.default_rng([variant, 77])
    heights = _relief(rng, pattern, form)
    return _coloured(rng, heights, FINISHES[finish])


def _relief(rng: Rng, pattern: str, form: str) -> Heights:
    image = Image.new("L", (_DRAWN_PX, _DRAWN_PX), _FLAT)
    draw = ImageDraw.Draw(image)
    _PATTERN_PAINTERS[pattern](draw, rng)
    if form == "round":
        _round_border(draw, rng)
    else:
        draw.rectangle((0, 0, 639, 639), outline=_HIGH, width=22)
    if form == "double":
        draw.rectangle((313, 0, 327, 639), fill=_LOW)
        for x in (250, 390):
            draw.rectangle((x - 14, 300, x + 14, 340), fill=_LOW)
    elif rng.random() < 0.75:
        _emblem(draw, rng)
    _lift_holes(draw, rng, form)
    small = image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64) / 255


def _round_border(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    draw.ellipse((2, 2, 637, 637), outline=_HIGH, width=int(rng.integers(12, 34)))
    if rng.random() < 0.5:
        draw.ellipse((44, 44, 595, 595), outline=_LOW + 30, width=8)


def _emblem(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    r = int(rng.integers(66, 120))
    draw.ellipse((320 - r, 320 - r, 320 + r, 320 + r), fill=_FLAT, outline=_HIGH)
    if rng.random() < 0.6:
        draw.ellipse(
            (320 - r, 320 - r, 320 + r, 320 + r), outline=_HIGH, width=int(r * 0.1)
        )
    if rng.random() < 0.25:
        star = [
            (320 + q * r * np.sin(a), 320 - q * r * np.cos(a))
            for a, q in zip(np.arange(10) * np.pi / 5, [0.75, 0.3] * 5, strict=True)
        ]
        draw.polygon([(float(x), float(y)) for x, y in star], fill=_HIGH)
        return
    word = str(rng.choice(_WORDS)) if has_cjk() else "W"
    size = int(1.5 * r / max(len(word), 1.2))
    draw.text((320, 320), word, font=font(size), fill=_HIGH, anchor="mm")


def _lift_holes(draw: ImageDraw.ImageDraw, rng: Rng, form: str) -> None:
    if rng.random() < 0.35:
        return
    reach = 250 if form == "round" else 270
    turn = float(rng.uniform(0, 3.14))
    for k in range(2):
        a = turn + np.pi * k
        x, y = 320 + reach * np.cos(a), 320 + reach * np.sin(a)
        draw.ellipse((x - 17, y - 17, x + 17, y + 17), fill=_LOW)


def _checker(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    step = int(rng.integers(44, 76))
    for i, x in enumerate(range(0, 640, step)):
        for j, y in enumerate(range(0, 640, step)):
            long, short = step * 0.4, step * 0.13
            w, h = (long, short) if (i + j) % 2 else (short, long)
            draw.ellipse((x - w, y - h, x + w, y + h), fill=_HIGH)


def _diamond(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    step, width = int(rng.integers(40, 80)), int(rng.integers(9, 18))
    for k in range(-640, 1280, step):
        draw.line((k, 0, k + 640, 640), fill=_HIGH, width=width)
        draw.line((k, 640, k + 640, 0), fill=_HIGH, width=width)


def _rings(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    step, width = int(rng.integers(34, 70)), int(rng.integers(12, 26))
    for r in range(step, 460, step):
        draw.ellipse((320 - r, 320 - r, 320 + r, 320 + r), outline=_HIGH, width=width)


def _radial(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    bars = int(rng.integers(12, 32))
    for k in range(bars):
        a = 2 * np.pi * k / bars
        x, y = np.cos(a), np.sin(a)
        draw.line(
            (320 + 90 * x, 320 + 90 * y, 320 + 450 * x, 320 + 450 * y),
            fill=_HIGH,
            width=int(560 / bars),
        )


def _dots(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    step = int(rng.integers(32, 60))
    r = step * float(rng.uniform(0.22, 0.36))
    square = rng.random() < 0.5
    for row, y in enumerate(range(step // 2, 640, step)):
        for x in range(step // 2 + (row % 2) * step // 2, 640, step):
            box = (x - r, y - r, x + r, y + r)
            if square:
                draw.rectangle(box, fill=_HIGH)
            else:
                draw.ellipse(box, fill=_HIGH)


def _bricks(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    w, h = int(rng.integers(60, 120)), int(rng.integers(26, 48))
    for row, y in enumerate(range(0, 640, h)):
        for x in range(-(row % 2) * w // 2, 640, w):
            draw.rectangle((x + 5, y + 5, x + w - 5, y + h - 5), fill=_HIGH)


def _sectors(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    spokes = int(rng.integers(6, 13))
    for r in (110, 200, 290):
        draw.ellipse((320 - r, 320 - r, 320 + r, 320 + r), outline=_HIGH, width=16)
    for k in range(spokes):
        a = 2 * np.pi * k / spokes
        x, y = np.cos(a), np.sin(a)
        draw.line((320, 320, 320 + 450 * x, 320 + 450 * y), fill=_HIGH, width=16)
        for r in (155, 245):
            u = 320 + r * np.cos(a + np.pi / spokes)
            v = 320 + r * np.sin(a + np.pi / spokes)
            draw.ellipse((u - 20, v - 20, u + 20, v + 20), fill=_LOW)


def _waves(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    step, high = int(rng.integers(36, 60)), float(rng.uniform(8, 22))
    for y in range(-20, 680, step):
        line = [(x, y + high * float(np.sin(x / 26))) for x in range(0, 641, 8)]
        draw.line(line, fill=_HIGH, width=int(step * 0.45))


def _grid(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    step, width = int(rng.integers(50, 110)), int(rng.integers(10, 22))
    for k in range(0, 641, step):
        draw.line((k, 0, k, 640), fill=_HIGH, width=width)
        draw.line((0, k, 640, k), fill=_HIGH, width=width)


def _plain(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    r = int(rng.integers(150, 260))
    draw.ellipse((320 - r, 320 - r, 320 + r, 320 + r), outline=_HIGH, width=14)


_PATTERN_PAINTERS = {
    "checker": _checker,
    "diamond": _diamond,
    "rings": _rings,
    "radial": _radial,
    "dots": _dots,
    "bricks": _bricks,
    "sectors": _sectors,
    "waves": _waves,
    "grid": _grid,
    "plain": _plain,
}


def _coloured(rng: Rng, heights: Heights, finish: Finish) -> Picture:
    side = heights.shape[0]
    soft, fine = smooth_noise(rng, side, 7), smooth_noise(rng, side, 80)
    tone = 1 - finish.contrast * (0.62 - heights)
    rgb = np.asarray(finish.base) * tone[..., None] * float(rng.uniform(0.72, 1.1))
    bare = finish.shine * np.clip((heights - 0.6) * 3, 0, 1) * (0.75 + 0.25 * soft)
    rgb = _towards(rgb, (150, 147, 140), np.clip(bare, 0, 1))
    rust = np.clip((soft + 0.5 * fine + 3 * finish.rust - 1.6) * 1.4, 0, 0.8)
    rgb = _towards(rgb, (104, 62, 38), rust)
    dust = finish.dust * np.clip(1.15 - heights * 1.4 + 0.3 * soft, 0, 1)
    rgb = _towards(rgb, (124, 115, 100), dust)
    dark = np.clip(1 - heights / 0.12, 0, 1)
    rgb = _towards(rgb, (14, 13, 12), dark * (1 - 0.5 * finish.dust))
    rgb *= 1 + 0.07 * (soft + fine)[..., None]
    return np.asarray(np.clip(np.dstack([rgb, heights * 255]), 0, 255), dtype=np.uint8)


def _towards(
    rgb: Heights, colour: tuple[float, float, float], share: Heights
) -> Heights:
    s = share[..., None]
    out: Heights = rgb * (1 - s) + np.asarray(colour) * s
    return out
