"""Drives as devices announce them, and which job each of their pieces became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    and_,
    case,
    or_,
    select,
    update,
)

from service.device_records import Manifest, ManifestFile, ManifestSaid, Piece
from service.job_records import JobOrder, JobRecord
from service.store import schema as jobs
from service.store import schema_devices as t
from service.store.connected import Connected, add_once
from service.store.footage import live, lock_footage, seen_aboard, sent_alone
from service.store.rows import digest
from service.store.work import added_job, job_of
from vision.errors import ConflictError

_SAID = ("vehicle", "camera", "started_s", "ended_s", "priority")
"""What a device may leave out when it sends a manifest again."""


class Manifests(Connected):
    """The part of a store that knows what devices are sending."""

    def put_manifest(
        self, said: ManifestSaid, *, as_of: Manifest, now_s: float
    ) -> tuple[Manifest, bool]:
        """Keep what a device says of a drive; return all that is known of it.

        Args:
            said: files that were named before may be left out; the newest word counts
                in everything else.
            as_of: who says it of which drive; its `said` is not looked at.
            now_s: when.

        Returns:
            The manifest, and whether it is new.

        Raises:
            ConflictError: a file or the kind is another one than was said before.
        """
        m, f = t.manifest, t.manifest_file
        here = m.c.id == as_of.id
        row = {
            **{name: getattr(said, name) for name in _SAID},
            "id": as_of.id,
            "owner": as_of.owner,
            "name": as_of.name,
            "district": as_of.district,
            "by": as_of.by,
            "complete": said.complete,
            "kind": said.kind,
            "made_s": now_s,
            "touched_s": now_s,
            "next_s": 0.0,
        }
        with self._writing() as connection:
            new = add_once(connection, m, row)
            if not new:
                query = select(m.c.kind).where(here).with_for_update()
                _refuse_other_kind(connection.execute(query).scalar_one(), said.kind)
                newer = {
                    name: value
                    for name in _SAID
                    if (value := getattr(said, name)) is not None
                }
                newer |= {"by": as_of.by, "complete": said.complete, "next_s": 0.0}
                connection.execute(
                    update(m).where(here).values(**newer, touched_s=now_s)
                )
            for file in said.files:
                values = {
                    "name": file.name, "sha256": file.sha256, "size": file.size,
                }  # fmt: skip
                if add_once(connection, f, {"manifest_id": as_of.id, **values}):
                    continue
                known = select(f.c.sha256).where(
                    f.c.manifest_id == as_of.id, f.c.name == file.name
                )
                _refuse_other_file(connection.execute(known).scalar_one(), file)
            return _manifests(connection, here)[0], new

    def manifest(self, manifest_id: str) -> Manifest | None:
        """Return a manifest; None if there is none."""
        with self._reading() as connection:
            found = _manifests(connection, t.manifest.c.id == manifest_id)
        return found[0] if found else None

    def manifests(
        self,
        wanted: Mapping[str, str],
        *,
        after: tuple[float, str] | None = None,
        limit: int,
    ) -> list[Manifest]:
        """Return manifests, the newest first.

        Args:
            wanted: only those with these values of `owner`, `district`, `name`.
            after: time and id of the last one that was given before.
            limit: at most so many.
        """
        m = t.manifest
        which = and_(True, *(m.c[name] == value for name, value in wanted.items()))
        if after is not None:
            made_s, name = after
            older = or_(m.c.made_s < made_s, and_(m.c.made_s == made_s, m.c.id > name))
            which = and_(which, older)
        with self._reading() as connection:
            return _manifests(connection, which, limit=limit)

    def manifests_due(self, *, now_s: float, limit: int) -> list[Manifest]:
        """Return manifests that a worker has to look at, longest due first.

        Packages come before footage: what is in them needs no second look.
        """
        with self._reading() as connection:
            return _manifests(
                connection, t.manifest.c.next_s <= now_s, by_next=True, limit=limit
            )

    def look_at_manifest(self, manifest_id: str, *, next_s: float) -> None:
        """Note when a worker looks at a manifest again."""
        m = t.manifest
        with self._writing() as connection:
            connection.execute(
                update(m).where(m.c.id == manifest_id).values(next_s=next_s)
            )

    def look_for_file(self, sha256: str) -> None:
        """Let a worker look at the manifests that name a file, for it came."""
        m, f = t.manifest, t.manifest_file
        naming = select(f.c.manifest_id).where(f.c.sha256 == sha256)
        with self._writing() as connection:
            connection.execute(update(m).where(m.c.id.in_(naming)).values(next_s=0.0))

    def pieces(self, manifest_id: str) -> list[Piece]:
        """Return every turn of every piece of a manifest, in their order."""
        p, j = t.manifest_piece, jobs.job
        query = (
            select(j, p.c.number, p.c.turn.label("piece_turn"))
            .join(j, j.c.id == p.c.job_id)
            .where(p.c.manifest_id == manifest_id)
            .order_by(p.c.number, p.c.turn)
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Piece(row["number"], row["piece_turn"], job.order.files, job)
            for row in rows
            for job in (job_of(row),)
        ]

    def start_piece(
        self,
        manifest_id: str,
        place: tuple[int, int],
        order: JobOrder,
        footage: Sequence[str],
        *,
        now_s: float,
    ) -> JobRecord | None:
        """Make a job of a piece, all of it or nothing; of several workers one does.

        Footage that another drive has already is left out, so that it counts once;
        what a vehicle looked at itself may become the same drive once more. A drive
        that failed or was cancelled lets go of its footage.

        Args:
            manifest_id: of the piece.
            place: its number and turn.
            order: what is to be done; its files are footage and what lies beside it.
            footage: names of the footage among them.
            now_s: when.

        Returns:
            None if somebody else began it, or if nothing of the footage is left.
        """
        number, turn = place
        row = {
            "manifest_id": manifest_id, "number": number, "turn": turn, "at_s": now_s,
        }  # fmt: skip
        p = t.manifest_piece
        with self._writing() as connection:
            lock_footage(connection)
            if not add_once(connection, p, {**row, "job_id": None}):
                return None
            again = order.drive_id
            mine = {
                name
                for name in sorted(footage, key=lambda one: order.files[one])
                if _claim(connection, order.files[name], (manifest_id, number), again)
            }
            if not mine and footage:
                connection.execute(p.delete().where(_same_piece(row)))
                return None
            files = {
                name: sha256
                for name, sha256 in order.files.items()
                if name in mine or name not in footage
            }
            job, _ = added_job(connection, replace(order, files=files), now_s=now_s)
            connection.execute(update(p).where(_same_piece(row)).values(job_id=job.id))
            return job

    def footage_elsewhere(
        self, manifest_id: str, hashes: Iterable[str]
    ) -> frozenset[str]:
        """Return which of these SHA-256 another drive has, as `start_piece` judges."""
        with self._reading() as connection:
            return frozenset(
                sha256
                for sha256 in set(hashes)
                if _holder(connection, sha256, manifest_id) is not None
            )


def _refuse_other_kind(known: str, kind: str) -> None:
    if known != kind:
        msg = f"this manifest is of kind {known}; give another kind another name"
        raise ConflictError(msg)


def _refuse_other_file(known: str, file: ManifestFile) -> None:
    if known != file.sha256:
        msg = (
            f"the file {file.name} of this manifest has the SHA-256 {known[:12]}..., "
            f"not {file.sha256[:12]}...; give another file another name"
        )
        raise ConflictError(msg)


def _claim(
    connection: Connection, sha256: str, piece: tuple[str, int], drive_id: str | None
) -> bool:
    """Make a footage file a piece's, unless another drive or piece has it."""
    if seen_aboard(connection, sha256, but=drive_id) is not None:
        return False
    c = t.footage_claim
    manifest_id, number = piece
    row = {"sha256": sha256, "manifest_id": manifest_id, "number": number}
    here = c.c.sha256 == sha256
    new = add_once(connection, c, row)
    query = select(c).where(here).with_for_update()
    held = connection.execute(query).mappings().one()
    if not new and held["manifest_id"] == manifest_id:
        return bool(held["number"] == number)
    other = sent_alone(connection, sha256) if new else live(connection, sha256)
    if new and other is not None:
        connection.execute(c.delete().where(here))
    if other is not None:
        return False
    connection.execute(update(c).where(here).values(**row))
    return True


