"""The quarantine: the only place where raw footage lies, and only for some days.

    FOLDER/incoming/   being received
    FOLDER/files/      received; each under a name of ours, encrypted if a key is set;
                       of equal files one
    FOLDER/open/JOB/   as a drive's inspection reads them, while it runs: not encrypted
    FOLDER/work/JOB/   how far that inspection has come

What a dead worker left in `open` goes when its job is taken over, at the latest when
the next worker starts. Whoever opens a file is written into the access log.
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Self

from service.intake.names import checked_name, seen_name
from service.intake.sealed import Sealer, unsealed
from service.job_records import JobRecord, RawFile
from service.settings import Settings
from service.store import Store
from service.types import DAY_S
from vision.errors import GoneError, InputError, NotFoundError, OutputError

_MB = 1e6
_LOOK_EVERY = 64 << 20
"""Bytes between two looks at the room on the disk."""
_READ = 1 << 20
_LEFT_S = 3600.0
"""What a job left behind is deleted so much later: another may just begin."""


class Quarantine:
    """Takes footage in, opens it for inspection, and deletes it in time.

    Args:
        settings: where it lies, the key, the days.
        store: keeps the rows and the access log.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.folder = settings.raw_folder
        self._raw = settings.raw
        self._store = store

    def receive(self, name: str, *, expected: int = 0) -> Receiving:
        """Begin to take a file in.

        Args:
            name: as the sender calls it.
            expected: bytes that will come, if known.

        Raises:
            InputError: the name is refused.
            OutputError: the disk is nearly full.
        """
        checked_name(name)
        self.refuse_full(expected)
        return Receiving(self, name)

    def take(self, path: Path, name: str | None = None) -> tuple[str, str]:
        """Copy a file of this machine in; return its name and SHA-256.

        Args:
            path: the file.
            name: what it is called from now on; None for its own name.

        Raises:
            InputError: the name is refused, or it is no file that can be read.
            OutputError: the disk is nearly full.
        """
        try:
            with (
                path.open("rb") as file,
                self.receive(name or path.name, expected=path.stat().st_size) as into,
            ):
                while part := file.read(_READ):
                    into.write(part)
                return into.name, into.finish(by="")
        except OSError as error:
            msg = f"{path} cannot be read ({error.strerror}); check its rights"
            raise InputError(msg) from error

    def open_for(self, job_id: str, files: Mapping[str, str]) -> Path:
        """Return a folder in which a drive's files can be read, until `close_for`.

        A file whose name says something else than what was seen in it lies there under
        a name that fits.

        Args:
            job_id: the job that needs them.
            files: name -> SHA-256.

        Raises:
            GoneError: one was deleted when its days were over.
            NotFoundError: one was never here, or its file is missing.
        """
        found = self.refuse_gone(files)
        self._log("OPEN", [found[sha256] for sha256 in files.values()], job_id)
        folder = _made(self.folder / "open" / job_id)
        kinds = self._store.kinds_seen(files.values())
        for name, sha256 in files.items():
            name_there = seen_name(checked_name(name), kinds.get(sha256))
            if name_there in files:
                name_there = name
            self._open(found[sha256], folder / name_there)
        return folder

    def refuse_gone(self, files: Mapping[str, str]) -> dict[str, RawFile]:
        """Return SHA-256 -> file; all are there.

        Raises:
            GoneError: one was deleted when its days were over.
            NotFoundError: one was never here.
        """
        found = self._store.raw_files(files.values())
        for name, sha256 in files.items():
            file = found.get(sha256)
            if file is None:
                msg = f"the raw footage {name} never was in the quarantine; send it"
                raise NotFoundError(msg)
            if file.deleted_s is not None:
                day = time.strftime("%Y-%m-%d", time.gmtime(file.deleted_s))
                msg = (
                    f"the raw footage {name} was deleted on {day} (UTC), after "
                    f"{self._raw.raw_days:g} days; what was seen in it is kept, but it "
                    "cannot be inspected again"
                )
                raise GoneError(msg)
        return found

    def close_for(self, job_id: str) -> None:
        """Take a drive's readable files away."""
        shutil.rmtree(self.folder / "open" / job_id, ignore_errors=True)

    def work_of(self, job_id: str) -> Path:
        """Return the folder for how far a drive's inspection has come."""
        return _made(self.folder / "work" / job_id)

    def drop_work(self, job_id: str) -> None:
        """Take it away when the job has ended."""
        self.close_for(job_id)
        shutil.rmtree(self.folder / "work" / job_id, ignore_errors=True)

    def tidy(self, running: Sequence[JobRecord], *, now_s: float) -> list[RawFile]:
        """Delete what is over its days, and what jobs left behind; return the files.

        Args:
            running: jobs at hand: what they need stays till they end.
            now_s: now.
        """
        names = {job.id for job in running}
        for place in ("open", "work"):
            old = _entries(self.folder / place, before_s=now_s - _LEFT_S)
            for left in _entries(self.folder / place, before_s=math.inf):
                nobodys = left in old and left.name not in names
                if nobodys or self._has_ended(left.name):
                    shutil.rmtree(left, ignore_errors=True)
        for left in _entries(self.folder / "incoming", before_s=now_s - DAY_S):
            left.unlink(missing_ok=True)
        self._drop_unknown(now_s)
        needed = {sha256 for job in running for sha256 in job.order.files.values()}
        before_s = now_s - self._raw.raw_days * DAY_S
        over = self._store.raw_before(before_s)
        due = [file for file in over if file.sha256 not in needed]
        for file in due:
            self._file(file.id).unlink(missing_ok=True)
            self._store.note_raw_deleted(file.id, now_s=now_s)
        if due:
            self._log("DELETE", due, "raw_days")
        return due

    def refuse_full(self, expected: int = 0) -> None:
        """Refuse to fill the disk.

        Raises:
            OutputError: less than `raw.least_free_mb` would be left.
        """
        free_mb = shutil.disk_usage(_made(self.folder)).free / _MB
        if free_mb - expected / _MB < self._raw.least_free_mb:
            msg = (
                f"the disk of the quarantine is nearly full ({free_mb:.0f} MB free); "
                "make room, or send it later"
            )
            raise OutputError(msg)

    def keep(
        self, part: Path, digest: str, size: int, by: str, raw_id: str | None = None
    ) -> None:
        """Make a received file one of the quarantine's, unless it has it already.

        Of equal files that come at the same moment one is kept: a row is added when
        its file lies there, so whoever finds another's row may drop its own bytes.

        Args:
            part: the file, on the disk; it is moved or taken away.
            digest: its SHA-256 before any encryption.
            size: its bytes, likewise.
            by: name of the key that sent it; empty for the command line.
            raw_id: a name that nobody else gives. Who was stopped in between calls
                this again with the same one, though the file was moved already.
        """
        raw_id = raw_id or uuid.uuid4().hex
        target = self._file(raw_id)
        known = self.has([digest]).get(digest)
        if known is not None:
            part.unlink(missing_ok=True)
            if known.id != raw_id:
                target.unlink(missing_ok=True)
            self._store.look_for_file(digest)
            return
        if part.exists():
            _made(target.parent)
            part.replace(target)
        for folder in (target.parent, target.parent.parent, self.folder):
            _sync(folder)
        sealed = self._raw.key is not None
        file = RawFile(raw_id, digest, size, sealed, time.time())
        new = self._add(file)
        self._store.look_for_file(digest)
        if new:
            self._log("RECEIVE", [file], by)

    def _add(self, file: RawFile) -> bool:
        """Add the row of a file; False if it is there, or an equal file is."""
        while not self._store.add_raw(file):
            other = self._store.raw_files([file.sha256]).get(file.sha256)
            if other is None or other.id == file.id:
                return False
            if self._file(other.id).is_file():
                self._file(file.id).unlink(missing_ok=True)
                return False
            # Somebody deleted it from outside: this one takes its place.
            self._store.note_raw_deleted(other.id, now_s=time.time())
        return True

    def _drop_unknown(self, now_s: float) -> None:
        """Delete files that no row says are here.

        Of what was kept twice once, or was moved here just before a crash. A file that
        no row ever knew has the days of all others: the store may be an older copy.
        """
        lie = {
            path.name: path
            for folder in _entries(self.folder / "files", before_s=math.inf)
            for path in _entries(folder, before_s=now_s - _LEFT_S)
        }
        rowless_before_s = now_s - self._raw.raw_days * DAY_S
        for raw_id, file in self._store.without_raw(lie).items():
            path = lie[raw_id]
            if file is not None or path.stat().st_mtime < rowless_before_s:
                path.unlink(missing_ok=True)
                gone = file or RawFile(raw_id, raw_id, 0, False, 0.0)
                self._log("DELETE", [gone], "no row")

    def has(self, hashes: Iterable[str]) -> dict[str, RawFile]:
        """Return SHA-256 -> file of those that lie here."""
        return {
            sha256: file
            for sha256, file in self._store.raw_files(hashes).items()
            if file.deleted_s is None and self._file(file.id).is_file()
        }

    def note_check(self, file: RawFile, upload_id: str) -> None:
        """Write down that a file was looked at as it came in."""
        self._log("CHECK", [file], upload_id)

    def place_of(self, raw_id: str) -> Path:
        """Return where a file lies, or would lie; sealed if it is."""
        return self._file(raw_id)

    def incoming(self) -> Path:
        """Return a new name for a file that is being received."""
        return _made(self.folder / "incoming") / f"{uuid.uuid4().hex}.part"

    @property
    def secret(self) -> str | None:
        """What files are sealed with; None for nothing."""
        return None if self._raw.key is None else self._raw.key.get_secret_value()

    def _has_ended(self, job_id: str) -> bool:
        """Say if a job has ended: nobody opens its footage any more."""
        job = self._store.job(job_id)
        return job is not None and not job.is_open

    def _file(self, raw_id: str) -> Path:
        return self.folder / "files" / raw_id[:2] / raw_id

    def _open(self, raw: RawFile, target: Path) -> None:
        source = self._file(raw.id)
        target.unlink(missing_ok=True)
        try:
            if not raw.sealed:
                os.link(source, target)
                return
            if self.secret is None:
                msg = "the raw footage is sealed; set raw.key to what it was then"
                raise InputError(msg)
            with source.open("rb") as sealed, target.open("wb") as file:
                for chunk in unsealed(sealed, self.secret):
                    file.write(chunk)
        except FileNotFoundError as error:
            msg = f"a file of the quarantine is missing ({raw.sha256[:12]}); send it"
            raise NotFoundError(msg) from error

    def _log(self, method: str, files: Iterable[RawFile], what_for: str) -> None:
        """Write down who opened, brought or deleted raw files."""
        rows = [
            {
                "at_s": time.time(),
                "key_id": what_for if method == "RECEIVE" and what_for else None,
                "role": "service",
                "method": method,
                "route": "raw_footage",
                "target": file.sha256,
                "status": 200,
                "request_id": what_for,
            }
            for file in files
        ]
        if rows:
            self._store.log_access(rows)


