"""Files that only the holder of a key can read, written and read piece by piece.

AES-256-GCM over chunks; each chunk's nonce counts and marks the last one, so chunks
cannot be swapped, repeated or left out unseen.

Source:
    The STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar (2015), Online
    Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from vision.errors import InputError

MAGIC = b"LJSEAL1\n"
CHUNK = 1 << 20
_SALT = 16
_PREFIX = 7
_TAG = 16
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
            msg = (
                "the sealed file cannot be opened: raw.key is not the key it was "
                "sealed with, or the file was changed; set the right key"
            )
            raise InputError(msg) from error


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


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _key(secret: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_WAYS).derive(
        secret.encode()
    )
