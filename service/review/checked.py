"""What an answer says, checked against the taxonomy, the standard and the street."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.findings import COVER_STATES, PARKED
from service.memory.street import Terms
from service.records import KnownFinding
from service.review.base import ReviewIn
from service.types import Finding
from vision.errors import InputError
from vision.geo import distance_m
from vision.types import ZONES

DUPLICATE_WITHIN_M = 15.0
"""What another thing is a duplicate of lies no further away."""
_WORD = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Correction:
    """What the reviewer says otherwise; None where they agree.

    Attributes:
        intact: it is a cover in good state: no problem, whatever it seemed.
    """

    category: str | None = None
    zone: str | None = None
    severity: str | None = None
    intact: bool = False


def problems_in(terms: Terms) -> list[str]:
    """Return the categories that a finding can have."""
    found = {name for name, role in terms.roles.items() if role == "problem"}
    return sorted(found | PARKED)


def checked_category(category: str, terms: Terms) -> str:
    """Return a category that a finding can have.

    Raises:
        InputError: it is none.
    """
    known = problems_in(terms)
    if category not in known:
        msg = f"no problem is called {category!r}; choose one of {', '.join(known)}"
        raise InputError(msg)
    return category


def checked_correction(
    review: ReviewIn, known: KnownFinding, terms: Terms
) -> Correction:
    """Return what an answer corrects; nothing unless the thing is real.

    Raises:
        InputError: no reason where one is needed; a category, zone or severity that
            cannot be.
    """
    if not math.isfinite(review.at_s):
        msg = f"the answer to {review.finding_id} has no time; say when it was given"
        raise InputError(msg)
    if not review.reviewer.strip():
        msg = f"the answer to {review.finding_id} names no reviewer; say who gave it"
        raise InputError(msg)
    needs = review.verdict in {"false", "permitted", "duplicate", "unclear"}
    if needs and not (review.reason or "").strip():
        msg = (
            f"the answer {review.verdict} to {review.finding_id} gives no reason; "
            "say why in a few words"
        )
        raise InputError(msg)
    one = known.finding
    category, zone, severity = review.category, review.zone, review.severity
    intact = category is not None and terms.roles.get(category) == "state"
    if intact and one.category not in COVER_STATES:
        msg = (
            f"{one.id} is {one.category} and no cover, so it cannot be {category}; say "
            "false, or choose another category"
        )
        raise InputError(msg)
    if category is not None and not intact:
        checked_category(category, terms)
    if zone is not None and zone not in ZONES:
        msg = f"no zone is called {zone!r}; choose one of {', '.join(ZONES)}"
        raise InputError(msg)
    if severity is not None and not intact:
        as_said = replace(one, category=category or one.category, zone=zone or one.zone)
        _check_severity(severity, as_said, terms)
    if review.verdict != "real":
        return Correction()
    if intact:
        return Correction(category, intact=True)
    return Correction(
        None if category == one.category else category,
        None if zone == one.zone else zone,
        None if severity == one.severity else severity,
    )


def _check_severity(severity: str, finding: Finding, terms: Terms) -> None:
    rule = terms.standard.rule_for(finding.category, finding.zone)
    levels = () if rule is None else tuple(rule.levels)
    if severity not in levels:
        may = f"choose one of {', '.join(levels)}" if levels else "leave it out"
        msg = (
            f"{finding.category} has no severity {severity!r} under "
            f"{terms.standard.id}; {may}"
        )
        raise InputError(msg)


def other_thing(
    review: ReviewIn, known: KnownFinding, there: Iterable[KnownFinding]
) -> tuple[str, int] | None:
    """Return the newest sighting of the thing that this one is a duplicate of.

    The reason may name it; else it is the nearest open one of its category, if it is
    near. None where there is none: then the finding counts as a duplicate of nothing
    that is known, and costs nothing.

    Raises:
        InputError: the finding is said to be a duplicate of itself.
    """
    if review.verdict != "duplicate":
        return None
    others = {one.finding.id: one for one in there}
    for word in _WORD.findall(review.reason or ""):
        if word == known.finding.id:
            msg = f"{word} cannot be a duplicate of itself; name the other finding"
            raise InputError(msg)
        if word in others:
            return others[word].sightings[-1]
    mine = known.finding
    near = [
        (distance_m((mine.lon, mine.lat), (one.finding.lon, one.finding.lat)), name)
        for name, one in sorted(others.items())
        if name != mine.id
        and one.finding.category == mine.category
        and one.finding.state in {"raw", "confirmed", "recurred"}
    ]
    away_m, name = min(near, default=(math.inf, ""))
    return others[name].sightings[-1] if away_m <= DUPLICATE_WITHIN_M else None
