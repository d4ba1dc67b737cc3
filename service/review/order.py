"""order(): which finds are asked about first, of what a store or a simulation knows.

Most tasks are those whose answer is worth most. A slice is drawn by chance, so that
what reviews say of the eyes is true of all finds and not of the doubtful ones alone;
some have a known answer, so that reviewers are measured; some are asked a second time.
Chance is a hash of the find's name: the same find is always drawn, or never.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from service.findings import contradict, heard
from service.records import KnownFinding, SightingVerdict
from service.review.base import Queued
from service.review.worth import GRADE_POINTS, RED_LINE_POINTS, Worth
from service.scoring import Standard
from service.scoring.assign import Landmark, crossed_red_lines
from service.settings import ReviewSettings

OPEN = ("raw", "recurred")
THERE = (*OPEN, "confirmed")
ASIDE = ("rejected", "permitted", "duplicate")
ENOUGH = 2
"""So many reviewers that agree need no further one."""
IN_VAIN = 2
"""So often the same reviewers may answer again where another one is wanted."""
APPEAL_POINTS = 100.0
"""An objection waits for nobody."""
CHECK_POINTS = 1.0
"""An answer that chance checks is worth as much as a point of interval."""
NOTHING = Worth(0.0, 0.0, 0.0)
_SIDES = 1 << 48
Name = tuple[str, int]
Said = Mapping[Name, Sequence[SightingVerdict]]
"""Words by the sighting that they were said of."""


@dataclass(frozen=True, slots=True, eq=False)
class StreetFinds:
    """The finds of one street that may be asked about.

    Attributes:
        rows: open ones, and those of which something was said.
        worth: id -> what an answer is worth; those in doubt only.
        red: ids of those of which something was said and that are a red line if real.
    """

    rows: Sequence[KnownFinding]
    worth: Mapping[str, Worth]
    red: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said of a find so far.

    Attributes:
        answers: how many answers there were, objections too: the next turn is one more.
        reviewers: who are heard now.
        contradict: nobody is believed.
        appealed: an objection waits for an answer.
        gold: its answer is known.
        told: reviewers who answered since it was known, or since the last objection.
        in_vain: answers since then by who had given one before.
    """

    answers: int = 0
    reviewers: int = 0
    contradict: bool = False
    appealed: bool = False
    gold: bool = False
    told: int = 0
    in_vain: int = 0


def order(
    streets: Iterable[StreetFinds], said: Said, shares: ReviewSettings
) -> list[Queued]:
    """Return finds in the order in which they are asked about.

    Args:
        streets: with what answers are worth there.
        said: all words.
        shares: of chance, gold and second opinions.
    """
    lists: dict[str, list[tuple[int, Queued]]] = {"value": [], "audit": [], "gold": []}
    for task, so_far in _wanted(streets, said, shares):
        if so_far.in_vain < IN_VAIN:
            name = task.why if task.why in lists else "value"
            lists[name].append((so_far.told, task))
    value = [task for _, task in lists["value"]]
    value.sort(key=lambda task: (-task.value, task.finding_id))
    drawn = [
        [
            task
            for _, task in sorted(
                lists[why],
                key=lambda pair: (pair[0], _draw(pair[1].finding_id, "order")),
            )
        ]
        for why in ("audit", "gold")
    ]
    return woven(value, drawn[0], drawn[1], shares)


def in_vain(
    streets: Iterable[StreetFinds], said: Said, shares: ReviewSettings
) -> list[str]:
    """Return finds that want another reviewer, and the same ones answered again.

    They are asked no more until somebody else says something, or an objection comes.
    """
    return sorted(
        task.finding_id
        for task, so_far in _wanted(streets, said, shares)
        if so_far.in_vain >= IN_VAIN
    )


def _wanted(
    streets: Iterable[StreetFinds], said: Said, shares: ReviewSettings
) -> Iterator[tuple[Queued, Heard]]:
    people = {
        word.reviewer
        for words in said.values()
        for word in words
        if word.kind == "review"
    }
    for street in streets:
        for one in street.rows:
            so_far = _of(one, said)
            task = _task(one, street, so_far, shares, len(people))
            if task is not None:
                yield task, so_far