def _holder(connection: Connection, sha256: str, but: str) -> str | None:
    """Return the job of another drive that has a footage file; None if none has."""
    c = t.footage_claim
    query = select(c.c.manifest_id).where(c.c.sha256 == sha256)
    owner = connection.execute(query).scalar()
    if owner == but:
        return None
    raw = sent_alone if owner is None else live
    return raw(connection, sha256) or seen_aboard(connection, sha256)


def _same_piece(row: Mapping[str, Any]) -> Any:
    p = t.manifest_piece
    return and_(*(p.c[name] == row[name] for name in ("manifest_id", "number", "turn")))


def _manifests(
    connection: Connection,
    which: Any,
    *,
    by_next: bool = False,
    limit: int | None = None,
) -> list[Manifest]:
    m, f = t.manifest, t.manifest_file
    order: tuple[Any, ...] = m.c.made_s.desc(), m.c.id
    if by_next:
        order = case((m.c.kind == "edge", 0), else_=1), m.c.next_s, m.c.id
    rows = (
        connection.execute(select(m).where(which).order_by(*order).limit(limit))
        .mappings()
        .all()
    )
    files: dict[str, list[ManifestFile]] = {}
    wanted = f.c.manifest_id.in_([row["id"] for row in rows])
    query = select(f).where(wanted).order_by(f.c.manifest_id, f.c.name)
    for row in connection.execute(query).mappings():
        one = ManifestFile(row["name"], row["sha256"], row["size"])
        files.setdefault(row["manifest_id"], []).append(one)
    return [_manifest(row, files.get(row["id"], ())) for row in rows]


def _manifest(row: RowMapping, files: Iterable[ManifestFile]) -> Manifest:
    said = ManifestSaid(
        **{name: row[name] for name in (*_SAID, "complete", "kind")},
        files=tuple(files),
    )
    facts = ("id", "owner", "name", "district", "by", "made_s", "touched_s")
    return Manifest(said=said, **{name: row[name] for name in facts})


def manifest_id(owner: str, name: str) -> str:
    """Return the name of a manifest: two devices may use one name."""
    return digest("manifest", owner, name)
