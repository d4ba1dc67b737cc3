"""Is it real, and is it still there? Seen, looked at and not seen, not looked at.

A sighting is of a real thing, of a look-alike that stays and deceives again, or of
nothing that ever comes again. A real thing goes at a rate of its own. A pass that
looked at the place and did not see it speaks for all but a thing that is there, the
more so the better the detector sees such things, and this one in particular; a pass
that sees it again speaks against all but a thing and a look-alike, or shows a new one
where the first is gone. What passes before did not see is rather nothing. A pass that
could not see the place says nothing: not seen is not clean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from service.findings.rule import MemoryRule
from service.findings.same import Seen
from service.types import DAY_S, Step

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Visit:
    """One pass by the place of a thing.

    Attributes:
        at_s: Unix seconds.
        recall: chance that this pass would have seen it, were it there; 0 where the
            place could not be seen.
        seen: its sighting of the thing; None if it saw none.
        also: its other sightings of it, where the pass came in pieces.
    """

    at_s: float
    recall: float
    seen: Seen | None
    also: tuple[Seen, ...] = ()

    @property
    def sightings(self) -> list[Seen]:
        """Return all its sightings of the thing, in their order."""
        one = () if self.seen is None else (self.seen,)
        return sorted((*one, *self.also), key=lambda seen: seen.key)


@dataclass(frozen=True, slots=True)
class Episode:
    """The thing from when it was seen until it was cleared.

    Attributes:
        sightings: in time order, at least one.
        real: chance that it is, or was, a real thing.
        present: chance that it is there after the last visit, if it is real.
        cleared_s: when a pass showed that it is gone; None while it is there.
        looked: visits that could have seen it, from the first sighting on.
        steps: chance that it is real and there after each of these.
        seen_by_step: how many of the sightings were made by each of these.
    """

    sightings: tuple[Seen, ...]
    real: float
    present: float
    cleared_s: float | None
    looked: int
    steps: tuple[Step, ...]
    seen_by_step: tuple[int, ...]


@dataclass(slots=True)
class _Belief:
    """Weights of what a place may hold; only their ratios count."""

    there: float
    gone: float
    look_alike: float
    nothing: float
    hits: int = 1
    misses: int = 0

    @classmethod
    def of(
        cls, seen: Seen, before: Sequence[Visit], rate_per_day: float, rule: MemoryRule
    ) -> _Belief:
        """Begin with a sighting at a place that passes before did not see it at."""
        real, alike = _shifted(seen, rule), rule.look_alike_share
        unseen = (1 - rule.look_alike_again) ** len(before)
        belief = cls(
            there=real * unseen_before(before, seen.at_s, rate_per_day),
            gone=0.0,
            look_alike=(1 - real) * alike * unseen,
            nothing=(1 - real) * (1 - alike),
        )
        belief._scale()
        return belief

    def wait(self, days: float, rate_per_day: float) -> None:
        stays = self.there * math.exp(-rate_per_day * days)
        self.gone += self.there - stays
        self.there = stays

    def recall(self, usual: float, rule: MemoryRule) -> float:
        """Return the detector's recall of this very thing."""
        weight = rule.own_recall_weight
        return (usual * weight + self.hits) / (weight + self.hits + self.misses)

    def see(self, usual: float, seen: Seen, rule: MemoryRule) -> None:
        """Take another sighting; where the first thing is gone, it is of a new one."""
        real, new = _even(seen, rule), _shifted(seen, rule)
        self.there *= self.recall(usual, rule) * real
        self.look_alike *= rule.look_alike_again * (1 - real)
        self.nothing *= rule.nothing_again * (1 - real)
        replaced = self.gone * rule.nothing_again
        self.there += replaced * new
        self.nothing += replaced * (1 - new)
        self.gone = 0.0
        self.hits += 1
        self._scale()

    def miss(self, usual: float, rule: MemoryRule) -> None:
        self.there *= 1 - self.recall(usual, rule)
        self.look_alike *= 1 - rule.look_alike_again
        self.misses += 1
        self._scale()

    def _scale(self) -> None:
        total = max(self.there + self.gone + self.look_alike + self.nothing, 1e-300)
        self.there, self.gone = self.there / total, self.gone / total
        self.look_alike, self.nothing = self.look_alike / total, self.nothing / total

    def real(self) -> float:
        real = self.there + self.gone
        return real / (real + self.look_alike + self.nothing)

    def present(self) -> float:
        real = self.there + self.gone
        return self.there / real if real > 0 else 0.0


