"""Things that hang on a wall: posters, sprayed paint, notice boards.

Their face looks towards -y; +y points into the wall; z = 0 is the foot of the wall.
"""

from __future__ import annotations

import numpy as np

from training.synth.artwork import painted
from training.synth.shapes import Shape

Rng = np.random.Generator


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


def _poster(rng: Rng, variant: int) -> Shape:
    w = float(rng.uniform(0.42, 0.78))
    return hanging(
        (w, w * float(rng.uniform(1.2, 1.45))),
        float(rng.uniform(0.75, 1.3)),
        f"img:poster:{variant % 24}",
    )


def _poster_small(rng: Rng, variant: int) -> Shape:
    w = float(rng.uniform(0.3, 0.42))
    return hanging(
        (w, w * 1.36), float(rng.uniform(0.7, 1.2)), f"img:poster:{variant % 24}"
    )


def _graffiti(rng: Rng, variant: int) -> Shape:
    picture = f"graffiti:{variant % 16}"
    alpha = painted(picture)[..., 3] > 40
    rows, cols = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    h, w = alpha.shape
    u0, u1, v0, v1 = (
        cols[0] / w,
        (cols[-1] + 1) / w,
        1 - (rows[-1] + 1) / h,
        1 - rows[0] / h,
    )
    width = float(rng.uniform(1.6, 2.6))
    out = hanging(
        (width * (u1 - u0), width * (v1 - v0) / 2),
        float(rng.uniform(0.4, 0.8)),
        f"img:{picture}",
        0.006,
    )
    out.uvs[-1] = ((u0, v0), (u1, v0), (u1, v1), (u0, v1))
    return out


def _notice(_rng: Rng, variant: int) -> Shape:
    out = hanging((2.0, 1.3), 0.85, f"img:notice:{variant % 4}", 0.05)
    out.box((0, -0.02, 1.5), (2.12, 0.04, 1.42), "#8a9094")
    out.box((0, -0.16, 2.3), (2.3, 0.4, 0.05), "#8a2a2a")
    return out


BUILDERS = {
    "poster": _poster,
    "poster_small": _poster_small,
    "graffiti": _graffiti,
    "notice_board": _notice,
}
