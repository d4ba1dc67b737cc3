"""What changed, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from service.store import schema as t
from service.store.connected import Connected, add_once
from service.store.listed import passed_in
from service.told import Change, Hook, HookEnd, HookState, HookTurn

AT_ONCE = 100
"""Changes in one delivery."""
_LOOKED_AT = 10_000
"""Changes that are looked through for a webhook at once."""


class Events(Connected):
    """The part of a store that tells what changed."""

    def changes(
        self, *, since: int = 0, limit: int, district: str | None = None
    ) -> tuple[list[Change], int]:
        """Return changes after a number, oldest first, and the newest number of all.

        Who has read up to the newest number has read all before it: see `add_change`.

        Args:
            since: the last number that was read.
            limit: how many at most.
            district: only of streets there, and of drives that passed one.
        """
        with self._reading() as connection:
            newest = _newest_change(connection)
            query = _changes(since, newest, district, ()).limit(limit)
            return _read(connection, query), newest

    def add_hook(self, hook: Hook, *, sent: int) -> None:
        """Add a webhook that is told of the changes after a number."""
        row = {name: getattr(hook, name) for name in Hook.__slots__}
        state = {"hook_id": hook.id, "sent": sent, "failures": 0, "next_s": 0.0}
        with self._writing() as connection:
            connection.execute(insert(t.webhook), {**row, "kinds": list(hook.kinds)})
            connection.execute(insert(t.webhook_state), state)

    def hooks(self) -> list[HookState]:
        """Return all webhooks that nobody deleted, oldest first."""
        h = t.webhook
        query = _hooks().where(~_ended("deleted")).order_by(h.c.known_s, h.c.id)
        with self._reading() as connection:
            return [_state(row) for row in connection.execute(query).mappings()]

    def end_hook(
        self, hook_id: str, *, cause: HookEnd, reason: str, known_s: float
    ) -> bool:
        """End a webhook for good; False if it was so ended before or never was."""
        row = {"hook_id": hook_id, "cause": cause, "reason": reason, "known_s": known_s}
        with self._writing() as connection:
            query = select(t.webhook.c.id).where(t.webhook.c.id == hook_id)
            if connection.execute(query).first() is None:
                return False
            return add_once(connection, t.webhook_end, row)

    def take_hook(self, *, now_s: float, hold_s: float) -> HookTurn | None:
        """Take the webhook that waits longest, and what it is told next.

        What was tried before and failed is the same again. Others leave the webhook
        alone until the turn ends: by `told`, by `not_told`, or after `hold_s`.

        Returns:
            None where nobody waits; a turn without changes where the next ones were
            none of the webhook's own, which it has then come past.
        """
        with self._writing() as connection:
            newest = _newest_change(connection)
            row = connection.execute(_waiting(now_s, newest)).mappings().first()
            if row is None:
                return None
            state, sent = _state(row), row["sent"]
            to = row["trying"] or min(newest, sent + _LOOKED_AT)
            query = _changes(sent, to, state.hook.district, state.hook.kinds)
            found = _read(connection, query.limit(AT_ONCE))
            until_s = now_s + hold_s
            news: dict[str, Any] = {"sent": to, "trying": None}
            if found:
                news = {"trying": found[-1].number, "next_s": until_s}
            w = t.webhook_state
            connection.execute(
                update(w).where(w.c.hook_id == state.hook.id).values(news)
            )
        return HookTurn(state, tuple(found), until_s)

    def told(self, turn: HookTurn, *, now_s: float) -> bool:
        """Note that a delivery came through; False if the turn was over."""
        return self._end_turn(
            turn,
            sent=turn.changes[-1].number,
            trying=None,
            failures=0,
            failed_since_s=None,
            next_s=now_s,
            last_s=now_s,
            last_error=None,
        )

    def not_told(
        self, turn: HookTurn, *, now_s: float, next_s: float, reason: str
    ) -> bool:
        """Note that a delivery failed, and when the next try is."""
        since_s = turn.state.failed_since_s
        return self._end_turn(
            turn,
            failures=turn.state.failures + 1,
            failed_since_s=now_s if since_s is None else since_s,
            next_s=next_s,
            last_error=reason,
        )

    def _end_turn(self, turn: HookTurn, **values: Any) -> bool:
        w = t.webhook_state
        mine = and_(
            w.c.hook_id == turn.state.hook.id,
            w.c.next_s == turn.until_s,
            w.c.trying == turn.changes[-1].number,
            w.c.failures == turn.state.failures,
        )
        with self._writing() as connection:
            done = connection.execute(update(w).where(mine).values(values))
            return bool(done.rowcount)


def _newest_change(connection: Connection) -> int:
    number: int | None = connection.execute(
        select(func.max(t.change.c.number))
    ).scalar()
    return number or 0


def _changes(
    since: int, to: int, district: str | None, kinds: Sequence[str]
) -> Select[Any]:
    c = t.change
    query = (
        select(*(c.c[name] for name in Change.__slots__))
        .where(c.c.number > since, c.c.number <= to)
        .order_by(c.c.number)
    )
    if kinds:
        query = query.where(c.c.kind.in_(kinds))
    if district is not None:
        drives = and_(c.c.kind == "drive", passed_in(c.c.id, district))
        query = query.where(or_(c.c.district == district, drives))
    return query


def _read(connection: Connection, query: Select[Any]) -> list[Change]:
    return [Change(**row) for row in connection.execute(query).mappings()]


def _ended(cause: HookEnd | None = None) -> Any:
    e = t.webhook_end
    query = select(e.c.hook_id).where(e.c.hook_id == t.webhook.c.id)
    if cause is not None:
        query = query.where(e.c.cause == cause)
    return query.correlate(t.webhook).exists()


def _hooks() -> Select[Any]:
    h, w, e = t.webhook, t.webhook_state, t.webhook_end
    failed = (
        select(e.c.reason)
        .where(e.c.hook_id == h.c.id, e.c.cause == "failed")
        .scalar_subquery()
    )
    states = [column for column in w.columns if column.name != "hook_id"]
    return (
        select(h, *states, failed.label("failed"))
        .select_from(h)
        .join(w, w.c.hook_id == h.c.id)
    )


def _waiting(now_s: float, newest: int) -> Select[Any]:
    """Select the webhook that waits longest, leaving out one that others take now."""
    w = t.webhook_state
    return (
        _hooks()
        .where(~_ended(), w.c.next_s <= now_s, w.c.sent < newest)
        .order_by(w.c.next_s, w.c.hook_id)
        .limit(1)
        .with_for_update(of=w, skip_locked=True)
    )


def _state(row: RowMapping) -> HookState:
    facts = {name: row[name] for name in Hook.__slots__}
    names = [name for name in HookState.__slots__ if name != "hook"]
    hook = Hook(**{**facts, "kinds": tuple(row["kinds"])})
    return HookState(hook, **{name: row[name] for name in names})
