"""From streets up: unit grid, street office, district, city; weighted by length.

A mean never hides the worst: the worst tenth of the length stands beside it, red lines
and streets without a score are counted.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.scoring.grade import grade_of, rounded
from service.scoring.standard import Standard
from service.types import Score, Segment
from vision.errors import FormError, NotFoundError

CITY = "全市"
UNKNOWN = "未划分"
WORST_SHARE = 0.1
_HALF_WIDTH = 1.6449
"""Standard deviations to the 95th percentile of a normal distribution."""


@dataclass(frozen=True, slots=True)
class StreetValue:
    """One street for a roll-up.

    Attributes:
        segment: the street.
        score: its score; None where nobody passed.
        counts: in means: scored in its window, neither insufficient nor stale.
    """

    segment: Segment
    score: Score | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Share:
    """What one street adds to the units it lies in.

    Attributes:
        length_m: of the street, > 0.
        value: of its score; None without one.
        low: 5th percentile; None likewise.
        high: 95th percentile; None likewise.
        red_lines: confirmed ones.
        counts: in means, see `StreetValue`.
    """

    length_m: float
    value: float | None
    low: float | None
    high: float | None
    red_lines: int
    counts: bool

    @classmethod
    def of(cls, street: StreetValue) -> Share:
        """Return the share of a street with its whole score."""
        score = street.score
        if score is None:
            return cls(street.segment.length_m, None, None, None, 0, counts=False)
        return cls(
            street.segment.length_m,
            score.value,
            score.low,
            score.high,
            len(score.red_lines),
            street.counts,
        )


@dataclass(frozen=True, slots=True)
class UnitScore:
    """One unit of the city.

    Attributes:
        unit: its name.
        parent: the unit above; None of the city.
        value: mean weighted by length; None where no street counts.
        low: 5th percentile of that mean, streets taken as independent.
        high: the larger of the value and the 95th percentile.
        grade: of the value; None likewise.
        worst: mean of the worst tenth of the length.
        streets: that count.
        left_out: streets without a value that counts.
        length_m: of the streets that count.
        length_left_out_m: of the others.
        red_lines: confirmed ones.
    """

    unit: str
    parent: str | None
    value: float | None
    low: float | None
    high: float | None
    grade: str | None
    worst: float | None
    streets: int
    left_out: int
    length_m: float
    length_left_out_m: float
    red_lines: int


def read_units(path: Path) -> dict[str, str]:
    """Return unit -> unit above, from `[[unit]]` tables with `id` and `parent`.

    Raises:
        NotFoundError: there is no such file.
        FormError: no TOML, a unit without a name or twice, or units in a circle.
    """
    if not path.is_file():
        msg = f"{path} is missing; it says which unit of the city belongs to which"
        raise NotFoundError(msg)
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("unit", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} is not a TOML file: {error}"
        raise FormError(msg) from error
    parents: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        unit, parent = row.get("id"), row.get("parent")
        if not isinstance(unit, str) or not isinstance(parent, str):
            msg = f"{path.name}, unit {number} needs an `id` and a `parent`, both text"
            raise FormError(msg)
        if unit in parents:
            msg = f"{path.name}, unit {number}: {unit} is there twice"
            raise FormError(msg)
        parents[unit] = parent
    for unit in parents:
        circle = _circle(unit, parents)
        if circle:
            msg = f"{path.name}: units in a circle, {' → '.join(circle)}; one is wrong"
            raise FormError(msg)
    return parents


def _circle(unit: str, parents: Mapping[str, str]) -> list[str] | None:
    way = [unit]
    while way[-1] in parents:
        above = parents[way[-1]]
        if above in way:
            return [*way[way.index(above) :], above]
        way.append(above)
    return None


def roll_up(
    streets: Iterable[StreetValue],
    *,
    standard: Standard,
    by: str = "unit_grid",
    parents: Mapping[str, str] | None = None,
) -> list[UnitScore]:
    """Return every unit that has streets, each below the one above it.

    Args:
        streets: with their scores.
        standard: gives the grades.
        by: what the lowest units are: `unit_grid`, `district` or `responsible_unit`.
        parents: unit -> unit above; a unit that is not there belongs to its district
            where that is something else, a district to the city. Grids of one name in
            two districts are two; a responsible unit of two belongs to the city.

    Raises:
        FormError: a street of no length, or less; units that close a circle.
    """
    above = dict(parents or {})
    members: dict[str, list[Share]] = {}
    known = list(streets)
    shared = _in_many_districts((s.segment for s in known), by) - set(above)
    for street in known:
        if street.segment.length_m <= 0:
            msg = f"the street {street.segment.id} has {street.segment.length_m} metres"
            raise FormError(msg)
        share = Share.of(street)
        for unit in _units_of(street.segment, by, above, shared):
            members.setdefault(unit, []).append(share)
    scores = {
        unit: sum_up(
            own,
            unit=unit,
            parent=None if unit == CITY else above[unit],
            standard=standard,
        )
        for unit, own in members.items()
    }
    return [scores[unit] for unit in _in_order(scores, above)]


def _in_many_districts(segments: Iterable[Segment], by: str) -> frozenset[str]:
    """Return the names of units that lie in more than one district."""
    districts: dict[str, set[str | None]] = {}
    for segment in segments:
        unit = getattr(segment, by) or UNKNOWN
        districts.setdefault(unit, set()).add(segment.district)
    return frozenset(u for u, several in districts.items() if len(several) > 1)


def _units_of(
    segment: Segment, by: str, above: dict[str, str], shared: frozenset[str]
) -> list[str]:
    """Return the units of a street, each below the next; the city is the last.

    Raises:
        FormError: they close a circle.
    """
    unit = getattr(segment, by) or UNKNOWN
    district = segment.district
    if unit in shared and district:
        if by == "responsible_unit" and unit != UNKNOWN:
            district = CITY
        else:
            unit = f"{unit}（{district}）"
    if unit not in above:
        above[unit] = district if district and district != unit else CITY
    way: list[str] = []
    while unit != CITY:
        if unit in way:
            circle = " → ".join([*way[way.index(unit) :], unit])
            msg = (
                f"street {segment.id}: units in a circle, {circle}; its own district "
                "and the file of units contradict each other"
            )
            raise FormError(msg)
        way.append(unit)
        unit = above.setdefault(unit, CITY)
    return [*way, CITY]


def sum_up(
    shares: Sequence[Share], *, unit: str, parent: str | None, standard: Standard
) -> UnitScore:
    """Return the score of a unit from the shares of its streets.

    Args:
        shares: at least one.
        unit: its name.
        parent: the unit above; None of the city.
        standard: gives the grade.
    """
    counted = [s for s in shares if s.counts and s.value is not None]
    length_m = math.fsum(s.length_m for s in counted)
    all_m = math.fsum(s.length_m for s in shares)
    value = low = high = worst = None
    if counted:
        value = rounded(_mean(counted, "value", length_m))
        worst = _worst(counted, length_m)
        spread = _HALF_WIDTH * math.sqrt(
            math.fsum((s.length_m / length_m * _sigma(s)) ** 2 for s in counted)
        )
        middle = (
            _mean(counted, "low", length_m) + _mean(counted, "high", length_m)
        ) / 2
        low = max(0.0, min(value, middle - spread))
        high = min(100.0, max(value, middle + spread))
    return UnitScore(
        unit=unit,
        parent=parent,
        value=value,
        low=low,
        high=high,
        grade=None if value is None else grade_of(value, standard),
        worst=worst,
        streets=len(counted),
        left_out=len(shares) - len(counted),
        length_m=length_m,
        length_left_out_m=all_m - length_m,
        red_lines=sum(s.red_lines for s in shares),
    )


def _mean(counted: Sequence[Share], what: str, length_m: float) -> float:
    return math.fsum(getattr(s, what) * s.length_m for s in counted) / length_m


def _sigma(share: Share) -> float:
    if share.low is None or share.high is None:
        return 0.0
    return (share.high - share.low) / (2 * _HALF_WIDTH)


def _worst(counted: Sequence[Share], length_m: float) -> float:
    """Return the mean of the worst tenth of the length."""
    left_m = WORST_SHARE * length_m
    total = 0.0
    for value, street_m in sorted((s.value or 0.0, s.length_m) for s in counted):
        part_m = min(left_m, street_m)
        total += value * part_m
        left_m -= part_m
        if left_m <= 0:
            break
    return rounded(total / (WORST_SHARE * length_m))


def _in_order(scores: Mapping[str, UnitScore], above: Mapping[str, str]) -> list[str]:
    """Return units so that each comes after the one above it, by name."""
    out: list[str] = []

    def walk(unit: str) -> None:
        if unit in scores:
            out.append(unit)
        for below in sorted(u for u, p in above.items() if p == unit and u in scores):
            walk(below)

    walk(CITY)
    return out
