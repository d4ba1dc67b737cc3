"""What an answer about one find is worth to its street's score: a closed form.

With the find real or not, the value is worked out exactly as the score does it, so the
step `d` between the two is known, caps, cells and allowances included. Doubt of the
value is taken as normal with the width of its interval. An answer takes `d * d * p *
(1 - p)` of the variance away (law of total variance; the rest is expected to stay):

- narrowing: the width before less the width after, in points;
- grade: the chance that the truth lies in another grade than the one shown, before less
  after (weighed over both answers). Where both answers leave the grade, little is won;
- red line: the chance that the line that is shown, or not, is wrong: min(p, 1 - p).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.records import KnownFinding
from service.scoring import Standard, counted_probability
from service.scoring.assign import Charge, Landmark, assign_findings, crossed_red_lines
from service.scoring.elements import ElementView
from service.scoring.tally import tally_of
from service.types import Finding, Segment

GRADE_POINTS = 10.0
"""A grade that is surely wrong counts as much as so many points of interval."""
RED_LINE_POINTS = 20.0
"""Likewise a red line: it caps the grade and opens a case."""
WIDTH_SIGMAS = 3.29
"""Of a normal distribution, from its 5th to its 95th percentile."""
FULL = 100.0
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Worth:
    """What an answer about one find is worth.

    Attributes:
        narrowing: of the interval, points of the score.
        grade: chance of a wrong grade that it takes away.
        red_line: chance of a wrong red line that it takes away.
    """

    narrowing: float
    grade: float
    red_line: float

    @property
    def points(self) -> float:
        """All of it, in points of interval."""
        turned = GRADE_POINTS * self.grade + RED_LINE_POINTS * self.red_line
        return self.narrowing + turned


@dataclass(frozen=True, slots=True, eq=False)
class ScoredStreet:
    """A street's score as it is shown, as far as worth needs it.

    Attributes:
        segment: the street.
        value, low, high: None of a street without a score.
        views: assessed elements, as far as the score told of them.
    """

    segment: Segment
    value: float | None
    low: float | None
    high: float | None
    views: Mapping[str, ElementView]


def scored_street(
    segment: Segment, score: Mapping[str, Any] | None, standard: Standard
) -> ScoredStreet:
    """Read a score's body, as the store has it; None where nobody passed."""
    if score is None or score["value"] is None:
        return ScoredStreet(segment, None, None, None, {})
    elements = {element.id: element for element in standard.elements}
    views = {
        row["element"]: ElementView(
            element=elements[row["element"]],
            status="assessed",
            seen_m=(row["seen_fraction"] or 0.0) * segment.length_m,
            whole_m=segment.length_m,
            seen_fraction=row["seen_fraction"],
            sides=2,
            reason=None,
        )
        for row in score["elements"]
        if row["status"] == "assessed" and row["element"] in elements
    }
    return ScoredStreet(segment, score["value"], score["low"], score["high"], views)


def worths(
    street: ScoredStreet,
    known: Sequence[KnownFinding],
    *,
    standard: Standard,
    places: Sequence[Landmark] = (),
) -> dict[str, Worth]:
    """Return what an answer about each find is worth, by id.

    Args:
        street: with its score.
        known: all that may count on the street: open, and confirmed ones.
        standard: of the score.
        places: schools, markets ... around.
    """
    doubtful = [one for one in known if one.finding.state in {"raw", "recurred"}]
    red = _red(doubtful, standard, places)
    steps = _steps(street, known, standard=standard, places=places)
    return {
        one.finding.id: _worth(
            street,
            steps.get(one.finding.id),
            one.real,
            one.finding.id in red,
            standard,
        )
        for one in doubtful
    }


def _red(
    known: Iterable[KnownFinding], standard: Standard, places: Sequence[Landmark]
) -> set[str]:
    as_if = [_sure(one.finding) for one in known]
    return set(crossed_red_lines(as_if, standard=standard, places=places)[0])


def _sure(finding: Finding) -> Finding:
    return replace(finding, state="confirmed", candidate=False, once=False)