@dataclass(slots=True)
class _Course:
    """A thing from its first sighting on, as visits go by."""

    belief: _Belief
    sightings: list[Seen]
    steps: list[Step]
    seen_by_step: list[int] = field(default_factory=list)

    def step(self, visit: Visit) -> None:
        chance = self.belief.real() * self.belief.present()
        self.steps.append(Step(visit.at_s, chance, visit.seen is not None))
        self.seen_by_step.append(len(self.sightings))

    def take(self, visit: Visit, rate_per_day: float, rule: MemoryRule) -> bool:
        """Let a visit speak; return whether the thing is still taken to be there."""
        days = max(0.0, visit.at_s - self.steps[-1].at_s) / DAY_S
        self.belief.wait(days, rate_per_day)
        if visit.seen is not None:
            self.sightings += visit.sightings
            recall = visit.recall or rule.usual_recall
            self.belief.see(recall, visit.seen, rule)
        else:
            self.belief.miss(visit.recall, rule)
        self.step(visit)
        return visit.seen is not None or self.belief.present() >= rule.cleared_below

    def episode(self, cleared_s: float | None) -> Episode:
        return Episode(
            sightings=tuple(self.sightings),
            real=self.belief.real(),
            present=self.belief.present(),
            cleared_s=cleared_s,
            looked=len(self.steps),
            steps=tuple(self.steps),
            seen_by_step=tuple(self.seen_by_step),
        )


def episodes(visits: Sequence[Visit], category: str, rule: MemoryRule) -> list[Episode]:
    """Cut a thing's visits, in time order, into episodes."""
    out: list[Episode] = []
    course: _Course | None = None
    before: list[Visit] = []
    rate = rule.rate_per_day(category)
    for visit in visits:
        if visit.seen is None and visit.recall <= 0:
            continue
        if course is not None:
            if not course.take(visit, rate, rule):
                out.append(course.episode(visit.at_s))
                course, before = None, [visit]
        elif visit.seen is not None:
            belief = _Belief.of(visit.seen, before, rate, rule)
            course = _Course(belief, visit.sightings, [])
            course.step(visit)
            before = []
        else:
            before.append(visit)
    if course is not None:
        out.append(course.episode(None))
    return out


def unseen_before(before: Sequence[Visit], at_s: float, rate_per_day: float) -> float:
    """Return the chance that passes before missed what is there at a time.

    It came at a time of its own: it is so old with the chance `exp(-rate * age)`.
    """
    newest_first = sorted(before, key=lambda visit: -visit.at_s)
    if not newest_first:
        return 1.0
    there = [
        math.exp(-rate_per_day * max(0.0, at_s - visit.at_s) / DAY_S)
        for visit in newest_first
    ]
    missed, missed_by_all = 1.0 - there[0], 1.0
    for k, visit in enumerate(newest_first):
        missed_by_all *= 1 - visit.recall
        older = there[k + 1] if k + 1 < len(there) else 0.0
        missed += (there[k] - older) * missed_by_all
    return missed


def recall_course(
    at_s: FloatArray, recall: FloatArray, rate_per_day: FloatArray
) -> FloatArray:
    """Return, pass by pass, the chance that it or one before saw what is there then.

    Args:
        at_s: `(N, P)` times of passes over N streets, ascending; NaN after the last.
        recall: `(N, P, C)` of each pass and category; NaN counts as 0.
        rate_per_day: `(C,)` at which things go.

    Returns:
        `(N, P, C)`: 1 - `unseen_before` of the passes up to each, at its time.
    """
    chance = np.zeros_like(recall)
    missed: FloatArray = np.ones((len(at_s), recall.shape[2]))
    for n in range(recall.shape[1]):
        if n:
            days = np.maximum(0.0, at_s[:, n] - at_s[:, n - 1]) / DAY_S
            older = np.exp(-rate_per_day * days[:, None])
            missed = 1 - older * (1 - missed)
        missed = missed * (1 - np.nan_to_num(recall[:, n]))
        chance[:, n] = 1 - missed
    return chance


def _bounded(p: float) -> float:
    return min(max(p, 1e-6), 1 - 1e-6)


def _shifted(seen: Seen, rule: MemoryRule) -> float:
    """Return the chance that a sighting is real, as reviews correct it."""
    model_id, real = seen.placed.sighting.model_id, _bounded(seen.real)
    shift = rule.shift_of(model_id, seen.category, seen.place)
    if not shift:
        return real
    return _bounded(1 / (1 + (1 - real) / real * math.exp(-shift)))


def _even(seen: Seen, rule: MemoryRule) -> float:
    """Return how much another look speaks for a real thing: less than it says.

    Looks at one thing share its looks: a look-alike that seems real does so again.
    """
    odds = math.log(_bounded(seen.real) / (1 - _bounded(seen.real)))
    return 1 / (1 + math.exp(-rule.repeat_weight * odds))
