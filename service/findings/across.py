"""Findings of a street from all passes that looked at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from service.findings.drive import (
    FIRE_LANE,
    PARKING,
    FindingOptions,
    likeliest_zone,
    severity_by_size,
)
from service.findings.presence import Episode, Visit, episodes
from service.findings.rule import MemoryRule
from service.findings.same import Seen, once_a_pass, same_things
from service.findings.seams import without_seams
from service.records import KnownFinding, Look, SightingVerdict, Verdict
from service.types import Finding, FindingState, Step
from vision.types import Sighting

PARKED = frozenset({*PARKING.values(), FIRE_LANE})
_BEST_PICTURES = 3
_EDGE_M = 0.5
_ROUNDING_S = 1e-3


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
        verdicts: what reviewers said; of several on one sighting the latest counts.
        roles: taxonomy id -> role; problems count, and vehicles that stand.
        rule: None for the usual one.
        options: how size becomes severity.
    """
    rules, sizes = rule or MemoryRule(), options or FindingOptions()
    ordered = sorted(
        without_seams(looks), key=lambda look: (look.at_s, look.inspection_id)
    )
    said: dict[tuple[str, int], Verdict] = {}
    for word in sorted(verdicts, key=lambda v: v.known_s):
        said[word.inspection_id, word.number] = word.verdict
    seen = [one for look in ordered for one in _countable(look, roles, rules)]
    out = []
    for thing in same_things(seen, rules):
        visits = _visits(thing, ordered)
        before = 0
        for episode in episodes(visits, thing[0].category, rules):
            verdict = _verdict(episode, said)
            out.append(_known(episode, verdict, before, rules, sizes))
            before += verdict != "false"
    return sorted(out, key=lambda known: (known.finding.first_seen, known.finding.id))


def _countable(
    look: Look, roles: Mapping[str, str], rule: MemoryRule
) -> Iterable[Seen]:
    """Yield the sightings of problems, and of vehicles that stand where none may."""
    for number, placed in look.sightings:
        category, real = placed.sighting.category, placed.sighting.probability
        if category in PARKING:
            still = placed.sighting.stationary_probability or 0.0
            surfaces = placed.sighting.surface_belief or {}
            improper = rule.parked_surfaces
            if _was_watched(placed.sighting, rule):
                improper |= rule.dwelt_surfaces
            there = sum(surfaces.get(s, 0.0) for s in improper)
            if min(still, there) < rule.parked_probability:
                continue
            on_fire_lane = surfaces.get("fire_lane", 0.0) >= rule.parked_probability
            category = FIRE_LANE if on_fire_lane else PARKING[category]
            real *= still * there
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
        )


def _was_watched(sighting: Sighting, rule: MemoryRule) -> bool:
    """Say if one vehicle was watched all the time for as long as parking takes.

    A pass that drives, or stands with one picture before and one after, sees a queue at
    lights and takes it for one vehicle; a camera that stands saw that it never left.
    """
    stayed_s = sighting.last_drive_s - sighting.first_drive_s
    often = sighting.frames * rule.watched_every_s >= stayed_s
    return stayed_s >= rule.parked_apart_s - _ROUNDING_S and often


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
    zone = _zone(thing)
    side = thing[0].placed.side
    offsets = [s.placed.offset_m for s in thing if s.placed.offset_m is not None]
    if not offsets:
        return 0.0
    at_m = float(np.median(offsets))
    saw = any(
        piece.status == "seen"
        and (zone is None or piece.zone == zone)
        and (side is None or piece.side == side)
        and piece.from_m - _EDGE_M <= at_m <= piece.to_m + _EDGE_M
        for piece in look.coverage
    )
    return recall if saw else 0.0


def _zone(thing: Sequence[Seen]) -> str | None:
    total: dict[str, float] = {}
    for one in thing:
        for zone, chance in (one.placed.zone_belief or {}).items():
            total[zone] = total.get(zone, 0.0) + chance
    return max(sorted(total), key=total.__getitem__) if total else None


def _verdict(
    episode: Episode, said: Mapping[tuple[str, int], Verdict]
) -> Verdict | None:
    """Return what was said of the newest sighting that anybody looked at."""
    words = [said.get((s.inspection_id, s.number)) for s in episode.sightings]
    return next((word for word in reversed(words) if word is not None), None)


def _state(episode: Episode, verdict: Verdict | None, recurrences: int) -> FindingState:
    if verdict == "false":
        return "rejected"
    if episode.cleared_s is not None:
        return "cleared"
    if verdict == "real":
        return "confirmed"
    return "recurred" if recurrences else "raw"


def _known(
    episode: Episode,
    verdict: Verdict | None,
    recurrences: int,
    rule: MemoryRule,
    options: FindingOptions,
) -> KnownFinding:
    seen = episode.sightings
    real = {"real": 1.0, "false": 0.0, None: episode.real}[verdict]
    category = _category(seen)
    weights = np.array([1 / max(s.placed.sighting.sigma_m, 0.05) ** 2 for s in seen])
    places = np.array([(s.placed.sighting.lon, s.placed.sighting.lat) for s in seen])
    lon, lat = (float(v) for v in weights @ places / weights.sum())
    offsets = [s.placed.offset_m for s in seen if s.placed.offset_m is not None]
    belief = _belief(seen)
    zone, zone_probability = likeliest_zone(belief)
    widths = [w for s in seen if (w := s.placed.sighting.width_m) is not None]
    width_m = float(np.median(widths)) if widths else None
    pictures = sorted(seen, key=lambda s: (-s.real, s.key))
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
        state=_state(episode, verdict, recurrences),
        probability=real * episode.present,
        severity=severity_by_size(category, width_m, options),
        first_seen=_utc(min(s.first_s for s in seen)),
        last_seen=_utc(max(s.last_s for s in seen)),
        candidate=category in PARKED and not _proven(seen, verdict, rule),
        size_m=width_m,
        evidence=tuple(
            s.placed.sighting.evidence[0]
            for s in pictures
            if s.placed.sighting.evidence
        )[:_BEST_PICTURES],
    )
    return KnownFinding(
        finding=finding,
        real=real,
        present=episode.present,
        cleared_s=episode.cleared_s,
        recurrences=recurrences,
        looked=episode.looked,
        sightings=tuple((s.inspection_id, s.number) for s in seen),
        steps=tuple(_counted(episode, category, verdict, rule)),
    )


def _counted(
    episode: Episode, category: str, verdict: Verdict | None, rule: MemoryRule
) -> Iterable[Step]:
    """Yield the steps as they count: what a reviewer said holds from the first."""
    for step, seen in zip(episode.steps, episode.seen_by_step, strict=True):
        gone = episode.cleared_s is not None and step.at_s >= episode.cleared_s
        proven = category not in PARKED or _proven(
            episode.sightings[:seen], verdict, rule
        )
        if verdict == "false" or gone or not proven:
            yield replace(step, probability=0.0)
        else:
            yield replace(step, probability=1.0) if verdict == "real" else step


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


def _proven(seen: Sequence[Seen], verdict: Verdict | None, rule: MemoryRule) -> bool:
    """Say if a vehicle was seen there at two times far enough apart.

    Two sightings of one pass that came in pieces prove no more than one would.
    """
    stayed_s = max(
        b.last_s - a.first_s
        for a in seen
        for b in seen
        if a is b or a.pass_id != b.pass_id
    )
    return verdict == "real" or stayed_s >= rule.parked_apart_s - _ROUNDING_S


def _utc(at_s: float) -> str:
    at = datetime.fromtimestamp(at_s, tz=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