def _steps(
    street: ScoredStreet,
    known: Sequence[KnownFinding],
    *,
    standard: Standard,
    places: Sequence[Landmark],
) -> dict[str, tuple[float, float]]:
    """Return find -> value if it is real, value if it is not; those of no rule not."""
    if street.value is None or not street.views:
        return {}
    groups, odd = _groups(street, known, standard=standard, places=places)
    lost = {key: _loss(key, rows, street, standard) for key, rows in groups.items()}
    of_element: dict[str, float] = dict.fromkeys(street.views, 0.0)
    for (_, element), loss in lost.items():
        of_element[element] += loss
    k = FULL / math.fsum(view.element.weight for view in street.views.values())
    kept = {e: min(street.views[e].element.weight, d) for e, d in of_element.items()}
    value = FULL - k * math.fsum(kept.values())
    found: dict[str, tuple[float, float]] = {}
    for key, rows in groups.items():
        element, weight = key[1], street.views[key[1]].element.weight
        for n, charge in enumerate(rows):
            if charge.finding.id not in odd:
                continue
            ends = []
            for p in (1.0, 0.0):
                turned = [*rows[:n], replace(charge, probability=p), *rows[n + 1 :]]
                loss = _loss(key, turned, street, standard)
                after = min(weight, of_element[element] - lost[key] + loss)
                ends.append(value - k * (after - kept[element]))
            found[charge.finding.id] = ends[0], ends[1]
    # The score itself may differ a little: what was seen is told only as a fraction.
    shift = street.value - value
    return {name: (a + shift, b + shift) for name, (a, b) in found.items()}


def _groups(
    street: ScoredStreet,
    known: Sequence[KnownFinding],
    *,
    standard: Standard,
    places: Sequence[Landmark],
) -> tuple[dict[Key, list[Charge]], set[str]]:
    """Return the charges of each rule and element, and ids of those in doubt."""
    counted = [one.finding for one in known if counted_probability(one.finding) > 0]
    others = [
        _sure(one.finding)
        for one in known
        if counted_probability(one.finding) <= 0
        and one.finding.state in {"raw", "recurred"}
    ]
    there = assign_findings(counted, street.views, standard=standard, places=places)
    groups = {key: list(rows) for key, rows in there.charges.items()}
    more = assign_findings(others, street.views, standard=standard, places=places)
    for key, rows in more.charges.items():
        unproven = [replace(charge, probability=0.0) for charge in rows]
        groups.setdefault(key, []).extend(unproven)
    odd = {one.id for one in counted if one.state != "confirmed"}
    return groups, odd | {one.id for one in others}


def _loss(
    key: Key, rows: Sequence[Charge], street: ScoredStreet, standard: Standard
) -> float:
    tally = tally_of(
        rows[0].rule,
        rows,
        segment=street.segment,
        view=street.views[key[1]],
        standard=standard,
    )
    return math.fsum(tally.losses())


def _worth(
    street: ScoredStreet,
    ends: tuple[float, float] | None,
    p: float,
    red: bool,  # noqa: FBT001
    standard: Standard,
) -> Worth:
    red_line = min(p, 1 - p) if red else 0.0
    value, low, high = street.value, street.low, street.high
    if ends is None or value is None or low is None or high is None:
        return Worth(0.0, 0.0, red_line)
    if_real, if_not = ends
    width = high - low
    sigma = width / WIDTH_SIGMAS
    taken = (if_not - if_real) ** 2 * p * (1 - p)
    after = math.sqrt(max(0.0, sigma**2 - taken))
    narrowing = width - WIDTH_SIGMAS * after
    floors = [grade.floor for grade in standard.grades]
    before = _wrong(value, sigma, floors)
    then = p * _wrong(if_real, after, floors) + (1 - p) * _wrong(if_not, after, floors)
    return Worth(narrowing, max(0.0, before - then), red_line)


def _wrong(value: float, sigma: float, floors: Sequence[float]) -> float:
    """Return the chance that the truth lies in another grade than the value."""
    if sigma <= 0:
        return 0.0
    least = max((floor for floor in floors if floor <= value), default=0.0)
    above = [floor for floor in floors if floor > value]
    inside = 1.0 if not above else _below((min(above) - value) / sigma)
    return 1 - inside + (_below((least - value) / sigma) if least > 0 else 0.0)


def _below(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))
