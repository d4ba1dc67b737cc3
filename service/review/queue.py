"""worth(): which finds are asked about first.

Most tasks are those whose answer is worth most. A slice is drawn by chance, so that
what reviews say of the eyes is true of all finds and not of the doubtful ones alone;
some have a known answer, so that reviewers are measured; some are asked a second time.
Chance is a hash of the find's name: the same find is always drawn, or never.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.findings import contradict, heard
from service.layered import places_at
from service.memory.current import terms_now
from service.memory.street import Terms
from service.records import KnownFinding, SightingVerdict
from service.review.base import Queued
from service.review.worth import (
    GRADE_POINTS,
    RED_LINE_POINTS,
    Worth,
    scored_street,
    worths,
)
from service.scoring.assign import Landmark, crossed_red_lines
from service.settings import Settings
from service.store import KeptWord, Store

OPEN = ("raw", "recurred")
THERE = (*OPEN, "confirmed")
ASIDE = ("rejected", "permitted", "duplicate")
ENOUGH = 2
"""So many reviewers that agree need no further one."""
APPEAL_POINTS = 100.0
"""An objection waits for nobody."""
CHECK_POINTS = 1.0
"""An answer that chance checks is worth as much as a point of interval."""
NOTHING = Worth(0.0, 0.0, 0.0)
_SIDES = 1 << 48
Name = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said of a find so far.

    Attributes:
        answers: how many answers there were, objections too: the next turn is one more.
        reviewers: who are heard now.
        contradict: nobody is believed.
        appealed: an objection waits for an answer.
        gold: its answer is known.
        told: reviewers who answered since it was known; of gold alone.
    """

    answers: int = 0
    reviewers: int = 0
    contradict: bool = False
    appealed: bool = False
    gold: bool = False
    told: int = 0


def worth(
    store: Store, settings: Settings, now_s: float, *, district: str | None = None
) -> list[Queued]:
    """Return the finds that are worth asking about, the first to be asked first.

    Args:
        store: the city's memory; its shown scores under the settings' standard count.
        settings: shares of chance, gold and second opinions.
        now_s: Unix seconds; places weigh as they do then.
        district: only there; None for the whole city.
    """
    terms = terms_now(store, settings)
    words = store.words(as_of_s=now_s)
    said = _heard(words)
    streets: dict[str, list[KnownFinding]] = {}
    again = store.findings_called(
        _asked_again(words, settings), ASIDE, district=district
    )
    for some in (*store.findings_in(THERE, district=district), again):
        for one in some:
            streets.setdefault(one.finding.segment_id or "", []).append(one)
    # What must be looked up of a street is only needed where something is asked.
    asked = {
        name: rows
        for name, rows in streets.items()
        if any(_may_be_asked(one, said) for one in rows)
    }
    places = places_at(terms.areas, now_s)
    value: list[Queued] = []
    audit: list[Queued] = []
    gold: list[Queued] = []
    for rows, found in _worths(store, terms, asked, places):
        red = _red_lines(rows, terms, places) if said else set()
        for one in rows:
            task = _task(one, found, said, settings, red)
            if task is not None:
                {"audit": audit, "gold": gold}.get(task.why, value).append(task)
    value.sort(key=lambda task: (-task.value, task.finding_id))
    for drawn in (audit, gold):
        drawn.sort(key=lambda task: _draw(task.finding_id, "order"))
    return woven(value, audit, gold, settings)


def in_audit(finding_id: str, share: float) -> bool:
    """Say if a find belongs to the slice that chance draws."""
    return _draw(finding_id, "audit") < share


def _draw(finding_id: str, what: str) -> float:
    """Return a number in [0, 1) that is a find's own."""
    text = hashlib.sha256(f"{what}:{finding_id}".encode()).digest()
    return int.from_bytes(text[:6]) / _SIDES


def _heard(words: Iterable[KeptWord]) -> dict[Name, list[SightingVerdict]]:
    by_name: dict[Name, list[SightingVerdict]] = {}
    for kept in words:
        word = kept.word
        by_name.setdefault((word.inspection_id, word.number), []).append(word)
    return by_name


def _asked_again(words: Iterable[KeptWord], settings: Settings) -> set[str]:
    """Return finds that may be asked about once more though they cost nothing now."""
    share = settings.review.second_share
    return {
        name
        for kept in words
        if (name := kept.facts.finding_id) is not None
        and (kept.word.kind != "review" or _draw(name, "second") < share)
    }


