"""A store's connection, and the ways in which rows are added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from service.store import schema as t
from service.store.blobs import BlobStore, FolderBlobs
from service.store.damaged import WHAT_TO_DO, unreadable_json
from service.store.engine import file_lock, open_engine, saying, writing
from vision.errors import InputError, StoreError

BLOBS = "blobs"
_CHUNK = 500
CHANGES_LOCK = 0x6C69756B
"""Of PostgreSQL's advisory locks, that of numbers of changes."""


class Connected:
    """One city's memory; safe to open in many processes.

    Args:
        where: a folder (made if it does not exist) or `postgresql://...`.
        blobs: keeps the pictures; None keeps them in the store's folder.

    Raises:
        InputError: a database without a place for pictures.
        StoreError: damaged, newer than this program, unreachable, not writable.
    """

    def __init__(self, where: str, blobs: BlobStore | None = None) -> None:
        if blobs is None:
            if "://" in where:
                msg = "a database needs a folder for pictures beside it: --blobs DIR"
                raise InputError(msg)
            blobs = FolderBlobs(Path(where) / BLOBS)
        self.blobs = blobs
        self._engine, self.name = open_engine(where)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._told(), writing(self._engine) as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._told(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what is wrong with the database into one sentence."""
        try:
            with saying(self.name):
                yield
        except json.JSONDecodeError as error:
            where = unreadable_json(self._engine) or "a row of it"
            msg = (
                f"the store {self.name} is damaged: {where} holds no JSON ({error}); "
                f"{WHAT_TO_DO}"
            )
            raise StoreError(msg) from error

    @contextmanager
    def _alone(self, name: str, key: int) -> Iterator[None]:
        """Hold a lock that one process at a time can; it goes when its holder ends.

        Args:
            name: of the lock beside a SQLite store.
            key: of PostgreSQL's advisory lock.
        """
        if self._engine.dialect.name == "sqlite":
            with file_lock(self._engine, name):
                yield
            return
        with saying(self.name), self._engine.connect() as connection:
            free = connection.execution_options(isolation_level="AUTOCOMMIT")
            free.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key})
            try:
                yield
            finally:
                free.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


def known(table: Table, as_of_s: float | None) -> Any:
    """Return the condition that a row was known at a time; None is now."""
    return table.c.known_s <= as_of_s if as_of_s is not None else True


def newest(table: Table, condition: Any, as_of_s: float | None) -> Any:
    """Select the newest row of each id that was known then."""
    last = (
        select(table.c.id, func.max(table.c.known_s).label("known_s"))
        .where(condition, known(table, as_of_s))
        .group_by(table.c.id)
        .subquery()
    )
    return select(table).join(
        last, and_(table.c.id == last.c.id, table.c.known_s == last.c.known_s)
    )


def newest_inspections(as_of_s: float | None) -> Select[tuple[str]]:
    """Select the newest inspection of every drive that was known then."""
    i = t.inspection
    number = func.row_number().over(
        partition_by=i.c.drive_id, order_by=(i.c.known_s.desc(), i.c.id.desc())
    )
    ranked = select(i.c.id, number.label("turn")).where(known(i, as_of_s)).subquery()
    return select(ranked.c.id).where(ranked.c.turn == 1)


def there(connection: Connection, table: Table, key: str) -> bool:
    """Say if a row with this id is in."""
    query = select(table.c.id).where(table.c.id == key)
    return connection.execute(query).first() is not None


def add_once(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Add a row unless its primary key is taken, by others at this moment too."""
    is_sqlite = connection.dialect.name == "sqlite"
    add: Any = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    statement = add.values(row).on_conflict_do_nothing()
    key = next(iter(table.primary_key))
    return connection.execute(statement.returning(key)).first() is not None


def add_change(
    connection: Connection, kind: str, row: Mapping[str, Any], name: str
) -> None:
    """Note that something changed, for those who ask for changes."""
    number_alone(connection)
    street = row.get("segment_id")
    district = row.get("district")
    if district is None and street is not None:
        s = t.segment
        query = (
            select(s.c.district).where(s.c.id == street).order_by(s.c.known_s.desc())
        )
        district = connection.execute(query.limit(1)).scalar()
    note = {"at_s": row["known_s"], "kind": kind, "id": name}
    values = {**note, "segment_id": street, "district": district}
    connection.execute(insert(t.change), values)


def add_streets(connection: Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Add versions of streets that are not in, note them as changes, say how many."""
    new = [row for row in rows if add_once(connection, t.segment, row)]
    if new:
        number_alone(connection)
    changes = [
        {
            "at_s": row["known_s"],
            "kind": "segment",
            "id": row["id"],
            "segment_id": row["id"],
            "district": row["district"],
        }
        for row in new
    ]
    add_many(connection, t.change, changes)
    return len(new)


def number_alone(connection: Connection) -> None:
    """Let others wait with their changes until this transaction ends.

    Numbers of changes are given one after the other, so that who has read one has read
    all before it: PostgreSQL would let a smaller number appear later.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": CHANGES_LOCK})


def add_many(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]]
) -> None:
    """Add rows that are new."""
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(table), list(rows[start : start + _CHUNK]))
