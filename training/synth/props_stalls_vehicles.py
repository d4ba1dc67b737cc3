"""Goods sold off a vehicle's bed: cargo tricycles (三轮车) and a small truck.

The vehicle points towards +y.
"""

from __future__ import annotations

from training.synth.props_stalls_goods import (
    Pitch,
    awning,
    board,
    face,
    heap,
    sack,
    spread,
    top,
    umbrella,
    wheel,
)
from training.synth.shapes import Shape

_PAINT = ("#1f57b0~", "#b8202a~", "#1e7d45~", "#2a6a8a~", "#8a9094~", "#c86a1a~")


def tricycle(
    out: Shape, paint: str, bed_m: tuple[float, float], floor_m: float
) -> None:
    """Build a cargo tricycle: an open bed `(w, l)` behind, the saddle before it."""
    w, long = bed_m
    mid = -0.55
    out.box((0, mid, floor_m - 0.04), (w, long, 0.08), paint)
    for x in (-w / 2, w / 2):
        out.box((x, mid, floor_m + 0.12), (0.04, long, 0.3), paint)
        out.box((x * 0.98, mid, floor_m - 0.14), (0.05, long, 0.1), "#2a2c2e")
        wheel(out, (x * 0.98, mid - 0.15, 0.27), 0.27)
    for y in (mid - long / 2, mid + long / 2):
        out.box((0, y, floor_m + 0.12), (w, 0.04, 0.3), paint)
    front = mid + long / 2
    out.tube((0, front, 0.42), (0, front + 0.75, 0.5), (0.06, 0.05), paint)
    out.box((0, front + 0.2, 0.55), (0.34, 0.3, 0.34), paint)
    out.box((0, front + 0.18, 0.78), (0.34, 0.42, 0.1), "#1a1a1a~")
    out.box((0, front + 0.72, 0.72), (0.3, 0.08, 0.5), paint)
    out.tube((0, front + 0.88, 0.27), (0, front + 0.7, 1.02), (0.035, 0.03), "#303234~")
    out.tube((-0.34, front + 0.66, 1.05), (0.34, front + 0.66, 1.05), (0.02, 0.02),
             "#303234~")  # fmt: skip
    out.ellipsoid((0, front + 0.78, 0.9), (0.09, 0.06, 0.09), "#d8dcde!")
    wheel(out, (0, front + 0.88, 0.27), 0.27)


def _laden(p: Pitch) -> tuple[float, float, float]:
    """Set down a tricycle; return its bed's width, length and floor."""
    w, long, z = p.between(0.95, 1.2), p.between(1.4, 1.9), p.between(0.52, 0.66)
    tricycle(p.out, p.one_of(*_PAINT), (w, long), z)
    return w, long, z


def _shade(p: Pitch, z: float) -> None:
    how = p.rng.random()
    if how < 0.45:
        umbrella(p, (0.0, -0.5, z), p.between(1.0, 1.3), p.between(1.7, 1.95))
    elif how < 0.65:
        awning(p, (0, -0.55, 2.1), (1.5, 2.0), 0.12)


def fruit_tricycle(p: Pitch) -> None:
    """Sell fruit in crates off the bed; the price board hangs at its side."""
    w, long, z = _laden(p)
    spread(p, (0, -0.55, z + 0.02), (w * 0.92, long * 0.94), 0.8)
    _shade(p, z)
    _side_board(p, w, z)
    if p.chance(0.5):
        sack(p, (w / 2 + 0.4, -0.6, 0), 0.2, 0.35)


def _side_board(p: Pitch, w: float, z: float) -> None:
    if p.chance(0.6):
        mat = p.picture("stallsign")
        for x, y0, y1 in ((w / 2 + 0.03, -1.1, 0.0), (-w / 2 - 0.03, 0.0, -1.1)):
            p.out.quad([(x, y0, z - 0.02), (x, y1, z - 0.02), (x, y1, z + 0.26),
                        (x, y0, z + 0.26)], mat)  # fmt: skip


