"""What scores of many days are worked out from: streets, passes, finds, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.types import DAY_S, Segment

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
WordArray = npt.NDArray[np.uint64]
FlagArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Days:
    """Which days are scored, each from the passes of a window that ends with it.

    Attributes:
        from_s: Unix seconds at which the first day begins.
        count: of days.
        window_s: length of the window.
    """

    from_s: float
    count: int
    window_s: float

    def of(self, at_s: FloatArray) -> IntArray:
        """Return the first day whose end lies after a time, 0 for all before."""
        day = np.floor((at_s - self.from_s) / DAY_S).astype(np.intp)
        return np.maximum(day, 0)

    def end_s(self, day: IntArray) -> FloatArray:
        """Return when days end."""
        return self.from_s + (day.astype(np.float64) + 1) * DAY_S


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """Passes of some streets, P of them, by street and then by time.

    Attributes:
        street: `(P,)` index of the street.
        at_s: `(P,)` Unix seconds.
        flags: `(P, S)` of each strip, see `service/packed.py`.
        bits: `(P, S, W)` one bit for each metre that was seen.
        reads: `(P, S)` the eyes can tell the strip's zone.
        recall: `(P, C)` chance that this pass or one before saw what is there; NaN
            where no eyes so far have one.
        visible: `(P, C)` the eyes know the category, and it can be proven by now.
    """

    street: IntArray
    at_s: FloatArray
    flags: FlagArray
    bits: WordArray
    reads: BoolArray
    recall: FloatArray
    visible: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Finds:
    """Finds of some streets, F of them, and their K steps, find by find in time order.

    Attributes:
        ids: `(F,)` names, for messages.
        street: `(F,)` index of the street.
        category: `(F,)` index of the category.
        zone: `(F,)` index in `ZONES`; as many as there are where unknown.
        side: `(F,)` 0 left, 1 right, -1 unknown.
        offset_m: `(F,)` along the street; NaN where unknown.
        level: `(F,)` index of the severity; -1 = its rule's default.
        lon: `(F,)` degrees east.
        lat: `(F,)` degrees north.
        step_find: `(K,)` index of the find.
        step_at_s: `(K,)` Unix seconds.
        step_p: `(K,)` probability from then on, as it counts.
        step_seen: `(K,)` this look saw it.
        once: `(F,)` one reviewer alone confirmed it; None for none of them.
    """

    ids: tuple[str, ...]
    street: IntArray
    category: IntArray
    zone: IntArray
    side: IntArray
    offset_m: FloatArray
    level: IntArray
    lon: FloatArray
    lat: FloatArray
    step_find: IntArray
    step_at_s: FloatArray
    step_p: FloatArray
    step_seen: BoolArray
    once: BoolArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Some streets with all that is known of them.

    Attributes:
        categories: names, C of them.
        levels: names of severities.
    """

    segments: tuple[Segment, ...]
    categories: tuple[str, ...]
    levels: tuple[str, ...]
    passes: Passes
    finds: Finds


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Days on which something about a street changed, R of them, by street and day.

    Attributes:
        street: `(R,)` index of the street.
        day: `(R,)` index of the day.
        first: `(N,)` first row of each street, N streets; each has a row for day 0.
        count: `(N,)` rows of each street.
        from_pass: `(R,)` first pass of the window.
        to_pass: `(R,)` one after its last.
        stale: `(R,)` nobody passed in the window; it is that of the last pass.
        passed: `(R,)` somebody passed by then.
    """

    street: IntArray
    day: IntArray
    first: IntArray
    count: IntArray
    from_pass: IntArray
    to_pass: IntArray
    stale: BoolArray
    passed: BoolArray

    def at(self, street: IntArray, day: IntArray, days: int) -> IntArray:
        """Return the rows of streets on days that have one."""
        key = self.street * days + self.day
        return np.searchsorted(key, street * days + day)


def rows_of(columns: Columns, days: Days) -> Rows:
    """Say on which days something changes: a pass, a step of a find, a pass too old."""
    passes, finds = columns.passes, columns.finds
    streets = len(columns.segments)
    changes = [
        (np.arange(streets), np.zeros(streets, np.intp)),
        (passes.street, days.of(passes.at_s)),
        (passes.street, days.of(passes.at_s + days.window_s)),
        (finds.street[finds.step_find], days.of(finds.step_at_s)),
    ]
    key = np.unique(
        np.concatenate(
            [s[d < days.count] * days.count + d[d < days.count] for s, d in changes]
        )
    )
    street, day = np.divmod(key, days.count)
    first = np.searchsorted(street, np.arange(streets))
    count = np.diff(np.append(first, len(street)))
    end_s = days.end_s(day)
    zero_s = min(days.from_s, float(passes.at_s.min(initial=days.from_s)))
    scale = 2 * (days.end_s(np.array([days.count]))[0] - zero_s + days.window_s)
    place = passes.street * scale + (passes.at_s - zero_s)
    here = street * scale - zero_s
    to_pass = np.searchsorted(place, here + end_s)
    passed = (to_pass > 0) & (len(place) > 0)
    if len(place):
        passed &= passes.street[np.maximum(to_pass - 1, 0)] == street
    last_s = np.full(len(street), -np.inf)
    last_s[passed] = passes.at_s[to_pass[passed] - 1]
    stale = passed & (last_s < end_s - days.window_s)
    begin_s = np.where(stale, last_s - days.window_s, end_s - days.window_s)
    begin_s = np.maximum(begin_s, zero_s - days.window_s / 2)
    from_pass = np.where(
        stale,
        np.searchsorted(place, here + begin_s, side="right"),
        np.searchsorted(place, here + begin_s),
    )
    return Rows(street, day, first, count, from_pass, to_pass, stale, passed)
