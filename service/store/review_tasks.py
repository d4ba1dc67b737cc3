"""What lies on the review desk, and the answers that came from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from sqlalchemy import and_, exists, func, select, tuple_, update

from service.review_records import (
    AnswerRow,
    AnswerState,
    DeskState,
    PushedTask,
    PushState,
)
from service.store import schema as t
from service.store.connected import Connected, add_once
from service.store.rows import sighting_of
from service.store.schema_review_tasks import (
    review_answer,
    review_desk,
    review_task,
)
from service.types import PlacedSighting

DESK_LOCK, ANSWERS_LOCK = 0x6C697570, 0x6C697571
_AT_ONCE = 200


class ReviewTasks(Connected):
    """The part of a store that knows what reviewers have before them."""

    def at_the_desk(self) -> AbstractContextManager[None]:
        """Let one process at a time look over the desk: two would push a task twice."""
        return self._alone("desk", DESK_LOCK)

    def at_the_answers(self) -> AbstractContextManager[None]:
        """Let one process at a time apply answers, in the order they were said."""
        return self._alone("answers", ANSWERS_LOCK)

    def desk_state(self, desk: str) -> DeskState:
        """Return when a desk was looked over; zeros where it never was."""
        d = review_desk
        with self._reading() as connection:
            row = connection.execute(select(d).where(d.c.desk == desk)).mappings()
            found = row.first()
        return DeskState(desk) if found is None else DeskState(**found)

    def note_desk(self, state: DeskState) -> None:
        """Note when a desk was looked over."""
        d, row = review_desk, asdict(state)
        with self._writing() as connection:
            if not add_once(connection, d, row):
                connection.execute(
                    update(d).where(d.c.desk == state.desk).values(**row)
                )

    def push_task(self, task: PushedTask) -> bool:
        """Note a task that is about to be put before people; False if it was ever.

        One that was lost without an answer may come again.
        """
        r = review_task
        row = asdict(task)
        again = and_(r.c.key == task.key, r.c.state == "lost", ~_answered(r.c.key))
        with self._writing() as connection:
            if add_once(connection, r, row):
                return True
            done = connection.execute(update(r).where(again).values(row))
            return bool(done.rowcount)

    def note_task(self, key: str, **values: Any) -> None:
        """Note how far a task has come: any of its columns."""
        r = review_task
        with self._writing() as connection:
            connection.execute(update(r).where(r.c.key == key).values(**values))

    def pushed_tasks(
        self,
        *,
        states: Sequence[PushState] | None = None,
        task_ids: Iterable[int] | None = None,
        keys: Iterable[str] | None = None,
    ) -> list[PushedTask]:
        """Return tasks, those of the largest value first.

        Args:
            states: only these; None for all.
            task_ids: only those of these desk numbers; None for all.
            keys: only these; None for all.
        """
        r = review_task
        query = select(r).order_by(r.c.value.desc(), r.c.key)
        if states is not None:
            query = query.where(r.c.state.in_(states))
        if task_ids is not None:
            query = query.where(r.c.task_id.in_(list(task_ids)))
        if keys is not None:
            query = query.where(r.c.key.in_(list(keys)))
        with self._reading() as connection:
            return [PushedTask(**row) for row in connection.execute(query).mappings()]

    def add_answer(self, answer: AnswerRow) -> bool:
        """Add a version of an answer; False if it came before, in whatever way."""
        with self._writing() as connection:
            return add_once(connection, review_answer, asdict(answer))

    def answers(
        self,
        *,
        state: AnswerState | None = None,
        number: int | None = None,
        annotation: str | None = None,
        key: str | None = None,
        limit: int | None = None,
    ) -> list[AnswerRow]:
        """Return answers in the order in which they were said.

        Args:
            state: only these; None for all.
            number: only versions of the answer with this desk number; None for all.
            annotation: only versions of this answer; None for all.
            key: only answers to this task; None for all.
            limit: at most so many; None for all.
        """
        a = review_answer
        query = select(a).order_by(a.c.at_s, a.c.received_s, a.c.source).limit(limit)
        for column, wanted in (
            (a.c.state, state),
            (a.c.number, number),
            (a.c.annotation, annotation),
            (a.c.key, key),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        with self._reading() as connection:
            return [AnswerRow(**row) for row in connection.execute(query).mappings()]

    def answered_keys(self, keys: Iterable[str]) -> set[str]:
        """Return those tasks that an answer came in for, a useless one too."""
        a = review_answer
        query = select(a.c.key).where(a.c.key.in_(list(keys))).distinct()
        with self._reading() as connection:
            return set(connection.execute(query).scalars())

    def end_answer(
        self, source: str, state: AnswerState, *, now_s: float, error: str | None = None
    ) -> bool:
        """Note what became of an answer; False if somebody did before."""
        a = review_answer
        waiting = and_(a.c.source == source, a.c.state == "waiting")
        with self._writing() as connection:
            done = connection.execute(
                update(a).where(waiting).values(state=state, error=error, done_s=now_s)
            )
        return bool(done.rowcount)

    def review_counts(self) -> dict[str, dict[str, int]]:
        """Return how many tasks and answers are in each state."""
        counted: dict[str, dict[str, int]] = {}
        with self._reading() as connection:
            for name, table in (("tasks", review_task), ("answers", review_answer)):
                query = select(table.c.state, func.count()).group_by(table.c.state)
                rows = connection.execute(query)
                counted[name] = {row[0]: row[1] for row in rows}
        return counted

    def sightings_named(
        self, names: Iterable[tuple[str, int]]
    ) -> dict[tuple[str, int], tuple[float, PlacedSighting]]:
        """Return sightings by inspection and number, with the start of their drive."""
        s, i, d = t.sighting, t.inspection, t.drive
        wanted = sorted(set(names))
        found: dict[tuple[str, int], tuple[float, PlacedSighting]] = {}
        with self._reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                query = (
                    select(s, d.c.started_s, i.c.model_id)
                    .join(i, i.c.id == s.c.inspection_id)
                    .join(d, d.c.id == i.c.drive_id)
                    .where(tuple_(s.c.inspection_id, s.c.number).in_(some))
                )
                for row in connection.execute(query).mappings():
                    placed = sighting_of(row, row["started_s"], row["model_id"])
                    key = (row["inspection_id"], row["number"])
                    found[key] = (row["started_s"], placed)
        return found


def _answered(key: Any) -> Any:
    return exists().where(review_answer.c.key == key)
