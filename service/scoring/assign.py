"""Which rule and element a find falls under, and how grave it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from service.scoring.parts import RedLine, Rule, Unit
from service.scoring.standard import Standard
from service.scoring.units import cell_index, cells_in_runs
from service.types import Finding, Near
from vision.errors import FormError
from vision.geo import distance_m

SETTLED = frozenset({"rejected", "permitted", "duplicate", "cleared"})
"""States of finds that cost nothing."""
DEGREES_A_METRE = 2e-5
"""More than a metre is, of longitude too, as far north as 60 degrees."""


class Landmark(Protocol):
    """Something around which finds weigh more: a point, or an area of a layer."""

    @property
    def kind(self) -> str:
        """A zone factor's id in the standard."""

    @property
    def name(self) -> str | None:
        """For people."""

    def holds(self, lon: float, lat: float, within_m: float = 0.0) -> bool:
        """Say if a place lies inside, or so near."""

    def box(self, within_m: float = 0.0) -> tuple[float, float, float, float]:
        """Return west, south, east and north of all that it may hold, in degrees."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place around which finds weigh more.

    Attributes:
        kind: a zone factor's id in the standard, e.g. `school`.
        lon: degrees east.
        lat: degrees north.
        name: for people; None if it has none.
    """

    kind: str
    lon: float
    lat: float
    name: str | None = None

    def holds(self, lon: float, lat: float, within_m: float = 0.0) -> bool:
        """Say if a place lies so near."""
        return distance_m((lon, lat), (self.lon, self.lat)) <= within_m

    def box(self, within_m: float = 0.0) -> tuple[float, float, float, float]:
        """Return west, south, east and north of all that it may hold, in degrees."""
        edge = DEGREES_A_METRE * (1 + within_m)
        return self.lon - edge, self.lat - edge, self.lon + edge, self.lat + edge


@dataclass(frozen=True, slots=True)
class Charge:
    """One find under its rule: all of `d_f` but the units.

    Attributes:
        element: element id that takes it.
        probability: `p_f`, > 0.
        severity: `sev_f`.
        near: what makes it weigh more; None where nothing does.
    """

    finding: Finding
    rule: Rule
    element: str
    probability: float
    severity: float
    near: Near | None = None

    @property
    def place(self) -> float:
        """`z_f`, >= 1."""
        return 1.0 if self.near is None else self.near.factor

    @property
    def factor(self) -> float:
        """`sev_f * z_f`."""
        return self.severity * self.place


@dataclass(frozen=True, slots=True)
class Assignment:
    """The finds of one segment under the standard.

    Attributes:
        charges: rule id and element id -> finds, by find id.
        unscored: ids of real or possible finds that no assessed element takes.
    """

    charges: Mapping[tuple[str, str], tuple[Charge, ...]]
    unscored: tuple[str, ...]


def counted_probability(finding: Finding) -> float:
    """Return `p_f`: 1 confirmed, 0 disproved or not yet proven, else the chance."""
    if finding.state == "confirmed":
        return 1.0
    if finding.state in SETTLED or finding.candidate:
        return 0.0
    return finding.probability


def assign_findings(
    findings: Iterable[Finding],
    assessed: Iterable[str],
    *,
    standard: Standard,
    places: Sequence[Landmark] = (),
) -> Assignment:
    """Put each find of one segment under its rule and element.

    Args:
        findings: of one segment, any order.
        assessed: ids of the elements that take deductions here.
        standard: rules, severities and zone factors.
        places: schools, markets ... of the city.

    Raises:
        FormError: a find's severity is no level of its rule, or two finds share an id.
    """
    taking = frozenset(assessed)
    charges: dict[tuple[str, str], list[Charge]] = {}
    unscored: list[str] = []
    last: str | None = None
    for finding in sorted(findings, key=lambda f: f.id):
        if finding.id == last:
            msg = f"two findings have the id {finding.id!r}; give each its own"
            raise FormError(msg)
        last = finding.id
        charge = _charge(finding, taking, standard=standard, places=places)
        if charge is not None:
            key = (charge.rule.id, charge.element)
            charges.setdefault(key, []).append(charge)
        elif counted_probability(finding) > 0:
            unscored.append(finding.id)
    return Assignment(
        charges={
            key: _with_runs(group, standard) for key, group in sorted(charges.items())
        },
        unscored=tuple(unscored),
    )


