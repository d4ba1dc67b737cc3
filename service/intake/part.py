"""A file that is still coming, as it lies on the disk, held by one writer at a time.

The lock is the system's own (`flock`): it holds across processes and goes when its
process ends, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from service.intake.refused import HeldError
from service.intake.sealed import PIECES_HEAD, PieceSealer
from vision.errors import GoneError

_READ = 1 << 20


def part_path(folder: Path, name: str) -> Path:
    """Return where the part file of an upload lies."""
    return folder / f"{name}.part"


def create_part(folder: Path, name: str, secret: str | None) -> int:
    """Make an empty part file, on the disk before this returns; return its bytes.

    Raises:
        OSError: the disk does not take it.
    """
    head = b"" if secret is None else PieceSealer.begin(secret, name)
    path = part_path(folder, name)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, head)
        os.fsync(handle)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    sync_folder(folder)
    return len(head)


class Part:
    """A part file in the hands of one writer.

    Attributes:
        path: where it lies.
        offset: bytes of the file that were written, on the disk or not yet.
        stored: bytes of the part file that hold them.
    """

    def __init__(self, path: Path) -> None:
        """Take hold of it.

        Raises:
            HeldError: somebody else holds it.
            GoneError: it is not there.
        """
        self.path = path
        self.offset = self.stored = 0
        self._sealer: PieceSealer | None = None
        try:
            self._handle = os.open(path, os.O_RDWR)
        except FileNotFoundError as error:
            msg = "what came of the file is not here any more; send it again"
            raise GoneError(msg) from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._handle)
            msg = "somebody is sending to this upload at this moment; try again soon"
            raise HeldError(msg) from error

    @property
    def size(self) -> int:
        """Bytes that lie in the part file."""
        return os.fstat(self._handle).st_size

    def head(self) -> bytes:
        """Return the head of a sealed part file."""
        return os.pread(self._handle, PIECES_HEAD, 0)

    def go_to(self, offset: int, stored: int, sealer: PieceSealer | None) -> None:
        """Go on from what is known to be on the disk; what lies behind it is cut off.

        Args:
            offset: bytes of the file.
            stored: bytes of the part file that hold them.
            sealer: encrypts what comes; None leaves it as it is.

        Raises:
            GoneError: there is less than that.
        """
        if self.size < stored:
            msg = "some of what came of the file was lost; send it again"
            raise GoneError(msg)
        self._sealer = sealer
        self.cut(offset, stored)

    def cut(self, offset: int, stored: int) -> None:
        """Cut off what lies behind a place; see `go_to`."""
        os.ftruncate(self._handle, stored)
        self.offset, self.stored = offset, stored

    def append(self, data: bytes) -> None:
        """Write the next bytes of the file at the place where they belong.

        Raises:
            OSError: the disk does not take them; nothing counts.
        """
        kept = data if self._sealer is None else self._sealer.seal(data, self.offset)
        view, at = memoryview(kept), self.stored
        while view:
            written = os.pwrite(self._handle, view, at)
            view, at = view[written:], at + written
        self.offset += len(data)
        self.stored = at

    def sync(self) -> None:
        """Put all that was written on the disk.

        Raises:
            OSError: the disk does not take it; nothing counts.
        """
        os.fdatasync(self._handle)

    def read(self) -> Iterator[bytes]:
        """Yield the bytes of the file from its beginning, as they were sent.

        Raises:
            InputError: it was sealed with another key, or changed.
        """
        with os.fdopen(os.dup(self._handle), "rb") as file:
            if self._sealer is not None:
                yield from self._sealer.pieces(file)
                return
            file.seek(0)
            while data := file.read(_READ):
                yield data

    def drop(self) -> None:
        """Take the part file away."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let others hold it."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
