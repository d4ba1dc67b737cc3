"""How long things last, how far apart two sightings of one thing may lie: settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def _lasting() -> dict[str, float]:
    return {
        "litter": 1.0,
        "garbage_pile": 0.5,
        "bin_overflow": 1.0,
        "construction_waste": 0.15,
        "stall": 2.0,
        "poster": 0.3,
        "graffiti": 0.15,
        "manhole_damaged": 0.05,
        "manhole_missing": 0.1,
        "pothole": 0.05,
        "parking_motor": 4.0,
        "parking_bike": 2.0,
        "fire_lane_blocked": 4.0,
    }


@dataclass(frozen=True, slots=True)
class MemoryRule:
    """What memory across passes assumes; every city has its own.

    Attributes:
        cleared_per_day: category -> rate at which such things go, from sweeping, repair
            or by themselves; one that is not here goes at `usual_per_day`.
        usual_per_day: see there.
        cleared_below: a thing whose chance to be there falls below this when a pass
            looks and does not see it counts as cleared.
        own_recall_weight: the detector's recall counts as so many looks at the thing
            itself; what every pass has seen is soon missed for good.
        usual_recall: of a category of which none is known.
        look_alike_share: of false sightings, those of something that stays and deceives
            again; the others never come again.
        look_alike_again: chance that a look-alike deceives a pass.
        nothing_again: chance that a pass sees something else so near that it is taken
            for the same.
        repeat_weight: how much the confidence of another sighting of the same thing
            counts: little, since what looks like litter once does so again.
        least_sigma_m: added to the sightings' own 1-sigma: the map's and the size's.
        gate: Mahalanobis distance from which two sightings are two things.
        furthest_m: so far apart they are two things in any case.
        groups: categories that a detector takes for each other, each a set.
        unlike_from: appearance distance from which two vehicles are two, wherever they
            stand; measured, see `_appearance_cost`.
        replaced: categories of which another may soon stand where one stood, so that
            looks can tell them apart; of any other thing its place tells more.
        parked_apart_s: a vehicle that stands where it may not is a find when it was
            seen there at two times so far apart, or more: by two passes, or by one that
            stayed.
        parked_surfaces: where it may not, for two passes; a stop line is no such place.
        dwelt_surfaces: where other vehicles wait too: there one that was watched all
            the time for `parked_apart_s` is parked; see `standing` for what else is.
        queue_m: so far from a street's ends vehicles wait at lights.
        alike_below: appearance distance below which two sightings of a vehicle rather
            show one than two.
        watched_every_s: all the time is so often, on average, or more often.
        parked_probability: least chance of standing still and of the surface.
        shift: model, category, vehicle and light -> added to the log-odds that a thing
            is real when it is first seen: what reviews say of the detector's
            calibration. The narrowest counts; empty names stand for all.
    """

    cleared_per_day: Mapping[str, float] = field(default_factory=_lasting)
    usual_per_day: float = 0.3
    cleared_below: float = 0.2
    own_recall_weight: float = 2.0
    usual_recall: float = 0.6
    look_alike_share: float = 0.3
    look_alike_again: float = 0.5
    nothing_again: float = 0.08
    repeat_weight: float = 0.3
    least_sigma_m: float = 0.3
    gate: float = 3.0
    furthest_m: float = 4.0
    groups: tuple[frozenset[str], ...] = (
        frozenset({"garbage_pile", "bin_overflow", "construction_waste"}),
        frozenset({"manhole_damaged", "manhole_missing"}),
        frozenset({"poster", "graffiti"}),
    )
    unlike_from: float = 0.5
    replaced: frozenset[str] = frozenset(
        {"parking_motor", "parking_bike", "fire_lane_blocked"}
    )
    parked_apart_s: float = 1800.0
    parked_surfaces: frozenset[str] = frozenset(
        {"pavement", "tactile_paving", "no_parking", "fire_lane"}
    )
    dwelt_surfaces: frozenset[str] = frozenset({"lane", "kerb_lane", "crossing"})
    queue_m: float = 40.0
    alike_below: float = 0.32
    watched_every_s: float = 10.0
    parked_probability: float = 0.5
    shift: Mapping[tuple[str, str, str, str], float] = field(default_factory=dict)

    def rate_per_day(self, category: str) -> float:
        """Return at which rate such things go."""
        return self.cleared_per_day.get(category, self.usual_per_day)

    def shift_of(self, model_id: str, category: str, place: tuple[str, str]) -> float:
        """Return what is added to log-odds for a vehicle and a light; 0 if unknown."""
        vehicle, light = place
        for where in ((vehicle, light), (vehicle, ""), ("", light), ("", "")):
            found = self.shift.get((model_id, category, *where))
            if found is not None:
                return found
        return 0.0

    def group_of(self, category: str) -> str:
        """Return what stands for all categories that this one is taken for."""
        for group in self.groups:
            if category in group:
                return min(group)
        return category
