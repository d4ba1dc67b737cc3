"""Is the thing still there? Seen, looked at and not seen, not looked at.

A thing that was seen is there. It goes at a rate of its own; a pass that looked at its
place and did not see it makes it less likely to be there, the more so the better the
detector sees such things, and this one in particular. A pass that could not see the
place says nothing: not seen is not clean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from service.findings.rule import MemoryRule
from service.findings.same import Seen

DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Visit:
    """One pass by the place of a thing.

    Attributes:
        at_s: Unix seconds.
        recall: chance that this pass would have seen it, were it there; 0 where the
            place could not be seen.
        seen: its sighting of the thing; None if it saw none.
    """

    at_s: float
    recall: float
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Episode:
    """The thing from when it was seen until it was cleared.

    Attributes:
        sightings: in time order, at least one.
        present: chance that it is there after the last visit.
        cleared_s: when a pass showed that it is gone; None while it is there.
        looked: visits that could have seen it, from the first sighting on.
    """

    sightings: tuple[Seen, ...]
    present: float
    cleared_s: float | None
    looked: int


def episodes(visits: Sequence[Visit], category: str, rule: MemoryRule) -> list[Episode]:
    """Cut a thing's visits, in time order, into episodes."""
    out: list[Episode] = []
    current: list[Seen] = []
    present = hits = misses = 0.0
    last_s = 0.0
    looked = 0
    for visit in visits:
        if visit.seen is not None:
            if not current:
                hits = misses = 0.0
                looked = 0
            current.append(visit.seen)
            present, last_s, hits = 1.0, visit.at_s, hits + 1
            looked += 1
        elif current and visit.recall > 0:
            days = max(0.0, visit.at_s - last_s) / DAY_S
            present *= math.exp(-rule.rate_per_day(category) * days)
            weight = rule.own_recall_weight
            recall = (visit.recall * weight + hits) / (weight + hits + misses)
            missed = present * (1 - recall)
            total = missed + 1 - present
            present = missed / total if total > 0 else 0.0
            last_s, misses, looked = visit.at_s, misses + 1, looked + 1
            if present < rule.cleared_below:
                out.append(Episode(tuple(current), present, visit.at_s, looked))
                current = []
    if current:
        out.append(Episode(tuple(current), present, None, looked))
    return out


def real_probability(sightings: Sequence[Seen], rule: MemoryRule) -> float:
    """Return the chance that a thing seen so often is what it seems.

    The surest sighting counts whole, the others by `repeat_weight` of their log-odds.
    """
    odds = sorted((_log_odds(s.real) for s in sightings), reverse=True)
    total = odds[0] + rule.repeat_weight * math.fsum(odds[1:])
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _log_odds(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))
