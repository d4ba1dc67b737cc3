"""A standard as tables: category and zone to rule, element, factor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.scoring.assign import Landmark
from service.scoring.days.columns import (
    BoolArray,
    Columns,
    FloatArray,
    IntArray,
)
from service.scoring.standard import Standard
from vision.errors import FormError
from vision.types import ZONES


@dataclass(frozen=True, slots=True, eq=False)
class Ruled:
    """The finds under a standard.

    Attributes:
        rule: `(F,)` index of the rule; -1 = the standard has none.
        own: `(F,)` index of the element that the rule names.
        severity: `(F,)` factor of the level.
        place: `(F,)` the largest factor at its place.
        red: `(F,)` it crosses a red line.
    """

    rule: IntArray
    own: IntArray
    severity: FloatArray
    place: FloatArray
    red: BoolArray


def rule_finds(
    columns: Columns, standard: Standard, places: Sequence[Landmark] = ()
) -> Ruled:
    """Put every find under its rule.

    Raises:
        FormError: a find's severity is no level of its rule.
    """
    finds = columns.finds
    elements = [element.id for element in standard.elements]
    zones = (*ZONES, None)
    shape = (len(columns.categories), len(zones))
    rule_of = np.full(shape, -1)
    own_of = np.full(shape, -1)
    number = {rule.id: n for n, rule in enumerate(standard.rules)}
    for c, category in enumerate(columns.categories):
        for z, zone in enumerate(zones):
            taker = standard.rule_for(category, zone)
            element = None if taker is None else taker.element_in(zone)
            if taker is not None and element is not None:
                rule_of[c, z] = number[taker.id]
                own_of[c, z] = elements.index(element)
    rule = rule_of[finds.category, finds.zone]
    return Ruled(
        rule=rule,
        own=own_of[finds.category, finds.zone],
        severity=_severity(columns, rule, standard),
        place=_place(columns, standard, places),
        red=_red(columns, rule, standard, places),
    )


def _severity(columns: Columns, rule: IntArray, standard: Standard) -> FloatArray:
    finds = columns.finds
    factors = np.ones(len(rule))
    groups = np.stack([rule, finds.category, finds.level], axis=1)
    kinds, which = np.unique(groups, axis=0, return_inverse=True)
    for n, (r, c, level) in enumerate(kinds.tolist()):
        if r < 0:
            continue
        known = standard.rules[r]
        name = columns.levels[level] if level >= 0 else None
        name = name or known.level_of(columns.categories[c])
        if name not in known.levels:
            first = finds.ids[int(np.argmax(which == n))]
            msg = (
                f"finding {first!r}, property severity: rule {known.id} has no level "
                f"{name!r}; choose one of {', '.join(known.levels)}"
            )
            raise FormError(msg)
        factors[which == n] = known.levels[name]
    return factors


def _place(
    columns: Columns, standard: Standard, places: Sequence[Landmark]
) -> FloatArray:
    """Return the largest factor at each find's place."""
    best = np.ones(len(columns.finds.lon))
    for place in places:
        known = standard.zone_factors.get(place.kind)
        if known is not None:
            near = _near(columns, place, known.within_m, best < known.factor)
            best[near] = known.factor
    return best


def _red(
    columns: Columns, rule: IntArray, standard: Standard, places: Sequence[Landmark]
) -> BoolArray:
    red = np.zeros(len(rule), np.bool_)
    for line in standard.red_lines:
        number = next(n for n, r in enumerate(standard.rules) if r.id == line.rule)
        under = rule == number
        if line.near is None or line.within_m is None:
            red |= under
            continue
        for place in places:
            if place.kind == line.near:
                red[_near(columns, place, line.within_m, under & ~red)] = True
    return red


def _near(
    columns: Columns, place: Landmark, within_m: float, among: BoolArray
) -> IntArray:
    """Return which of some finds lie at a place, or so near."""
    finds = columns.finds
    west, south, east, north = place.box(within_m)
    lon, lat = finds.lon, finds.lat
    among = among & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    here = np.flatnonzero(among)
    near = [place.holds(lon[f], lat[f], within_m) for f in here]
    return here[np.array(near, np.bool_)] if near else here
