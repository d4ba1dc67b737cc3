"""What a street is worth over a window of time, from all passes in the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from service.findings import (
    PARKED,
    MemoryRule,
    Visit,
    covers_across,
    findings_across,
    unseen_before,
)
from service.layered import in_context, places_at
from service.records import (
    Cover,
    KnownFinding,
    Look,
    Measured,
    SeenBy,
    SightingVerdict,
)
from service.scoring import (
    Area,
    Calendar,
    Checked,
    Checklist,
    ScoringContext,
    Standard,
    Working,
    check_street,
    counted_probability,
    work_out,
)
from service.store import Store
from service.types import DAY_S, CoveragePiece, Finding, Segment
from vision.taxonomy import WATCHED

PARKING = frozenset({"parking_motor", "parking_bike"})
PROVEN_TWICE = {"car": "parking_motor", "bicycle": "parking_bike"}
MOST_RECALL = 0.95
"""However often one looks, some things stay hidden from such eyes."""

StreetStatus = Literal["scored", "insufficient", "stale", "not_passed"]


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a score speaks of.

    Attributes:
        from_s: Unix seconds, included.
        to_s: Unix seconds, excluded.
    """

    from_s: float
    to_s: float

    @property
    def length_s(self) -> float:
        """Return its length."""
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Under which rules streets are scored.

    Attributes:
        standard: of scoring.
        roles: taxonomy id -> role.
        rule: of memory.
        calendar: the city's clock, and the days that do not count.
        areas: of the layers of context.
        measured: what reviews say of the eyes.
    """

    standard: Standard
    roles: Mapping[str, str]
    rule: MemoryRule = field(default_factory=MemoryRule)
    calendar: Calendar = field(default_factory=Calendar)
    areas: tuple[Area, ...] = ()
    measured: Measured = field(default_factory=Measured)

    def __post_init__(self) -> None:
        """Let the rule of memory know what reviews say."""
        if self.measured.shift:
            rule = replace(self.rule, shift=self.measured.shift)
            object.__setattr__(self, "rule", rule)

    def countable(self, look: Look) -> Look | None:
        """Return a pass as the layers see it; None on a day that is out.

        Its eyes are as good as they were measured to be.
        """
        if self.calendar.excluded(look.at_s) is not None:
            return None
        if self.measured.recall:
            look = replace(look, seen_by=self.measured.eyes(look.seen_by))
        return in_context(look, self.areas, self.calendar)

    def counts(self, known: KnownFinding) -> bool:
        """Say if the hours in which a find was seen let it count.

        What was only seen while its rule is exempt does not; that nothing was seen in
        such an hour counts all the same, for the street was clean.
        """
        rule = self.standard.rule_for(known.finding.category, known.finding.zone)
        hours = [] if rule is None else self.standard.exempts_of(rule.id)
        return any(
            not any(self.calendar.is_exempt(step.at_s, one) for one in hours)
            for step in known.steps
            if step.seen
        )


@dataclass(frozen=True, slots=True, eq=False)
class StreetScore:
    """One street over a window.

    Attributes:
        status: `stale` where nobody passed in the window: the value is that of the
            last window of the same length that ends with a pass; `not_passed` where
            nobody ever did. A fixed camera's watch adds findings and is no pass.
        working: the score and how it came about; None where nobody passed.
        findings: known at the window's end, cleared and rejected ones too.
        looks: passes in the window that count.
        last_s: newest pass; None where nobody passed.
        age_days: from the newest pass to the window's end; None likewise.
        seen_by: the eyes of these passes.
        coverage: what ground these passes saw.
    """

    segment: Segment
    status: StreetStatus
    working: Working | None
    findings: tuple[KnownFinding, ...]
    looks: int
    last_s: float | None
    age_days: float | None
    seen_by: tuple[SeenBy, ...] = ()
    coverage: tuple[CoveragePiece, ...] = ()

    def checked(self, checklist: Checklist) -> Checked:
        """Answer a yes-or-no standard from what these passes saw."""
        return check_street(
            self.segment,
            [known.finding for known in self.findings],
            self.coverage,
            checklist=checklist,
            visible_categories=frozenset(
                name for eyes in self.seen_by for name in eyes.names
            ),
        )


def score_street(
    segment: Segment,
    looks: Sequence[Look],
    verdicts: Iterable[SightingVerdict],
    *,
    window: Window,
    terms: Terms,
) -> StreetScore:
    """Score one street from the passes up to a window's end.

    Args:
        segment: the street.
        looks: all passes before the window's end, any order.
        verdicts: of reviewers, on the sightings of these passes.
        window: what the score speaks of.
        terms: the rules.
    """
    rules = terms.rule
    before = [
        counted
        for look in looks
        if look.at_s < window.to_s and (counted := terms.countable(look)) is not None
    ]
    known = findings_across(before, verdicts, roles=terms.roles, rule=rules)
    passes = [look for look in before if saw_ground(look.seen_by)]
    if not passes:
        return StreetScore(segment, "not_passed", None, tuple(known), 0, None, None)
    last_s = max(look.at_s for look in passes)
    inside = [look for look in passes if look.at_s >= window.from_s]
    stale = not inside
    if stale:
        inside = [look for look in passes if look.at_s > last_s - window.length_s]
    newest = max(inside, key=lambda look: look.at_s).seen_by
    names = set(newest.names)
    found = [_under(k.finding, terms.standard) for k in known if terms.counts(k)]
    names |= PARKED & {f.category for f in found if counted_probability(f) > 0}
    span_s = last_s - min(look.at_s for look in passes)
    if span_s >= rules.parked_apart_s:
        names |= PARKING
        if any(area.kind == "fire_lane" for area in terms.areas):
            names.add("fire_lane_blocked")
    context = ScoringContext(
        standard=over_a_window(terms.standard),
        visible_categories=frozenset(names),
        readable_zones=frozenset().union(*(look.seen_by.zones for look in inside)),
        recall=_with_parking(recall_of_passes(before, last_s, rules), newest),
        places=places_at(terms.areas, last_s),
        model_id=newest.model_id,
    )
    coverage = tuple(piece for look in inside for piece in look.coverage)
    working = work_out(segment, found, coverage=coverage, context=context)
    status: StreetStatus = "stale" if stale else working.score.status
    age_days = (window.to_s - last_s) / DAY_S
    return StreetScore(
        segment,
        status,
        working,
        tuple(known),
        len({look.pass_id for look in inside}),
        last_s,
        age_days,
        tuple(look.seen_by for look in inside),
        coverage,
    )


def _under(finding: Finding, standard: Standard) -> Finding:
    """Return a find with a severity that its rule knows: reviewers name one rule's."""
    rule = standard.rule_for(finding.category, finding.zone)
    if finding.severity is None or rule is None or finding.severity in rule.levels:
        return finding
    return replace(finding, severity=None)


