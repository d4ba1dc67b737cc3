"""The things of a street by name: `build` gives a shape and its boxes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from training.synth import (
    props_covers,
    props_covers_beside,
    props_covers_damage,
    props_cycles,
    props_ground,
    props_litter,
    props_lookalikes,
    props_people,
    props_plates,
    props_stalls,
    props_street,
    props_vehicles,
    props_walls,
    props_waste,
)
from training.synth.shapes import FloatArray, Shape

Part = tuple[str, FloatArray]
Built = Shape | tuple[Shape, list[Part]]


@dataclass(frozen=True, slots=True, eq=False)
class Prop:
    """One thing, ready to be placed many times.

    Attributes:
        shape: its polygons, in the frame of `shapes`.
        parts: further boxes inside the thing: category and `(N, 3)` points, metres.
        extent: `(N, 3)` points that bound the thing's own box, when that is less than
            its shape; None for the whole shape.
    """

    shape: Shape
    parts: tuple[Part, ...] = field(default=())
    extent: FloatArray | None = None


_BUILDERS: dict[str, Callable[[np.random.Generator, int], Built]] = {
    **props_litter.BUILDERS,
    **props_ground.BUILDERS,
    **props_covers.BUILDERS,
    **props_covers_damage.BUILDERS,
    **props_covers_beside.BUILDERS,
    **props_street.BUILDERS,
    **props_stalls.BUILDERS,
    **props_lookalikes.BUILDERS,
    **props_vehicles.BUILDERS,
    **props_plates.BUILDERS,
    **props_people.BUILDERS,
    **props_walls.BUILDERS,
    **props_waste.BUILDERS,
    **props_cycles.BUILDERS,
}


def kinds() -> tuple[str, ...]:
    """Return every kind that `build` knows."""
    return tuple(_BUILDERS)


@functools.lru_cache(maxsize=2048)
def build(kind: str, variant: int) -> Prop:
    """Build one thing; the same name and variant always give the same shape.

    Raises:
        KeyError: `kind` is not in `kinds()`.
    """
    rng = np.random.default_rng([variant, *kind.encode()])
    built = _BUILDERS[kind](rng, variant)
    if isinstance(built, Shape):
        return Prop(built)
    shape, parts = built
    own = [points for name, points in parts if name == props_covers.EXTENT]
    return Prop(
        shape,
        tuple(part for part in parts if part[0] != props_covers.EXTENT),
        own[0] if own else None,
    )
