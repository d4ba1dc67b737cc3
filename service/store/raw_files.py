"""The files of the quarantine: rows stay when files are deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import select, update

from service.job_records import RawFile
from service.store import schema as t
from service.store.connected import Connected, add_once
from service.store.schema_uploads import upload

_AT_ONCE = 500


class RawFiles(Connected):
    """The part of a store that knows which raw footage there is, and was."""

    def add_raw(self, file: RawFile) -> bool:
        """Add a file that lies in the quarantine; False if it, or an equal one, is in.

        Of a SHA-256 there is one row at a time that is not deleted, whoever adds.
        """
        with self._writing() as connection:
            return add_once(connection, t.raw_footage, asdict(file))

    def raw_files(self, hashes: Iterable[str]) -> dict[str, RawFile]:
        """Return SHA-256 -> file; the one that is there, else the last that was."""
        r = t.raw_footage
        query = select(r).where(r.c.sha256.in_(sorted(set(hashes))))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(r.c.received_s)).mappings()
            files = [RawFile(**row) for row in rows]
        files.sort(key=lambda file: file.deleted_s is None)
        return {file.sha256: file for file in files}

    def raw_before(self, received_s: float | None = None) -> list[RawFile]:
        """Return the files that are there and came in before a time; None for all."""
        r = t.raw_footage
        query = select(r).where(r.c.deleted_s.is_(None)).order_by(r.c.received_s)
        if received_s is not None:
            query = query.where(r.c.received_s < received_s)
        with self._reading() as connection:
            return [RawFile(**row) for row in connection.execute(query).mappings()]

    def without_raw(self, names: Iterable[str]) -> dict[str, RawFile | None]:
        """Return the names of files that are not to be there, and what is known.

        That is the row of one that was deleted, None for a name that no row ever had.
        Left out are uploads that only lack their row.
        """
        r, u = t.raw_footage, upload
        wanted = sorted(set(names))
        lost: dict[str, RawFile | None] = {}
        with self._reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                rows = connection.execute(select(r).where(r.c.id.in_(some))).mappings()
                known = {row["id"]: RawFile(**row) for row in rows}
                open_one = select(u.c.id).where(u.c.id.in_(some), u.c.state == "open")
                coming = set(connection.execute(open_one).scalars())
                for name in set(some) - coming:
                    file = known.get(name)
                    if file is None or file.deleted_s is not None:
                        lost[name] = file
        return lost

    def note_raw_deleted(self, raw_id: str, *, now_s: float) -> None:
        """Note when a file was deleted."""
        r = t.raw_footage
        there = (r.c.id == raw_id) & r.c.deleted_s.is_(None)
        with self._writing() as connection:
            connection.execute(update(r).where(there).values(deleted_s=now_s))