def saw_ground(eyes: SeenBy) -> bool:
    """Say if a look was a pass; who watches for what stands saw no ground clean."""
    return not WATCHED.issuperset(eyes.names)


def _with_parking(recall: Mapping[str, float], eyes: SeenBy) -> dict[str, float]:
    """Add the recall of improper parking: two passes must have seen the vehicle."""
    both = {
        improper: eyes.recall[vehicle] ** 2
        for vehicle, improper in PROVEN_TWICE.items()
        if vehicle in eyes.recall
    }
    return {**recall, **both}


def over_a_window(standard: Standard) -> Standard:
    """Return a standard whose prior has the weight that a window gives it."""
    rule = standard.interval
    if rule.window_prior_length_m is None:
        return standard
    wide = rule.model_copy(update={"prior_length_m": rule.window_prior_length_m})
    return standard.model_copy(update={"interval": wide})


def recall_of_passes(
    looks: Iterable[Look], at_s: float, rule: MemoryRule
) -> dict[str, float]:
    """Return category -> chance that at least one pass saw what is there at a time."""
    known = list(looks)
    categories = {c for look in known for c in look.seen_by.recall}
    return {
        category: _recall_of(category, known, at_s, rule) for category in categories
    }


def _recall_of(
    category: str, looks: Iterable[Look], at_s: float, rule: MemoryRule
) -> float:
    best: dict[str, tuple[float, float]] = {}
    for look in looks:
        recall = look.seen_by.recall.get(category, 0.0)
        before = best.get(look.pass_id, (look.at_s, 0.0))
        best[look.pass_id] = look.at_s, max(recall, before[1])
    visits = [Visit(at_s, recall, None) for at_s, recall in best.values()]
    missed = unseen_before(visits, at_s, rule.rate_per_day(category))
    return min(MOST_RECALL, 1 - missed)


def score_store(
    store: Store,
    *,
    window: Window,
    terms: Terms,
    as_of_s: float | None = None,
    segment_ids: Iterable[str] | None = None,
) -> Iterator[StreetScore]:
    """Score the streets of a store, one after the other, by id.

    Args:
        store: the city's memory.
        window: what the scores speak of.
        terms: the rules.
        as_of_s: with what was known then; None for all that is known.
        segment_ids: only these; None for all.
    """
    wanted = None if segment_ids is None else set(segment_ids)
    for segment in store.segments(as_of_s=as_of_s):
        if wanted is not None and segment.id not in wanted:
            continue
        looks = store.looks(segment.id, to_s=window.to_s, as_of_s=as_of_s)
        inspections = {look.inspection_id for look in looks}
        verdicts = store.verdicts(inspections, as_of_s=as_of_s)
        yield score_street(segment, looks, verdicts, window=window, terms=terms)


def covers_of_store(
    store: Store,
    *,
    window: Window,
    calendar: Calendar,
    as_of_s: float | None = None,
) -> Iterator[tuple[Segment, list[Cover], float | None]]:
    """Yield the covers of every street, known up to a window's end.

    Passes of days that are out do not count. The third is the worst recall of bad
    covers among the eyes that looked; None where nobody passed or no eyes have one.
    """
    for segment in store.segments(as_of_s=as_of_s):
        looks = [
            look
            for look in store.looks(segment.id, to_s=window.to_s, as_of_s=as_of_s)
            if calendar.excluded(look.at_s) is None
        ]
        inspections = {look.inspection_id for look in looks}
        verdicts = store.verdicts(inspections, as_of_s=as_of_s)
        recalls = [
            recall
            for look in looks
            if (recall := look.seen_by.recall.get("manhole_damaged"))
        ]
        yield segment, covers_across(looks, verdicts), min(recalls, default=None)
