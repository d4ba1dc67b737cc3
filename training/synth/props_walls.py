"""Things that hang on a wall, a box or a pole: small ads, sprayed paint, boards.

Their face looks towards -y; +y points into the wall; z = 0 is the foot of the wall.
What is a poster and what is graffiti: see `artwork_ads`.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from training.synth.artwork import painted
from training.synth.shapes import Shape

Rng = np.random.Generator

_ADS = ("poster", "adcluster", "poster", "adspray", "poster", "adsticker")
_SMALL_ADS = ("adsticker", "poster", "adspray", "poster", "adsticker", "poster")
_WIDTH_M = {
    "poster": (0.3, 0.72),
    "adcluster": (0.6, 0.85),
    "adspray": (0.62, 0.85),
    "adsticker": (0.2, 0.45),
}
_MAX_AD_M = 1.15


def hanging(
    size_m: tuple[float, float], bottom_m: float, mat: str, gap_m: float = 0.008
) -> Shape:
    """Build one picture on the wall, `size_m` wide and high, from `bottom_m` up."""
    x, top = size_m[0] / 2, bottom_m + size_m[1]
    out = Shape()
    out.quad(
        [
            (-x, -gap_m, bottom_m),
            (x, -gap_m, bottom_m),
            (x, -gap_m, top),
            (-x, -gap_m, top),
        ],
        mat,
    )
    return out


@functools.lru_cache(maxsize=1024)
def _size_px(picture: str) -> tuple[int, int]:
    rows, cols = painted(picture).shape[:2]
    return rows, cols


def fitted(picture: str, width_m: float, max_height_m: float) -> tuple[float, float]:
    """Return a picture's width and height on a wall, kept in proportion, metres."""
    rows, cols = _size_px(picture)
    width_m = min(width_m, max_height_m * cols / rows)
    return width_m, width_m * rows / cols


