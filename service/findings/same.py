"""Which sightings of many passes are of the same thing.

Pairs are joined nearest first, in place and in time: what lies where a thing lay weeks
ago is rather a new one. What looks alike is joined before what does not; a vehicle that
clearly looks another is never joined, because another may stand where one stood. A pass
sees each thing at most once; of one that came in pieces, each piece does, for a thing
may lie on the seam. What comes out depends on the set of sightings alone,
never on the order in which passes arrived.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from service.findings.rule import MemoryRule
from service.findings.standing import Standing
from service.types import DAY_S, FloatArray, PlacedSighting
from vision.appearance import appearance_distance
from vision.geo import LocalFrame

MOST_LASTING = 8.0
"""Cost of a gap in time that no such thing lasts: what comes back has recurred."""
_OTHER_ZONE = 0.05
_ROAD = ("carriageway", "cover")
_SIZE_SPREAD = 0.5
"""1-sigma of the logarithm of a width's ratio."""
_EVEN_LOOKS = 0.32
_LOOKS_SLOPE = 12.0
"""Log-likelihood ratio of two vehicles against one, of their appearance distance: 0
where it is even, and how fast it grows (`tests/benchmarks/measure_appearance.py`)."""
_LOOKS_TRUST = 0.5
"""Share of it that counts: the light of other days was only simulated."""
_MOST_ALIKE = 1.0
_MOST_UNLIKE = 1.5


Name = tuple[str, int]
"""Of a sighting: its inspection and number."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting of one pass.

    Attributes:
        inspection_id, number: of the store; together its name.
        at_s: Unix seconds of the pass.
        category: as it counts (a vehicle that stands is `parking_...`).
        placed: the sighting.
        real: calibrated chance that it is what it seems.
        started_s: Unix seconds, zero of the sighting's drive clock.
        pass_id: of the pass; pieces of one outing are one, see `Look`.
        standing: of a vehicle, where it stands; None of anything else.
        place: vehicle and light of the pass, empty where unknown.
    """

    inspection_id: str
    number: int
    at_s: float
    category: str
    placed: PlacedSighting
    real: float
    started_s: float
    pass_id: str
    standing: Standing | None = None
    place: tuple[str, str] = ("", "")

    @property
    def name(self) -> Name:
        """In the store."""
        return self.inspection_id, self.number

    @property
    def first_s(self) -> float:
        """Unix seconds when the pass saw it first."""
        return self.started_s + self.placed.sighting.first_drive_s

    @property
    def last_s(self) -> float:
        """Unix seconds when the pass saw it last."""
        return self.started_s + self.placed.sighting.last_drive_s

    @property
    def key(self) -> tuple[float, str, int]:
        """By time, then by name."""
        return self.at_s, self.inspection_id, self.number


def once_a_pass(seen: Iterable[Seen]) -> list[Seen]:
    """Return of each pass its surest sighting of a thing, in time order."""
    best: dict[str, Seen] = {}
    for one in sorted(seen, key=lambda s: (-s.real, s.key)):
        best.setdefault(one.pass_id, one)
    return sorted(best.values(), key=lambda s: s.key)


@dataclass(slots=True)
class _Cluster:
    rows: list[int]
    passes: set[str]
    xy: tuple[float, float]
    weight: float = field(default=0.0)


def same_things(seen: Iterable[Seen], rule: MemoryRule) -> list[tuple[Seen, ...]]:
    """Return the things, each its sightings in time order, in order of first sight."""
    things: list[tuple[Seen, ...]] = []
    groups: dict[str, list[Seen]] = {}
    for one in sorted(seen, key=lambda s: s.key):
        groups.setdefault(rule.group_of(one.category), []).append(one)
    for rows in groups.values():
        things += _clustered(rows, rule)
    return sorted(things, key=lambda thing: thing[0].key)


def joined(
    things: Sequence[tuple[Seen, ...]], same: Mapping[Name, Name]
) -> list[tuple[Seen, ...]]:
    """Return the things, with those made one that people said are one.

    A pass that saw both keeps the sighting of the thing that was named.

    Args:
        things: each its sightings, in time order.
        same: sighting of a duplicate -> sighting of the thing that it is of.
    """
    where = {one.name: n for n, thing in enumerate(things) for one in thing}
    into = list(range(len(things)))
    for name, other in same.items():
        if name in where and other in where:
            a, b = (_root(into, where[n]) for n in (name, other))
            into[a] = b
    if into == list(range(len(things))):
        return list(things)
    whole: dict[int, list[Seen]] = {}
    for n in sorted(range(len(things)), key=lambda n: into[n] != n):
        kept = whole.setdefault(_root(into, n), [])
        passes = {one.inspection_id for one in kept}
        kept += [one for one in things[n] if one.inspection_id not in passes]
    merged = [tuple(sorted(rows, key=lambda s: s.key)) for rows in whole.values()]
    return sorted(merged, key=lambda thing: thing[0].key)


def _root(into: Sequence[int], n: int) -> int:
    while into[n] != n:
        n = into[n]
    return n


