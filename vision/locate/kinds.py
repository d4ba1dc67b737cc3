"""What each category is to the locator: how far it is seen, how deep, if it moves.

Which categories stand on the ground and which hang on walls follows
datasets/taxonomy.toml; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Kind:
    """How things of one category are placed and joined.

    Attributes:
        family: categories of one family may be the same object seen twice.
        max_range_m: boxes farther away are not used.
        half_depth_m: foot point to the middle of the object, along the view.
        extent_sigma_m: 1-sigma of that middle, for the object's own size.
        speed_sigma_mps: 1-sigma of its speed per axis when it moves; 0: cannot move.
        moving_prior: chance that it moves, before it is watched.
        height_m: usual height of a thing that may move.
        height_log_sigma: 1-sigma of the logarithm of that height.
        raised: it hangs on a wall, so its box has no foot on the ground.
    """

    family: str
    max_range_m: float = 18.0
    half_depth_m: float = 0.0
    extent_sigma_m: float = 0.1
    speed_sigma_mps: float = 0.0
    moving_prior: float = 0.0
    height_m: float = 1.5
    height_log_sigma: float = 0.15
    raised: bool = False


_WASTE = Kind(family="waste", extent_sigma_m=0.2)
_COVER = Kind(family="cover", half_depth_m=0.3)
_NOTICE = Kind(family="notice", max_range_m=40.0, raised=True)
_VEHICLE = Kind(
    family="vehicle",
    max_range_m=25.0,
    half_depth_m=2.0,
    extent_sigma_m=0.7,
    speed_sigma_mps=8.0,
    moving_prior=0.3,
)
_CYCLE = Kind(
    family="cycle",
    half_depth_m=0.5,
    extent_sigma_m=0.3,
    speed_sigma_mps=4.0,
    moving_prior=0.3,
    height_m=1.3,
    height_log_sigma=0.25,
)

KINDS: dict[str, Kind] = {
    "litter": replace(_WASTE, extent_sigma_m=0.1),
    "garbage_pile": replace(_WASTE, half_depth_m=0.4),
    "construction_waste": replace(_WASTE, half_depth_m=0.5),
    "bin_overflow": replace(_WASTE, half_depth_m=0.3),
    "manhole_ok": _COVER,
    "manhole_damaged": _COVER,
    "manhole_missing": _COVER,
    "poster": _NOTICE,
    "graffiti": _NOTICE,
    "stall": Kind(family="stall", half_depth_m=0.6, extent_sigma_m=0.4),
    "pothole": Kind(family="pothole", half_depth_m=0.3, extent_sigma_m=0.2),
    "car": _VEHICLE,
    "truck": replace(
        _VEHICLE,
        half_depth_m=3.0,
        extent_sigma_m=1.0,
        height_m=2.7,
        height_log_sigma=0.3,
    ),
    "bus": replace(
        _VEHICLE,
        half_depth_m=4.5,
        extent_sigma_m=1.5,
        height_m=3.1,
        height_log_sigma=0.2,
    ),
    "motorcycle": _CYCLE,
    "bicycle": _CYCLE,
    "person": Kind(
        family="person",
        half_depth_m=0.15,
        extent_sigma_m=0.2,
        speed_sigma_mps=1.0,
        moving_prior=0.6,
        height_m=1.65,
    ),
}
"""Category id -> kind. The ranges follow from pitch error (evidence.md)."""

IGNORED = frozenset({"umbrella", "face", "licence_plate"})
"""Context that belongs to another object and is never an object of its own."""


def kind_of(category: str) -> Kind:
    """Return the kind of a category; an unknown one stands on the ground, alone."""
    return KINDS.get(category) or Kind(family=category)
