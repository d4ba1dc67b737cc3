"""The bytes of one request on their way to the disk."""

from __future__ import annotations

import base64
import threading
import time

from service.intake.part import Part
from service.intake.refused import (
    ChecksumError,
    OffsetError,
    TooLargeError,
    UploadError,
)
from service.intake.tus import ALGORITHMS
from service.intake.uploads import Uploads
from service.upload_records import UploadRecord
from vision.errors import GoneError, OutputError, StoreError

NOTE_BYTES = 8 << 20
NOTE_S = 3.0
"""After so much or so long what came is put on the disk and counts: so much is lost at
most when this process dies."""


class Incoming:
    """One request that adds bytes to an upload; nobody else can meanwhile.

    With a checksum the bytes count when all have come and are right; without one as
    soon as they are on the disk.

    Args:
        uploads: all of them.
        record: which; open, and `at` is where it stands.
        part: its bytes, held.
        checksum: algorithm and sum of what comes in this request; None for none.
    """

    def __init__(
        self,
        uploads: Uploads,
        record: UploadRecord,
        part: Part,
        checksum: tuple[str, bytes] | None,
    ) -> None:
        self._uploads = uploads
        self._record = record
        self._part = part
        self._wanted = checksum
        self._sum = None if checksum is None else ALGORITHMS[checksum[0]]()
        self._hash = uploads.recall(record)
        self._noted_hash = None if self._hash is None else self._hash.copy()
        self._noted = (part.offset, part.stored)
        self._noted_s = time.monotonic()
        self._lock = threading.Lock()
        self._over = False

    @property
    def offset(self) -> int:
        """Bytes of the file that are safely on the disk."""
        return self._noted[0]

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLargeError: they are more than the file has.
            OutputError: the disk is full, or nearly; what was noted before stays.
            GoneError: the upload was ended meanwhile.
        """
        with self._lock:
            if self._over:
                return
            try:
                self._write(data)
            except (UploadError, OutputError, GoneError, StoreError):
                self._over = True
                raise

    def _write(self, data: bytes) -> None:
        self._refuse_more(len(data))
        before = (self._part.offset, self._part.stored)
        try:
            self._part.append(data)
        except OSError as error:
            self._part.cut(*before)
            if self._wanted is None:
                self._note()
            raise _full(error) from error
        if self._sum is not None:
            self._sum.update(data)
        if self._hash is not None:
            self._hash.update(data)
        if self._part.offset - self._noted[0] >= NOTE_BYTES or self._is_late():
            if self._wanted is None:
                self._note()
            self._uploads.quarantine.refuse_full()

    def finish(self) -> UploadRecord:
        """Note that all bytes of the request came; complete the upload if it is whole.

        Raises:
            ChecksumError: they are not those of the checksum, and do not count; or the
                whole file is not what was promised.
            OutputError: the disk is full.
            GoneError: the upload was ended meanwhile.
        """
        if self._wanted is not None and self._sum is not None:
            name, wanted = self._wanted
            if self._sum.digest() != wanted:
                self._cut()
                said = base64.b64encode(self._sum.digest()).decode()
                msg = (
                    f"the {name} of what came is {said}, another than that of "
                    "Upload-Checksum; these bytes do not count, send them again"
                )
                raise ChecksumError(msg)
        self._note()
        record = self._uploads.find(self._record.id)
        if self.offset < record.size:
            return record
        return self._uploads.complete(record, self._part, self._hash)

    def stop(self) -> None:
        """Keep what came of a request that was cut short, unless it has a checksum.

        Raises:
            OutputError: the disk is full.
            GoneError: the upload was ended meanwhile.
        """
        if self._wanted is None and not self._over:
            self._note()

    def close(self) -> None:
        """Let others send to the upload; what was not noted does not count."""
        with self._lock:
            self._over = True
            if self._noted_hash is not None:
                self._uploads.remember(self._record.id, self.offset, self._noted_hash)
            if self._part.offset != self.offset:
                self._cut()
            self._part.close()

    def _note(self) -> None:
        """Put what came on the disk, and write down that it is there."""
        at = (self._part.offset, self._part.stored)
        if at != self._noted:
            try:
                self._part.sync()
            except OSError as error:
                self._cut()
                raise _full(error) from error
        known = self._uploads.store.note_upload(
            self._record.id,
            offset=at[0],
            stored=at[1],
            expires_s=self._uploads.expires_s(),
        )
        if not known:
            msg = "the upload was ended at this moment; begin it again"
            raise GoneError(msg)
        self._noted, self._noted_s = at, time.monotonic()
        self._noted_hash = None if self._hash is None else self._hash.copy()

    def _is_late(self) -> bool:
        return time.monotonic() - self._noted_s >= NOTE_S

    def _refuse_more(self, count: int) -> None:
        if self._part.offset + count > self._record.size:
            msg = (
                f"more came than the {self._record.size} bytes of {self._record.name}; "
                "send no more than the file has"
            )
            raise TooLargeError(msg)

    def _cut(self) -> None:
        """Give the room back that bytes took which do not count."""
        self._part.cut(*self._noted)


def resume(
    uploads: Uploads,
    record: UploadRecord,
    at: int,
    length: int | None,
    checksum: tuple[str, bytes] | None,
) -> Incoming | UploadRecord:
    """Go on with an upload; one that only lacked its completion is returned whole.

    Args:
        uploads: all of them.
        record: which.
        at: where the bytes begin, as the sender believes.
        length: bytes that will come; None if the request does not say.
        checksum: algorithm and sum of what comes; None for none.

    Raises:
        OffsetError: the upload stands elsewhere.
        TooLargeError: more would come than the file has, or than a sum may be of.
        HeldError: somebody else is sending to it.
        GoneError: it is over.
        OutputError: the disk is nearly full.
    """
    now = uploads.standing(record)
    _refuse_elsewhere(now, at)
    if now.is_here:
        if length:
            _refuse_past(now, at, length)
        return now
    if length is not None:
        _refuse_past(now, at, length)
    if checksum is not None:
        _refuse_much(uploads, length)
    uploads.quarantine.refuse_full()
    part = uploads.hold(now)
    if part is None:
        return uploads.find(record.id)
    try:
        now = uploads.find(record.id)
        _refuse_elsewhere(now, at)
        return Incoming(uploads, now, part, checksum)
    except OffsetError:
        part.close()
        raise


def _refuse_elsewhere(record: UploadRecord, at: int) -> None:
    if at != record.offset:
        msg = (
            f"the upload stands at {record.offset}, not at {at}; ask with HEAD and go "
            "on from there"
        )
        raise OffsetError(msg)


def _refuse_past(record: UploadRecord, at: int, length: int) -> None:
    if at + length > record.size:
        msg = (
            f"{length} bytes from {at} on are more than the {record.size} of "
            f"{record.name}; send no more than the file has"
        )
        raise TooLargeError(msg)


def _refuse_much(uploads: Uploads, length: int | None) -> None:
    most_mb = uploads.settings.uploads.checked_mb
    if length is None or length > most_mb * 1e6:
        msg = (
            f"a piece with a checksum may have at most {most_mb:g} MB and must say its "
            "Content-Length; its bytes count when all have come, so send smaller pieces"
        )
        raise TooLargeError(msg)


def _full(error: OSError) -> OutputError:
    msg = (
        f"the disk of the quarantine does not take more ({error.strerror}); "
        "make room, or send it later"
    )
    return OutputError(msg)
