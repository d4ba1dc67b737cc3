"""Who has a footage file: a piece of a manifest, a drive sent alone, or a package.

A drive that failed or was cancelled has none.
"""

from __future__ import annotations

from sqlalchemy import Connection, Text, and_, cast, select, text

from service.store import schema as jobs
from service.store import schema_devices as t
from service.store.schema_aboard import aboard_footage

FAILED = ("failed", "cancelled")
_FOOTAGE_LOCK = 0x6C69756D
"""Of PostgreSQL's advisory locks, that of who is given footage."""


def lock_footage(connection: Connection) -> None:
    """Let nobody else give footage away until this transaction ends.

    SQLite lets one write at a time as it is.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _FOOTAGE_LOCK})


def live(connection: Connection, sha256: str) -> str | None:
    """Return a job of the piece that has a footage file, unless all of them failed."""
    c, p, j = t.footage_claim, t.manifest_piece, jobs.job
    of_piece = and_(c.c.manifest_id == p.c.manifest_id, c.c.number == p.c.number)
    query = (
        select(j.c.id)
        .join(p, p.c.job_id == j.c.id)
        .join(c, of_piece)
        .where(c.c.sha256 == sha256, j.c.state.not_in(FAILED))
        .order_by(p.c.turn.desc())
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar()
    return found


def sent_alone(connection: Connection, sha256: str) -> str | None:
    """Return the job of a drive that was sent without a manifest, if it has a file."""
    j = jobs.job
    query = (
        select(j.c.id)
        .where(
            j.c.kind == "drive",
            j.c.state.not_in(FAILED),
            cast(j.c.files, Text).contains(sha256),
            j.c.id.not_in(
                select(t.manifest_piece.c.job_id).where(
                    t.manifest_piece.c.job_id.is_not(None)
                )
            ),
        )
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar()
    return found


def seen_aboard(
    connection: Connection, sha256: str, *, but: str | None = None
) -> str | None:
    """Return the job of a package whose drive has a footage file.

    Args:
        connection: to the store.
        sha256: of the file.
        but: a drive that does not count.
    """
    a, j = aboard_footage, jobs.job
    query = (
        select(j.c.id)
        .join(a, a.c.job_id == j.c.id)
        .where(a.c.sha256 == sha256, j.c.state.not_in(FAILED))
        .order_by(a.c.known_s.desc(), j.c.id)
        .limit(1)
    )
    if but is not None:
        query = query.where(a.c.drive_id != but)
    found: str | None = connection.execute(query).scalar()
    return found
