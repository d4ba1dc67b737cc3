"""what_if(): a past window under other rules, and what moves, street by street."""

from __future__ import annotations

from dataclasses import dataclass

from service.memory.street import StreetScore, Terms, Window, score_store
from service.store import Store


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """One street over one window under two sets of rules.

    Attributes:
        before: under the rules as they are.
        after: under the others.
    """

    before: StreetScore
    after: StreetScore

    @property
    def points(self) -> float | None:
        """Return by how many points its value moves; None where either has none."""
        values = [
            None if street.working is None else street.working.score.value
            for street in (self.before, self.after)
        ]
        before, after = values
        return None if before is None or after is None else after - before


def what_if(
    store: Store,
    *,
    window: Window,
    terms: Terms,
    other: Terms,
    as_of_s: float | None = None,
) -> list[Moved]:
    """Score the streets of a store under two sets of rules; nothing is written.

    Args:
        store: the city's memory.
        window: what the scores speak of.
        terms: the rules as they are.
        other: the rules that are tried.
        as_of_s: with what was known then; None for all that is known.

    Returns:
        Those that move most first, then by id; streets without a value last.
    """
    before = score_store(store, window=window, terms=terms, as_of_s=as_of_s)
    after = score_store(store, window=window, terms=other, as_of_s=as_of_s)
    moved = [Moved(*pair) for pair in zip(before, after, strict=True)]
    return sorted(moved, key=_order)


def _order(moved: Moved) -> tuple[bool, float, str]:
    points = moved.points
    return points is None, -abs(points or 0.0), moved.before.segment.id
