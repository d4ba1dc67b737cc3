"""Files that are sent piece by piece: how far each has come, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlalchemy import func, insert, select, update

from service.store import schema as t
from service.store.connected import Connected, add_once
from service.store.schema_uploads import raw_aside, upload
from service.upload_records import UploadRecord, UploadState

_HERE = ("whole", "aside")


class Uploads(Connected):
    """The part of a store that knows what is on its way in."""

    def add_upload(self, record: UploadRecord) -> None:
        """Add one that begins, or one that needs no bytes."""
        with self._writing() as connection:
            connection.execute(insert(upload), asdict(record))

    def upload(self, upload_id: str) -> UploadRecord | None:
        """Return one; None if there never was one of this name."""
        query = select(upload).where(upload.c.id == upload_id)
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else UploadRecord(**row)

    def uploads_of(self, key_id: str) -> list[UploadRecord]:
        """Return all that a key ever sent, the newest first."""
        query = select(upload).where(upload.c.key_id == key_id)
        with self._reading() as connection:
            rows = connection.execute(
                query.order_by(upload.c.begun_s.desc(), upload.c.id)
            ).mappings()
            return [UploadRecord(**row) for row in rows]

    def open_uploads(
        self,
        *,
        keys: Iterable[str] | None = None,
        hashes: Iterable[str] | None = None,
        expired_s: float | None = None,
    ) -> list[UploadRecord]:
        """Return those still coming, the one that came furthest first.

        Args:
            keys: only of these.
            hashes: only of files that were promised to have one of these.
            expired_s: only those that no byte came for until this time.
        """
        u = upload
        query = select(u).where(u.c.state == "open")
        if keys is not None:
            query = query.where(u.c.key_id.in_(sorted(set(keys))))
        if hashes is not None:
            query = query.where(u.c.sha256.in_(sorted(set(hashes))))
        if expired_s is not None:
            query = query.where(u.c.expires_s < expired_s)
        query = query.order_by(u.c.offset.desc(), u.c.begun_s.desc())
        with self._reading() as connection:
            rows = connection.execute(query).mappings()
            return [UploadRecord(**row) for row in rows]

    def note_upload(
        self, upload_id: str, *, offset: int, stored: int, expires_s: float
    ) -> bool:
        """Note what is safely on the disk; False if the upload has ended."""
        values = {"offset": offset, "stored": stored, "expires_s": expires_s}
        return self._change_open(upload_id, values)

    def note_digest(self, upload_id: str, digest: str) -> bool:
        """Note what came, before it is moved to its place."""
        return self._change_open(upload_id, {"digest": digest})

    def end_upload(
        self,
        upload_id: str,
        state: UploadState,
        *,
        now_s: float,
        kind: str | None = None,
        reason: str | None = None,
    ) -> bool:
        """Note what became of one; False if it had ended before."""
        values = {"state": state, "ended_s": now_s, "kind": kind, "reason": reason}
        return self._change_open(upload_id, values)

    def add_aside(self, sha256: str, reason: str, *, now_s: float) -> None:
        """Note that nothing can read a file, and why; the first reason stays."""
        row = {"sha256": sha256, "reason": reason, "known_s": now_s}
        with self._writing() as connection:
            add_once(connection, raw_aside, row)

    def asides(self, hashes: Iterable[str]) -> dict[str, str]:
        """Return SHA-256 -> reason of those that cannot be read."""
        query = select(raw_aside.c.sha256, raw_aside.c.reason).where(
            raw_aside.c.sha256.in_(sorted(set(hashes)))
        )
        with self._reading() as connection:
            return {row.sha256: row.reason for row in connection.execute(query)}

    def kinds_seen(self, hashes: Iterable[str]) -> dict[str, str]:
        """Return SHA-256 -> what was seen in a file; those not looked at are left out.

        Of a file that came under several names, what the last look saw.
        """
        u = upload
        query = (
            select(u.c.digest, u.c.kind)
            .where(u.c.digest.in_(sorted(set(hashes))), u.c.kind.is_not(None))
            .order_by(u.c.ended_s)
        )
        with self._reading() as connection:
            return {row.digest: row.kind for row in connection.execute(query)}

    def bytes_held(self, keys: Iterable[str]) -> int:
        """Return what a sender has lying here, under whichever of its keys.

        That is all of what it has begun to send, and what was received from it and is
        not deleted, each file once.
        """
        u, r = upload, t.raw_footage
        of_it = u.c.key_id.in_(sorted(set(keys)))
        coming = select(func.coalesce(func.sum(u.c.size), 0)).where(
            of_it, u.c.state == "open"
        )
        files = (
            select(u.c.digest, func.max(u.c.size).label("size"))
            .join(r, (r.c.sha256 == u.c.digest) & r.c.deleted_s.is_(None))
            .where(of_it, u.c.state.in_(_HERE))
            .group_by(u.c.digest)
            .subquery()
        )
        here = select(func.coalesce(func.sum(files.c.size), 0))
        with self._reading() as connection:
            return sum(int(connection.execute(q).scalar_one()) for q in (coming, here))

    def _change_open(self, upload_id: str, values: Mapping[str, object]) -> bool:
        change = update(upload).where(
            upload.c.id == upload_id, upload.c.state == "open"
        )
        with self._writing() as connection:
            return connection.execute(change.values(values)).rowcount > 0
