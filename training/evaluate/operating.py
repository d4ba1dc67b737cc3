"""From which confidence a box counts: where the score errs least.

A picture stands for a place. What a class costs there is, as in the standard,

    deduction(n) = min(W_e, a * severity * min(n, capacity))

with the rule's points a, the factor of the class's usual severity, the capacity of a
cell (three posters of one wall cost as much as thirty) and the weight W_e of the
element it dirties. n is how many instances are labelled, or how many boxes counted; a
false find therefore makes up for a missed one of the same picture, as it does in the
score. The threshold is the candidate with the least mean of |deduction(found) -
deduction(labelled)| over pictures, the mean over real and rendered pictures weighed
alike; of equals the lowest. Where most pictures are clean, finding nothing errs little:
so only candidates count whose F1 is at least nine tenths of the best F1.

The allowance for litter and the dilution by length are left out, for a picture knows no
road class; lengths up to 100 m count as 100 m in the standard too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from service.scoring import Standard
from training.evaluate.ap import rate_at
from training.evaluate.matching import FloatArray, Matches

CANDIDATES = tuple(round(0.05 + 0.025 * k, 3) for k in range(29))
FALLBACK_CONFIDENCE = 0.3
LEAST_INSTANCES = 5
ROAD_USERS = {
    "car": 4.0,
    "truck": 4.0,
    "bus": 4.0,
    "motorcycle": 4.0,
    "bicycle": 4.0,
    "person": 4.0,
}
"""Chosen by F of this beta: one that is missed hides the ground behind it unnoticed, or
is never asked whether it may park there; one too many costs no points. Whoever walks
or rides has a face to mask besides."""
LEAST_F1_SHARE = 0.9
NEARLY = 1.25
"""Of candidates that err up to a quarter more than the best the lowest is taken: frames
of one thing add up in a drive, and what a frame leaves out is lost."""
PRIVATE_FLOOR = {"face": 0.2, "licence_plate": 0.2, "person": 0.25}
"""Highest operating confidence of what must be masked: better one mask too many."""

Cost = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One kind of picture.

    Attributes:
        matches: of one class.
        pictures: how many pictures were looked at.
    """

    matches: Matches
    pictures: int


@dataclass(frozen=True, slots=True)
class Choice:
    """An operating point and why.

    Attributes:
        confidence: from here a box counts.
        by: `score` = least score error, `f1` = no rule scores the class, `f2` and `f4`
            = a road user, `fallback` = too few instances, `private` = lowered for the
            mask's sake.
        error: mean |deduction found - deduction labelled| per picture there, points;
            None for classes without a rule.
    """

    confidence: float
    by: str
    error: float | None


def choose(name: str, parts: Sequence[Part], standard: Standard) -> Choice:
    """Return the operating point of a class from the pictures that choose."""
    held = [part for part in parts if part.matches.instances >= LEAST_INSTANCES]
    cost = deduction(name, standard)
    if not held or not any(part.matches.hit.any() for part in held):
        return _masked(name, Choice(FALLBACK_CONFIDENCE, "fallback", None))
    if cost is None:
        matches = [part.matches for part in held]
        beta = ROAD_USERS.get(name, 1.0)
        confidence = best_confidence(matches, CANDIDATES, beta=beta)
        return _masked(name, Choice(confidence, f"f{beta:.0f}", None))
    scores = [_mean_f([p.matches for p in held], c) for c in CANDIDATES]
    least = LEAST_F1_SHARE * max(scores)
    errors = [
        (round(float(np.mean([score_error(p, c, cost) for p in held])), 9), c)
        for c, score in zip(CANDIDATES, scores, strict=True)
        if score >= least
    ]
    limit = NEARLY * min(errors)[0]
    error, confidence = min(
        (row for row in errors if row[0] <= limit), key=lambda row: row[1]
    )
    return _masked(name, Choice(confidence, "score", round(error, 4)))


def _masked(name: str, choice: Choice) -> Choice:
    floor = PRIVATE_FLOOR.get(name, 1.0)
    if choice.confidence <= floor:
        return choice
    return Choice(floor, "private", choice.error)


def deduction(name: str, standard: Standard) -> Cost | None:
    """Return the points that n finds of a class cost; None if no rule takes it."""
    rule = standard.rule_for(name, "pavement")
    if rule is None:
        return None
    element_id = rule.element_in("pavement") or next(iter(rule.zones.values()))
    element = next(e for e in standard.elements if e.id == element_id)
    capacity = standard.units[rule.unit].capacity or np.inf
    points = rule.a * rule.levels[rule.level_of(name)]

    def cost(finds: FloatArray) -> FloatArray:
        units = np.minimum(finds, capacity)
        return np.minimum(element.weight, points * units)

    return cost


def score_error(part: Part, confidence: float, cost: Cost) -> float:
    """Return the mean of |deduction found - deduction labelled|, points a picture."""
    matches = part.matches
    above = matches.confidence >= confidence
    found = np.bincount(matches.picture[above], minlength=part.pictures)
    labelled = np.bincount(matches.truth_picture, minlength=part.pictures)
    off = cost(found.astype(np.float64)) - cost(labelled.astype(np.float64))
    return float(np.abs(off).mean())


def best_confidence(
    parts: Sequence[Matches], candidates: Sequence[float], *, beta: float = 1.0
) -> float:
    """Return the candidate with the highest mean F-beta; of equals the lowest.

    A part is a kind of picture (real, rendered); each counts the same, however many
    instances it has.
    """
    scores = [_mean_f(parts, c, beta=beta) for c in candidates]
    return candidates[int(np.argmax(scores))]


def _mean_f(parts: Sequence[Matches], confidence: float, *, beta: float = 1.0) -> float:
    return float(np.mean([rate_at(part, confidence).f(beta) for part in parts]))
