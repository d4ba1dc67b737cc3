"""How sure an object is there, and what it is, after several views."""

from __future__ import annotations

_VIEW_WORTH = 0.35
_MISS_WORTH = 0.5
_NEAR_M = 8.0


class Belief:
    """Joins the frames' probabilities of one object.

    Views of one object are far from independent (the same wrong thing fools the
    detector again), so an extra view counts `0.35` of an independent one:
    `p = 1 - (1 - p_max) * prod(1 - 0.35 p_i)` over the other views. Frames that should
    have shown it and did not lower it: `p * (h + 1) / (h + 1 + 0.5 m)` with h views and
    m misses. The category is that with the largest sum of probabilities, near views
    weighing more, and its share of the sum multiplies p. In [0, 1]; rises with every
    probability and with every view of the same category, falls with every miss.
    """

    __slots__ = ("_max", "_misses", "_others", "_scores", "_views")

    def __init__(self) -> None:
        self._max = 0.0
        self._others = 1.0
        self._views = 0
        self._misses = 0.0
        self._scores: dict[str, float] = {}

    def see(self, probability: float, category: str, *, range_m: float) -> None:
        """Count one view."""
        low = min(self._max, probability)
        self._max = max(self._max, probability)
        self._others *= 1 - _VIEW_WORTH * low
        self._views += 1
        self.suspect(probability, category, range_m=range_m)

    def suspect(self, probability: float, category: str, *, range_m: float) -> None:
        """Count evidence for a category in a view already counted."""
        weight = probability / (1 + (range_m / _NEAR_M) ** 2)
        self._scores[category] = self._scores.get(category, 0.0) + weight

    def miss(self, weight: float) -> None:
        """Count a frame that should have shown it, by how surely (in [0, 1])."""
        self._misses += weight

    def join(self, other: Belief) -> None:
        """Take in the views of the same object counted elsewhere."""
        low = min(self._max, other._max)
        self._max = max(self._max, other._max)
        self._others *= other._others * (1 - _VIEW_WORTH * low)
        self._views += other._views
        self._misses = min(self._misses, other._misses)
        for category, score in other._scores.items():
            self._scores[category] = self._scores.get(category, 0.0) + score

    @property
    def category(self) -> str:
        """The likeliest category; of equals the first in the alphabet."""
        return min(self._scores, key=lambda c: (-self._scores[c], c))

    @property
    def probability(self) -> float:
        """Chance that it is there and is what `category` says."""
        there = 1 - (1 - self._max) * self._others
        there *= (self._views + 1) / (self._views + 1 + _MISS_WORTH * self._misses)
        total = sum(self._scores.values())
        share = self._scores[self.category] / total if total > 0 else 1.0
        return min(max(there * share, 0.0), 1.0)
