"""The published arithmetic of a street's value, worked out by hand.

Written from docs/scoring.md, section 2, and the standard's TOML file; nothing of the
service's scoring is used. Cells are counted by going through every case of which finds
in them are real.
"""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

STANDARD = Path(__file__).parents[2] / "service/scoring/standards/xuchang@1.toml"


@dataclass(frozen=True, slots=True)
class Find:
    """A find as it counts.

    Attributes:
        p: 1 confirmed, 0 where it costs nothing, else its chance.
        severity: level; None for the usual one of its category.
    """

    id: str
    category: str
    zone: str | None
    side: str | None
    offset_m: float | None
    severity: str | None
    p: float


@dataclass(frozen=True, slots=True)
class Ground:
    """What of a street is assessed.

    Attributes:
        road_class: that decides the allowance.
        seen_m: metres seen of each assessed element.
    """

    road_class: str
    seen_m: Mapping[str, float]


def value_of(finds: Iterable[Find], ground: Ground) -> float:
    """Return the value of a street: 100 less what its finds cost."""
    taken: dict[tuple[str, str], list[Find]] = defaultdict(list)
    rules = {rule["id"]: rule for rule in _standard()["rule"]}
    for find in finds:
        place = _place(find, ground.seen_m)
        if place is not None and find.p > 0:
            taken[place].append(find)
    lost: dict[str, float] = defaultdict(float)
    for (rule_id, element), some in taken.items():
        rule = rules[rule_id]
        safe = rule.get("safety", False)
        length = 1.0 if safe else max(1.0, ground.seen_m[element] / 100.0)
        lost[element] += _cost(rule, some, ground.road_class, length)
    weights = {row["id"]: row["weight"] for row in _standard()["element"]}
    k = 100.0 / sum(weights[name] for name in ground.seen_m)
    return 100.0 - k * sum(min(weights[name], d) for name, d in lost.items())


@cache
def _standard() -> dict[str, Any]:
    return tomllib.loads(STANDARD.read_text("utf-8"))


def _place(find: Find, assessed: Mapping[str, float]) -> tuple[str, str] | None:
    """Return rule and element of a find: who names its zone goes first."""
    able = [r for r in _standard()["rule"] if find.category in r["categories"]]
    named = [r for r in able if find.zone in r.get("zones", {})]
    rest = [r for r in able if "any_zone" in r]
    if not (named or rest):
        return None
    rule = (named or rest)[0]
    element = rule.get("zones", {}).get(find.zone, rule.get("any_zone"))
    for name in (element, rule.get("fallback")):
        if name in assessed:
            return rule["id"], name
    return None


def _cost(
    rule: Mapping[str, Any], finds: list[Find], road_class: str, length: float
) -> float:
    """Return the points of the element that the finds of one rule cost."""
    unit = _standard()["unit"][rule["unit"]]
    cells: dict[object, list[Find]] = defaultdict(list)
    for find in finds:
        cell_m = unit.get("cell_m")
        alone = cell_m is None or find.offset_m is None
        cell = find.id if alone else (find.side, math.floor(find.offset_m / cell_m))  # type: ignore[operator]
        cells[cell].append(find)
    long = _continuous(rule, unit, cells)
    units = points = 0.0
    for cell, some in cells.items():
        gravity = [_gravity(rule, find) for find in some]
        if cell in long:
            gravity = [max(g, rule["levels"][rule["run_level"]]) for g in gravity]
        counted, weighed = _expected(some, gravity, unit.get("capacity"))
        units, points = units + counted, points + weighed
    forgiven = rule.get("allowance_per_100m", {}).get(road_class, 0.0) * length
    left = max(0.0, 1.0 - forgiven / units)
    return float(rule["a"]) * points * left / length


def _gravity(rule: Mapping[str, Any], find: Find) -> float:
    usual = rule.get("default_level", {}).get(find.category, next(iter(rule["levels"])))
    return float(rule["levels"][find.severity or usual])


def _expected(
    finds: list[Find], gravity: list[float], capacity: int | None
) -> tuple[float, float]:
    """Return how many units a cell has, and what they weigh, over all cases."""
    if capacity is None:
        weighed = sum(f.p * g for f, g in zip(finds, gravity, strict=True))
        return sum(f.p for f in finds), weighed
    counted = weighed = 0.0
    for case in product((True, False), repeat=len(finds)):
        chance = math.prod(
            f.p if r else 1 - f.p for f, r in zip(finds, case, strict=True)
        )
        real = sorted(
            (g for g, r in zip(gravity, case, strict=True) if r), reverse=True
        )
        counted += chance * len(real[:capacity])
        weighed += chance * sum(real[:capacity])
    return counted, weighed


def _continuous(
    rule: Mapping[str, Any], unit: Mapping[str, Any], cells: Mapping[object, list[Find]]
) -> set[object]:
    """Return cells in a row of dirty ones that is longer than the unit says."""
    if "run_level" not in rule:
        return set()
    dirty = {
        cell
        for cell, some in cells.items()
        if isinstance(cell, tuple)
        and 1 - math.prod(1 - f.p for f in some) >= unit["run_probability"]
    }
    long: set[object] = set()
    for side, number in dirty:
        row, n = [(side, number)], number
        while (side, n + 1) in dirty:
            n += 1
            row.append((side, n))
        if len(row) * unit["cell_m"] > unit["run_longer_than_m"]:
            long |= set(row)
    return long
