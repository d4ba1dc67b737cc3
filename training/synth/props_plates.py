"""Vehicles with plates as streets have them: small, crooked, of every colour."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from training.synth import props_cycles, props_vehicles
from training.synth.shapes import FloatArray, Shape

Rng = np.random.Generator
Parts = list[tuple[str, FloatArray]]

PICTURES = 48
"""Plates of each painter; even, so that a variant's pool carries over."""
_CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def crooked_plate(
    size_m: tuple[float, float],
    at: tuple[float, float],
    tilt_deg: float,
    lean_deg: float,
) -> FloatArray:
    """Return the corners of a plate in the plane across y, `(4, 3)` m.

    Args:
        size_m: width and height.
        at: y and z of its middle; it faces along y's sign.
        tilt_deg: turned in its own plane.
        lean_deg: leant back, its upper edge away from who looks at it.
    """
    y, z = at
    side = math.copysign(1.0, y)
    a, lean = math.radians(tilt_deg), math.radians(lean_deg)
    out = []
    for i, j in _CORNERS:
        u, v = i * size_m[0] / 2, j * size_m[1] / 2
        u, v = u * math.cos(a) - v * math.sin(a), u * math.sin(a) + v * math.cos(a)
        # Seen from behind, +x is to the right; from the front, to the left.
        x = -u * side
        out.append((x, y - side * v * math.sin(lean), z + v * math.cos(lean)))
    return np.array(out)


def _hang(out: Shape, corners: FloatArray, picture: str) -> None:
    out.quad([tuple(corner) for corner in corners.tolist()], f"img:{picture}")


def _replated(
    built: tuple[Shape, Parts], rng: Rng, variant: int, rear: tuple[str, float]
) -> tuple[Shape, Parts]:
    """Hang other plates over a vehicle's own two; `rear` names painter and height."""
    shape, parts = built
    new: Parts = []
    for points in (points for name, points in parts if name == "licence_plate"):
        middle = points.mean(axis=0)
        y, z = float(middle[1]), float(middle[2])
        is_rear = y < 0
        painter, height_m = rear if is_rear else ("plate", 0.14)
        at = y + math.copysign(0.012, y), z + (height_m - 0.14) / 2
        corners = crooked_plate(
            (0.44, height_m), at, float(rng.normal(0, 4)), float(rng.normal(0, 8))
        )
        _hang(shape, corners, f"{painter}:{(variant + 2 * is_rear) % PICTURES}")
        new.append(("licence_plate", corners))
    return shape, new


def _car(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    built = props_vehicles.BUILDERS["car"](rng, variant)
    return _replated(built, rng, variant, ("plate", 0.14))


def _truck(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    built = props_vehicles.BUILDERS["truck"](rng, variant)
    return _replated(built, rng, variant, ("plate_double", 0.22))


def _small(rng: Rng, variant: int, out: Shape, parts: Parts) -> tuple[Shape, Parts]:
    """Hang a small plate behind the saddle of a two-wheeler."""
    size = (0.22, 0.14) if rng.random() < 0.5 else (0.18, 0.11)
    corners = crooked_plate(
        size, (-0.9, 0.72), float(rng.normal(0, 6)), float(rng.uniform(0, 35))
    )
    _hang(out, corners, f"plate_small:{variant % PICTURES}")
    out.box((0, -0.87, 0.66), (0.05, 0.06, 0.16), "#202226")
    return out, [*parts, ("licence_plate", corners)]


def _ebike(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    return _small(rng, variant, props_cycles.ebike(rng), [])


def _rider(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    out, parts = props_cycles.ebike_rider(rng, variant)
    return _small(rng, variant, out, parts)


BUILDERS: dict[str, Callable[[Rng, int], tuple[Shape, Parts]]] = {
    "car_plated": _car,
    "truck_plated": _truck,
    "ebike_plated": _ebike,
    "ebike_rider_plated": _rider,
}
