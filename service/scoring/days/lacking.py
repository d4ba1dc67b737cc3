"""Finds that were missed, on many rows: see `service/scoring/missed.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from service.scoring.days.columns import BoolArray, FloatArray
from service.scoring.days.seen import Seen
from service.scoring.days.spread import Spread
from service.scoring.days.steps import Setting
from service.scoring.parts import Rule

_METRES_PER_LENGTH_UNIT = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One element on every row, and what one rule found there.

    Attributes:
        element: its index.
        share: of the rule's prior; 0 = the element only takes finds over.
        among: `(R,)` where anything may have been missed.
        units: `(R,)` counted already.
        found: category -> `(R,)` expected finds.
    """

    element: int
    share: float
    among: BoolArray
    units: FloatArray
    found: Mapping[int, FloatArray]


def lacking(setting: Setting, seen: Seen, rule: Rule, ground: Ground) -> Spread:
    """Return the weight of what one rule missed of one element."""
    total = Spread.nothing(ground.among.shape)
    names = setting.columns.categories
    for category in rule.categories:
        if category not in names:
            continue
        c = names.index(category)
        factor = rule.levels[rule.level_of(category)]
        one = _of_category(setting, seen, rule, ground, c)
        total = total.plus(one.times(np.asarray(factor)))
    return total


def _of_category(
    setting: Setting, seen: Seen, rule: Rule, ground: Ground, category: int
) -> Spread:
    """Return how many units of one category were missed.

    Source:
        Gamma-Poisson conjugacy, as for one street; the count is negative binomial.
    """
    passes, last = setting.columns.passes, setting.last_pass
    recall = passes.recall[last, category]
    among = ground.among & passes.visible[last, category] & np.isfinite(recall)
    recall = np.where(among, recall, 1.0)
    seen_m = seen.seen_m[:, ground.element]
    length = seen_m / _METRES_PER_LENGTH_UNIT
    beta = setting.prior_length_m / _METRES_PER_LENGTH_UNIT
    prior = rule.prior_per_100m * ground.share * beta
    size = prior + ground.found.get(category, np.zeros_like(seen_m))
    whole = seen.whole_m[:, ground.element] / _METRES_PER_LENGTH_UNIT
    odds = (whole - recall * length) / (beta + recall * length)
    size, odds = np.where(among, size, 0.0), np.where(among, odds, 0.0)
    unit = setting.standard.units[rule.unit]
    if unit.cell_m is None or unit.capacity is None:
        mean = size * odds
        return Spread(mean, mean * (1 + odds), mean * (1 + odds) * (1 + 2 * odds))
    sides = np.maximum(1, seen.sides[:, ground.element])
    cells = sides * seen.whole_m[:, ground.element] / unit.cell_m
    room = np.maximum(1.0, cells * unit.capacity)
    return _filling(size, odds, room, np.maximum(0.0, room - ground.units))


def _filling(
    size: FloatArray, odds: FloatArray, room: FloatArray, free: FloatArray
) -> Spread:
    """Return the units that so many finds add that fall into any cell alike."""
    stays = 1 - 1 / room
    first, second, third = (
        (1 + odds * (1 - stays**power)) ** -size for power in (1, 2, 3)
    )
    variance = np.maximum(0.0, second - first**2)
    cube = third - 3 * first * second + 2 * first**3
    return Spread(free * (1 - first), free**2 * variance, -(free**3) * cube)