class Receiving:
    """One file on its way in; nothing of it stays unless it is finished."""

    def __init__(self, quarantine: Quarantine, name: str) -> None:
        self.name = name
        self._quarantine = quarantine
        self._part = quarantine.incoming()
        self._file: BinaryIO = os.fdopen(
            os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        )
        secret = quarantine.secret
        self._sealer = None if secret is None else Sealer(self._file, secret)
        self._hash = hashlib.sha256()
        self.size = 0
        self._looked = 0

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            OutputError: the disk is full.
        """
        self._hash.update(data)
        self.size += len(data)
        try:
            (self._sealer or self._file).write(data)
        except OSError as error:
            msg = f"{self.name} cannot be kept ({error.strerror}); make room"
            raise OutputError(msg) from error
        if self.size - self._looked > _LOOK_EVERY:
            self._looked = self.size
            self._quarantine.refuse_full()

    @property
    def digest(self) -> str:
        """SHA-256 of what came so far."""
        return self._hash.hexdigest()

    def finish(self, by: str) -> str:
        """Keep the file, on the disk before this returns; return its SHA-256.

        Args:
            by: name of the key that sent it; empty for the command line.

        Raises:
            InputError: nothing came.
        """
        if not self.size:
            msg = f"{self.name} is empty; send it again"
            raise InputError(msg)
        try:
            if self._sealer is not None:
                self._sealer.finish()
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            msg = f"{self.name} cannot be kept ({error.strerror}); make room"
            raise OutputError(msg) from error
        self._file.close()
        digest = self.digest
        self._quarantine.keep(self._part, digest, self.size, by)
        return digest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


def _made(folder: Path) -> Path:
    """Return a folder that only this user may enter."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        msg = f"the quarantine cannot be made at {folder} ({error.strerror})"
        raise OutputError(msg) from error
    return folder


def _entries(folder: Path, *, before_s: float) -> list[Path]:
    """Return what a folder holds and nobody touched since."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.stat().st_mtime < before_s)


def _sync(folder: Path) -> None:
    """Put a folder's names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
