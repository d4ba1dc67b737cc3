"""The chain over pictures: each row holds the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, func, select, text

from service.records import ChainLink
from service.store import schema as t
from service.store.connected import Connected, add_many, add_once
from vision.types import Evidence

BEGINNING = "0" * 64
"""What stands for the hash before the first row."""
_LOCK = 0x6C69756C
"""Of PostgreSQL's advisory locks, that of the chain; taken after all others."""


class Picture(NamedTuple):
    """One picture of an inspection: its blob, its footage's SHA-256, its time there."""

    name: str
    footage_sha256: str | None
    pts_s: float


class Chain(Connected):
    """The part of a store that can show that a picture is the one that was taken."""

    def secret(self, name: str, new: str, *, known_s: float) -> str:
        """Return what is signed with under a name; `new` if there is none yet.

        Who comes first makes it; all others get the same one.
        """
        query = select(t.secret.c.value).where(t.secret.c.name == name)
        with self._reading() as connection:
            kept: str | None = connection.execute(query).scalar()
        if kept is not None:
            return kept
        with self._writing() as connection:
            row = {"name": name, "value": new, "known_s": known_s}
            add_once(connection, t.secret, row)
            value: str = connection.execute(query).scalar_one()
        return value

    def chain(
        self, *, after: int = 0, to: int | None = None, limit: int = 1000
    ) -> list[ChainLink]:
        """Return rows of the chain in their order, from one on and up to one."""
        c = t.evidence_chain
        query = select(c).where(c.c.row > after).order_by(c.c.row).limit(limit)
        if to is not None:
            query = query.where(c.c.row <= to)
        with self._reading() as connection:
            return [ChainLink(**r) for r in connection.execute(query).mappings()]

    def chained(self, name: str) -> list[ChainLink]:
        """Return the rows of a picture, oldest first; empty if it was never kept."""
        c = t.evidence_chain
        query = select(c).where(c.c.name == name).order_by(c.c.row)
        with self._reading() as connection:
            return [ChainLink(**r) for r in connection.execute(query).mappings()]

    def chained_names(
        self, *, after: str = "", limit: int = 1000
    ) -> list[tuple[str, int, float]]:
        """Return pictures by name, each with its last row and that row's time."""
        c = t.evidence_chain
        query = (
            select(c.c.name, func.max(c.c.row), func.max(c.c.at_s))
            .where(c.c.name > after)
            .group_by(c.c.name)
            .order_by(c.c.name)
            .limit(limit)
        )
        with self._reading() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def inspections(self, *, after: str = "", limit: int = 100) -> list[str]:
        """Return names of inspections in their order, from one on."""
        i = t.inspection
        query = select(i.c.id).where(i.c.id > after).order_by(i.c.id).limit(limit)
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def unchained(self, inspection: str) -> list[Picture]:
        """Return the pictures of an inspection that the chain does not have."""
        c, d, i, s = t.evidence_chain, t.drive, t.inspection, t.sighting
        footage = select(d.c.footage).join(i, i.c.drive_id == d.c.id)
        seen = select(s.c.evidence).where(s.c.inspection_id == inspection)
        kept = select(c.c.name, c.c.footage_sha256, c.c.pts_s)
        with self._reading() as connection:
            hashes = connection.execute(
                footage.where(i.c.id == inspection)
            ).scalar_one()
            rows = connection.execute(seen.order_by(s.c.number)).scalars().all()
            links = connection.execute(kept.where(c.c.inspection_id == inspection))
            there = {Picture(*row) for row in links}
        evidence = (
            Evidence(**{**picture, "xyxy": tuple(picture["xyxy"])})
            for pictures in rows
            for picture in pictures
        )
        return [one for one in pictures_of(evidence, hashes) if one not in there]

    def streets_of_picture(self, inspection: str, name: str) -> set[str]:
        """Return the streets on which an inspection has a picture as evidence."""
        s = t.sighting
        query = select(s.c.segment_id, s.c.evidence).where(
            s.c.inspection_id == inspection, s.c.segment_id.is_not(None)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return {
            street
            for street, pictures in rows
            if any(name in (one["image"], one["crop"]) for one in pictures)
        }


def pictures_of(
    evidence: Iterable[Evidence], footage: Mapping[str, str]
) -> list[Picture]:
    """Return every picture once, in the order of the evidence.

    Args:
        evidence: of an inspection.
        footage: name -> SHA-256; where two files have one name, a picture cannot tell
            of which it is.
    """

    def sha256(source: str) -> str | None:
        return None if f"{source} (2)" in footage else footage.get(source)

    return list(
        dict.fromkeys(
            Picture(name, sha256(one.source), float(one.pts_s))
            for one in evidence
            for name in (one.image, one.crop)
        )
    )


def add_pictures(
    connection: Connection,
    inspection: str,
    pictures: Iterable[Picture],
    *,
    at_s: float,
) -> None:
    """Add the pictures of an inspection to the end of the chain.

    Others wait until this transaction ends, so no row has two that follow it.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _LOCK})
    c = t.evidence_chain
    last = connection.execute(
        select(c.c.row, c.c.hash).order_by(c.c.row.desc()).limit(1)
    ).first()
    row, previous = (0, BEGINNING) if last is None else tuple(last)
    rows = []
    for picture in pictures:
        row += 1
        link = ChainLink(
            row=row,
            at_s=float(at_s),
            inspection_id=inspection,
            name=picture.name,
            footage_sha256=picture.footage_sha256,
            pts_s=picture.pts_s,
            previous=previous,
            hash="",
        )
        previous = link_hash(link)
        rows.append({**link.as_row(), "hash": previous})
    add_many(connection, c, rows)


def link_hash(link: ChainLink) -> str:
    """Return the hash that a row must have: SHA-256 of its columns as a JSON array.

    The array is `[row, at_s, inspection_id, name, footage_sha256, pts_s, previous]`,
    without spaces, in UTF-8; numbers as Python writes them.
    """
    parts = [value for name, value in link.as_row().items() if name != "hash"]
    said = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