def _of(one: KnownFinding, said: Mapping[Name, list[SightingVerdict]]) -> Heard:
    words = [word for name in one.sightings for word in said.get(name, ())]
    if not words:
        return Heard()
    counted = heard(words)
    appeals = [word.at_s for word in words if word.kind == "appeal"]
    reviews = [word for word in words if word.kind == "review"]
    spoken = [word for word in reviews if word.verdict not in {"unclear", "withdrawn"}]
    return Heard(
        answers=len({word.annotation or word.at_s for word in words}),
        reviewers=len(counted),
        contradict=contradict(words),
        appealed=bool(appeals) and not any(word.at_s > max(appeals) for word in spoken),
        gold=any(word.kind == "gold" for word in words),
        told=len({word.reviewer for word in reviews}),
    )


def _may_be_asked(
    one: KnownFinding, said: Mapping[Name, list[SightingVerdict]]
) -> bool:
    if one.finding.state in OPEN:
        return True
    return any(name in said for name in one.sightings)


def _worths(
    store: Store,
    terms: Terms,
    streets: Mapping[str, list[KnownFinding]],
    places: Sequence[Landmark],
) -> Iterable[tuple[list[KnownFinding], dict[str, Worth]]]:
    """Yield the finds of each street, and what an answer about each is worth."""
    known = {segment.id: segment for segment in store.segments()}
    bodies = dict(store.shown_bodies(terms.standard.id, streets))
    for name, rows in sorted(streets.items()):
        segment = known.get(name)
        if segment is None:
            continue
        body = bodies.get(name) or {}
        street = scored_street(segment, body.get("score"), terms.standard)
        counting = [one for one in rows if terms.counts(one)]
        yield rows, worths(street, counting, standard=terms.standard, places=places)


def _red_lines(
    rows: Iterable[KnownFinding], terms: Terms, places: Sequence[Landmark]
) -> set[str]:
    confirmed = [one.finding for one in rows if one.finding.state == "confirmed"]
    sure, likely = crossed_red_lines(confirmed, standard=terms.standard, places=places)
    return {*sure, *likely}


def _task(
    one: KnownFinding,
    found: Mapping[str, Worth],
    said: Mapping[Name, list[SightingVerdict]],
    settings: Settings,
    red: set[str],
) -> Queued | None:
    name, so_far = one.finding.id, _of(one, said)
    worth_of = found.get(name, NOTHING)
    if so_far.answers:
        return _again(name, so_far, worth_of.points, settings, red)
    if one.finding.state not in OPEN:
        return None
    by_chance = in_audit(name, settings.review.audit_share) and not worth_of.red_line
    return Queued(name, worth_of.points, "audit" if by_chance else "value")


def _again(
    name: str, so_far: Heard, points: float, settings: Settings, red: set[str]
) -> Queued | None:
    """Return the task that asks once more; None where nobody need."""
    shares, turn = settings.review, so_far.answers + 1
    if so_far.appealed:
        return Queued(name, APPEAL_POINTS + points, "appeal", turn)
    if so_far.gold:
        asked = so_far.told == 0 and shares.gold_share > 0
        return Queued(name, 0.0, "gold", turn) if asked else None
    value = 0.0
    if so_far.contradict:
        value = GRADE_POINTS + points
    elif so_far.reviewers and so_far.reviewers < ENOUGH and name in red:
        value = RED_LINE_POINTS
    elif so_far.reviewers == 1 and _draw(name, "second") < shares.second_share:
        value = CHECK_POINTS
    return Queued(name, value, "second", turn) if value else None


def woven(
    value: Sequence[Queued],
    audit: Sequence[Queued],
    gold: Sequence[Queued],
    settings: Settings,
) -> list[Queued]:
    """Put lists together so that every beginning has its share of each.

    Args:
        value: by value, the largest first.
        audit: drawn by chance.
        gold: whose answer is known.
        settings: the shares.
    """
    shares = settings.review
    rest = {"audit": iter(audit), "gold": iter(gold), "value": iter(value)}
    wanted = {"audit": shares.audit_share, "gold": shares.gold_share}
    taken: Counter[str] = Counter()
    left = {"audit": len(audit), "gold": len(gold), "value": len(value)}
    out: list[Queued] = []
    while any(left.values()):
        due = [
            name
            for name, share in wanted.items()
            if left[name] and taken[name] < share * (len(out) + 1)
        ]
        turn = [name for name in ("value", "audit", "gold") if left[name]]
        name = due[0] if due else turn[0]
        out.append(next(rest[name]))
        taken[name] += 1
        left[name] -= 1
    return out
