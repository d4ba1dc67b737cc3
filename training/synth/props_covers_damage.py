"""Damaged and missing covers: broken, cracked, sunken, tilted, shifted, gone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np

from training.synth.props_covers import (
    EXTENT,
    FACE_Z,
    FRAME_Z,
    MARK_Z,
    PATCH_Z,
    Look,
    Parts,
    Ring,
    Rng,
    add_frame,
    add_patch,
    draw_look,
    extent,
    flat,
    outline,
    pit_name,
    slab,
)
from training.synth.shapes import Shape, tilted

_WALLS = (
    "brick#7d4a3a",
    "brick#6d6a64",
    "plain#7a766e",
    "plain#8f8a80",
    "plain#5c5650",
)
_FLOORS = ("#0a0a0a", "#12100d", "#0c1012", "#1c1812")


def damaged(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    """Build a damaged cover; each pair of variants takes the next of six ways."""
    look = draw_look(rng, variant)
    return _DAMAGES[variant // 2 % len(_DAMAGES)](rng, look)


def _deep(rng: Rng, look: Look, *, grow_m: float = 0.0) -> str:
    depth = float(rng.uniform(0.9, 2.6))
    wall, floor = str(rng.choice(_WALLS)), str(rng.choice(_FLOORS))
    return pit_name(look, depth, wall, floor, grow_m=grow_m)


def _lying(rng: Rng, look: Look) -> Shape:
    out = Shape()
    add_patch(out, rng, look)
    add_frame(out, look)
    flat(out, outline(look.form, look.half_m), FACE_Z, look.face_material, look.half_m)
    return out


def _broken(rng: Rng, look: Look) -> tuple[Shape, Parts]:
    out = _lying(rng, look)
    pit = _deep(rng, look)
    rim = outline(look.form, look.half_m, -0.004)
    start, span = int(rng.integers(36)), int(rng.integers(12, 20))
    arc = [rim[(start + k) % 36] for k in range(span)]
    bite = arc + _jagged(rng, arc[-1], arc[0], float(rng.uniform(0.1, 0.5)))
    flat(out, bite, MARK_Z, pit)
    edge = [*bite[span - 1 :], bite[0]]
    _ribbon(out, edge, 0.016, MARK_Z + 0.001, "#8a7c6c")
    if rng.random() < 0.6:
        _crack(out, rng, look, pit, bite[span + 1])
    return out, [(EXTENT, extent(look))]


def _jagged(
    rng: Rng, a: tuple[float, float], b: tuple[float, float], bow: float
) -> Ring:
    """Return points of a broken line from `a` to `b`, ends left out."""
    points = []
    for t in np.linspace(0.12, 0.88, 7):
        x, y = a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
        pull = 1 - bow * 4 * t * (1 - t) * 1.6
        points.append(
            (
                float(x * pull + rng.normal(0, 0.02)),
                float(y * pull + rng.normal(0, 0.02)),
            )
        )
    return points


def _ribbon(out: Shape, line: Ring, width_m: float, z_m: float, mat: str) -> None:
    for (x0, y0), (x1, y1) in itertools.pairwise(line):
        length = max(math.hypot(x1 - x0, y1 - y0), 1e-6)
        nx, ny = -(y1 - y0) / length * width_m / 2, (x1 - x0) / length * width_m / 2
        out.add(
            [
                (x0 - nx, y0 - ny, z_m),
                (x1 - nx, y1 - ny, z_m),
                (x1 + nx, y1 + ny, z_m),
                (x0 + nx, y0 + ny, z_m),
            ],
            [(0, 1, 2, 3)],
            mat,
        )


def _crack(
    out: Shape, rng: Rng, look: Look, mat: str, start: tuple[float, float]
) -> None:
    rim = outline(look.form, look.half_m, -0.01)
    ahead = math.atan2(-start[1], -start[0]) + float(rng.normal(0, 0.5))
    end = rim[round(ahead / (2 * math.pi) * 36) % 36]
    line = [start, *_jagged(rng, start, end, 0.0), end]
    _ribbon(out, line, float(rng.uniform(0.03, 0.05)), MARK_Z - 0.001, "#7a6f62")
    _ribbon(out, line, float(rng.uniform(0.018, 0.034)), MARK_Z, mat)


def _cracked(rng: Rng, look: Look) -> tuple[Shape, Parts]:
    out = _lying(rng, look)
    pit = _deep(rng, look)
    rim = outline(look.form, look.half_m, -0.01)
    start = int(rng.integers(36))
    for k in range(int(rng.integers(2, 5))):
        _crack(out, rng, look, pit, rim[(start + k * 7) % 36])
    hole = [
        (float(r * math.cos(a)), float(r * math.sin(a)))
        for a, r in zip(np.linspace(0, 5.6, 8), rng.uniform(0.05, 0.14, 8), strict=True)
    ]
    flat(out, hole, MARK_Z + 0.001, pit)
    return out, [(EXTENT, extent(look))]


def _sunken(rng: Rng, look: Look) -> tuple[Shape, Parts]:
    out = Shape()
    add_patch(out, rng, look)
    add_frame(out, look)
    depth = float(rng.uniform(0.05, 0.12))
    mat = pit_name(look, depth, "iron#4a4038", look.face)
    flat(out, outline(look.form, look.half_m), FACE_Z, mat)
    return out, [(EXTENT, extent(look))]


def _tipped(rng: Rng, look: Look) -> tuple[Shape, Parts]:
    out = Shape()
    add_patch(out, rng, look)
    add_frame(out, look)
    flat(out, outline(look.form, look.half_m), FACE_Z, _deep(rng, look))
    lean = float(rng.uniform(9, 20))
    lid = tilted(slab(look), lean, 0.0)
    low = float(lid.points()[:, 2].min())
    # Its lower side lies in the seat, a little under the road.
    lid.verts = [(x, y, z - low - 0.03) for x, y, z in lid.verts]
    turn = 0.0 if look.form != "round" else float(rng.uniform(0, 360))
    placed = Shape()
    placed.extend(lid, (0.0, 0.0, 0.0), turn)
    out.extend(placed)
    return out, [(EXTENT, np.vstack([extent(look), placed.points()[36:]]))]


def _shifted(rng: Rng, look: Look) -> tuple[Shape, Parts]:
    out = Shape()
    add_patch(out, rng, look)
    add_frame(out, look)
    flat(out, outline(look.form, look.half_m), FACE_Z, _deep(rng, look))
    away = float(rng.uniform(0.45, 1.0)) * min(look.half_m)
    a = float(rng.uniform(0, 2 * math.pi))
    lid = tilted(slab(look), float(rng.uniform(-2, 2)), float(rng.uniform(-2, 2)))
    placed = Shape()
    placed.extend(
        lid,
        (away * math.cos(a), away * math.sin(a), 0.012),
        0.0 if look.form == "round" else float(rng.normal(0, 14)),
    )
    out.extend(placed)
    return out, [(EXTENT, np.vstack([extent(look), placed.points()[36:]]))]


def _collapsed(rng: Rng, look: Look) -> tuple[Shape, Parts]:
    out = Shape()
    rough = [
        (x * k, y * k)
        for (x, y), k in zip(
            outline("round", (max(look.half_m) + look.frame_m,) * 2),
            1.16 + 0.26 * rng.random(36),
            strict=True,
        )
    ]
    half = (max(abs(x) for x, _ in rough), max(abs(y) for _, y in rough))
    around = Look("round", (max(half),) * 2, 0.0, "", "")
    flat(out, rough, PATCH_Z, pit_name(around, 0.06, "plain#4a463f", "#2b2723"))
    add_frame(out, look)
    depth = float(rng.uniform(0.06, 0.12))
    flat(
        out,
        outline(look.form, look.half_m),
        FACE_Z,
        pit_name(look, depth, "iron#3a332c", look.face),
    )
    _rubble(out, rng, rough)
    points = np.asarray([(x, y, 0.01) for x, y in rough])
    return out, [(EXTENT, np.vstack([extent(look), points]))]


def _rubble(out: Shape, rng: Rng, ring: Ring) -> None:
    for _ in range(int(rng.integers(10, 30))):
        x, y = ring[int(rng.integers(len(ring)))]
        s, k = float(rng.uniform(0.015, 0.06)), float(rng.uniform(0.86, 1.2))
        lump = Shape()
        lump.box(
            (0, 0, s * 0.2),
            (s, s * float(rng.uniform(0.8, 2)), s * 0.6),
            str(rng.choice(["#3a3937", "#55524e", "#6b675f"])),
        )
        out.extend(lump, (x * k, y * k, 0.0), float(rng.uniform(0, 360)))


_DAMAGES = (_broken, _sunken, _shifted, _cracked, _tipped, _collapsed)


def missing(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    """Build an open shaft with its frame; one in three has something stuck in it."""
    look = draw_look(rng, variant)
    out = Shape()
    add_patch(out, rng, look)
    seat = outline(look.form, look.half_m)
    add_frame(out, look)
    flat(out, seat, FRAME_Z, _deep(rng, look))
    if rng.random() < 0.4:
        _litter_round(out, rng, look)
    if rng.random() < 0.34:
        _EXTRAS[int(rng.integers(len(_EXTRAS)))](out, rng, look)
    return out, [(EXTENT, extent(look, 0.012))]


def _litter_round(out: Shape, rng: Rng, look: Look) -> None:
    rim = outline(look.form, look.half_m, look.frame_m)
    for _ in range(int(rng.integers(4, 16))):
        x, y = rim[int(rng.integers(36))]
        k, s = float(rng.uniform(0.95, 1.3)), float(rng.uniform(0.02, 0.05))
        z = 0.014
        flat(
            out,
            [(x * k - s, y * k), (x * k, y * k - s * 0.5), (x * k + s, y * k + 0.01),
             (x * k, y * k + s * 0.6)],
            z,
            str(rng.choice(["#6b5a2a", "#8a7a3a", "#54461f", "#4d5a2a"])),
        )  # fmt: skip


def _branch(out: Shape, rng: Rng, _look: Look) -> None:
    top = (float(rng.normal(0, 0.15)), float(rng.normal(0, 0.15)), 1.25)
    out.tube((0, 0, 0.0), top, (0.018, 0.008), "#4a3a28")
    for _ in range(26):
        t, s = float(rng.uniform(0.35, 1.0)), float(rng.uniform(0.05, 0.1))
        x, y, z = (c * t + float(rng.normal(0, 0.13)) for c in top)
        out.add(
            [(x, y, z), (x + s, y + s / 2, z + s / 2), (x, y + s, z + s)],
            [(0, 1, 2)],
            str(rng.choice(["#3c5a26", "#4d6b2c", "#2f4a20"])),
        )


def _plank(out: Shape, rng: Rng, look: Look) -> None:
    reach = max(look.half_m) * 2.7
    plank = Shape()
    plank.box(
        (float(rng.uniform(-0.12, 0.12)), 0.0, 0.03),
        (float(rng.uniform(0.1, 0.18)), reach, 0.03),
        str(rng.choice(["#a4845a", "#8a6c48", "#b89a70"])),
    )
    out.extend(plank, (0, 0, 0), float(rng.uniform(0, 180)))


def _rod(out: Shape, rng: Rng, _look: Look) -> None:
    """Stand a pole with a rag in the hole, as passers-by do."""
    lean = float(rng.uniform(-0.2, 0.2))
    out.tube((0, 0, 0), (lean, 0, 1.1), (0.015, 0.015), "#b8b4a8")
    rag = str(rng.choice(["#c8281e", "#e0d43a", "#e8e6e0"]))
    out.quad(
        [
            (lean, 0, 0.85),
            (lean + 0.3, 0.03, 0.8),
            (lean + 0.28, 0, 1.05),
            (lean, 0, 1.1),
        ],
        rag,
    )


_EXTRAS = (_branch, _plank, _rod)

BUILDERS: dict[str, Callable[[Rng, int], tuple[Shape, Parts]]] = {
    "manhole_damaged": damaged,
    "manhole_missing": missing,
}
