"""carry_words(): what people said survives another inspection of the same drive.

Words lie on sightings. When a drive is inspected again, the new sightings of the same
things take the words over; what a reviewer found real and the new eyes missed is kept
as if the reviewer had drawn it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from service.findings import MemoryRule, decided, on_one_side
from service.records import Look
from service.store import KeptWord, LeftBehind, Store
from service.types import PlacedSighting
from vision.geo import distance_m

CARRIED = "carried:"
"""What the versions of words begin with that were taken over."""
WITHIN_S = 5.0
"""The same footage shows a thing at the same time, give or take."""
Name = tuple[str, int]


def carry_words(
    store: Store, rule: MemoryRule, *, streets: Iterable[str], known_s: float
) -> int:
    """Take words over to the inspections that count; return how many.

    Doing it twice adds nothing.

    Args:
        store: the city's memory; somebody holds its settling.
        rule: says which categories are taken for each other, and how near is the same.
        streets: only of things on these.
        known_s: since when the words are known on their new sightings.
    """
    left = store.left_behind(streets)
    words: dict[Name, list[KeptWord]] = {}
    for kept in store.words_on(one.name for one in left) if left else ():
        told_of = kept.word.inspection_id, kept.word.number
        words.setdefault(told_of, []).append(kept)
    looks = {
        (street, look.inspection_id): look
        for street in {one.placed.segment_id for one in left}
        if street is not None
        for look in store.looks(street)
    }
    added = 0
    for one in left:
        mine = words[one.name]
        if store.words(version=_version(mine[0], one.heir)):
            continue
        look = looks.get((one.placed.segment_id or "", one.heir))
        name = None if look is None else _same(one, look, rule)
        if name is None:
            name = _as_drawn(store, one, mine, known_s)
        if name is None:
            continue
        for kept in mine:
            word = replace(
                kept.word,
                inspection_id=name[0],
                number=name[1],
                known_s=known_s,
                said_s=kept.word.at_s,
                other=None,
            )
            facts = replace(kept.facts, version=_version(kept, one.heir))
            added += store.add_word(word, facts)
    return added


def _version(kept: KeptWord, heir: str) -> str:
    return f"{CARRIED}{kept.row}:{heir}"


def _same(one: LeftBehind, look: Look, rule: MemoryRule) -> Name | None:
    """Return the nearest new sighting that may be of the same thing."""
    near = [
        (away_m, (look.inspection_id, number))
        for number, placed in look.sightings
        if (away_m := _apart_m(one.placed, placed, rule)) is not None
    ]
    return min(near)[1] if near else None


def _apart_m(
    old: PlacedSighting, new: PlacedSighting, rule: MemoryRule
) -> float | None:
    """Return how far apart two sightings lie; None where they are of two things."""
    a, b = old.sighting, new.sighting
    if rule.group_of(a.category) != rule.group_of(b.category):
        return None
    if not on_one_side(old, new):
        return None
    if (
        a.first_drive_s > b.last_drive_s + WITHIN_S
        or b.first_drive_s > a.last_drive_s + WITHIN_S
    ):
        return None
    away_m = distance_m((a.lon, a.lat), (b.lon, b.lat))
    sigma_m = math.sqrt(a.sigma_m**2 + b.sigma_m**2 + rule.least_sigma_m**2)
    return away_m if away_m <= min(rule.furthest_m, rule.gate * sigma_m) else None


def _as_drawn(
    store: Store, one: LeftBehind, words: Iterable[KeptWord], known_s: float
) -> Name | None:
    """Keep a thing that people found real and the new eyes do not see."""
    spoken = [kept.word for kept in words]
    said = decided(spoken)
    if said is None or said.verdict not in {"real", "permitted"}:
        return None
    unsure = replace(one.placed.sighting, probability=0.0)
    number = store.add_drawn(
        replace(one.placed, sighting=unsure),
        one.heir,
        started_s=one.started_s,
        reviewer=spoken[0].reviewer,
        known_s=known_s,
    )
    return one.heir, number
