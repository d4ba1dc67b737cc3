"""Pictures whose days are over: which they are, and when they were deleted."""

from __future__ import annotations

from sqlalchemy import func, select

from service.store import schema as t
from service.store.connected import Connected, add_once
from service.store.schema_evidence import evidence_gone


class Retained(Connected):
    """The part of a store that knows which pictures were deleted."""

    def pictures_before(
        self, before_s: float, *, after: str = "", limit: int = 500
    ) -> list[str]:
        """Return pictures that only inspections of before a time use, by name.

        Args:
            before_s: the last row that the chain has of a picture is older.
            after: only those whose name comes after it.
            limit: how many at most.
        """
        c, gone = t.evidence_chain, evidence_gone
        later = t.evidence_chain.alias("later")
        used = select(later.c.row).where(
            later.c.name == c.c.name, later.c.at_s >= before_s
        )
        noted = select(gone.c.name).where(
            gone.c.name == c.c.name, gone.c.gone_s >= c.c.at_s
        )
        query = (
            select(c.c.name)
            .where(c.c.at_s < before_s, c.c.name > after)
            .where(~used.exists(), ~noted.exists())
            .distinct()
            .order_by(c.c.name)
            .limit(limit)
        )
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def note_picture_gone(self, name: str, *, now_s: float) -> None:
        """Write down when a picture was deleted."""
        with self._writing() as connection:
            add_once(connection, evidence_gone, {"name": name, "gone_s": now_s})

    def picture_gone_s(self, name: str) -> float | None:
        """Return when a picture was deleted; None if it was not, or came in again."""
        c, gone = t.evidence_chain, evidence_gone
        last = select(func.max(c.c.at_s)).where(c.c.name == name)
        query = select(func.max(gone.c.gone_s)).where(
            gone.c.name == name, gone.c.gone_s >= last.scalar_subquery()
        )
        with self._reading() as connection:
            gone_s: float | None = connection.execute(query).scalar()
        return gone_s
