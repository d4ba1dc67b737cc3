"""Files of vehicles, sent piece by piece: begun, resumed, completed, given up.

How far a file has come is a row of the store, written after the bytes are on the disk:
it can be too small after a crash, and what lies behind it is then cut off, but it is
never too large.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from service.intake.devices import keys_of
from service.intake.looking import Looking
from service.intake.part import Part, create_part, part_path
from service.intake.quarantine import Quarantine
from service.intake.quota import refuse_over_quota
from service.intake.refused import (
    ChecksumError,
    HeldError,
    OffsetError,
    TooLargeError,
)
from service.intake.remembered import Remembered
from service.intake.sealed import PieceSealer, Sealer
from service.intake.tus import Promised
from service.settings import Settings
from service.store import Store
from service.types import DAY_S
from service.upload_records import Seen, UploadRecord, UploadState
from vision.errors import GoneError, InputError, NotFoundError, OutputError

if TYPE_CHECKING:
    from hashlib import _Hash

logger = logging.getLogger(__name__)

_GB = 1e9
_ORPHAN_S = DAY_S


@dataclass(frozen=True, slots=True)
class UploadSender:
    """Who sends a file.

    Attributes:
        key_id: name of the key.
        district: of the key; None for the whole city.
    """

    key_id: str
    district: str | None = None


class Uploads:
    """All uploads of one service; safe in many processes over one folder.

    Args:
        settings: where the quarantine lies, and the limits.
        store: knows how far each has come.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.quarantine = Quarantine(settings, store)
        self.folder = self.quarantine.folder / "uploads"
        self.looking = Looking(settings.uploads.look_s)
        self._hashes = Remembered["_Hash"]()
        self._sealers = Remembered[PieceSealer]()

    @property
    def largest(self) -> int:
        """Bytes that a file may have."""
        return int(self.settings.uploads.largest_gb * _GB)

    def expires_s(self) -> float:
        """Return when an upload is given up that hears nothing more."""
        return time.time() + self.settings.uploads.expires_days * DAY_S

    def begin(self, promised: Promised, sender: UploadSender) -> UploadRecord:
        """Begin an upload; a file that is here already needs no bytes.

        Where the answer to an earlier beginning was lost, that upload is given again:
        a second one of the same file would use the sender's quota up.

        Raises:
            TooLargeError: larger than any file may be, or than the sender's quota.
            InputError: another size than the file of that SHA-256 has.
            OutputError: the disk is nearly full, or the sender's quota is.
        """
        if promised.size > self.largest:
            msg = (
                f"{promised.name} has {promised.size / _GB:.1f} GB; a file may have at "
                f"most {self.largest / _GB:g} GB"
            )
            raise TooLargeError(msg)
        known = self._known(promised, sender) or self._begun(promised, sender)
        if known is not None:
            return known
        refuse_over_quota(self.settings, self.store, sender.key_id, promised.size)
        # What is sealed is written a second time when it is whole.
        times = 1 if self.quarantine.secret is None else 2
        self.quarantine.refuse_full(times * promised.size)
        name = uuid.uuid4().hex
        stored = self._create(name)
        record = self.fresh(name, promised, sender, stored)
        self.store.add_upload(record)
        return record

    def find(self, upload_id: str) -> UploadRecord:
        """Return an upload, whatever became of it.

        Raises:
            NotFoundError: there never was one of this name.
        """
        record = self.store.upload(upload_id)
        if record is None:
            msg = f"there is no upload {upload_id}"
            raise NotFoundError(msg)
        return record

    def standing(self, record: UploadRecord) -> UploadRecord:
        """Return how an upload stands, completed if it only lacked that.

        Raises:
            GoneError: it was given up, or what came was not what was promised.
            HeldError: its last bytes are being checked at this moment.
            ChecksumError: what came is not what was promised.
        """
        refuse_over(record)
        if record.is_here:
            return record
        if record.expires_s < time.time():
            self._expire(record)
            refuse_over(self.find(record.id))
        if record.offset < record.size:
            return record
        held = self.hold(record)
        if held is None:
            return self.find(record.id)
        with held:
            return self.complete(self.find(record.id), held, None)

    def hold(self, record: UploadRecord) -> Part | None:
        """Return the part file of an open upload, ready for the next bytes.

        None if the upload was completed instead: it only lacked that.

        Raises:
            HeldError: somebody else is sending to it.
            GoneError: it has ended, or its bytes are not there.
        """
        try:
            part = Part(part_path(self.folder, record.id))
        except GoneError as error:
            self._without_part(record, error)
            return None
        try:
            now = self.find(record.id)
            refuse_over(now)
            _refuse_completed(now)
            part.go_to(now.offset, now.stored, self._sealer(now, part))
        except HeldError:
            part.close()
            raise
        except (GoneError, InputError) as error:
            part.close()
            self._refuse(record, str(error))
            raise GoneError(str(error)) from error
        return part

    def complete(
        self, record: UploadRecord, part: Part, hashed: _Hash | None
    ) -> UploadRecord:
        """Check a file of which all bytes are on the disk, and keep it.

        Args:
            record: its upload.
            part: its bytes.
            hashed: SHA-256 over all of them if that is known; else they are read.

        Raises:
            ChecksumError: they are not the file that was promised; they are dropped.
            OutputError: the disk is full; it can be completed later.
        """
        if hashed is None:
            hashed = hashlib.sha256()
            for data in self._bytes_of(record, part):
                hashed.update(data)
        digest = hashed.hexdigest()
        if record.sha256 not in (None, digest):
            msg = (
                f"what came of {record.name} is not the file of the SHA-256 that was "
                "promised, so it was dropped; begin the upload again"
            )
            part.drop()
            self._refuse(record, msg)
            raise ChecksumError(msg)
        self.store.note_digest(record.id, digest)
        if self.quarantine.secret is None and not record.sealed:
            self.quarantine.keep(
                part.path, digest, record.size, record.key_id, record.id
            )
        else:
            sealed = self._sealed(record, part)
            self.quarantine.keep(sealed, digest, record.size, record.key_id, record.id)
            part.drop()
        return self.settle(record, digest)

    def end(self, record: UploadRecord) -> None:
        """Give an upload up, as its sender wants; its bytes are deleted.

        Raises:
            GoneError: it had ended before.
            OffsetError: it is whole: such a file is deleted by its days.
            HeldError: somebody is sending to it.
        """
        record = self.standing(record)
        if not record.is_here:
            part = self.hold(record)
            if part is not None:
                with part:
                    part.drop()
                    self.store.end_upload(record.id, "ended", now_s=time.time())
                return
        msg = "the file is here and whole; it is deleted when its days are over"
        raise OffsetError(msg)

    def tidy(self, *, now_s: float) -> int:
        """Complete what only lacks that, delete what expired; return how many."""
        done = 0
        for record in self.store.open_uploads():
            try:
                if record.expires_s < now_s:
                    done += self._expire(record)
                elif record.offset >= record.size:
                    self.standing(record)
                    done += 1
            except (GoneError, InputError, OutputError) as error:
                logger.info(
                    "upload left", extra={"upload": record.id, "why": str(error)}
                )
        self._drop_orphans(now_s)
        return done

    def recall(self, record: UploadRecord) -> _Hash | None:
        """Return SHA-256 over the bytes that are here, if this process knows it."""
        if record.offset == 0:
            return hashlib.sha256()
        return self._hashes.take(f"{record.id} {record.offset}")

    def remember(self, upload_id: str, offset: int, hashed: _Hash) -> None:
        """Keep SHA-256 over the bytes that are here for the next piece."""
        self._hashes.put(f"{upload_id} {offset}", hashed)

    def _known(self, promised: Promised, sender: UploadSender) -> UploadRecord | None:
        """Return an upload of a file that is here, already over; None if it is not."""
        if promised.sha256 is None:
            return None
        raw = self.quarantine.has([promised.sha256]).get(promised.sha256)
        if raw is None:
            return None
        if raw.size != promised.size:
            msg = (
                f"{promised.name}: the file of that SHA-256 has {raw.size} bytes, not "
                f"{promised.size}; read it again"
            )
            raise InputError(msg)
        reason = self.store.asides([raw.sha256]).get(raw.sha256)
        record = self.fresh(uuid.uuid4().hex, promised, sender, 0)
        over = replace(
            record,
            state="whole" if reason is None else "aside",
            offset=record.size,
            digest=raw.sha256,
            reason=reason,
            ended_s=record.begun_s,
        )
        self.store.add_upload(over)
        return over

    def _begun(self, promised: Promised, sender: UploadSender) -> UploadRecord | None:
        """Return the sender's own upload of this file that is still open, if any.

        Under a name of another ending the file would be looked at as something else.
        """
        if promised.sha256 is None:
            return None
        keys, now_s = keys_of(self.store, sender.key_id), time.time()
        for one in self.store.open_uploads(keys=keys, hashes=[promised.sha256]):
            same = one.size == promised.size and (
                Path(one.name).suffix.lower() == Path(promised.name).suffix.lower()
            )
            if same and one.expires_s > now_s:
                return one if one.offset < one.size else self.standing(one)
        return None

    def fresh(
        self, name: str, promised: Promised, sender: UploadSender, stored: int
    ) -> UploadRecord:
        """Return an upload that begins; it is not in the store."""
        return UploadRecord(
            id=name,
            key_id=sender.key_id,
            district=sender.district,
            name=promised.name,
            size=promised.size,
            sha256=promised.sha256,
            drive=promised.drive,
            given=promised.given,
            state="open",
            offset=0,
            stored=stored,
            sealed=self.quarantine.secret is not None,
            begun_s=time.time(),
            expires_s=self.expires_s(),
        )

    def _create(self, name: str) -> int:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return create_part(self.folder, name, self.quarantine.secret)
        except OSError as error:
            msg = f"no upload can begin ({error.strerror}); make room, or send it later"
            raise OutputError(msg) from error

    def _sealer(self, record: UploadRecord, part: Part) -> PieceSealer | None:
        if not record.sealed:
            return None
        if self.quarantine.secret is None:
            msg = (
                "what came of the file is sealed and raw.key is not set; send it again"
            )
            raise InputError(msg)
        sealer = self._sealers.take(record.id)
        if sealer is None:
            sealer = PieceSealer(part.head(), self.quarantine.secret, record.id)
        self._sealers.put(record.id, sealer)
        return sealer

    def _bytes_of(self, record: UploadRecord, part: Part) -> Iterator[bytes]:
        """Yield what came of a file.

        Raises:
            GoneError: it was changed on the disk; it is dropped.
        """
        try:
            yield from part.read()
        except InputError as error:
            part.drop()
            self._refuse(record, str(error))
            raise GoneError(str(error)) from error

    def _sealed(self, record: UploadRecord, part: Part) -> Path:
        """Return a new file with the bytes of a part, sealed as others here are."""
        path = self.quarantine.incoming()
        secret = self.quarantine.secret
        try:
            with path.open("xb") as file:
                sealer = None if secret is None else Sealer(file, secret)
                for data in self._bytes_of(record, part):
                    (sealer or file).write(data)
                if sealer is not None:
                    sealer.finish()
                file.flush()
                os.fsync(file.fileno())
        except GoneError:
            path.unlink(missing_ok=True)
            raise
        except OSError as error:
            path.unlink(missing_ok=True)
            msg = f"the file cannot be kept ({error.strerror}); make room"
            raise OutputError(msg) from error
        return path

    def settle(self, record: UploadRecord, digest: str) -> UploadRecord:
        """Note that a file lies in the quarantine, and what it is."""
        now_s = time.time()
        reason, kind = self.store.asides([digest]).get(digest), None
        if reason is None:
            seen = self._look(digest, record)
            reason, kind = seen.reason, seen.kind
            if reason is not None:
                self.store.add_aside(digest, reason, now_s=now_s)
        state: UploadState = "whole" if reason is None else "aside"
        self.store.end_upload(record.id, state, now_s=now_s, kind=kind, reason=reason)
        return self.find(record.id)

    def _look(self, digest: str, record: UploadRecord) -> Seen:
        raw = self.quarantine.has([digest]).get(digest)
        if raw is None:
            return Seen()
        self.quarantine.note_check(raw, record.id)
        secret = self.quarantine.secret if raw.sealed else None
        path = self.quarantine.place_of(raw.id)
        room = self.quarantine.folder / "open"
        return self.looking.look(path, record.name, secret, room=room)

    def _without_part(self, record: UploadRecord, error: GoneError) -> None:
        """Complete an upload that was stopped when its file had been moved already.

        Raises:
            GoneError: that is not what happened; the upload is over.
        """
        now = self.find(record.id)
        refuse_over(now)
        if now.is_here:
            return
        moved = self.quarantine.place_of(now.id).is_file()
        if now.digest is not None and (moved or self.quarantine.has([now.digest])):
            path = part_path(self.folder, now.id)
            self.quarantine.keep(path, now.digest, now.size, now.key_id, now.id)
            self.settle(now, now.digest)
            return
        self._refuse(now, str(error))
        raise error

    def _refuse(self, record: UploadRecord, reason: str) -> None:
        self.store.end_upload(record.id, "refused", now_s=time.time(), reason=reason)

    def _expire(self, record: UploadRecord) -> bool:
        """Delete what came of an upload that nobody went on with."""
        try:
            with Part(part_path(self.folder, record.id)) as part:
                part.drop()
                return self.store.end_upload(record.id, "expired", now_s=time.time())
        except GoneError:
            return self.store.end_upload(record.id, "expired", now_s=time.time())

    def _drop_orphans(self, now_s: float) -> None:
        """Delete part files that no upload knows: made just before a crash."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if path.stat().st_mtime > now_s - _ORPHAN_S:
                continue
            record = self.store.upload(path.stem)
            if record is None or record.state != "open":
                path.unlink(missing_ok=True)


def refuse_over(record: UploadRecord) -> None:
    """Refuse an upload to which nothing can be sent any more.

    Raises:
        GoneError: it was given up, or what came was not what was promised.
    """
    if record.state == "refused":
        raise GoneError(record.reason or "the upload was refused; begin it again")
    if record.state == "expired":
        msg = "the upload was given up because nothing came for days; begin it again"
        raise GoneError(msg)
    if record.state == "ended":
        msg = "the upload was ended by its sender; begin it again"
        raise GoneError(msg)


def _refuse_completed(record: UploadRecord) -> None:
    """Refuse to touch a file that somebody moved to its place at this moment.

    Raises:
        HeldError: it is there.
    """
    if record.is_here:
        msg = "somebody completed this upload at this moment; ask again"
        raise HeldError(msg)
