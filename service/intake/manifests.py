"""Drives that come in piece by piece: what is announced, what came, what starts.

A device sends files and, before or after them, a manifest that says which drive they
are. The drive starts when all of them are whole and no more will follow, or when
nothing new came for `intake.wait_h`; what comes later is a piece of its own. One
outing is one pass over a street, however many pieces it came in (`DriveRecord.outing`).
Footage that its vehicle looked at itself is kept and not looked at again, but by newer
eyes; so footage waits while a package of its device is unopened.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from service.device_records import (
    Device,
    Eyes,
    Manifest,
    ManifestFile,
    ManifestSaid,
    ManifestState,
    Piece,
    Progress,
)
from service.intake.devices import clock_offset_of
from service.intake.names import checked_name
from service.intake.submit import USUAL_PRIORITY, Sender, aside_failures, order_of
from service.job_records import JobOrder, JobRecord
from service.settings import Settings
from service.store import Store, manifest_id
from service.types import DAY_S
from vision.errors import AuditError, InputError
from vision.suffixes import FOOTAGE_SUFFIXES

logger = logging.getLogger(__name__)

MOST_FILES = 5000
_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 1 << 40
_AT_ONCE = 100
"""Manifests that one round looks at."""
_SOON_S = 5.0
_USUAL_S = 60.0
_SELDOM_S = 600.0
"""How long a worker leaves a manifest alone: while its jobs run, on the first day, and
later; a file that comes wakes it at once."""
_PAST_S = 400 * DAY_S
_HOUR_S = 3600.0
_FOOTAGE_KINDS = frozenset({"video", "photo"})


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who announces a drive.

    Attributes:
        key_id: the key.
        district: of the key.
        device: whose it is; None where it is of no registered device.
    """

    key_id: str
    district: str | None
    device: Device | None

    @property
    def owner(self) -> str:
        """Return whose names of manifests they are: the device's, or the key's."""
        return self.key_id if self.device is None else self.device.id


def announce(
    store: Store, speaker: Speaker, name: str, said: ManifestSaid
) -> tuple[Manifest, bool]:
    """Keep what a device says of a drive; return all that is known, and if it is new.

    The same word twice is one; files that were named before may be left out.

    Raises:
        InputError: a name, size, SHA-256 or time that cannot be; too many files.
        ConflictError: a file is another one than was said before.
    """
    if not _NAME.fullmatch(name):
        msg = (
            f"the manifest's name {name[:80]!r} cannot be used; take 1 to 80 letters, "
            "digits, dots, dashes and underscores"
        )
        raise InputError(msg)
    _refuse_files(said.files)
    if said.priority is not None and not 1 <= said.priority <= 100:
        msg = f"priority must be from 1 (first) to 100 (last), got {said.priority}"
        raise InputError(msg)
    now_s = time.time()
    of = Manifest(
        id=manifest_id(speaker.owner, name),
        owner=speaker.owner,
        name=name,
        district=speaker.district,
        by=speaker.key_id,
        said=said,
        made_s=now_s,
        touched_s=now_s,
    )
    known, new = store.put_manifest(said, as_of=of, now_s=now_s)
    return known, new


def _refuse_files(files: Iterable[ManifestFile]) -> None:
    named: set[str] = set()
    for file in files:
        checked_name(file.name)
        if file.name in named:
            msg = f"two files of the manifest are called {file.name}; rename one"
            raise InputError(msg)
        named.add(file.name)
        if not _SHA256.fullmatch(file.sha256):
            msg = (
                f"the sha256 of {file.name} must be 64 lower-case hexadecimal digits; "
                "send that of the whole file"
            )
            raise InputError(msg)
        if not 0 < file.size <= _MOST_BYTES:
            msg = (
                f"the size of {file.name} must be from 1 to {_MOST_BYTES} bytes, got "
                f"{file.size}; send that of the whole file"
            )
            raise InputError(msg)
    if len(named) > MOST_FILES:
        msg = f"a manifest has at most {MOST_FILES} files; send the drive in parts"
        raise InputError(msg)


