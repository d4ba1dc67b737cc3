"""How well eyes and reviewers do, by what reviewers said.

Precision is that of the slice that chance draws: what was asked because it was
doubtful says nothing of the rest. Recall counts what reviewers drew against what they
found real. The correction of the chances (`shift`) may use all answers: whether a find
was asked about depends on its chance, and not on what it is once that is known.

Prior: the model card's recall counts as `PRIOR` things, a class's own as as many for
each vehicle and light; a shift is normal around 0, a part's around that of its class,
with `SHIFT_SIGMA`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from service.findings import Said, decided
from service.memory.carried import CARRIED
from service.records import EyesKey, SightingVerdict
from service.review.order import in_audit
from service.scoring import share_bounds
from service.settings import Settings
from service.store import ReviewedWord, Store

PRIOR = 20.0
SHIFT_SIGMA = 1.0
_USUAL_RECALL = 0.6
_STEPS = 50
_REAL = frozenset({"real", "permitted"})


@dataclass(slots=True)
class Count:
    """What was said of one class by one kind of eyes.

    Attributes:
        real, wrong: finds of the audit slice.
        found: things that the eyes saw and a reviewer found real, of all asked.
        missed: things that a reviewer drew, or that the eyes took for something else.
        told: chance before anybody looked, and whether it was real.
    """

    real: int = 0
    wrong: int = 0
    found: int = 0
    missed: int = 0
    told: list[tuple[float, bool]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its exact 95 % interval; None where nothing was counted."""

    hits: int
    count: int
    value: float | None
    low: float
    high: float

    @classmethod
    def of(cls, hits: int, count: int) -> Share:
        """Work it out."""
        low, high = share_bounds(hits, count)
        return cls(hits, count, hits / count if count else None, low, high)


@dataclass(frozen=True, slots=True)
class ClassMeasure:
    """How well one kind of eyes sees one class.

    Attributes:
        key: model, class, vehicle and light; the last two are empty for all.
        precision: of the audit slice.
        recall: of what reviewers looked at.
        used_recall: what scores use from now on; None where too little was said.
        shift: log-odds added to chances from now on; None likewise. That of a vehicle
            or a light is drawn towards that of the class.
        shift_sigma: its doubt; None likewise.
    """

    key: EyesKey
    precision: Share
    recall: Share
    used_recall: float | None
    shift: float | None
    shift_sigma: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far first and second answers to the same find agree.

    Attributes:
        category: what the find seemed to be.
        pairs: finds that two reviewers answered.
        agreed: share of them with the same answer; None of none.
        kappa: Cohen's, 1 is all that chance cannot explain; None where either always
            gave one answer, or of none.
    """

    category: str
    pairs: int
    agreed: float | None
    kappa: float | None


@dataclass(frozen=True, slots=True)
class ReviewerMeasure:
    """How often one reviewer's answer to gold was the known one."""

    reviewer: str
    answers: int
    gold: Share


@dataclass(frozen=True, slots=True)
class Measures:
    """All of it."""

    classes: tuple[ClassMeasure, ...]
    agreement: tuple[Agreement, ...]
    reviewers: tuple[ReviewerMeasure, ...]


def measures(
    store: Store, settings: Settings, *, as_of_s: float | None = None
) -> Measures:
    """Work out what reviewers' words say of eyes and of reviewers.

    Args:
        store: the city's memory.
        settings: the audit's share, and how many reviews are enough.
        as_of_s: with what was known then; None for all that is known.
    """
    rows = store.reviewed(as_of_s=as_of_s)
    things = _things(rows)
    cards = {row["id"]: row["recall"] for row in store.models()}
    counts = _counts(things, settings)
    return Measures(
        classes=tuple(_classes(counts, cards, settings)),
        agreement=tuple(_agreement(things)),
        reviewers=tuple(_reviewers(things)),
    )


def keep_measures(store: Store, measured: Measures, *, known_s: float) -> int:
    """Keep measures, so that scores use them from then on; return how many rows.

    Scores that are there keep what they used. Those that were kept last are not kept
    once more.
    """
    rows = [_row(one, known_s) for one in measured.classes]
    last = store.measured()
    if _told(rows) == _told(last):
        return 0
    store.add_measured(rows)
    return len(rows)


