"""Files that only the holder of a key can read, written and read piece by piece.

AES-256-GCM over chunks; each chunk's nonce counts and marks the last one, so chunks
cannot be swapped, repeated or left out unseen.

Source:
    The STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar (2015), Online
    Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from vision.errors import InputError

MAGIC = b"LJSEAL1\n"
CHUNK = 1 << 20
PIECES_MAGIC = b"LJPART1\n"
_SALT = 16
_PREFIX = 7
_TAG = 16
_NONCE = 12
PIECES_HEAD = len(PIECES_MAGIC) + _SALT + _NONCE + _TAG
_OTHER_KEY = (
    "the sealed file cannot be opened: raw.key is not the key it was sealed with, or "
    "the file was changed; set the right key"
)
_COST, _BLOCK, _WAYS = 1 << 14, 8, 1


class Sealer:
    """Encrypts one file as it is written.

    Args:
        file: takes the bytes; its header is written at once.
        secret: of any length.
    """

    def __init__(self, file: BinaryIO, secret: str) -> None:
        salt, self._prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        self._file = file
        self._cipher = AESGCM(_key(secret, salt))
        self._number = 0
        self._waiting = bytearray()
        file.write(MAGIC + salt + self._prefix)

    def write(self, data: bytes) -> None:
        """Take the next bytes of the file."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def finish(self) -> None:
        """Write what is left; without this the file cannot be opened."""
        self._put(bytes(self._waiting), last=True)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, chunk, None))
        self._number += 1


class PieceSealer:
    """Encrypts a file that is still growing: each piece by itself, for good.

    A piece's nonce is random, and its place and the file's name are proved with it, so
    that no piece can be changed, moved or repeated unseen, and none is ever encrypted
    twice under one nonce, though its bytes come again after a cut.

    Args:
        head: as `begin` made it.
        secret: of any length.
        name: of the file; another's pieces do not open under it.

    Raises:
        InputError: the key is another one.
    """

    def __init__(self, head: bytes, secret: str, name: str) -> None:
        salt = head[len(PIECES_MAGIC) : len(PIECES_MAGIC) + _SALT]
        self._cipher = AESGCM(_key(secret, salt))
        self._name = name.encode()
        proof = head[len(PIECES_MAGIC) + _SALT :]
        if not head.startswith(PIECES_MAGIC) or len(proof) != _NONCE + _TAG:
            msg = "the file has no head of pieces; send it from its beginning"
            raise InputError(msg)
        self._open(proof, -1)

    @staticmethod
    def begin(secret: str, name: str) -> bytes:
        """Return the head of a new file; it proves which key it was sealed with."""
        salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
        proof = AESGCM(_key(secret, salt)).encrypt(
            nonce, b"", _place(name.encode(), -1)
        )
        return PIECES_MAGIC + salt + nonce + proof

    def seal(self, data: bytes, at: int) -> bytes:
        """Return bytes of the file as they are kept.

        Args:
            data: any number of bytes.
            at: where in the file they begin.
        """
        kept = []
        for start in range(0, len(data), CHUNK):
            nonce = os.urandom(_NONCE)
            place = _place(self._name, at + start)
            piece = self._cipher.encrypt(nonce, data[start : start + CHUNK], place)
            kept.append(len(piece).to_bytes(4, "big") + nonce + piece)
        return b"".join(kept)

    def pieces(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield the bytes of a file, piece by piece; each is proved genuine.

        Raises:
            InputError: the file was changed or cut.
        """
        file.seek(PIECES_HEAD)
        at = 0
        while length := file.read(4):
            size = int.from_bytes(length, "big")
            data = self._open(file.read(_NONCE + min(size, CHUNK + _TAG)), at)
            at += len(data)
            yield data

    def _open(self, piece: bytes, at: int) -> bytes:
        try:
            place = _place(self._name, at)
            return self._cipher.decrypt(piece[:_NONCE], piece[_NONCE:], place)
        except (InvalidTag, ValueError) as error:
            msg = (
                "what came of the file cannot be opened: raw.key is not the key it was "
                "sealed with, or it was changed; send it from its beginning"
            )
            raise InputError(msg) from error


def sealed(data: bytes, secret: str, file: BinaryIO) -> None:
    """Encrypt some bytes into a file."""
    sealer = Sealer(file, secret)
    sealer.write(data)
    sealer.finish()


def unsealed(file: BinaryIO, secret: str) -> Iterator[bytes]:
    """Yield the bytes of a sealed file, chunk by chunk; each is proved genuine.

    Raises:
        InputError: the key is another one, or the file was changed or cut.
    """
    header = file.read(len(MAGIC) + _SALT + _PREFIX)
    salt, prefix = header[len(MAGIC) : -_PREFIX], header[-_PREFIX:]
    if not header.startswith(MAGIC) or len(salt) != _SALT:
        msg = "the file is not sealed; take it as it is, or bring it in again"
        raise InputError(msg)
    cipher = AESGCM(_key(secret, salt))
    for number, (chunk, last) in enumerate(_with_last(_chunks(file))):
        try:
            yield cipher.decrypt(_nonce(prefix, number, last=last), chunk, None)
        except InvalidTag as error:
            raise InputError(_OTHER_KEY) from error


class SealError(InputError):
    """A sealed file cannot be opened: that is no fault of what is in it."""


class UnsealedFile(io.RawIOBase):
    """A sealed file that can be read at any place; each chunk is proved genuine.

    Args:
        file: the sealed file; stays open as long as this is used.
        secret: it was sealed with.

    Raises:
        SealError: the file is not sealed; in reading: the key is another one, or the
            file was changed.
    """

    def __init__(self, file: BinaryIO, secret: str) -> None:
        super().__init__()
        head = len(MAGIC) + _SALT + _PREFIX
        file.seek(0)
        header = file.read(head)
        if not header.startswith(MAGIC) or len(header) != head:
            msg = "the file is not sealed; take it as it is, or bring it in again"
            raise SealError(msg)
        self._file, self._head = file, head
        self._cipher = AESGCM(_key(secret, header[len(MAGIC) : -_PREFIX]))
        self._prefix = header[-_PREFIX:]
        kept = file.seek(0, io.SEEK_END) - head
        self._chunks = -(-kept // (CHUNK + _TAG))
        self._size = kept - self._chunks * _TAG
        self._at = 0
        self._number, self._chunk = -1, b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read at any place."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; return it."""
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        self._at = max(0, begin[whence] + offset)
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readinto(self, into: Any) -> int:
        """Read on, at most to the end of a chunk."""
        if self._at >= self._size:
            return 0
        number, start = divmod(self._at, CHUNK)
        data = self._of(number)[start : start + len(into)]
        into[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _of(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(self._head + number * (CHUNK + _TAG))
            last = number == self._chunks - 1
            nonce = _nonce(self._prefix, number, last=last)
            kept = self._file.read(CHUNK + _TAG)
            try:
                self._chunk = self._cipher.decrypt(nonce, kept, None)
            except InvalidTag as error:
                raise SealError(_OTHER_KEY) from error
            self._number = number
        return self._chunk


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK + _TAG):
        yield chunk


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each chunk and whether it is the last; of no chunk an empty last one."""
    before = None
    for chunk in chunks:
        if before is not None:
            yield before, False
        before = chunk
    yield before or b"", True


def _place(name: bytes, at: int) -> bytes:
    return name + at.to_bytes(8, "big", signed=True)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _key(secret: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_WAYS).derive(
        secret.encode()
    )
