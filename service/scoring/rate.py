"""The value of a segment: pure arithmetic over finds, coverage and a standard.

Source:
    docs/scoring.md, "Value"; the names in the comments are that page's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from service.scoring.assign import assign_findings, crossed_red_lines
from service.scoring.context import ScoringContext
from service.scoring.elements import ElementView, SegmentView, view_segment
from service.scoring.grade import grade_of, rounded, under_ceiling
from service.scoring.interval import value_interval
from service.scoring.missed import missed_from
from service.scoring.parts import FULL_POINTS
from service.scoring.standard import Standard
from service.scoring.tally import Tally, tally_of
from service.types import (
    CoveragePiece,
    Deduction,
    ElementScore,
    Finding,
    Score,
    Segment,
)

T = TypeVar("T")


def score_segments(
    segments: Iterable[Segment],
    findings: Iterable[Finding],
    *,
    coverage: Iterable[CoveragePiece],
    context: ScoringContext,
) -> list[Score]:
    """Score every segment given, in the order given.

    Findings and coverage of other segments, and findings off the network, are left
    aside; a segment without coverage comes out `insufficient`.

    Raises:
        FormError: a find's severity is no level of its rule, or two finds share an id.
    """
    found = _by_segment(findings)
    covered: dict[str, list[CoveragePiece]] = {}
    for piece in coverage:
        covered.setdefault(piece.segment_id, []).append(piece)
    return [
        score_segment(
            segment,
            found.get(segment.id, []),
            coverage=covered.get(segment.id, []),
            context=context,
        )
        for segment in segments
    ]


def _by_segment(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.segment_id is not None:
            found.setdefault(finding.segment_id, []).append(finding)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Working:
    """A score and how it came about.

    Attributes:
        score: of the segment.
        view: what was seen of its elements.
        tallies: the rules that took points; none of an insufficient segment.
        k: points of S for a point of an element; None of an insufficient segment.
        lost: D_e by element that was assessed.
    """

    score: Score
    view: SegmentView
    tallies: tuple[Tally, ...] = ()
    k: float | None = None
    lost: Mapping[str, float] = field(default_factory=dict)


def score_segment(
    segment: Segment,
    findings: Sequence[Finding],
    *,
    coverage: Sequence[CoveragePiece],
    context: ScoringContext,
) -> Score:
    """Score one segment from its own finds and coverage.

    Raises:
        FormError: a find's severity is no level of its rule, or two finds share an id.
    """
    return work_out(segment, findings, coverage=coverage, context=context).score


def work_out(
    segment: Segment,
    findings: Sequence[Finding],
    *,
    coverage: Sequence[CoveragePiece],
    context: ScoringContext,
) -> Working:
    """Score one segment and keep the working; see `score_segment`.

    Raises:
        FormError: a find's severity is no level of its rule, or two finds share an id.
    """
    view = view_segment(
        segment,
        coverage,
        standard=context.standard,
        readable_zones=context.readable_zones,
    )
    confirmed, provisional = crossed_red_lines(
        findings, standard=context.standard, places=context.places
    )
    frame = Score(
        segment_id=segment.id,
        status="insufficient",
        value=None,
        low=None,
        high=None,
        grade=None,
        grade_by_points=None,
        grade_certain=False,
        elements=(),
        deductions=(),
        red_lines=confirmed,
        provisional_red_lines=provisional,
        coverage=view.coverage,
        not_assessed=_not_assessed(context),
        unscored=(),
        standard=context.standard.id,
        model_id=context.model_id,
    )
    if not view.sufficient:
        score = _insufficient(frame, view, findings, context)
        return Working(score, view)
    return _scored(frame, segment, view=view, findings=findings, context=context)


def _not_assessed(context: ScoringContext) -> tuple[str, ...]:
    return tuple(
        rule.id
        for rule in context.standard.rules
        if context.visible_categories.isdisjoint(rule.categories)
    )


def _insufficient(
    frame: Score,
    view: SegmentView,
    findings: Sequence[Finding],
    context: ScoringContext,
) -> Score:
    """List the elements and leave every find that would count unscored."""
    nothing = assign_findings(findings, (), standard=context.standard)
    return replace(
        frame,
        elements=tuple(_element_score(v, lost=0.0, points=0.0) for v in view.elements),
        unscored=nothing.unscored,
    )


def _scored(
    frame: Score,
    segment: Segment,
    *,
    view: SegmentView,
    findings: Sequence[Finding],
    context: ScoringContext,
) -> Working:
    standard = context.standard
    assessed = view.assessed()
    assignment = assign_findings(
        findings, assessed, standard=standard, places=context.places
    )
    tallies = [
        tally_of(
            charges[0].rule,
            charges,
            segment=segment,
            view=assessed[element],
            standard=standard,
        )
        for (_, element), charges in assignment.charges.items()
    ]
    k = FULL_POINTS / math.fsum(v.element.weight for v in assessed.values())  # k
    lost = {  # D_e
        e: math.fsum(d for t in tallies if t.element == e for d in t.losses())
        for e in assessed
    }
    points = {e: k * min(assessed[e].element.weight, lost[e]) for e in assessed}
    value = rounded(FULL_POINTS - math.fsum(points.values()))  # S
    whole = [tally.over(assessed[tally.element].whole_m) for tally in tallies]
    low, high = value_interval(
        whole,
        missed_from(assessed, segment, whole, context),
        views=assessed,
        rule=standard.interval,
        value=value,
    )
    scored = replace(
        frame,
        status="scored",
        value=value,
        low=low,
        high=high,
        elements=tuple(
            _element_score(
                v,
                lost=lost.get(v.element.id, 0.0),
                points=points.get(v.element.id, 0.0),
            )
            for v in view.elements
        ),
        deductions=tuple(
            _deduction(
                t, k * _kept(assessed[t.element].element.weight, lost[t.element])
            )
            for t in tallies
        ),
        unscored=assignment.unscored,
    )
    return Working(_graded(scored, standard), view, tuple(tallies), k, lost)


def _kept(weight: float, lost: float) -> float:
    return min(1.0, weight / lost) if lost > 0 else 1.0


def _deduction(tally: Tally, scale: float) -> Deduction:
    points = tuple(scale * d for d in tally.losses())  # points_f
    return Deduction(
        rule=tally.rule.id,
        element=tally.element,
        finding_ids=tuple(c.finding.id for c in tally.charges),
        finding_points=points,
        points=math.fsum(points),
        units=tally.total_units(),
        allowance=tally.allowance,
        near=_told(charge.near for charge in tally.charges),
        stands_in=_told(charge.finding.stands_in for charge in tally.charges),
    )


def _told(places: Iterable[T | None]) -> tuple[T | None, ...]:
    told = tuple(places)
    return told if any(told) else ()


def _element_score(view: ElementView, *, lost: float, points: float) -> ElementScore:
    return ElementScore(
        element=view.element.id,
        weight=view.element.weight,
        status=view.status,
        seen_fraction=view.seen_fraction,
        lost=lost,
        points_lost=points,
        reason=view.reason,
    )


def _graded(score: Score, standard: Standard) -> Score:
    if score.value is None or score.low is None or score.high is None:
        return score
    by_points = grade_of(score.value, standard)
    ends = {grade_of(score.low, standard), grade_of(score.high, standard)}
    if score.red_lines:
        ends = {under_ceiling(grade, standard) for grade in ends}
    capped = bool(score.red_lines or score.provisional_red_lines)
    return replace(
        score,
        grade=under_ceiling(by_points, standard) if capped else by_points,
        grade_by_points=by_points,
        grade_certain=len(ends) == 1 and not score.provisional_red_lines,
    )


def with_elements(
    findings: Iterable[Finding], scores: Iterable[Score]
) -> list[Finding]:
    """Return the findings with the element each was scored under filled in.

    A find that costs nothing (disproved, off the network, unscored) has None.
    """
    element = {
        finding_id: deduction.element
        for score in scores
        for deduction in score.deductions
        for finding_id in deduction.finding_ids
    }
    return [replace(f, element=element.get(f.id)) for f in findings]
