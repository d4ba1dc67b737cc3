"""The street's own surfaces: asphalt, kerbs, pavements, pits, markings."""

from __future__ import annotations

import math

from training.synth.plan import KERB_HEIGHT_M, Leg, Plan
from training.synth.shapes import Shape

CORNER_RADIUS_M = 6.0
_PAINT_Z = 0.003


def ground(plan: Plan) -> Shape:
    """Build all surfaces of a plan as one shape in the plan frame."""
    out = Shape()
    out.quad(
        [(-400, -400, 0), (400, -400, 0), (400, 400, 0), (-400, 400, 0)], "asphalt"
    )
    for leg in plan.legs.values():
        for side in (-1, 1):
            for lo, hi in _runs(leg, side):
                _pavement(out, leg, side, lo, hi)
        _markings(out, leg, meets_junction=plan.junction)
    if plan.junction:
        leg = next(iter(plan.legs.values()))
        for quarter in range(4):
            _corner(out, leg, quarter)
    for leg_id, s, t in plan.pits:
        _pit(out, plan.legs[leg_id], s, t)
    return out


def _runs(leg: Leg, side: int) -> list[tuple[float, float]]:
    runs, start = [], 0.0
    for g, lo, hi in sorted(leg.gaps, key=lambda gap: gap[1]):
        if g == side:
            runs.append((start, lo))
            start = hi
    return [*runs, (start, leg.length_m)]


def strip(
    out: Shape,
    leg: Leg,
    s_range_m: tuple[float, float],
    t_range_m: tuple[float, float],
    z_m: float,
    mat: str,
) -> None:
    """Add one flat rectangle in the leg's frame."""
    (s0, s1), (t0, t1) = s_range_m, sorted(t_range_m)
    corners = [leg.xy(s0, t0), leg.xy(s0, t1), leg.xy(s1, t1), leg.xy(s1, t0)]
    out.quad([(x, y, z_m) for x, y in corners], mat)


def _upright(out: Shape, leg: Leg, side: int, lo: float, hi: float) -> None:
    t = side * leg.half_width_m
    (x0, y0), (x1, y1) = leg.xy(lo, t), leg.xy(hi, t)
    out.quad(
        [(x0, y0, 0), (x1, y1, 0), (x1, y1, KERB_HEIGHT_M), (x0, y0, KERB_HEIGHT_M)],
        "kerb",
    )


def _pavement(out: Shape, leg: Leg, side: int, lo: float, hi: float) -> None:
    hw, wall = side * leg.half_width_m, side * leg.wall_m
    strip(
        out,
        leg,
        (lo, hi),
        (hw + side * 0.14, wall + side * 0.5),
        KERB_HEIGHT_M,
        "paving",
    )
    strip(out, leg, (lo, hi), (hw, hw + side * 0.14), KERB_HEIGHT_M, "kerb")
    strip(out, leg, (lo, hi), (hw - side * 0.28, hw), 0.002, "gutter")
    mid = side * (leg.half_width_m + leg.pavement_m * 0.58)
    strip(
        out, leg, (lo, hi), (mid - 0.15, mid + 0.15), KERB_HEIGHT_M + 0.002, "tactile"
    )
    strip(
        out, leg, (lo, hi), (wall - side * 0.45, wall), KERB_HEIGHT_M + 0.002, "apron"
    )
    _upright(out, leg, side, lo, hi)
    for s in (lo, hi):
        (x0, y0), (x1, y1) = leg.xy(s, hw), leg.xy(s, wall)
        out.quad(
            [
                (x0, y0, 0),
                (x1, y1, 0),
                (x1, y1, KERB_HEIGHT_M),
                (x0, y0, KERB_HEIGHT_M),
            ],
            "kerb",
        )


def _markings(out: Shape, leg: Leg, *, meets_junction: bool) -> None:
    end = leg.length_m
    for t in (-0.14, 0.04):
        strip(out, leg, (0, end), (t, t + 0.1), _PAINT_Z, "paint:#c9a227")
    for side in (-1, 1):
        t = side * 3.65
        strip(out, leg, (0, end), (t - 0.07, t + 0.07), _PAINT_Z, "paint:#dcdcd8")
    if not meets_junction:
        return
    at_end = math.hypot(*leg.xy(end, 0)) < math.hypot(*leg.xy(0, 0))
    base, sign = (end, -1) if at_end else (0.0, 1)
    t = -leg.half_width_m + 0.5
    while t < leg.half_width_m - 0.5:
        lo, hi = sorted((base - sign * 3.4, base + sign * 0.2))
        strip(out, leg, (lo, hi), (t, t + 0.42), _PAINT_Z + 0.001, "paint:#dcdcd8")
        t += 0.95
    lo, hi = sorted((base + sign * 1.4, base + sign * 1.75))
    lane = (0.2, leg.half_width_m - 0.2) if at_end else (-leg.half_width_m + 0.2, -0.2)
    strip(out, leg, (lo, hi), lane, _PAINT_Z + 0.001, "paint:#dcdcd8")


def _corner(out: Shape, leg: Leg, quarter: int) -> None:
    hw, far, r = leg.half_width_m, leg.wall_m, CORNER_RADIUS_M
    angle = math.radians(90 * quarter)
    cos, sin = math.cos(angle), math.sin(angle)

    def turn(x: float, y: float, z: float) -> tuple[float, float, float]:
        return x * cos - y * sin, x * sin + y * cos, z

    c = hw + r
    arc = [
        (c - r * math.sin(a), c - r * math.cos(a))
        for a in (math.pi / 2 * k / 12 for k in range(13))
    ]
    rest = [(far, c), (far + 0.5, far + 0.5), (c, far)]
    outline = [turn(x, y, KERB_HEIGHT_M) for x, y in (*arc, *rest)]
    out.add(outline, [tuple(reversed(range(len(outline))))], "paving")
    inner = [
        (c - (r - 0.14) * math.sin(a), c - (r - 0.14) * math.cos(a))
        for a in (math.pi / 2 * k / 12 for k in range(13))
    ]
    for k in range(12):
        (x0, y0), (x1, y1) = arc[k], arc[k + 1]
        (u0, v0), (u1, v1) = inner[k], inner[k + 1]
        top = KERB_HEIGHT_M + 0.002
        out.quad(
            [
                turn(x0, y0, top),
                turn(x1, y1, top),
                turn(u1, v1, top),
                turn(u0, v0, top),
            ],
            "kerb",
        )
        out.quad(
            [turn(x0, y0, 0), turn(x1, y1, 0), turn(x1, y1, top), turn(x0, y0, top)],
            "kerb",
        )


def _pit(out: Shape, leg: Leg, s: float, t: float) -> None:
    strip(
        out,
        leg,
        (s - 0.72, s + 0.72),
        (t - 0.62, t + 0.62),
        KERB_HEIGHT_M + 0.003,
        "kerb",
    )
    strip(
        out,
        leg,
        (s - 0.62, s + 0.62),
        (t - 0.52, t + 0.52),
        KERB_HEIGHT_M + 0.006,
        "soil",
    )