def progress_of(store: Store, manifest: Manifest) -> Progress:
    """Return how far a manifest has come."""
    files = {file.name: file for file in manifest.said.files}
    hashes = {file.sha256 for file in files.values()}
    raw, kinds = store.raw_files(hashes), store.kinds_seen(hashes)
    unreadable = store.asides(hashes)
    pieces = {piece.number: piece for piece in store.pieces(manifest.id)}
    begun = {name for piece in pieces.values() for name in piece.files}
    there, aside, missing = {}, {}, []
    last_s = manifest.touched_s
    for name, file in files.items():
        came = raw.get(file.sha256)
        if file.sha256 in unreadable:
            aside[name] = unreadable[file.sha256]
        elif came is None:
            missing.append(name)
        elif came.deleted_s is not None and name not in begun:
            aside[name] = "it was deleted when its days were over, before its drive"
        elif came.deleted_s is None:
            there[name] = file
            last_s = max(last_s, came.received_s)
    footage = {
        name for name, file in files.items() if is_footage(name, kinds.get(file.sha256))
    }
    waiting = {name: files[name].sha256 for name in files if name in footage - begun}
    held = store.footage_elsewhere(manifest.id, waiting.values())
    return Progress(
        manifest=manifest,
        there=there,
        footage=frozenset(footage),
        aside=aside,
        missing=tuple(missing),
        elsewhere=tuple(name for name, sha in waiting.items() if sha in held),
        pieces=tuple(pieces[number] for number in sorted(pieces)),
        last_s=last_s,
        aboard=tuple(store.aboard_drives(waiting.values())),
    )


def state_of(progress: Progress) -> ManifestState:
    """Return whether a drive waits for files, is worked on, or came to its end."""
    if any(piece.job.is_open for piece in progress.pieces):
        return "started"
    whole = progress.manifest.said.complete and not progress.missing
    if whole and not _new_footage(progress) and not _late_turns(progress):
        return "done"
    return "started" if progress.pieces else "waiting"


def remarks_on(store: Store, manifest: Manifest) -> list[str]:
    """Return sentences about times of a drive that cannot be right."""
    now_s, said = time.time(), manifest.said
    offset_s = clock_offset_of(store, manifest.owner, said.started_s) or 0.0
    out = []
    for what, time_s in (("started", said.started_s), ("ended", said.ended_s)):
        if time_s is None:
            continue
        away_s = time_s - offset_s - now_s
        if away_s > DAY_S or away_s < -_PAST_S:
            way = "after" if away_s > 0 else "before"
            out.append(
                f"{what} lies {abs(away_s) / DAY_S:.0f} days {way} now; the time is "
                "not believed, set the device's clock"
            )
    started_s, ended_s = said.started_s, said.ended_s
    if started_s is not None and ended_s is not None and ended_s < started_s:
        out.append("the drive ended before it started; the times are not believed")
    return out


def start_due(settings: Settings, store: Store, *, now_s: float) -> list[JobRecord]:
    """Start every drive that has waited for its files; return the new jobs.

    Several workers may do so at once: each piece becomes one job.
    """
    started = []
    for manifest in store.manifests_due(now_s=now_s, limit=_AT_ONCE):
        try:
            started += _start(settings, store, manifest, now_s)
        except AuditError as error:
            logger.warning(
                "manifest not started",
                extra={"manifest": manifest.id, "reason": str(error)},
            )
            store.look_at_manifest(manifest.id, next_s=now_s + _SELDOM_S)
    return started


def is_footage(name: str, kind: str | None = None) -> bool:
    """Say if a file is a video or photo: by what was seen in it, else by its name."""
    if kind is not None:
        return kind in _FOOTAGE_KINDS
    return Path(name).suffix.lower() in FOOTAGE_SUFFIXES


def _start(
    settings: Settings, store: Store, manifest: Manifest, now_s: float
) -> list[JobRecord]:
    progress = progress_of(store, manifest)
    wait_s = settings.intake.wait_h * _HOUR_S
    started = []
    edge = manifest.said.kind == "edge"
    unopened = not edge and store.has_unopened(manifest.owner)
    if not unopened and _is_ready(progress, now_s - wait_s):
        begun = len(progress.pieces)
        for number, turn, names in (
            *_next_pieces(progress),
            *_looks_again(settings, store, progress),
        ):
            order = _order(settings, store, progress, names)
            footage = [name for name in names if name in progress.footage]
            job = store.start_piece(
                manifest.id, (number, turn), order, footage, now_s=now_s
            )
            if job is not None:
                started.append(job)
                logger.info(
                    "piece started",
                    extra={"manifest": manifest.id, "job": job.id, "late": begun > 0},
                )
    busy = unopened or started or any(piece.job.is_open for piece in progress.pieces)
    again_s = _SOON_S if busy else _USUAL_S
    if not busy and now_s - progress.last_s > DAY_S:
        again_s = _SELDOM_S
    due_s = progress.last_s + wait_s
    next_s = now_s + again_s
    if now_s < due_s:
        next_s = min(next_s, due_s)
    store.look_at_manifest(manifest.id, next_s=next_s)
    return started


def _is_ready(progress: Progress, silent_before_s: float) -> bool:
    whole = progress.manifest.said.complete and not progress.missing
    return whole or progress.last_s <= silent_before_s