def _clustered(rows: Sequence[Seen], rule: MemoryRule) -> list[tuple[Seen, ...]]:
    first = rows[0].placed.sighting
    frame = LocalFrame(first.lon, first.lat)
    xy = frame.to_xy([[s.placed.sighting.lon, s.placed.sighting.lat] for s in rows])
    sigma = np.array([s.placed.sighting.sigma_m for s in rows], np.float64)
    pairs = sorted(_pairs(rows, np.asarray(xy), sigma, rule))
    owner = [
        _Cluster([k], {s.inspection_id}, (float(x), float(y)), 1 / max(g, 0.05) ** 2)
        for k, (s, (x, y), g) in enumerate(zip(rows, xy, sigma, strict=True))
    ]
    for _, a, b in pairs:
        one, other = owner[a], owner[b]
        if one is other or not one.passes.isdisjoint(other.passes):
            continue
        if not _near(one, other, rule) or _look_other(rows, one, other, rule):
            continue
        total = one.weight + other.weight
        one.xy = tuple(  # type: ignore[assignment]
            (p * one.weight + q * other.weight) / total
            for p, q in zip(one.xy, other.xy, strict=True)
        )
        one.weight = total
        one.rows += other.rows
        one.passes |= other.passes
        for k in other.rows:
            owner[k] = one
    clusters = {id(c): c for c in owner}.values()
    return [tuple(rows[k] for k in sorted(c.rows)) for c in clusters]


def on_one_side(one: PlacedSighting, other: PlacedSighting) -> bool:
    """Say if two sightings may be of one thing by the sides that they lie on.

    In the middle of a carriageway chance decides on which side of it a thing is seen to
    lie; how far apart two sightings may be keeps what lies farther out apart. What
    stands beyond the kerbs of a narrow street is never one.
    """
    if one.side == other.side:
        return True
    return all(_lies_on_the_road(placed) for placed in (one, other))


def _lies_on_the_road(placed: PlacedSighting) -> bool:
    belief = placed.zone_belief or {}
    return max(belief.values(), default=0.0) in {belief.get(z) for z in _ROAD}


def _pairs(
    rows: Sequence[Seen], xy: FloatArray, sigma: FloatArray, rule: MemoryRule
) -> Iterable[tuple[float, int, int]]:
    """Yield cost and rows of every pair that may be one thing."""
    order = np.argsort(xy[:, 0], kind="stable")
    for i, a in enumerate(order):
        for b in order[i + 1 :]:
            if xy[b, 0] - xy[a, 0] > rule.furthest_m:
                break
            low, high = (int(a), int(b)) if a < b else (int(b), int(a))
            if rows[low].inspection_id == rows[high].inspection_id:
                continue
            if not on_one_side(rows[low].placed, rows[high].placed):
                continue
            cost = _cost(rows, xy, sigma, (low, high), rule)
            if cost is not None:
                yield cost, low, high


def _cost(
    rows: Sequence[Seen],
    xy: FloatArray,
    sigma: FloatArray,
    pair: tuple[int, int],
    rule: MemoryRule,
) -> float | None:
    """Return how unlike two sightings are; None where they are two things."""
    a, b = pair
    apart_m = float(np.hypot(*(xy[a] - xy[b])))
    variance = float(sigma[a] ** 2 + sigma[b] ** 2) + rule.least_sigma_m**2
    if apart_m > rule.furthest_m or apart_m**2 > rule.gate**2 * variance:
        return None
    days = abs(rows[a].at_s - rows[b].at_s) / DAY_S
    lasting = rule.rate_per_day(rows[a].category) * days
    cost = apart_m**2 / (2 * variance) + min(MOST_LASTING, lasting)
    one, other = rows[a], rows[b]
    cost += _zone_cost(one, other) + _size_cost(one, other)
    return cost + _appearance_cost(one, other)


def _zone_cost(one: Seen, other: Seen) -> float:
    p, q = one.placed.zone_belief, other.placed.zone_belief
    if not p or not q:
        return 0.0
    agree = math.fsum(p.get(z, 0.0) * q.get(z, 0.0) for z in {*p, *q})
    return -math.log(_OTHER_ZONE + (1 - _OTHER_ZONE) * min(1.0, agree))


def _size_cost(one: Seen, other: Seen) -> float:
    widths = [s.placed.sighting.width_m for s in (one, other)]
    if any(w is None or w <= 0 for w in widths):
        return 0.0
    ratio = math.log(widths[0] / widths[1])  # type: ignore[operator]
    return min(2.0, ratio**2 / (2 * _SIZE_SPREAD**2))


def _appearance_cost(one: Seen, other: Seen) -> float:
    """Return how much their looks speak against one thing; below 0 they speak for it.

    The log-likelihood ratio of their distance, weakened and bounded; 0 where either is
    not known.
    """
    apart = looks_apart(one, other)
    if apart is None:
        return 0.0
    cost = _LOOKS_TRUST * _LOOKS_SLOPE * (apart - _EVEN_LOOKS)
    return min(_MOST_UNLIKE, max(-_MOST_ALIKE, cost))


def looks_apart(one: Seen, other: Seen) -> float | None:
    """Return the appearance distance of two sightings; None where it is unknown."""
    p, q = (s.placed.sighting.appearance for s in (one, other))
    return appearance_distance(p, q)


def _look_other(
    rows: Sequence[Seen], one: _Cluster, other: _Cluster, rule: MemoryRule
) -> bool:
    """Say if any two sightings show two vehicles: a third never makes them one."""
    if rows[one.rows[0]].category not in rule.replaced:
        return False
    apart = (looks_apart(rows[a], rows[b]) for a in one.rows for b in other.rows)
    return any(a is not None and a >= rule.unlike_from for a in apart)


def _near(one: _Cluster, other: _Cluster, rule: MemoryRule) -> bool:
    apart_m = math.dist(one.xy, other.xy)
    variance = 1 / one.weight + 1 / other.weight + rule.least_sigma_m**2
    return apart_m <= rule.furthest_m and apart_m**2 <= rule.gate**2 * variance