def _charge(
    finding: Finding,
    taking: frozenset[str],
    *,
    standard: Standard,
    places: Sequence[Landmark],
) -> Charge | None:
    rule = standard.rule_for(finding.category, finding.zone)
    probability = counted_probability(finding)
    if rule is None or probability <= 0:
        return None
    element = rule.element_in(finding.zone)
    if element not in taking:
        element = rule.fallback
    if element is None or element not in taking:
        return None
    return Charge(
        finding=finding,
        rule=rule,
        element=element,
        probability=probability,
        severity=_severity(finding, rule),
        near=_weighed_by(finding, standard, places),
    )


def _severity(finding: Finding, rule: Rule) -> float:
    level = finding.severity or rule.level_of(finding.category)
    if level not in rule.levels:
        msg = (
            f"finding {finding.id!r}, property severity: rule {rule.id} has no level "
            f"{level!r}; choose one of {', '.join(rule.levels)}"
        )
        raise FormError(msg)
    return rule.levels[level]


def _weighed_by(
    finding: Finding, standard: Standard, places: Sequence[Landmark]
) -> Near | None:
    """Return what has the largest factor at a find's place."""
    best: Near | None = None
    for place in places:
        known = standard.zone_factors.get(place.kind)
        if known is None or known.factor <= (1.0 if best is None else best.factor):
            continue
        if place.holds(finding.lon, finding.lat, known.within_m):
            best = Near(place.kind, place.name, known.factor)
    return best


def near_names(near: Near, standard: Standard) -> tuple[str, str]:
    """Return what people call a place, in Chinese and English: its kind, its name."""
    kind = standard.zone_factors[near.kind]
    if near.name is None:
        return kind.zh, kind.en
    return f"{kind.zh}：{near.name}", f"{kind.en}: {near.name}"


def _with_runs(group: Sequence[Charge], standard: Standard) -> tuple[Charge, ...]:
    rule = group[0].rule
    unit = standard.units[rule.unit]
    if rule.run_level is None or unit.cell_m is None:
        return tuple(group)
    runs = run_cells(group, unit)
    run_factor = rule.levels[rule.run_level]
    return tuple(
        replace(charge, severity=max(charge.severity, run_factor))
        if _cell(charge.finding, unit) in runs
        else charge
        for charge in group
    )


def run_cells(group: Iterable[Charge], unit: Unit) -> frozenset[tuple[str, int]]:
    """Return side and number of the cells that lie in a run of dirty ones.

    Args:
        group: all finds of one rule that one element takes.
        unit: of the rule.
    """
    clean: dict[tuple[str, int], float] = {}
    for charge in group:
        cell = _cell(charge.finding, unit)
        if cell is not None:
            clean[cell] = clean.get(cell, 1.0) * (1 - charge.probability)
    return cells_in_runs(((s, n, 1 - p) for (s, n), p in clean.items()), unit)


def _cell(finding: Finding, unit: Unit) -> tuple[str, int] | None:
    if finding.offset_m is None or unit.cell_m is None:
        return None
    return finding.side or "", cell_index(finding.offset_m, unit.cell_m)


def crossed_red_lines(
    findings: Iterable[Finding], *, standard: Standard, places: Sequence[Landmark] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return ids of finds that cross a red line: the proven, and the likely ones.

    What one reviewer alone confirmed is likely; a second one proves it. A red
    line stands whether or not its element was assessed.
    """
    confirmed: list[str] = []
    provisional: list[str] = []
    for finding in sorted(findings, key=lambda f: f.id):
        if not _crosses(finding, standard, places):
            continue
        p = counted_probability(finding)
        if finding.state == "confirmed" and not finding.once:
            confirmed.append(finding.id)
        elif p > 0 and p >= standard.red_line_policy.provisional_probability:
            provisional.append(finding.id)
    return tuple(confirmed), tuple(provisional)


def _crosses(finding: Finding, standard: Standard, places: Sequence[Landmark]) -> bool:
    rule = standard.rule_for(finding.category, finding.zone)
    if rule is None:
        return False
    lines = (line for line in standard.red_lines if line.rule == rule.id)
    return any(_applies(line, finding, places) for line in lines)


def _applies(line: RedLine, finding: Finding, places: Sequence[Landmark]) -> bool:
    if line.near is None or line.within_m is None:
        return True
    return any(
        place.kind == line.near and place.holds(finding.lon, finding.lat, line.within_m)
        for place in places
    )
