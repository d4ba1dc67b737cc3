"""Yes-or-no standards such as 一净五无: every question yes, no or blank."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import Field, model_validator

from service.scoring.assign import counted_probability
from service.scoring.parts import Fraction, Part, Text
from service.scoring.standard import category_problems
from service.types import CoveragePiece, Finding, Segment
from vision.types import ZONES

_ROUNDING = 1e-9


class Question(Part):
    """One question.

    Attributes:
        categories: finds that answer no.
        zones: where they count, and which ground must be seen.
        observable: False where nothing that drives by can see it.
    """

    id: Text
    zh: Text
    en: Text
    categories: tuple[Text, ...]
    zones: tuple[Text, ...] = Field(min_length=1)
    observable: bool = True


class Checklist(Part):
    """A whole yes-or-no standard, frozen.

    Attributes:
        seen_min: least seen share of a question's ground for an answer.
        no_from: a question is answered no when such a thing is there with this chance.
    """

    name: Text
    version: int = Field(ge=1)
    title_zh: Text
    title_en: Text
    source: Text
    seen_min: Fraction
    no_from: Fraction
    items: tuple[Question, ...] = Field(alias="item", min_length=1)

    @property
    def id(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    @model_validator(mode="after")
    def _agree(self) -> Self:
        seen: set[str] = set()
        for item in self.items:
            if item.id in seen:
                msg = f"item {item.id}: this id is there twice"
                raise ValueError(msg)
            seen.add(item.id)
            for zone in item.zones:
                if zone not in ZONES:
                    msg = f"item {item.id}, field zones: no zone is called {zone!r}"
                    raise ValueError(msg)
            for problem in category_problems(f"item {item.id}", item.categories):
                raise ValueError(problem)
            if item.observable and not item.categories:
                msg = f"item {item.id}, field categories: none, but it is observable"
                raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True)
class Answer:
    """One question on one street.

    Attributes:
        question: its id.
        yes: None where it is blank.
        chance_of_no: that such a thing is there, of what was found; None likewise.
        seen_fraction: of its ground.
        reason: why it is blank: `not_observable`, `model_cannot_see`, `unseen`.
        finding_ids: finds that speak for no.
    """

    question: str
    yes: bool | None
    chance_of_no: float | None
    seen_fraction: float
    reason: str | None
    finding_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """All questions on one street.

    Attributes:
        passed: all that were answered are yes; None where none was.
        answered: how many were, of all.
    """

    segment_id: str
    standard: str
    answers: tuple[Answer, ...]
    passed: bool | None
    answered: int


def check_street(
    segment: Segment,
    findings: Sequence[Finding],
    coverage: Iterable[CoveragePiece],
    *,
    checklist: Checklist,
    visible_categories: frozenset[str],
) -> Checked:
    """Answer every question from a street's finds and coverage.

    Args:
        segment: the street.
        findings: on it; cleared and rejected ones count nothing.
        coverage: of it, of one pass or many.
        checklist: the questions.
        visible_categories: what the eyes that looked can see.
    """
    pieces = [piece for piece in coverage if piece.zone not in segment.absent_zones]
    answers = tuple(
        _answer(item, segment, findings, pieces, checklist, visible_categories)
        for item in checklist.items
    )
    told = [answer.yes for answer in answers if answer.yes is not None]
    return Checked(
        segment_id=segment.id,
        standard=checklist.id,
        answers=answers,
        passed=all(told) if told else None,
        answered=len(told),
    )


def _answer(
    item: Question,
    segment: Segment,
    findings: Sequence[Finding],
    pieces: Sequence[CoveragePiece],
    checklist: Checklist,
    visible: frozenset[str],
) -> Answer:
    seen = _seen_fraction(item, segment, pieces)
    against = [
        finding
        for finding in findings
        if finding.category in item.categories
        and (finding.zone is None or finding.zone in item.zones)
        and counted_probability(finding) > 0
    ]
    none = math.prod(1 - counted_probability(finding) for finding in against)
    ids = tuple(finding.id for finding in against)
    if not item.observable:
        return Answer(item.id, None, None, seen, "not_observable", ())
    if visible.isdisjoint(item.categories):
        return Answer(item.id, None, None, seen, "model_cannot_see", ())
    if 1 - none >= checklist.no_from:
        return Answer(item.id, False, 1 - none, seen, None, ids)
    if seen < checklist.seen_min - _ROUNDING:
        return Answer(item.id, None, 1 - none, seen, "unseen", ids)
    return Answer(item.id, True, 1 - none, seen, None, ids)


def _seen_fraction(
    item: Question, segment: Segment, pieces: Sequence[CoveragePiece]
) -> float:
    """Return the seen share of a question's ground, mean over zones and sides."""
    if segment.length_m <= 0:
        return 0.0
    shares = []
    grounds = {(p.zone, p.side) for p in pieces if p.zone in item.zones}
    for zone, side in sorted(grounds):
        own = [p for p in pieces if (p.zone, p.side) == (zone, side)]
        if all(piece.status == "absent" for piece in own):
            continue
        shares.append(_union_m(own) / segment.length_m)
    return min(1.0, math.fsum(shares) / len(shares)) if shares else 0.0


def _union_m(pieces: Sequence[CoveragePiece]) -> float:
    """Return the metres that any piece saw."""
    total = end = 0.0
    spans = sorted((p.from_m, p.to_m) for p in pieces if p.status == "seen")
    for low, high in spans:
        total += max(0.0, high - max(low, end))
        end = max(end, high)
    return total
