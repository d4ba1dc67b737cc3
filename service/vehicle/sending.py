"""One file to the service by tus 1.0: creation, checksum, offset asked and believed.

Source: tus resumable upload protocol 1.0.0 (core, creation, checksum, termination).
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from service.vehicle.answers import refuse_file, refuse_hold
from service.vehicle.clock import Clock
from service.vehicle.pace import Chunk, Pace
from service.vehicle.remembered import Looks
from service.vehicle.talk import Answer, Talk
from service.vehicle.told import ChangedError, HoldError, RefusedError, Told

VERSION = {"Tus-Resumable": "1.0.0"}
_READ = 1 << 20
_GONE = (404, 410)
_ELSEWHERE, _DAMAGED = 409, 460
_MOST_DAMAGED = 5
_SLICE_S = 30.0
"""After so long a look is taken whether something more important came."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to go.

    Attributes:
        path: where it lies.
        looks: what it looked like when it was hashed.
        sha256: of all of it.
        name: under which its drive lists it.
        drive: the manifest's name.
    """

    path: Path
    looks: Looks
    sha256: str
    name: str
    drive: str

    @property
    def size(self) -> int:
        """Bytes."""
        return self.looks[0]


def sha256_of(path: Path, looks: Looks, tell: Callable[[int], None]) -> str:
    """Return a file's SHA-256.

    Args:
        path: of the file.
        looks: what it must look like, before and after.
        tell: gets the bytes that are read so far.

    Raises:
        ChangedError: it is another file by now.
        RefusedError: it cannot be read.
    """
    hashed = hashlib.sha256()
    done = 0
    with _opened(path, looks) as file:
        while part := _read(file, done, _READ):
            hashed.update(part)
            done += len(part)
            tell(done)
        refuse_changed(file, path, looks)
    return hashed.hexdigest()


class Sender:
    """Sends files, one at a time.

    Args:
        talk: to the service.
        pace: how fast.
        clock: steady time.
        tell: gets the offset that the service confirmed.
        go_on: asked between two requests; False leaves the rest for later.
    """

    def __init__(
        self,
        talk: Talk,
        pace: Pace,
        clock: Clock,
        tell: Callable[[int], None],
        go_on: Callable[[], bool],
    ) -> None:
        self._talk = talk
        self._pace = pace
        self._clock = clock
        self._tell = tell
        self._go_on = go_on
        self._chunk = Chunk()

    def send(self, wanted: Wanted, upload: str | None) -> bool:
        """Send a file on from where it is; say if all of it went.

        Args:
            wanted: the file.
            upload: path of the upload that the service has begun; None for a new one.

        Raises:
            ChangedError: the file is not what it was.
            HoldError: not now.
            RefusedError: the service does not want this file, or it cannot be read.
        """
        with _opened(wanted.path, wanted.looks) as file:
            offset = None if upload is None else self._offset(upload)
            if upload is None or offset is None:
                upload, offset = self._create(wanted)
            ends_s = self._clock.steady_s() + _SLICE_S
            damaged = 0
            while offset < wanted.size:
                self._tell(offset)
                if self._clock.steady_s() > ends_s or not self._go_on():
                    return False
                answer = self._patch(file, wanted, upload, offset)
                if answer.status in (_ELSEWHERE, _DAMAGED):
                    damaged += 1
                    self._refuse_damaged(damaged, upload)
                    known = self._offset(upload)
                    if known is None:
                        return False
                    offset = known
                    continue
                offset = _new_offset(answer, offset, wanted.size)
            self._tell(offset)
        return True

    def end(self, upload: str) -> None:
        """Give an upload up: its file is not what it was. Best effort; it expires."""
        with suppress(HoldError):
            self._talk.ask("DELETE", upload, headers=VERSION)

    def _offset(self, upload: str) -> int | None:
        """Return how much the service has; None if it has given the upload up."""
        answer = self._talk.ask("HEAD", upload, headers=VERSION)
        if answer.status in _GONE:
            return None
        refuse_file(answer)
        return _number(answer, "upload-offset")

    def _create(self, wanted: Wanted) -> tuple[str, int]:
        metadata = {
            "filename": wanted.name,
            "sha256": wanted.sha256,
            "drive": wanted.drive,
        }
        coded = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}"
            for name, value in metadata.items()
        )
        headers = {
            **VERSION,
            "Upload-Length": str(wanted.size),
            "Upload-Metadata": coded,
        }
        answer = self._talk.ask("POST", "/uploads", headers=headers)
        if answer.status in _GONE:
            told = Told(
                "此地址没有上传服务",
                "there is no upload service at this address; check --server",
            )
            raise HoldError(told)
        refuse_file(answer)
        place = answer.headers.get("location", "")
        # Only its last part counts: the token goes to no other host or path.
        upload_id = place.partition("?")[0].rstrip("/").rpartition("/")[2]
        if not upload_id:
            raise HoldError(Told("服务器答复不全", "the service named no upload"))
        offset = answer.headers.get("upload-offset", "0")
        return f"/uploads/{upload_id}", int(offset) if offset.isdigit() else 0

    def _patch(
        self, file: BinaryIO, wanted: Wanted, upload: str, offset: int
    ) -> Answer:
        refuse_changed(file, wanted.path, wanted.looks)
        size = min(self._chunk.size, wanted.size - offset)
        body = _read(file, offset, size)
        if len(body) != size:
            raise ChangedError(str(wanted.path))
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers = {
            **VERSION,
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {digest}",
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(size),
        }
        began_s = self._clock.steady_s()
        try:
            answer = self._talk.ask(
                "PATCH", upload, headers=headers, body=self._pace.pieces(body)
            )
        except HoldError:
            self._chunk.cut()
            raise
        if answer.status in _GONE:
            raise HoldError(Told("上传已过期,重新开始", "the upload expired"))
        if answer.status not in (_ELSEWHERE, _DAMAGED):
            refuse_file(answer)
            self._chunk.went(self._clock.steady_s() - began_s)
        return answer

    def _refuse_damaged(self, times: int, upload: str) -> None:
        """Stop where nothing arrives as it was sent: memory, disk or network fail."""
        self._chunk.cut()
        if times < _MOST_DAMAGED:
            return
        self.end(upload)
        told = Told(
            "数据多次校验不符,重新计算后再发",
            "its bytes arrive damaged again and again; it is hashed and sent anew",
        )
        raise HoldError(told)


def refuse_changed(file: BinaryIO, path: Path, looks: Looks) -> None:
    """Refuse a file that is not what it was when it was hashed.

    Raises:
        ChangedError: it is not.
    """
    facts = os.fstat(file.fileno())
    if (facts.st_size, facts.st_mtime_ns, facts.st_ino) != looks:
        raise ChangedError(str(path))


def _opened(path: Path, looks: Looks) -> BinaryIO:
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise ChangedError(str(path)) from error
    except OSError as error:
        raise _unreadable(error) from error
    try:
        refuse_changed(file, path, looks)
    except ChangedError:
        file.close()
        raise
    return file


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    try:
        return os.pread(file.fileno(), size, offset)
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> RefusedError:
    why = error.strerror or "no reason"
    return RefusedError(Told("读不出", f"it cannot be read ({why})"))


def _new_offset(answer: Answer, before: int, size: int) -> int:
    offset = _number(answer, "upload-offset")
    if not before < offset <= size:
        raise HoldError(
            Told("服务器答复的进度不对", f"the service answers the offset {offset}")
        )
    return offset


def _number(answer: Answer, name: str) -> int:
    refuse_hold(answer)
    text = answer.headers.get(name, "")
    if not text.isdigit():
        raise HoldError(Told("服务器答复不全", f"the service's answer lacks {name}"))
    return int(text)
