"""How much lies in a store, and whether it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from service.store import schema as t
from service.store.connected import Connected

_SIZE = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "sqlite": (
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    ),
}
_COUNTED = (t.drive, t.inspection, t.segment, t.change)


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """How much lies in a store.

    Attributes:
        size_bytes: of the database, without pictures.
        rows: table -> its rows, of the small tables.
        scores: standard and status -> streets whose newest score that is.
        jobs: state -> drives that are worked on, or were; empty where the store has no
            table of them.
    """

    size_bytes: int
    rows: Mapping[str, int]
    scores: Mapping[tuple[str, str], int]
    jobs: Mapping[str, int]


class Counting(Connected):
    """The part of a store that tells how it is."""

    def ask(self) -> None:
        """Ask the database for nothing but an answer.

        Raises:
            StoreError: it gave none.
        """
        with self._reading() as connection:
            connection.execute(select(t.standard.c.id).limit(1)).first()

    def counts(self) -> StoreCounts:
        """Count what lies here."""
        now = t.score_now
        by_status = select(now.c.standard_id, now.c.status, func.count()).group_by(
            now.c.standard_id, now.c.status
        )
        with self._reading() as connection:
            size = _SIZE[connection.dialect.name]
            return StoreCounts(
                size_bytes=int(connection.execute(text(size)).scalar_one()),
                rows={
                    table.name: int(
                        connection.execute(
                            select(func.count()).select_from(table)
                        ).scalar_one()
                    )
                    for table in _COUNTED
                },
                scores={
                    (row[0], row[1]): int(row[2])
                    for row in connection.execute(by_status)
                },
                jobs=_jobs(connection),
            )


def _jobs(connection: Connection) -> dict[str, int]:
    job = t.METADATA.tables.get("job")
    if job is None:
        return {}
    query = select(job.c.state, func.count()).group_by(job.c.state)
    return {row[0]: int(row[1]) for row in connection.execute(query)}
