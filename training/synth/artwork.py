"""Painted pictures by name, and the painter of graffiti: Pillow only.

Each painter returns an RGBA uint8 array `(h, w, 4)`, sRGB, row 0 at the top. Chinese
words need a CJK font (Debian's `fonts-wqy-zenhei`); without it, Pillow's own font
draws Latin letters and digits instead.

Graffiti is tags, throw-ups, pieces and scrawl, never an advert: see `artwork_ads`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from training.synth import (
    artwork_ads,
    artwork_plates,
    artwork_signs,
    props_stalls_wares,
)
from training.synth.artwork_ads import flyer as poster
from training.synth.artwork_base import (
    Picture,
    Rng,
    canvas,
    cropped,
    font,
    has_cjk,
    sprayed,
    warped,
)
from training.synth.artwork_ground import paper, pothole, stain
from training.synth.artwork_signs import bill, notice, sign_board
from training.synth.shapes import FloatArray

__all__ = ("bill", "graffiti", "notice", "painted", "poster", "sign_board")

# Strokes of letters in a unit square, y down: one pen line each.
_LETTERS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "A": (((0, 1), (0.25, 0.5), (0.5, 0), (0.75, 0.5), (1, 1)),
          ((0.1, 0.65), (1, 0.55))),
    "B": (((0.1, 1), (0.1, 0), (0.8, 0.1), (0.7, 0.45), (0.2, 0.5), (0.95, 0.65),
           (0.7, 1), (0.1, 1)),),
    "C": (((1, 0.15), (0.4, 0), (0, 0.5), (0.4, 1), (1, 0.85)),),
    "E": (((0.9, 0.05), (0.1, 0.05), (0.1, 0.5), (0.7, 0.5), (0.1, 0.5), (0.1, 1),
           (1, 0.95)),),
    "K": (((0.1, 0), (0.1, 1)), ((0.95, 0), (0.15, 0.5), (1, 1.05))),
    "M": (((0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)),),
    "N": (((0, 1), (0.05, 0), (0.9, 1), (0.95, -0.05)),),
    "O": (((0.5, 0), (0, 0.4), (0.4, 1), (1, 0.6), (0.6, 0), (0.3, 0.1)),),
    "R": (((0.1, 1), (0.1, 0), (0.9, 0.15), (0.6, 0.5), (0.1, 0.5), (1, 1.1)),),
    "S": (((0.95, 0.1), (0.3, 0), (0.1, 0.35), (0.85, 0.65), (0.6, 1), (0, 0.9)),),
    "T": (((0, 0.1), (1, 0)), ((0.5, 0), (0.45, 1.1))),
    "U": (((0, 0), (0.1, 0.8), (0.6, 1), (0.95, 0.6), (1, -0.05)),),
    "X": (((0, 0), (1, 1)), ((1, 0), (0, 1.1))),
    "Z": (((0, 0.05), (1, 0), (0, 1), (1.1, 0.95)),),
    "5": (((0.9, 0), (0.2, 0), (0.15, 0.45), (0.9, 0.55), (0.7, 1), (0, 0.95)),),
    "7": (((0, 0.05), (1, 0), (0.4, 1.1)),),
}  # fmt: skip
_DARK = ("#121212", "#1a1a1c", "#16204a", "#3a1214", "#101814", "#5a1016")
_BRIGHT = (
    "#c4141f", "#1f3fae", "#0f7f3f", "#7a1fa0", "#e8c81e", "#2f80d8", "#e86a1e",
    "#f2f2f0", "#38b8a8", "#e85aa0", "#a8d030", "#b8bcc0",
)  # fmt: skip
_SCRAWL = (
    "到此一游", "我爱你", "早", "永远在一起", "小明", "加油", "毕业快乐", "王",
    "李华大笨蛋", "2024", "LOVE", "ok!", "哈哈",
)  # fmt: skip


def graffiti(rng: Rng) -> Picture:
    """Paint one graffito on nothing (transparent), cut to its paint."""
    return cropped(_STYLES[int(rng.integers(len(_STYLES)))](rng))


def _smooth(points: FloatArray) -> FloatArray:
    """Run a Catmull-Rom curve through `(N, 2)` points."""
    p = np.vstack([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, 9)[:-1, None]
    parts = [
        0.5
        * (
            2 * p[k]
            + (p[k + 1] - p[k - 1]) * t
            + (2 * p[k - 1] - 5 * p[k] + 4 * p[k + 1] - p[k + 2]) * t**2
            + (3 * p[k] - p[k - 1] - 3 * p[k + 1] + p[k + 2]) * t**3
        )
        for k in range(1, len(p) - 2)
    ]
    return np.vstack([*parts, points[-1:]])


def _lettering(rng: Rng, box: tuple[float, float, float, float]) -> list[FloatArray]:
    """Write three to six letters into `(x, y, w, h)` pixels; one curve a stroke."""
    x, y, w, h = box
    name = rng.choice(list(_LETTERS), int(rng.integers(3, 7)))
    step = w / len(name)
    slant = float(rng.uniform(-0.15, 0.4))
    rise = float(rng.uniform(-0.12, 0.2))
    size = step * float(rng.uniform(0.85, 1.2))
    out = []
    for k, letter in enumerate(name):
        tall = h * float(rng.uniform(0.75, 1.1))
        for stroke in _LETTERS[str(letter)]:
            pts = np.array(stroke, dtype=float) + rng.normal(0, 0.055, (len(stroke), 2))
            px = x + step * k + pts[:, 0] * size + (1 - pts[:, 1]) * tall * slant
            py = y + pts[:, 1] * tall - step * k * rise
            out.append(_smooth(np.stack([px, py], axis=1)))
    return out


def _brush(
    draw: ImageDraw.ImageDraw, curves: list[FloatArray], width: float, ink: str
) -> None:
    for curve in curves:
        line = [(float(a), float(b)) for a, b in curve]
        draw.line(line, fill=ink, width=max(int(width), 1), joint="curve")
        r = width / 2
        for a, b in (line[0], line[-1]):
            draw.ellipse((a - r, b - r, a + r, b + r), fill=ink)


def _drips(
    draw: ImageDraw.ImageDraw, rng: Rng, curves: list[FloatArray], ink: str
) -> None:
    for _ in range(int(rng.integers(0, 6))):
        curve = curves[int(rng.integers(len(curves)))]
        a, b = curve[int(rng.integers(len(curve)))]
        draw.line((a, b, a, b + float(rng.uniform(14, 60))), fill=ink, width=3)


def _tag(rng: Rng) -> Picture:
    image, draw = canvas(560, 320)
    ink = str(rng.choice([*_DARK, *_DARK, *_BRIGHT]))
    curves = _lettering(rng, (70, 90, 360, float(rng.uniform(90, 150))))
    if rng.random() < 0.5:
        tail = np.array([(60, 270), (200, 255), (360, 262), (500, 235), (440, 275)])
        curves.append(_smooth(tail + rng.normal(0, 9, tail.shape)))
    if rng.random() < 0.3:
        halo = np.array([(200, 60), (240, 36), (300, 40), (280, 66), (210, 64)])
        curves.append(_smooth(halo + rng.normal(0, 6, halo.shape)))
    _brush(draw, curves, float(rng.uniform(5, 18)), ink)
    _drips(draw, rng, curves, ink)
    return sprayed(np.asarray(image), rng, float(rng.uniform(0.8, 2.4)))


def _throw_up(rng: Rng) -> Picture:
    """Fill bubble letters with one colour inside a broad outline."""
    image, draw = canvas(640, 340)
    line, fill = str(rng.choice(_DARK)), str(rng.choice(_BRIGHT))
    if rng.random() < 0.25:
        line, fill = "#f2f2f0", str(rng.choice(_DARK))
    curves = _lettering(rng, (90, 100, 420, 150))
    width = float(rng.uniform(40, 66))
    _brush(draw, curves, width + 16, line)
    _brush(draw, curves, width, fill)
    _brush(draw, [c - np.array([8, 10]) for c in curves[::2]], 5, "#f4f4f0")
    if rng.random() < 0.5:
        _brush(draw, curves, 4, line)
    return sprayed(np.asarray(image), rng, 1.0)


def _piece(rng: Rng) -> Picture:
    """Paint a worked piece: cloud, shadow, outline, letters in fading colours."""
    image, draw = canvas(720, 360)
    cloud, line, edge = (str(c) for c in rng.choice(_BRIGHT, 3, replace=False))
    for x in range(70, 660, 50):
        y, r = 190 + float(rng.normal(0, 34)), float(rng.uniform(50, 95))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=cloud)
    curves = _lettering(rng, (120, 110, 460, 150))
    width = float(rng.uniform(38, 60))
    _brush(draw, [c + np.array([14, 14]) for c in curves], width + 14, "#141416")
    _brush(draw, curves, width + 18, edge)
    _brush(draw, curves, width + 8, "#141416")
    image.paste(_fading(rng, image.size), (0, 0), _inside(curves, width, image.size))
    draw = ImageDraw.Draw(image)
    for _ in range(30):
        x, y, r = *rng.uniform((100, 90), (620, 270)), rng.uniform(2, 9)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=line)
    return sprayed(np.asarray(image), rng, 0.9)


def _inside(
    curves: list[FloatArray], width: float, size: tuple[int, int]
) -> Image.Image:
    mask, pen = canvas(*size)
    _brush(pen, curves, width, "#ffffff")
    return mask.getchannel("A")


def _fading(rng: Rng, size: tuple[int, int]) -> Image.Image:
    tones = rng.integers(30, 250, (3, 2, 3)).astype(np.uint8)
    return Image.fromarray(tones).resize(size, Image.Resampling.BICUBIC).convert("RGBA")


def _scrawl(rng: Rng) -> Picture:
    """Write words by chalk, marker or brush, in a child's or a vandal's hand."""
    image, draw = canvas(560, 300)
    ink = str(rng.choice([*_DARK, "#e8e6e0", "#c4141f", "#1f3fae"]))
    for row in range(int(rng.integers(1, 4))):
        text = str(rng.choice(_SCRAWL)) if has_cjk() else "LOVE"
        size = int(rng.integers(44, 96))
        at = (int(rng.integers(20, 130)), 20 + 88 * row)
        draw.text(at, text, font=font(size), fill=ink)
    bent = warped(np.asarray(image), rng, float(rng.uniform(6, 14)))
    return sprayed(bent, rng, float(rng.uniform(0.6, 1.6)))


def _scribble(rng: Rng) -> Picture:
    """Cross a wall with loops, circles, hearts and lines."""
    image, draw = canvas(512, 280)
    ink = str(rng.choice([*_DARK, *_BRIGHT]))
    curves = []
    for _ in range(int(rng.integers(2, 6))):
        steps = rng.uniform((80, 70), (430, 210)) + np.cumsum(
            rng.normal(0, 42, (int(rng.integers(5, 14)), 2)), axis=0
        )
        curves.append(_smooth(np.clip(steps, (16, 16), (496, 264))))
    if rng.random() < 0.4:
        a = np.linspace(0, 2 * np.pi, 24)
        heart = np.stack([16 * np.sin(a) ** 3, -13 * np.cos(a) + 5 * np.cos(2 * a)], 1)
        curves.append(
            heart * float(rng.uniform(3, 6)) + rng.uniform((150, 110), 330) * (1, 0.5)
        )
    _brush(draw, curves, float(rng.uniform(5, 22)), ink)
    _drips(draw, rng, curves, ink)
    return sprayed(np.asarray(image), rng, float(rng.uniform(1.0, 2.6)))


_STYLES: tuple[Callable[[Rng], Picture], ...] = (
    _tag, _tag, _tag, _throw_up, _throw_up, _piece, _scrawl, _scribble,
)  # fmt: skip


PAINTERS: dict[str, Callable[[Rng], Picture]] = {
    "poster": poster,
    "notice": notice,
    "sign": sign_board,
    "shop": artwork_signs.shop_front,
    "facade": artwork_signs.facade,
    "graffiti": graffiti,
    "adcluster": artwork_ads.cluster,
    "adsticker": artwork_ads.sticker,
    "adspray": artwork_ads.sprayed_ad,
    "stallsign": props_stalls_wares.stall_sign,
    "menu": props_stalls_wares.menu,
    "civic": artwork_signs.civic_poster,
    "banner": artwork_signs.banner,
    "slogan": artwork_signs.slogan,
    "housenumber": artwork_signs.house_number,
    "couplet": artwork_signs.couplet,
    "roadsign": artwork_signs.road_sign,
    "cabinet": artwork_signs.cabinet_face,
    "fruit": props_stalls_wares.fruit,
    "greens": props_stalls_wares.greens,
    "trinkets": props_stalls_wares.trinkets,
    "folded": props_stalls_wares.folded,
    "rack": props_stalls_wares.rack,
    "flowers": props_stalls_wares.flowers,
    "stripes": props_stalls_wares.stripes,
    "food": props_stalls_wares.food,
    "pothole": pothole,
    "stain": stain,
    "plate": artwork_plates.plate,
    "plate_double": artwork_plates.plate_double,
    "plate_small": artwork_plates.plate_small,
    "paper": paper,
    "bill": bill,
}


@functools.lru_cache(maxsize=256)
def painted(name: str) -> Picture:
    """Return the picture `kind:variant`, the same one for the same name.

    Raises:
        KeyError: no painter is called `kind`.
    """
    kind, _, variant = name.partition(":")
    seed = [int(variant or 0), *kind.encode()]
    return PAINTERS[kind](np.random.default_rng(seed))
