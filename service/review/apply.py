"""apply_review(): one answer of a reviewer moves its finding, its street's score, sums.

The answer is kept as words on sightings, once, whatever way it comes and however often.
Findings and scores are worked out again from all words, so the order in which answers
arrive does not matter. Who stopped between the two is made good by the next delivery.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from service.findings import MemoryRule, contradict, findings_across
from service.memory.current import terms_now, window_now
from service.memory.rescore import write_scores
from service.memory.settle import settle
from service.memory.street import Terms, Window
from service.records import KnownFinding, Look, SightingVerdict, Verdict, WordKind
from service.review.base import ReviewIn
from service.review.checked import Correction, checked_correction, other_thing
from service.scoring import list_standards, load_standard
from service.settings import Settings
from service.store import Store, WordFacts
from service.types import FindingState
from vision.errors import NotFoundError
from vision.geo import distance_m

Name = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Moved:
    """A score before and after; None where there is none."""

    standard: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Applied:
    """What an answer came to.

    Attributes:
        finding_id: the finding as it is called now; None if it is no thing of its own
            any more, e.g. joined into another.
        segment_id: its street.
        new: False where this version of the answer had been heard before.
        state: of the finding now; None likewise.
        contradicted: reviewers contradict each other, so nobody is believed until one
            more has looked.
        drawn: findings made of what the reviewer drew.
        scores: of the street, by standard.
    """

    finding_id: str | None
    segment_id: str
    new: bool
    state: FindingState | None
    contradicted: bool
    drawn: tuple[str, ...]
    scores: tuple[Moved, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """A street as reviews see it: all its passes, findings and words.

    Attributes:
        id: of the street.
        looks: passes that count, as the layers see them.
        words: on their sightings.
        findings: that are known now.
    """

    id: str
    looks: tuple[Look, ...]
    words: tuple[SightingVerdict, ...]
    findings: tuple[KnownFinding, ...]

    def holding(self, name: Name) -> KnownFinding | None:
        """Return the finding that a sighting is of."""
        return next((k for k in self.findings if name in k.sightings), None)

    def words_on(self, known: KnownFinding) -> list[SightingVerdict]:
        """Return what was said of a finding."""
        names = set(known.sightings)
        return [w for w in self.words if (w.inspection_id, w.number) in names]


def apply_review(
    store: Store, settings: Settings, review: ReviewIn, *, kind: WordKind = "review"
) -> Applied:
    """Let one answer count.

    One process at a time works findings out in a store; others wait.

    Args:
        store: the city's memory.
        settings: standard and window of the scores.
        review: the answer.
        kind: `gold` for an answer that is known, `appeal` for an objection.

    Raises:
        NotFoundError: no such finding, or nothing took the place of one taken back.
        InputError: a category, zone, severity or box that cannot be, no reason where
            one is needed; nothing is kept.
    """
    with store.settling():
        terms = terms_now(store, settings)
        known = finding_for(store, review.finding_id)
        street = street_of(store, terms, known.finding.segment_id or "")
        heard = store.words(version=review.source)
        if not heard:
            _keep(store, terms, street, review, known=known, kind=kind)
        moved = _worked_out(store, settings, terms, street.id)
        now = street_of(store, terms, street.id)
    anchor = known.sightings[-1]
    found = now.holding(anchor)
    drawn = {
        one.finding.id
        for row in store.drawn(anchor[0])
        if row["reviewer"] == review.reviewer
        and (one := now.holding((row["inspection_id"], row["number"]))) is not None
        and one.finding.state == "confirmed"
        and row["evidence"][0]["image"] in {box.image for box in review.added}
    }
    return Applied(
        finding_id=None if found is None else found.finding.id,
        segment_id=street.id,
        new=not heard,
        state=None if found is None else found.finding.state,
        contradicted=found is not None and contradict(now.words_on(found)),
        drawn=tuple(sorted(drawn)),
        scores=moved,
    )


def finding_for(store: Store, finding_id: str) -> KnownFinding:
    """Return a finding as it is known now, or what took its place.

    Raises:
        NotFoundError: there is none; or it was taken back and nothing took its place.
    """
    found = store.newest_finding(finding_id)
    if found is None:
        msg = f"there is no finding {finding_id}; see liujing review queue"
        raise NotFoundError(msg)
    known, withdrawn = found
    if not withdrawn:
        return known
    wanted = set(known.sightings)
    now = store.findings(known.finding.segment_id or "")
    heirs = [one for one in now if wanted & set(one.sightings)]
    if not heirs:  # another inspection of the drive saw it
        heirs = [one for one in now if _at_the_same_place(one, known)]
    if not heirs:
        msg = (
            f"finding {finding_id} was taken back and nothing took its place; "
            "there is nothing left to say of it"
        )
        raise NotFoundError(msg)
    return max(heirs, key=lambda one: len(wanted & set(one.sightings)))


def _at_the_same_place(one: KnownFinding, known: KnownFinding) -> bool:
    rule, a, b = MemoryRule(), one.finding, known.finding
    return (
        a.side == b.side
        and rule.group_of(a.category) == rule.group_of(b.category)
        and distance_m((a.lon, a.lat), (b.lon, b.lat)) <= rule.furthest_m
    )


def street_of(store: Store, terms: Terms, segment_id: str) -> Street:
    """Return a street with all that is known of it."""
    looks = [
        counted
        for look in store.looks(segment_id)
        if (counted := terms.countable(look)) is not None
    ]
    words = store.verdicts({look.inspection_id for look in looks})
    findings = store.findings(segment_id)
    return Street(segment_id, tuple(looks), tuple(words), tuple(findings))


def _keep(
    store: Store,
    terms: Terms,
    street: Street,
    review: ReviewIn,
    *,
    known: KnownFinding,
    kind: WordKind,
) -> None:
    """Check an answer whole, then add what it says."""
    from service.review.draw import draw, drop  # noqa: PLC0415 - loads eyes

    fix = checked_correction(review, known, terms)
    other = other_thing(review, known, street.findings)
    overtaken = any(
        word.annotation == review.annotation != "" and word.at_s > review.at_s
        for word in street.words
    )
    boxes = [] if overtaken else draw(store, terms, street.looks, review, known=known)
    now_s = time.time()
    before = _before_anybody(street, terms, known)
    word = _word(review, known.sightings[-1], fix, kind=kind, now_s=now_s)
    facts = WordFacts(
        version=review.source,
        finding_id=review.finding_id,
        turn=review.turn,
        seemed=None if before is None else before.finding.category,
        chance=None if before is None else before.real,
    )
    for box in boxes:
        store.add_word(box.word(store, review, now_s), box.facts(review))
    drop(store, review, kept=boxes, words=street.words, now_s=now_s)
    # The last: an answer whose own word is in is in whole.
    store.add_word(replace(word, other=other), facts)


def _word(
    review: ReviewIn, name: Name, fix: Correction, *, kind: WordKind, now_s: float
) -> SightingVerdict:
    verdict: Verdict = "false" if fix.intact else review.verdict
    return SightingVerdict(
        inspection_id=name[0],
        number=name[1],
        verdict=verdict,
        reviewer=review.reviewer,
        reason=review.reason,
        known_s=now_s,
        said_s=review.at_s,
        kind=kind,
        category=fix.category,
        zone=fix.zone,
        severity=fix.severity,
        annotation=review.annotation,
    )


def _before_anybody(
    street: Street, terms: Terms, known: KnownFinding
) -> KnownFinding | None:
    """Return what memory alone makes of the thing, words and measures left out."""
    rule = replace(terms.rule, shift={})
    found = findings_across(street.looks, (), roles=terms.roles, rule=rule)
    name = known.sightings[-1]
    return next((one for one in found if name in one.sightings), None)


def _worked_out(
    store: Store, settings: Settings, terms: Terms, segment_id: str
) -> tuple[Moved, ...]:
    """Settle and score one street again where its shown scores do not know all."""
    now_s = time.time()
    before = {row.standard_id: row for row in store.shown_scores_of(segment_id)}
    settled = settle(store, terms, known_s=now_s, segment_ids=[segment_id])
    told_s = store.last_told_s(segment_id)
    stale = settled.findings > 0 or settled.covers > 0
    windows = {
        name: Window(row.from_s, row.to_s)
        for name, row in before.items()
        if stale or row.known_s < told_s
    }
    usual, newest = terms.standard.id, window_now(store, settings)
    if usual not in before or (usual in windows and newest.to_s > windows[usual].to_s):
        windows[usual] = newest
    installed = {standard.id for standard in list_standards()}
    for name in sorted(set(windows) & installed):
        rules = terms
        if name != usual:
            rules = replace(terms, standard=load_standard(name))
        write_scores(
            store, rules, windows[name], known_s=now_s, segment_ids=[segment_id]
        )
    after = {row.standard_id: row for row in store.shown_scores_of(segment_id)}
    return tuple(
        Moved(name, before[name].value if name in before else None, row.value)
        for name, row in sorted(after.items())
    )