def _told(rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what rows say, whenever they were written and in whatever order."""
    names = ("model_id", "category", "camera", "light", "real", "wrong", "found",
             "missed", "recall", "shift")  # fmt: skip
    return sorted(tuple(row[name] for name in names) for row in rows)


def _things(rows: Iterable[ReviewedWord]) -> list[list[ReviewedWord]]:
    """Group words by the thing that they were said of."""
    listed = [
        row for row in rows if not (row.kept.facts.version or "").startswith(CARRIED)
    ]
    names = [(row.kept.word.inspection_id, row.kept.word.number) for row in listed]
    called = {
        name: asked
        for name, row in zip(names, listed, strict=True)
        if (asked := row.kept.facts.finding_id) and not row.drawn
    }
    things: dict[object, list[ReviewedWord]] = defaultdict(list)
    for name, row in zip(names, listed, strict=True):
        things[called.get(name, name)].append(row)
    return list(things.values())


def _counts(
    things: Iterable[Sequence[ReviewedWord]], settings: Settings
) -> dict[EyesKey, Count]:
    counts: dict[EyesKey, Count] = defaultdict(Count)
    for rows in things:
        said = decided(row.kept.word for row in rows)
        if said is not None and said.verdict != "duplicate":
            _count(counts, rows, said, settings)
    return counts


def _count(
    counts: dict[EyesKey, Count],
    rows: Sequence[ReviewedWord],
    said: Said,
    settings: Settings,
) -> None:
    first = rows[0]
    facts = [row.kept.facts for row in rows]
    seemed = next((f.seemed for f in facts if f.seemed), first.category)
    real = said.verdict in _REAL
    if first.drawn:
        for count in _cells(counts, first, said.category or first.category):
            count.missed += real
        return
    right = real and said.category in {None, seemed}
    finding_id = facts[0].finding_id or ""
    drawn = in_audit(finding_id, settings.review.audit_share)
    chance = next((f.chance for f in facts if f.chance is not None), None)
    for count in _cells(counts, first, seemed):
        count.found += right
        count.real += right and drawn
        count.wrong += not right and drawn
        if chance is not None:
            count.told.append((chance, right))
    if real and not right:
        for count in _cells(counts, first, said.category or seemed):
            count.missed += 1


def _cells(
    counts: dict[EyesKey, Count], row: ReviewedWord, category: str
) -> Iterator[Count]:
    """Yield the counts that a thing belongs to: of all, of a part, of both parts."""
    vehicle, light = row.vehicle or "", row.light or ""
    places = {("", ""), (vehicle, ""), ("", light), (vehicle, light)}
    for place in sorted(places):
        yield counts[(row.model_id, category, *place)]


def _classes(
    counts: Mapping[EyesKey, Count],
    cards: Mapping[str, Mapping[str, float]],
    settings: Settings,
) -> Iterator[ClassMeasure]:
    enough = settings.review.enough
    for key, count in sorted(counts.items()):
        model, category, vehicle, light = key
        card = cards.get(model, {}).get(category, _USUAL_RECALL)
        whole = counts[(model, category, "", "")]
        is_whole = not (vehicle or light)
        prior = card if is_whole else _mean_recall(whole, card)
        usual = 0.0 if is_whole else fit_shift(whole.told)[0]
        told = count.told
        shift = fit_shift(told, around=usual) if len(told) >= enough else None
        looked = count.found + count.missed
        yield ClassMeasure(
            key=key,
            precision=Share.of(count.real, count.real + count.wrong),
            recall=Share.of(count.found, looked),
            used_recall=(
                careful_recall(count.found, count.missed, prior)
                if looked >= enough
                else None
            ),
            shift=None if shift is None else shift[0],
            shift_sigma=None if shift is None else shift[1],
        )


def _mean_recall(count: Count, prior: float) -> float:
    total = count.found + count.missed + PRIOR
    return (count.found + prior * PRIOR) / total


def careful_recall(found: int, missed: int, prior: float) -> float:
    """Return the recall to be used: its doubt makes it less than its mean.

    The number missed goes by `1 / recall`, so the mean of that counts: with recall
    Beta(a, b) it is `(a + b - 1) / (a - 1)`.

    Args:
        found: things seen.
        missed: things not seen.
        prior: what was thought before, worth `PRIOR` things.
    """
    a = max(found + prior * PRIOR, 1.0 + 1e-6)
    b = missed + (1 - prior) * PRIOR
    return max(0.01, (a - 1) / (a + b - 1)) if a + b > 1 else prior


def fit_shift(
    told: Iterable[tuple[float, bool]], *, around: float = 0.0
) -> tuple[float, float]:
    """Return what to add to the log-odds of chances, and its 1-sigma.

    The likeliest under a normal prior; both are of the posterior.

    Args:
        told: chance before anybody looked, and whether it was real.
        around: mean of the prior.
    """
    rows = list(told)
    p = np.clip(np.array([chance for chance, _ in rows]), 1e-6, 1 - 1e-6)
    odds = np.log(p / (1 - p))
    real = np.array([float(right) for _, right in rows])
    shift, curve = around, 1 / SHIFT_SIGMA**2
    for _ in range(_STEPS):
        now = 1 / (1 + np.exp(-(odds + shift)))
        slope = float(np.sum(real - now)) - (shift - around) / SHIFT_SIGMA**2
        curve = float(np.sum(now * (1 - now))) + 1 / SHIFT_SIGMA**2
        step = slope / curve
        shift += step
        if abs(step) < 1e-10:
            break
    return shift, 1 / math.sqrt(curve)


def _agreement(things: Iterable[Sequence[ReviewedWord]]) -> Iterator[Agreement]:
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for rows in things:
        last: dict[str, SightingVerdict] = {}
        for row in sorted(rows, key=lambda row: row.kept.word.at_s):
            word = row.kept.word
            if word.kind == "review" and word.verdict != "withdrawn":
                last[word.reviewer] = word
        if len(last) > 1 and not rows[0].drawn:
            first, second = sorted(last.values(), key=lambda w: (w.at_s, w.reviewer))[
                :2
            ]
            seemed = rows[0].kept.facts.seemed or rows[0].category
            pairs[seemed].append((first.verdict, second.verdict))
    for category, answers in sorted(pairs.items()):
        same = sum(a == b for a, b in answers) / len(answers)
        yield Agreement(category, len(answers), same, cohens_kappa(answers))


def cohens_kappa(answers: Sequence[tuple[str, str]]) -> float | None:
    """Return how far two reviewers agree beyond chance; None where chance is all.

    Source:
        Cohen (1960): (p_o - p_e) / (1 - p_e) with each one's own shares.
    """
    if not answers:
        return None
    n = len(answers)
    same = sum(a == b for a, b in answers) / n
    first = Counter(a for a, _ in answers)
    second = Counter(b for _, b in answers)
    by_chance = sum(first[name] * second[name] for name in first) / n**2
    return None if by_chance >= 1 else (same - by_chance) / (1 - by_chance)


def _reviewers(things: Iterable[Sequence[ReviewedWord]]) -> Iterator[ReviewerMeasure]:
    answers: Counter[str] = Counter()
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for rows in things:
        words = sorted((row.kept.word for row in rows), key=lambda word: word.at_s)
        gold = [word for word in words if word.kind == "gold"]
        last = {
            word.reviewer: word
            for word in words
            if word.kind == "review" and word.verdict != "withdrawn"
        }
        if rows[0].drawn:
            continue
        for reviewer, word in last.items():
            answers[reviewer] += 1
            if gold:
                asked[reviewer] += 1
                same = word.verdict == gold[-1].verdict
                right[reviewer] += same and word.category == gold[-1].category
    for reviewer in sorted(answers):
        gold_share = Share.of(right[reviewer], asked[reviewer])
        yield ReviewerMeasure(reviewer, answers[reviewer], gold_share)


def _row(one: ClassMeasure, known_s: float) -> dict[str, Any]:
    model, category, vehicle, light = one.key
    precision, recall = one.precision, one.recall
    return {
        "known_s": known_s,
        "model_id": model,
        "category": category,
        "camera": vehicle,
        "light": light,
        "real": precision.hits,
        "wrong": precision.count - precision.hits,
        "found": recall.hits,
        "missed": recall.count - recall.hits,
        "recall": one.used_recall,
        "shift": one.shift,
        "facts": {
            "precision": [precision.value, precision.low, precision.high],
            "recall": [recall.value, recall.low, recall.high],
            "shift_sigma": one.shift_sigma,
            "prior": PRIOR,
        },
    }
