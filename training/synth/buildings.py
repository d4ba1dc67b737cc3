"""Buildings and walls on the building line, one shape per lot.

Frame of a lot: x along the street, the front at y = 0 facing -y, z up.
"""

from __future__ import annotations

import numpy as np

from training.synth.props_walls import hanging
from training.synth.shapes import Shape

PIER_M = 1.0
_WALLS = ("#b9ac98", "#a89a88", "#c4bdb0", "#9a9c98", "#b59a80", "#8f6a5e", "#d0c8ba")


def lot_shape(kind: str, variant: int, width_m: float) -> Shape:
    """Build the lot of one kind: `shops`, `wall` or `block`.

    Raises:
        KeyError: `kind` is none of these.
    """
    rng = np.random.default_rng([variant, 91])
    return _LOTS[kind](rng, variant, width_m)


def _upper(
    out: Shape, variant: int, size_m: tuple[float, float, float], z_m: float
) -> None:
    w, d, h = size_m
    bays, floors = max(round(w / 6.4), 1), max(round(h / 3.1), 1)
    top = z_m + floors * 3.1
    mat = f"img:facade:{variant % 24}"
    front = [(-w / 2, 0, z_m), (w / 2, 0, z_m), (w / 2, 0, top), (-w / 2, 0, top)]
    out.quad(front, mat, ((0, 0), (bays, 0), (bays, floors), (0, floors)))
    for x in (-w / 2, w / 2):
        side = [(x, 0, 0), (x, d, 0), (x, d, top), (x, 0, top)]
        out.quad(side, mat, ((0, 0), (2, 0), (2, floors + 1), (0, floors + 1)))
    out.quad(
        [(-w / 2, 0, top), (w / 2, 0, top), (w / 2, d, top), (-w / 2, d, top)],
        "#77736c",
    )
    out.box((0, 0.1, top + 0.2), (w, 0.25, 0.5), "#a8a298")


def _shops(rng: np.random.Generator, variant: int, width_m: float) -> Shape:
    out = Shape()
    wall = f"plaster:{rng.choice(_WALLS)}"
    floors = int(rng.integers(1, 6))
    _upper(out, variant, (width_m, 11.0, floors * 3.1), 3.8)
    out.quad(
        [
            (-width_m / 2, 0, 0),
            (width_m / 2, 0, 0),
            (width_m / 2, 0, 3.8),
            (-width_m / 2, 0, 3.8),
        ],
        wall,
    )
    inner = width_m - 2 * PIER_M
    units = max(round(inner / 3.8), 1)
    unit = inner / units
    for k in range(units):
        x = -inner / 2 + (k + 0.5) * unit
        out.extend(
            hanging((unit - 0.3, 2.6), 0.1, f"img:shop:{(variant + 2 * k) % 24}", 0.02),
            (x, 0, 0),
        )
        out.box((x, -0.12, 3.2), (unit - 0.12, 0.22, 0.92), "#3a3a3c")
        out.extend(
            hanging(
                (unit - 0.2, 0.86), 2.77, f"img:sign:{(variant * 5 + 2 * k) % 36}", 0.24
            ),
            (x, 0, 0),
        )
        if rng.random() < 0.22:
            _awning(out, x, unit, str(rng.choice(["#b8303a", "#2f6fb0", "#2f7a4a"])))
        out.box((x, -0.2, 0.05), (unit - 0.3, 0.4, 0.1), "#a8a49a")
    return out


def _awning(out: Shape, x: float, unit: float, colour: str) -> None:
    w = unit / 2 - 0.1
    out.add(
        [
            (x - w, -0.2, 2.75),
            (x + w, -0.2, 2.75),
            (x + w, -1.15, 2.35),
            (x - w, -1.15, 2.35),
        ],
        [(0, 1, 2, 3)],
        colour,
    )


def _wall(rng: np.random.Generator, variant: int, width_m: float) -> Shape:
    out = Shape()
    base = "brick" if rng.random() < 0.35 else f"plaster:{rng.choice(_WALLS)}"
    out.box((0, 0.15, 1.15), (width_m, 0.3, 2.3), base)
    out.box((0, 0.15, 2.36), (width_m, 0.42, 0.12), "#8a857c")
    back = Shape()
    _upper(
        back, variant + 4, (width_m * 0.96, 10.0, 3.1 * int(rng.integers(3, 7))), 0.0
    )
    out.extend(back, (0, 9.0, 0))
    return out


def _block(rng: np.random.Generator, variant: int, width_m: float) -> Shape:
    out = Shape()
    _upper(out, variant, (width_m, 12.0, 3.1 * int(rng.integers(4, 10))), 0.0)
    return out


_LOTS = {"shops": _shops, "wall": _wall, "block": _block}