def heaped_tricycle(p: Pitch) -> None:
    """Heap one kind of produce high on the bed."""
    w, long, z = _laden(p)
    heap(p, (0, -0.55, z + 0.1), (w * 0.95, long * 0.97), p.between(0.3, 0.6))
    if p.chance(0.5):
        board(
            p.out, (0, -0.55 - long / 2 - 0.05, z + 0.3), (0.6, 0.5), p.picture("menu")
        )
    _shade(p, z)


def glass_tricycle(p: Pitch) -> None:
    """Cook on the bed inside a glazed case with a lit board on top."""
    w, long, z = _laden(p)
    case_hi = z + 0.85
    top(p.out, (0, -0.55, z + 0.3), (w * 0.9, long * 0.9), p.picture("food"))
    for x in (-w / 2, w / 2):
        for y in (-0.55 - long / 2 + 0.03, -0.55 + long / 2 - 0.03):
            p.out.tube((x, y, z), (x, y, case_hi + 0.45), (0.018, 0.018), "#c4c8ca~")
    tone = p.one_of("#c8202c", "#e8b21c", "#1e7d45", "#e86a12", "#e8e4d8")
    p.out.box((0, -0.55, case_hi + 0.5), (w * 1.25, long * 1.08, 0.08), tone)
    sign = p.picture("stallsign")
    p.out.quad(
        [
            (w * 0.63, -1.3, case_hi + 0.2),
            (w * 0.63, 0.2, case_hi + 0.2),
            (w * 0.63, 0.2, case_hi + 0.5),
            (w * 0.63, -1.3, case_hi + 0.5),
        ],
        sign,
    )
    p.out.quad(
        [
            (-w * 0.63, 0.2, case_hi + 0.2),
            (-w * 0.63, -1.3, case_hi + 0.2),
            (-w * 0.63, -1.3, case_hi + 0.5),
            (-w * 0.63, 0.2, case_hi + 0.5),
        ],
        sign,
    )
    face(p.out, (0, -0.55 - long / 2 * 1.08, case_hi + 0.15), (w, 0.35), sign)
    p.out.box((0, -0.3, z + 0.42), (w * 0.8, 0.5, 0.22), "#c4c8ca!")


def oven_tricycle(p: Pitch) -> None:
    """Bake sweet potatoes in a barrel on the bed."""
    w, _, z = _laden(p)
    tone = p.one_of("#5a4a3c", "#3a3a3c", "#8a5a34", "#6a6e72~")
    p.out.tube((0, -0.75, z), (0, -0.75, z + 0.85), (0.36, 0.36), tone)
    p.out.tube((0, -0.75, z + 0.85), (0, -0.75, z + 0.9), (0.38, 0.34), "#2a2a2a")
    for k in range(6):
        at = (p.between(-0.28, 0.28), -0.75 + p.between(-0.25, 0.25), z + 0.94)
        p.out.ellipsoid(at, (0.05, 0.1, 0.045), "#8a4a2a" if k % 2 else "#a8642a")
    heap(p, (0, -0.1, z + 0.02), (w * 0.85, 0.5), 0.22)
    face(p.out, (0, -1.14, z + 0.2), (0.55, 0.4), p.picture("stallsign"))
    _side_board(p, w, z)


def steamer_tricycle(p: Pitch) -> None:
    """Stack bamboo steamers of buns on the bed."""
    w, _, z = _laden(p)
    steamers(p, (0, -0.8, z + 0.25), 0.36)
    p.out.box((0, -0.8, z + 0.12), (w * 0.8, 0.8, 0.24), "#c4c8ca!")
    spread(p, (0, -0.05, z + 0.02), (w * 0.85, 0.5), 0.3)
    _side_board(p, w, z)
    _shade(p, z)