def red_lines(
    rows: Iterable[KnownFinding],
    seemed: Mapping[Name, str],
    *,
    standard: Standard,
    places: Sequence[Landmark] = (),
) -> set[str]:
    """Return ids of finds that cross a red line if they are real.

    One word takes a red line away as well as it proves one, by rejecting it or by
    calling it something else: both want a second reviewer.

    Args:
        rows: finds; open ones are left out, they have a worth.
        seemed: sighting -> category that the eyes had given it.
        standard: whose red lines count.
        places: schools, markets ... around.
    """
    as_if = [
        replace(
            one.finding, category=category, state="confirmed", candidate=False,
            once=False,
        )
        for one in rows
        if one.finding.state in {"confirmed", *ASIDE}
        for category in sorted(
            {one.finding.category, *(seemed[n] for n in one.sightings if n in seemed)}
        )
    ]  # fmt: skip
    return set(crossed_red_lines(as_if, standard=standard, places=places)[0])


def in_audit(finding_id: str, share: float) -> bool:
    """Say if a find belongs to the slice that chance draws."""
    return _draw(finding_id, "audit") < share


def is_checked(finding_id: str, share: float) -> bool:
    """Say if chance lets a second reviewer check the first one's answer to a find."""
    return _draw(finding_id, "second") < share


def _draw(finding_id: str, what: str) -> float:
    """Return a number in [0, 1) that is a find's own."""
    text = hashlib.sha256(f"{what}:{finding_id}".encode()).digest()
    return int.from_bytes(text[:6]) / _SIDES


def _of(one: KnownFinding, said: Said) -> Heard:
    words = [word for name in one.sightings for word in said.get(name, ())]
    if not words:
        return Heard()
    appeals = [word.at_s for word in words if word.kind == "appeal"]
    known = [word.at_s for word in words if word.kind == "gold"]
    reviews = [word for word in words if word.kind == "review"]
    spoken = [word for word in reviews if word.verdict not in {"unclear", "withdrawn"}]
    begin_s = max((*appeals, *known), default=-math.inf)
    since = [word for word in reviews if word.at_s > begin_s]
    told = {word.reviewer for word in since}
    answers = {(w.reviewer, w.annotation or w.at_s) for w in since}
    return Heard(
        answers=len({(w.reviewer, w.annotation or w.at_s) for w in words}),
        reviewers=len(heard(words)),
        contradict=contradict(words),
        appealed=bool(appeals) and not any(word.at_s > max(appeals) for word in spoken),
        gold=bool(known),
        told=len(told),
        in_vain=len(answers) - len(told),
    )


def _task(
    one: KnownFinding,
    street: StreetFinds,
    so_far: Heard,
    shares: ReviewSettings,
    people: int,
) -> Queued | None:
    name = one.finding.id
    worth_of = street.worth.get(name, NOTHING)
    if so_far.answers:
        red = name in street.red
        return _again(name, so_far, worth_of.points, shares, (red, people))
    if one.finding.state not in OPEN:
        return None
    by_chance = in_audit(name, shares.audit_share) and not worth_of.red_line
    return Queued(name, worth_of.points, "audit" if by_chance else "value")


def _again(
    name: str,
    so_far: Heard,
    points: float,
    shares: ReviewSettings,
    facts: tuple[bool, int],
) -> Queued | None:
    """Return the task that asks once more; None where nobody need."""
    (red, people), turn = facts, so_far.answers + 1
    if so_far.appealed:
        return Queued(name, APPEAL_POINTS + points, "appeal", turn)
    if so_far.gold:
        asked = so_far.told < max(1, people) and shares.gold_share > 0
        return Queued(name, 0.0, "gold", turn) if asked else None
    value = 0.0
    if so_far.contradict:
        value = GRADE_POINTS + points
    elif so_far.reviewers and so_far.reviewers < ENOUGH and red:
        value = RED_LINE_POINTS
    elif so_far.reviewers == 1 and is_checked(name, shares.second_share):
        value = CHECK_POINTS
    return Queued(name, value, "second", turn) if value else None


def woven(
    value: Sequence[Queued],
    audit: Sequence[Queued],
    gold: Sequence[Queued],
    shares: ReviewSettings,
) -> list[Queued]:
    """Put lists together so that every beginning has its share of each.

    Args:
        value: by value, the largest first.
        audit: drawn by chance.
        gold: whose answer is known.
        shares: of each.
    """
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