def _ad(rng: Rng, kinds: tuple[str, ...], variant: int) -> tuple[str, float]:
    """Draw one ad: its picture and its width, metres."""
    kind = kinds[variant // 2 % len(kinds)]
    return f"{kind}:{variant}", float(rng.uniform(*_WIDTH_M[kind]))


def _poster(rng: Rng, variant: int) -> Shape:
    picture, width = _ad(rng, _ADS, variant)
    size = fitted(picture, width, _MAX_AD_M)
    return hanging(size, float(rng.uniform(0.5, 1.9 - size[1])), f"img:{picture}")


def _poster_small(rng: Rng, variant: int) -> Shape:
    """Stick an ad to the front of a cabinet of 1.0 x 1.25 m."""
    picture, width = _ad(rng, _SMALL_ADS, variant)
    size = fitted(picture, width * 0.85, 0.9)
    bottom = float(rng.uniform(0.22, 1.3 - size[1]))
    aside = float(rng.uniform(-1, 1)) * (0.48 - size[0] / 2)
    out = Shape()
    out.extend(hanging(size, bottom, f"img:{picture}"), (aside, 0, 0))
    return out


def pole_ad(rng: Rng, variant: int, radius_m: float) -> Shape:
    """Wrap one ad, or two that touch, round a pole of this radius at the axis."""
    out = Shape()
    bottom = float(rng.uniform(0.6, 1.3))
    for k in range(1 + (variant // 2 % 4 == 3)):
        picture, width = _ad(rng, _SMALL_ADS, variant + 2 * k)
        size = fitted(picture, min(width, 2.6 * radius_m), 0.8)
        _wrapped(out, size, bottom, (f"img:{picture}", radius_m + 0.002 * k))
        bottom += size[1] * 0.98
    return out


def _wrapped(
    out: Shape, size_m: tuple[float, float], bottom_m: float, skin: tuple[str, float]
) -> None:
    """Bend one picture round the axis; `skin` is its material and radius, metres."""
    n, (mat, r), half = 6, skin, size_m[0] / 2 / skin[1]
    for k in range(n):
        a0, a1 = half * (2 * k / n - 1), half * (2 * (k + 1) / n - 1)
        left = (r * math.sin(a0), -r * math.cos(a0))
        right = (r * math.sin(a1), -r * math.cos(a1))
        low, high = bottom_m, bottom_m + size_m[1]
        out.quad(
            [(*left, low), (*right, low), (*right, high), (*left, high)],
            mat,
            [(k / n, 0), ((k + 1) / n, 0), ((k + 1) / n, 1), (k / n, 1)],
        )


def _graffiti(rng: Rng, variant: int) -> Shape:
    picture = f"graffiti:{variant}"
    size = fitted(picture, float(rng.uniform(0.9, 2.6)), 1.5)
    return hanging(size, float(rng.uniform(0.25, 0.75)), f"img:{picture}", 0.006)


def _graffiti_small(rng: Rng, variant: int) -> Shape:
    """Spray a tag on a cabinet's front, a shutter or a door."""
    picture = f"graffiti:{variant}"
    size = fitted(picture, float(rng.uniform(0.4, 0.9)), 0.7)
    return hanging(size, float(rng.uniform(0.25, 0.55)), f"img:{picture}")


def _roofed_board(_rng: Rng, variant: int) -> Shape:
    out = hanging((2.0, 1.3), 0.85, f"img:notice:{variant % 24}", 0.05)
    out.box((0, -0.02, 1.5), (2.12, 0.04, 1.42), "#8a9094")
    out.box((0, -0.16, 2.3), (2.3, 0.4, 0.05), "#8a2a2a")
    return out


def _standing_board(rng: Rng, variant: int) -> Shape:
    """Stand a row of glazed notices (宣传栏) on steel posts."""
    out, w = Shape(), float(rng.uniform(1.0, 1.2))
    steel = str(rng.choice(["#c4c8ca!", "#8a2a2a~", "#2a5a8a~", "#70767a~"]))
    for k in (-1, 0, 1)[: int(rng.integers(2, 4))]:
        picture = ("notice", "civic")[int(rng.integers(2))]
        mat = f"img:{picture}:{(variant + 2 * k) % 24}"
        out.extend(hanging((w - 0.1, 1.1), 0.95, mat, 0.055), (k * w, 0, 0))
        out.box((k * w, -0.02, 1.5), (w, 0.06, 1.24), steel)
        for x in (-w / 2, w / 2):
            out.box((k * w + x, -0.02, 1.1), (0.06, 0.07, 2.2), steel)
    return out


def civic_frame(rng: Rng, variant: int) -> Shape:
    """Hang one public-service print in a frame of metal or plastic."""
    w = float(rng.uniform(0.5, 1.0))
    h, bottom = w * 1.33, float(rng.uniform(0.7, 1.0))
    rim = str(rng.choice(["#c4c8ca!", "#b01822~", "#3a3e42~", "#d8a830~"]))
    out = hanging((w, h), bottom, f"img:civic:{variant % 48}", 0.036)
    out.box((0, -0.015, bottom + h / 2), (w + 0.09, 0.036, h + 0.09), rim)
    for x in (-w / 2 - 0.03, w / 2 + 0.03):
        out.box((x, -0.03, bottom + h / 2), (0.05, 0.05, h + 0.1), rim)
    for z in (bottom - 0.02, bottom + h + 0.02):
        out.box((0, -0.03, z), (w + 0.1, 0.05, 0.05), rim)
    return out


def _light_box(_rng: Rng, variant: int) -> Shape:
    out = hanging((1.1, 1.65), 0.55, f"img:bill:{variant % 24}", 0.1)
    out.box((0, -0.04, 1.38), (1.24, 0.11, 1.8), "#3a3e42~")
    return out


_BOARDS = (_roofed_board, civic_frame, _standing_board, _light_box)


def _notice(rng: Rng, variant: int) -> Shape:
    return _BOARDS[variant // 2 % len(_BOARDS)](rng, variant)


BUILDERS = {
    "poster": _poster,
    "poster_small": _poster_small,
    "graffiti": _graffiti,
    "graffiti_small": _graffiti_small,
    "notice_board": _notice,
}