def steamers(p: Pitch, at: tuple[float, float, float], radius_m: float) -> None:
    """Stack round steamers, bamboo or tin, with buns on the uppermost one."""
    x, y, z = at
    tin = p.chance(0.35)
    for _ in range(int(p.rng.integers(2, 6))):
        tone = "#c8ccce!" if tin else p.one_of("#c8a468", "#b89458", "#d8b880")
        p.out.tube((x, y, z), (x, y, z + 0.13), (radius_m, radius_m), tone)
        p.out.tube(
            (x, y, z + 0.13), (x, y, z + 0.145), (radius_m * 1.03,) * 2, "#8a6a3a"
        )
        z += 0.145
    for k in range(7):
        at = (x + 0.18 * (k % 3 - 1), y + 0.18 * (k // 3 - 1), z + 0.03)
        p.out.ellipsoid(at, (0.08, 0.08, 0.06), "#f2ece0")


def wares_tricycle(p: Pitch) -> None:
    """Show clothes or trinkets on a frame above the bed."""
    w, long, z = _laden(p)
    top(p.out, (0, -0.55, z + 0.28), (w, long), p.picture("trinkets"))
    mat = p.picture("rack" if p.chance(0.5) else "trinkets")
    for x in (-w / 2, 0.0, w / 2):
        p.out.quad(
            [
                (x, -0.55 - long / 2, z + 0.5),
                (x, -0.55 + long / 2, z + 0.5),
                (x, -0.55 + long / 2, z + 1.3),
                (x, -0.55 - long / 2, z + 1.3),
            ],
            mat,
        )
        for y in (-0.55 - long / 2, -0.55 + long / 2):
            p.out.tube((x, y, z), (x, y, z + 1.35), (0.015, 0.015), "#b0b4b6~")


def truck(p: Pitch) -> None:
    """Sell melons, oranges or greens off a small truck, its sides let down."""
    paint = p.one_of("#e8e8ea~", "#1f57b0~", "#b8202a~", "#2a7a8a~", "#d8d4c8~")
    p.out.box((0, 1.15, 0.72), (1.45, 1.0, 0.7), paint)
    p.out.box((0, 1.1, 1.3), (1.38, 0.9, 0.5), paint)
    for dx in (-0.695, 0.695):
        p.out.box((dx, 1.12, 1.3), (0.012, 0.62, 0.34), "glass")
    p.out.box((0, 1.56, 1.3), (1.2, 0.02, 0.38), "glass")
    p.out.box((0, -0.55, 0.62), (1.5, 2.3, 0.1), "#3a3e42")
    for x in (-0.66, 0.66):
        for y in (-1.1, 1.15):
            wheel(p.out, (x, y, 0.27), 0.27)
    open_side = p.chance(0.6)
    for x in (-0.75, 0.75):
        z = 0.52 if open_side else 0.82
        p.out.box((x * (1.06 if open_side else 1.0), -0.55, z), (0.05, 2.3, 0.3), paint)
    heap(p, (0, -0.55, 0.67), (1.4, 2.2), p.between(0.35, 0.7))
    if p.chance(0.6):
        tone = p.one_of("#3a7a2a", "#2a5a22", "#e8a01c", "#d8c040")
        for _ in range(14):
            x, y = p.between(-0.6, 0.6), -0.55 + p.between(-1.0, 1.0)
            z = 0.72 + 0.35 * max(1 - max(abs(x) / 0.65, abs(y + 0.55) / 1.1) ** 2, 0.1)
            p.out.ellipsoid((x, y, z), (0.14, 0.16, 0.13), tone)
    for side in (-1, 1):
        x = side * 0.84
        ends = (-1.3, 0.1) if side > 0 else (0.1, -1.3)
        p.out.quad([(x, ends[0], 0.44), (x, ends[1], 0.44), (x, ends[1], 0.8),
                    (x, ends[0], 0.8)], p.picture("stallsign"))  # fmt: skip
    if p.chance(0.35):
        umbrella(p, (0.0, -0.6, 0.6), 1.3, 1.9)


VEHICLES = (
    fruit_tricycle, heaped_tricycle, glass_tricycle, oven_tricycle, steamer_tricycle,
    wares_tricycle, truck, fruit_tricycle,
)  # fmt: skip
