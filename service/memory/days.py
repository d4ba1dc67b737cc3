"""rescore_days(): every street of a store on every day, from findings that are written.

Streets are gone through in pieces, on as many processors as there are; a piece needs
some hundred megabytes whatever the city's size.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from service.layered import places_at
from service.memory.day_columns import Eyes, columns_of
from service.memory.street import Terms, over_a_window
from service.packed import DAY_ROW
from service.scoring.days import Days, DayScores, score_days
from service.store import DaysRow, NoBlobs, Store
from service.types import Segment

STREETS_AT_ONCE = 250
DayRows = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What is worked out, for all streets alike.

    Attributes:
        where: the store.
        terms: the rules, calendar and layers.
        days: which days.
        as_of_s: with what was known then; None for all that is known.
    """

    where: str
    terms: Terms
    days: Days
    as_of_s: float | None = None


def rescore_days(
    store: Store, task: Task, *, known_s: float, processes: int | None = None
) -> Iterator[tuple[str, DayRows]]:
    """Score, write down and yield each street's days, by id.

    Findings must have been settled. A row holds from its day on until the next one.

    Args:
        store: the city's memory; `task.where` names the same.
        task: what is worked out.
        known_s: since when the scores are known. Places weigh as on the last day.
        processes: None for one on each processor.
    """
    segments = store.segments(as_of_s=task.as_of_s)
    pieces = [
        segments[n : n + STREETS_AT_ONCE]
        for n in range(0, len(segments), STREETS_AT_ONCE)
    ]
    wanted = min(processes or os.cpu_count() or 1, len(pieces))
    if wanted <= 1:
        worker = _Worker(task)
        try:
            for piece in pieces:
                yield from _kept(store, task, worker.score(piece), known_s)
        finally:
            worker.close()
        return
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(wanted, _begin, (task,)) as pool:
        for found in pool.imap(_score, pieces):
            yield from _kept(store, task, found, known_s)


def days_of_row(row: DaysRow) -> DayRows:
    """Return the days of a stored row, as `packed.DAY_ROW`."""
    return np.frombuffer(row.rows, DAY_ROW)


def _kept(
    store: Store, task: Task, found: Sequence[tuple[str, bytes]], known_s: float
) -> Iterator[tuple[str, DayRows]]:
    days = task.days
    to_s = float(days.end_s(np.array([days.count - 1]))[0])
    store.add_score_days(
        DaysRow(
            street,
            task.terms.standard.id,
            days.from_s,
            to_s,
            days.window_s,
            known_s,
            rows,
        )
        for street, rows in found
    )
    for street, rows in found:
        yield street, np.frombuffer(rows, DAY_ROW)


class _Worker:
    """One process's view of the store."""

    def __init__(self, task: Task) -> None:
        standard = over_a_window(task.terms.standard)
        self._task = replace(task, terms=replace(task.terms, standard=standard))
        blobs = NoBlobs() if "://" in task.where else None
        self._store = Store(task.where, blobs)
        self._outings = self._store.outings(as_of_s=task.as_of_s)
        self._eyes = Eyes.of(self._store.eyes(as_of_s=task.as_of_s), task.terms)

    def close(self) -> None:
        self._store.close()

    def score(self, segments: Sequence[Segment]) -> list[tuple[str, bytes]]:
        task, first, last = self._task, segments[0].id, segments[-1].id
        days, terms = task.days, task.terms
        to_s = float(days.end_s(np.array([days.count - 1]))[0])
        columns = columns_of(
            segments,
            self._store.pass_rows(first, last, to_s=to_s, outings=self._outings),
            self._store.finding_rows(first, last, as_of_s=task.as_of_s),
            eyes=self._eyes,
            terms=terms,
        )
        scores = score_days(
            columns,
            days,
            standard=terms.standard,
            places=places_at(terms.areas, to_s),
            calendar=terms.calendar,
        )
        return list(_packed(segments, scores))


def _packed(
    segments: Sequence[Segment], scores: DayScores
) -> Iterator[tuple[str, bytes]]:
    rows = np.zeros(len(scores.value), DAY_ROW)
    rows["day"] = scores.rows.day
    for name in ("status", "grade", "certain", "value", "low", "high", "coverage"):
        rows[name] = getattr(scores, name)
    for n, segment in enumerate(segments):
        first = scores.rows.first[n]
        yield segment.id, rows[first : first + scores.rows.count[n]].tobytes()


_worker: _Worker | None = None


def _begin(task: Task) -> None:
    global _worker  # noqa: PLW0603 - one in each process
    _worker = _Worker(task)


def _score(segments: Sequence[Segment]) -> list[tuple[str, bytes]]:
    if _worker is None:
        msg = "the process was not begun"
        raise RuntimeError(msg)
    return _worker.score(segments)
