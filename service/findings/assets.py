"""Covers of the city: each once, with the history of its states."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from service.findings.rule import MemoryRule
from service.findings.said import Said, decided
from service.findings.same import Seen, once_a_pass, same_things
from service.findings.seams import without_seams
from service.records import Cover, CoverLook, CoverState, Look, SightingVerdict
from service.types import DAY_S, PlacedSighting

COVER_STATES: dict[str, CoverState] = {
    "manhole_ok": "ok",
    "manhole_damaged": "damaged",
    "manhole_missing": "missing",
}
_GROUP = frozenset(COVER_STATES)
_WEIGHT = 0.7
"""Of one look's log-odds: looks at one cover share light, angle and eyes."""
_SURE = 12.0


def covers_across(
    looks: Iterable[Look],
    verdicts: Iterable[SightingVerdict] = (),
    *,
    rule: MemoryRule | None = None,
) -> list[Cover]:
    """Return the covers of one street from all passes, in order of first sight.

    A sighting that a reviewer called false is none, but where they said that it is a
    cover in good state. The order of arrival does not matter.
    """
    rules = rule or MemoryRule()
    rules = replace(rules, groups=(*_without_covers(rules), _GROUP))
    words: dict[tuple[str, int], list[SightingVerdict]] = {}
    for word in verdicts:
        words.setdefault((word.inspection_id, word.number), []).append(word)
    heard_of = {name: decided(of_one) for name, of_one in words.items()}
    said = {name: word for name, word in heard_of.items() if word is not None}
    seen = [
        one
        for look in without_seams(looks)
        for number, placed in look.sightings
        if placed.sighting.category in COVER_STATES
        and (one := _seen(look, number, placed, said.get((look.inspection_id, number))))
    ]
    return [_cover(thing, rules) for thing in same_things(seen, rules)]


def _seen(
    look: Look, number: int, placed: PlacedSighting, word: Said | None
) -> Seen | None:
    """Return a sighting as reviewers see it; None where it is no cover to them."""
    category, real = placed.sighting.category, placed.sighting.probability
    if word is not None and word.category in COVER_STATES:
        category, real = word.category, 1.0
    elif word is not None and word.verdict in {"false", "duplicate"}:
        return None
    elif word is not None and word.verdict == "real":
        real = 1.0
    return Seen(
        look.inspection_id,
        number,
        look.at_s,
        category,
        placed,
        real,
        look.started_s,
        look.pass_id,
    )


def _without_covers(rule: MemoryRule) -> list[frozenset[str]]:
    return [group for group in rule.groups if not group & _GROUP]


def _cover(seen: Sequence[Seen], rule: MemoryRule) -> Cover:
    weights = np.array([1 / max(s.placed.sighting.sigma_m, 0.05) ** 2 for s in seen])
    places = np.array([(s.placed.sighting.lon, s.placed.sighting.lat) for s in seen])
    lon, lat = (float(v) for v in weights @ places / weights.sum())
    offsets = [s.placed.offset_m for s in seen if s.placed.offset_m is not None]
    looks = once_a_pass(seen)
    bad = bad_probability(looks, rule)
    worst = [s for s in looks if COVER_STATES[s.category] != "ok"]
    state: CoverState = "ok"
    if bad >= 0.5 and worst:
        state = COVER_STATES[max(worst, key=lambda s: (s.at_s, s.real)).category]
    return Cover(
        id=f"cover-{seen[0].inspection_id[:12]}-{seen[0].number}",
        lon=lon,
        lat=lat,
        sigma_m=float(np.sqrt(1 / weights.sum() + rule.least_sigma_m**2 / len(seen))),
        segment_id=seen[0].placed.segment_id,
        side=seen[0].placed.side,
        offset_m=float(np.average(offsets)) if offsets else None,
        state=state,
        bad=bad,
        history=tuple(
            CoverLook(
                s.at_s, COVER_STATES[s.category], s.real, (s.inspection_id, s.number)
            )
            for s in looks
        ),
    )


def bad_probability(seen: Sequence[Seen], rule: MemoryRule) -> float:
    """Return the chance that a cover is bad now.

    A bad cover is mended at a rate of its own; each look speaks for or against with the
    log-odds of its probability, weakened.
    """
    odds: float | None = None
    last_s = seen[0].at_s
    for one in seen:
        if odds is not None:
            days = max(0.0, one.at_s - last_s) / DAY_S
            bad = 1 / (1 + math.exp(-odds))
            bad *= math.exp(-rule.rate_per_day("manhole_damaged") * days)
            odds = _log_odds(bad)
        sure = _log_odds(one.real)
        sign = -1.0 if COVER_STATES[one.category] == "ok" else 1.0
        odds = sign * sure if odds is None else odds + sign * _WEIGHT * sure
        last_s = one.at_s
    total = max(-_SURE, min(_SURE, odds or 0.0))
    return 1 / (1 + math.exp(-total))


def _log_odds(p: float) -> float:
    p = min(max(p, 1e-5), 1 - 1e-5)
    return math.log(p / (1 - p))
