"""A scoring standard as it stands in its TOML file, checked.

Weights sum to 100, every rule names elements, units and levels that exist, and a find
of one category in one zone falls under exactly one rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import Field, model_validator

from service.scoring.parts import (
    FORESEEN,
    FULL_POINTS,
    PLACES,
    ROAD_CLASSES,
    CoverageRule,
    Display,
    Element,
    Exempt,
    Grade,
    IntervalRule,
    LevelName,
    Part,
    RedLine,
    RedLinePolicy,
    Rule,
    Text,
    Unit,
    ZoneFactor,
)
from vision.taxonomy import load_taxonomy
from vision.types import ZONES


class Standard(Part):
    """A whole scoring standard, frozen.

    In the file a list's table carries its singular: `[[rule]]`, `[unit.item]`.
    """

    name: Text
    version: int = Field(ge=1)
    title_zh: Text
    title_en: Text
    source: Text
    elements: tuple[Element, ...] = Field(alias="element", min_length=1)
    units: dict[str, Unit] = Field(alias="unit")
    rules: tuple[Rule, ...] = Field(alias="rule", min_length=1)
    zone_factors: dict[str, ZoneFactor] = Field(
        alias="zone_factor", default_factory=dict
    )
    red_lines: tuple[RedLine, ...] = Field(alias="red_line", default=())
    red_line_policy: RedLinePolicy
    exempts: tuple[Exempt, ...] = Field(alias="exempt", default=())
    grades: tuple[Grade, ...] = Field(alias="grade", min_length=1)
    coverage: CoverageRule
    display: Display
    interval: IntervalRule
    level_names: dict[str, LevelName] = Field(alias="level_name", default_factory=dict)

    @property
    def id(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    def rule_for(self, category: str, zone: str | None) -> Rule | None:
        """Return the one rule a find falls under; None if the standard has none."""
        takers = [rule for rule in self.rules if category in rule.categories]
        for rule in takers:
            if zone is not None and zone in rule.zones:
                return rule
        for rule in takers:
            if rule.any_zone is not None:
                return rule
        return None

    def exempts_of(self, rule_id: str) -> list[Exempt]:
        """Return the hours in which a rule does not count."""
        return [exempt for exempt in self.exempts if rule_id in exempt.rules]

    @model_validator(mode="after")
    def _agree_with_itself(self) -> Self:
        """Check what one part says of another."""
        for problem in _problems(self):
            raise ValueError(problem)
        return self


def _problems(standard: Standard) -> Iterable[str]:
    yield from _element_problems(standard)
    for rule in standard.rules:
        yield from _rule_problems(rule, standard)
    yield from _twice("rule", (rule.id for rule in standard.rules))
    yield from _name_problems(standard)
    yield from _shared_ground(standard)
    yield from _place_problems(standard)
    yield from _red_line_problems(standard)
    yield from _exempt_problems(standard)
    yield from _grade_problems(standard)


def _element_problems(standard: Standard) -> Iterable[str]:
    total = sum(element.weight for element in standard.elements)
    if abs(total - FULL_POINTS) > 1e-9:
        yield f"element: the weights sum to {total:g}, not {FULL_POINTS:g}"
    yield from _twice("element", (element.id for element in standard.elements))
    for element in standard.elements:
        for zone in element.zones:
            if zone not in ZONES:
                yield f"element {element.id}, field zones: no zone is called {zone!r}"


def _twice(what: str, ids: Iterable[str]) -> Iterable[str]:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            yield f"{what} {name}: this id is there twice"
        seen.add(name)


def _rule_problems(rule: Rule, standard: Standard) -> Iterable[str]:
    elements = {element.id for element in standard.elements}
    named: list[tuple[str, str | None]] = [("zones", n) for n in rule.zones.values()]
    named += [("any_zone", rule.any_zone), ("fallback", rule.fallback)]
    for field, name in named:
        if name is not None and name not in elements:
            yield f"rule {rule.id}, field {field}: no element is called {name!r}"
    for zone in rule.zones:
        if zone not in ZONES:
            yield f"rule {rule.id}, field zones: no zone is called {zone!r}"
    if not rule.zones and rule.any_zone is None:
        yield f"rule {rule.id}, field zones: it names no zone and has no any_zone"
    if rule.unit not in standard.units:
        yield f"rule {rule.id}, field unit: no unit is called {rule.unit!r}"
    levels = [("default_level", name) for name in rule.default_level.values()]
    if rule.run_level is not None:
        levels.append(("run_level", rule.run_level))
    for field, name in levels:
        if name not in rule.levels:
            yield f"rule {rule.id}, field {field}: no level is called {name!r}"


def category_problems(place: str, named: Iterable[str]) -> Iterable[str]:
    """Yield what is wrong with categories that a rule or a question names.

    Args:
        place: that names them, as people find it in its file.
        named: categories.
    """
    allowed = frozenset(load_taxonomy().ids) | FORESEEN
    for name in named:
        if name not in allowed:
            yield (
                f"{place}, field categories: no category is called {name!r}; "
                f"{_choose(allowed)}"
            )


def _choose(allowed: Iterable[str]) -> str:
    return f"choose from {', '.join(sorted(allowed))}"


def _name_problems(standard: Standard) -> Iterable[str]:
    """Yield names of a rule that the house does not know."""
    for rule in standard.rules:
        yield from category_problems(f"rule {rule.id}", rule.categories)
        for name in rule.default_level:
            if name not in rule.categories:
                yield (
                    f"rule {rule.id}, field default_level: the rule has no category "
                    f"{name!r}; {_choose(rule.categories)}"
                )
        for name in rule.allowance_per_100m:
            if name not in ROAD_CLASSES:
                yield (
                    f"rule {rule.id}, field allowance_per_100m: no road class is "
                    f"called {name!r}; {_choose(ROAD_CLASSES)}"
                )


def _place_problems(standard: Standard) -> Iterable[str]:
    for name in standard.zone_factors:
        if name not in PLACES:
            yield (
                f"zone_factor {name}: no kind of place is called so; {_choose(PLACES)}"
            )


def _shared_ground(standard: Standard) -> Iterable[str]:
    taken: dict[tuple[str, str], str] = {}
    for rule in standard.rules:
        grounds = [*rule.zones, *([] if rule.any_zone is None else ["any zone"])]
        for key in ((c, ground) for c in rule.categories for ground in grounds):
            if key in taken:
                yield (
                    f"rule {rule.id}, field categories: {key[0]} in {key[1]} "
                    f"already falls under rule {taken[key]}"
                )
            taken[key] = rule.id


def _red_line_problems(standard: Standard) -> Iterable[str]:
    rules = {rule.id for rule in standard.rules}
    yield from _twice("red_line", (line.id for line in standard.red_lines))
    for line in standard.red_lines:
        if line.near is not None and line.near not in PLACES:
            yield (
                f"red_line {line.id}, field near: no kind of place is called "
                f"{line.near!r}; {_choose(PLACES)}"
            )
        if line.rule not in rules:
            yield f"red_line {line.id}, field rule: no rule is called {line.rule!r}"
        if (line.near is None) != (line.within_m is None):
            yield f"red_line {line.id}, field within_m: near and within_m go together"


def _exempt_problems(standard: Standard) -> Iterable[str]:
    rules = {rule.id for rule in standard.rules}
    yield from _twice("exempt", (exempt.id for exempt in standard.exempts))
    for exempt in standard.exempts:
        for name in exempt.rules:
            if name not in rules:
                yield f"exempt {exempt.id}, field rules: no rule is called {name!r}"
        if exempt.begin == exempt.end:
            yield f"exempt {exempt.id}, field end: the same as begin, so no hours"


def _grade_problems(standard: Standard) -> Iterable[str]:
    yield from _twice("grade", (grade.id for grade in standard.grades))
    limits = [grade.floor for grade in standard.grades]
    if limits != sorted(set(limits), reverse=True) or limits[-1] != 0:
        yield "grade, field floor: must fall from the best grade to one that has 0"
    ceiling = standard.red_line_policy.ceiling
    if ceiling not in {grade.id for grade in standard.grades}:
        yield f"red_line_policy, field ceiling: no grade is called {ceiling!r}"
    if standard.interval.low >= standard.interval.high:
        yield "interval, field low: must be less than high"