def _next_pieces(progress: Progress) -> Iterable[tuple[int, int, list[str]]]:
    """Yield number, turn and files of the pieces that are to be worked on now."""
    yield from _late_turns(progress)
    new = _new_footage(progress)
    edge = progress.manifest.said.kind == "edge"
    if edge and not progress.pieces and progress.there:
        yield 0, 0, sorted(progress.there)
    elif new and not edge:
        yield len(progress.pieces), 0, sorted({*new, *_beside(progress)})


def _looks_again(
    settings: Settings, store: Store, progress: Progress
) -> Iterable[tuple[int, int, list[str]]]:
    """Yield the drives that the vehicle looked at, where we have newer eyes.

    Not before all of their footage came: the same footage is the same drive, and takes
    the place of what was seen aboard.
    """
    number = len(progress.pieces) + bool(_new_footage(progress))
    names = {file.sha256: name for name, file in sorted(progress.there.items())}
    for drive in progress.aboard:
        if not drive.footage <= names.keys():
            continue
        footage = [names[sha256] for sha256 in drive.footage]
        order = _order(settings, store, progress, footage)
        eyes = Eyes(order.model, order.layout, order.spacing_m)
        if eyes.is_newer_than(drive.eyes):
            yield number, 0, sorted({*footage, *_beside(progress)})
            number += 1


def _new_footage(progress: Progress) -> list[str]:
    """Return footage that came and belongs to no piece yet; of equal files one."""
    begun = {sha for piece in progress.pieces for sha in piece.files.values()}
    new: dict[str, str] = {}
    for name in sorted(progress.there):
        sha256 = progress.there[name].sha256
        is_new = sha256 not in begun and name not in progress.elsewhere
        if name in progress.footage and is_new:
            new.setdefault(sha256, name)
    return list(new.values())


def _late_turns(progress: Progress) -> list[tuple[int, int, list[str]]]:
    """Return the pieces that are inspected again, for what lies beside them came late.

    Not while any piece is worked on: the newest inspection counts, so it must be the
    last to end. Not where the footage is gone by now, or the job was cancelled.
    """
    if any(piece.job.is_open for piece in progress.pieces):
        return []
    beside = _beside(progress)
    return [
        (piece.number, piece.turn + 1, sorted({*piece.files, *beside}))
        for piece in progress.pieces
        if not beside <= set(piece.files)
        and set(piece.files) <= set(progress.there)
        and piece.job.state != "cancelled"
    ]


def _beside(progress: Progress) -> set[str]:
    """Return the tracks, cameras and road files that came."""
    return set(progress.there) - progress.footage


def _order(
    settings: Settings, store: Store, progress: Progress, names: Iterable[str]
) -> JobOrder:
    manifest = progress.manifest
    said = manifest.said
    files = {name: progress.there[name].sha256 for name in names}
    device = next(iter(store.devices(device_id=manifest.owner)), None)
    sender = Sender(
        vehicle=said.vehicle or (None if device is None else device.vehicle),
        district=manifest.district,
        by=manifest.by,
        priority=said.priority or USUAL_PRIORITY,
    )
    offset_s = clock_offset_of(store, manifest.owner, said.started_s)
    known_s = None
    if offset_s is not None and said.started_s is not None:
        known_s = said.started_s - offset_s
    given: dict[str, Any] = {
        "outing": manifest.id,
        "clock_offset_s": None if offset_s is None else -offset_s,
        "started_s": known_s,
        "failures": aside_failures(progress.aside),
    }
    if said.kind == "edge":
        given["owner"] = manifest.owner
    before = {piece.number: piece for piece in progress.pieces}
    known = [p for p in before.values() if set(p.files) & set(files)]
    footage = {sha for name, sha in files.items() if name in progress.footage}
    drive = _drive_of(known, footage, progress.footage) or _aboard_of(progress, footage)
    order = order_of(settings, files, sender, drive_id=drive)
    return replace(order, kind=said.kind, given=given)


def _drive_of(
    pieces: Iterable[Piece], footage: set[str], names: frozenset[str]
) -> str | None:
    """Return the drive that the same footage is already; None for a new one.

    Args:
        pieces: that were begun.
        footage: SHA-256 of each file.
        names: of all footage of the manifest.
    """
    for piece in pieces:
        inside = {sha for name, sha in piece.files.items() if name in names}
        if inside == footage:
            return piece.job.order.drive_id or piece.job.result.get("drive_id")
    return None


def _aboard_of(progress: Progress, footage: set[str]) -> str | None:
    """Return the drive that a vehicle saw in the same footage; None for none."""
    for drive in progress.aboard:
        if drive.footage == footage:
            return drive.drive_id
    return None
