"""Findings of a street from all passes that looked at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from service.findings.drive import (
    FindingOptions,
    likeliest_zone,
    severity_by_size,
)
from service.findings.presence import Episode, Visit, episodes
from service.findings.rule import MemoryRule
from service.findings.said import SURE, Said, decided
from service.findings.same import (
    Name,
    Seen,
    joined,
    looks_apart,
    once_a_pass,
    same_things,
)
from service.findings.seams import without_seams
from service.findings.standing import (
    FIRE_LANE,
    PARKING,
    ROUNDING_S,
    Standing,
    standing,
    street_length_m,
    was_watched,
)
from service.records import KnownFinding, Look, SightingVerdict
from service.types import Finding, FindingState, Step

PARKED = frozenset({*PARKING.values(), FIRE_LANE})
ASIDE: dict[str, FindingState] = {
    "false": "rejected",
    "permitted": "permitted",
    "duplicate": "duplicate",
}
"""Word -> state of what costs nothing because of it."""
NOBODY = Said("unclear", 0)
COVER_LIES_IN = ("carriageway", "pavement")
"""Who saw these saw the covers in them: covers are no ground of their own."""
_BEST_PICTURES = 3
_EDGE_M = 0.5


def findings_across(
    looks: Iterable[Look],
    verdicts: Iterable[SightingVerdict] = (),
    *,
    roles: Mapping[str, str],
    rule: MemoryRule | None = None,
    options: FindingOptions | None = None,
) -> list[KnownFinding]:
    """Return the findings of one street, in order of first sight.

    The order in which looks and verdicts are given does not matter.

    Args:
        looks: passes over the street.
        verdicts: what reviewers said; see `decided`.
        roles: taxonomy id -> role; problems count, and vehicles that stand.
        rule: None for the usual one.
        options: how size becomes severity.
    """
    rules, sizes = rule or MemoryRule(), options or FindingOptions()
    ordered = sorted(
        without_seams(looks), key=lambda look: (look.at_s, look.inspection_id)
    )
    said: dict[Name, list[SightingVerdict]] = {}
    for word in verdicts:
        said.setdefault((word.inspection_id, word.number), []).append(word)
    length_m = street_length_m(ordered)
    seen = [one for look in ordered for one in _countable(look, roles, rules, length_m)]
    same = _duplicates(said, {one.name for one in seen})
    for name in same:  # it was heard: it says nothing of the thing that they are now
        said[name] = [word for word in said[name] if word.verdict != "duplicate"]
    out = []
    for thing in joined(same_things(seen, rules), same):
        visits = _visits(thing, ordered)
        before = 0
        for episode in episodes(visits, thing[0].category, rules):
            told = _word(episode, said)
            out.append(_known(episode, told, before, rules, sizes))
            before += told is None or told.verdict == "real"
    return sorted(out, key=lambda known: (known.finding.first_seen, known.finding.id))


def _countable(
    look: Look,
    roles: Mapping[str, str],
    rule: MemoryRule,
    length_m: float | None,
) -> Iterable[Seen]:
    """Yield the sightings of problems, and of vehicles that stand where none may."""
    for number, placed in look.sightings:
        category, real = placed.sighting.category, placed.sighting.probability
        where: Standing | None = None
        if category in PARKING:
            still = placed.sighting.stationary_probability or 0.0
            where = standing(placed, rule, length_m=length_m)
            if min(still, where.there) < rule.parked_probability:
                continue
            category = where.category
            real *= still * where.there
        elif roles.get(category) != "problem":
            continue
        yield Seen(
            look.inspection_id,
            number,
            look.at_s,
            category,
            placed,
            real,
            look.started_s,
            look.pass_id,
            where,
            (look.seen_by.vehicle or "", look.seen_by.light or ""),
        )


def _duplicates(
    said: Mapping[Name, Sequence[SightingVerdict]], there: Collection[Name]
) -> dict[Name, Name]:
    """Return which sightings reviewers called another look at which others."""
    found = {name: decided(words) for name, words in sorted(said.items())}
    return {
        name: word.other
        for name, word in found.items()
        if word is not None
        and word.verdict == "duplicate"
        and word.other is not None
        and {name, word.other} <= set(there)
    }


def _visits(thing: Sequence[Seen], looks: Iterable[Look]) -> list[Visit]:
    """Return the passes that looked, each once, in time order."""
    by_pass: dict[str, list[Look]] = {}
    for look in looks:
        by_pass.setdefault(look.pass_id, []).append(look)
    surest = {one.pass_id: one for one in once_a_pass(thing)}
    return [
        Visit(
            pieces[0].at_s,
            max(_recall(look, thing) for look in pieces),
            surest.get(name),
            tuple(s for s in thing if s.pass_id == name and s is not surest[name]),
        )
        for name, pieces in by_pass.items()
    ]


def _recall(look: Look, thing: Sequence[Seen]) -> float:
    """Return the chance that a pass sees a thing, from what ground it saw."""
    category = thing[0].placed.sighting.category
    recall = look.seen_by.recall.get(category)
    if recall is None or category not in look.seen_by.names:
        return 0.0
    zones = _ground_of(_zone(thing))
    sides = {s.placed.side for s in thing}
    offsets = [s.placed.offset_m for s in thing if s.placed.offset_m is not None]
    if not offsets:
        return 0.0
    at_m = float(np.median(offsets))
    saw = any(
        piece.status == "seen"
        and (zones is None or piece.zone in zones)
        and (None in sides or piece.side in sides)
        and piece.from_m - _EDGE_M <= at_m <= piece.to_m + _EDGE_M
        for piece in look.coverage
    )
    return recall if saw else 0.0


def _ground_of(zone: str | None) -> tuple[str, ...] | None:
    """Return the zones whose ground shows a thing; None for any."""
    if zone is None:
        return None
    return COVER_LIES_IN if zone == "cover" else (zone,)


def _zone(thing: Sequence[Seen]) -> str | None:
    total: dict[str, float] = {}
    for one in thing:
        for zone, chance in (one.placed.zone_belief or {}).items():
            total[zone] = total.get(zone, 0.0) + chance
    return max(sorted(total), key=total.__getitem__) if total else None


def _word(
    episode: Episode, said: Mapping[Name, Sequence[SightingVerdict]]
) -> Said | None:
    """Return what reviewers say of an episode, on whichever of its sightings."""
    return decided(
        word
        for one in episode.sightings
        for word in said.get((one.inspection_id, one.number), ())
    )


def _state(episode: Episode, word: Said | None, recurrences: int) -> FindingState:
    aside = None if word is None else ASIDE.get(word.verdict)
    if aside is not None:
        return aside
    if episode.cleared_s is not None:
        return "cleared"
    if word is not None:
        return "confirmed"
    return "recurred" if recurrences else "raw"


def _known(
    episode: Episode,
    word: Said | None,
    recurrences: int,
    rule: MemoryRule,
    options: FindingOptions,
) -> KnownFinding:
    seen = episode.sightings
    believed = word or NOBODY
    real = {"real": 1.0, "permitted": 1.0, "false": 0.0}.get(
        believed.verdict, episode.real
    )
    category = _category(seen)
    if believed.category is not None and believed.verdict != "false":
        category = believed.category
    weights = np.array([1 / max(s.placed.sighting.sigma_m, 0.05) ** 2 for s in seen])
    places = np.array([(s.placed.sighting.lon, s.placed.sighting.lat) for s in seen])
    lon, lat = (float(v) for v in weights @ places / weights.sum())
    offsets = [s.placed.offset_m for s in seen if s.placed.offset_m is not None]
    zone, zone_probability = likeliest_zone(_belief(seen))
    if believed.zone is not None:
        zone, zone_probability = believed.zone, 1.0
    widths = [w for s in seen if (w := s.placed.sighting.width_m) is not None]
    width_m = float(np.median(widths)) if widths else None
    pictures = sorted(seen, key=lambda s: (-s.real, s.key))
    state = _state(episode, word, recurrences)
    finding = Finding(
        id=f"{seen[0].inspection_id[:12]}-{seen[0].number}",
        category=category,
        lon=lon,
        lat=lat,
        sigma_m=float(np.sqrt(1 / weights.sum() + rule.least_sigma_m**2 / len(seen))),
        segment_id=seen[0].placed.segment_id,
        side=seen[0].placed.side,
        offset_m=float(np.average(offsets)) if offsets else None,
        zone=zone,
        zone_probability=zone_probability,
        element=None,
        state=state,
        probability=real * episode.present,
        severity=believed.severity or severity_by_size(category, width_m, options),
        first_seen=_utc(min(s.first_s for s in seen)),
        last_seen=_utc(max(s.last_s for s in seen)),
        candidate=category in PARKED and not _proven(seen, word, rule),
        size_m=width_m,
        evidence=tuple(
            s.placed.sighting.evidence[0]
            for s in pictures
            if s.placed.sighting.evidence
        )[:_BEST_PICTURES],
        once=state == "confirmed" and believed.agreed < SURE,
        stands_in=next((s.standing.area for s in pictures if s.standing), None),
    )
    return KnownFinding(
        finding=finding,
        real=real,
        present=episode.present,
        cleared_s=episode.cleared_s,
        recurrences=recurrences,
        looked=episode.looked,
        sightings=tuple((s.inspection_id, s.number) for s in seen),
        steps=tuple(_counted(episode, category, word, rule)),
    )


def _counted(
    episode: Episode, category: str, word: Said | None, rule: MemoryRule
) -> Iterable[Step]:
    """Yield the steps as they count: what a reviewer said holds from the first."""
    for step, seen in zip(episode.steps, episode.seen_by_step, strict=True):
        gone = episode.cleared_s is not None and step.at_s >= episode.cleared_s
        proven = category not in PARKED or _proven(episode.sightings[:seen], word, rule)
        if gone or not proven or (word is not None and word.verdict in ASIDE):
            yield replace(step, probability=0.0)
        else:
            yield step if word is None else replace(step, probability=1.0)


def _category(seen: Sequence[Seen]) -> str:
    """Return the category that the sightings speak for most."""
    total: dict[str, float] = {}
    for one in seen:
        total[one.category] = total.get(one.category, 0.0) + one.real
    return max(sorted(total), key=total.__getitem__)


def _belief(seen: Sequence[Seen]) -> dict[str, float] | None:
    known = [s.placed.zone_belief for s in seen if s.placed.zone_belief]
    if not known:
        return None
    zones = {zone for belief in known for zone in belief}
    return {z: sum(b.get(z, 0.0) for b in known) / len(known) for z in zones}


def _proven(seen: Sequence[Seen], word: Said | None, rule: MemoryRule) -> bool:
    """Say if a vehicle was seen there at two times far enough apart.

    Two sightings of one pass that came in pieces prove no more than one would.
    """
    if word is not None and word.verdict == "real":
        return True
    return any(
        b.last_s - a.first_s >= rule.parked_apart_s - ROUNDING_S and _prove(a, b, rule)
        for a in seen
        for b in seen
    )


def _prove(one: Seen, other: Seen, rule: MemoryRule) -> bool:
    """Say if two sightings, or one, show a vehicle that never left."""
    proofs = {s.standing.proof for s in (one, other) if s.standing is not None}
    if one is other:
        return proofs == {"passes"} or was_watched(one.placed.sighting, rule)
    if one.pass_id == other.pass_id or "watch" in proofs:
        return False
    apart = looks_apart(one, other) if "looks" in proofs else 0.0
    return apart is not None and apart < rule.alike_below


def _utc(at_s: float) -> str:
    at = datetime.fromtimestamp(at_s, tz=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
