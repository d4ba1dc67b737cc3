"""Who may ask, and who asked for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from service.records import KeyRecord
from service.store import schema as t
from service.store.connected import Connected, add_once


class Access(Connected):
    """The part of a store that knows keys and keeps the log of what was asked for."""

    def add_key(self, key: KeyRecord) -> None:
        """Add a key; its secret is not kept, only the secret's hash."""
        row = {
            "id": key.id,
            "name": key.name,
            "role": key.role,
            "district": key.district,
            "hash": key.hash,
            "known_s": key.known_s,
            "expires_s": key.expires_s,
        }
        with self._writing() as connection:
            connection.execute(insert(t.api_key), row)

    def end_key(self, key_id: str, *, reason: str, known_s: float) -> bool:
        """End a key for good; False if it was ended before or never was."""
        with self._writing() as connection:
            query = select(t.api_key.c.id).where(t.api_key.c.id == key_id)
            if connection.execute(query).first() is None:
                return False
            row = {"key_id": key_id, "known_s": known_s, "reason": reason}
            return add_once(connection, t.api_key_end, row)

    def all_keys(self, *, hashed: str | None = None) -> list[KeyRecord]:
        """Return keys, oldest first; only that of a hash if one is given."""
        k, e = t.api_key, t.api_key_end
        query = (
            select(k, e.c.known_s.label("ended_s"))
            .outerjoin(e, e.c.key_id == k.c.id)
            .order_by(k.c.known_s, k.c.id)
        )
        if hashed is not None:
            query = query.where(k.c.hash == hashed)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [KeyRecord(**row) for row in rows]

    def log_access(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add to the log, see the table `access_log`; nothing is ever taken out."""
        with self._writing() as connection:
            connection.execute(insert(t.access_log), list(rows))

    def accesses(self, *, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        """Return the log from a row on, oldest first."""
        log = t.access_log
        query = select(log).where(log.c.row > after).order_by(log.c.row).limit(limit)
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]
