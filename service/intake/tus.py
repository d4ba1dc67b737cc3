"""The headers of tus 1.0, read with care: whoever sends them may mean harm.

Source:
    The tus resumable upload protocol 1.0.x, https://tus.io/protocols/resumable-upload.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from service.intake.names import checked_name
from service.intake.refused import TooLargeError
from vision.errors import InputError

VERSION = "1.0.0"
EXTENSIONS = (
    "creation",
    "creation-with-upload",
    "checksum",
    "expiration",
    "termination",
)
ALGORITHMS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "md5": hashlib.md5,
}
"""Against damage on the way, not against harm: the whole file's is SHA-256."""

MOST = (1 << 63) - 1
"""What a database keeps as a number of bytes."""
_LONGEST = 4096
_KEY = re.compile(r"[!-+\--~]{1,100}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DRIVE = re.compile(r"[A-Za-z0-9._-]{1,80}")


@dataclass(frozen=True, slots=True)
class Promised:
    """What a sender says of a file.

    Attributes:
        name: of the file.
        size: bytes.
        sha256: of the whole file; None if it does not say.
        drive: the manifest it belongs to; None for none.
        given: the metadata as it came.
    """

    name: str
    size: int
    sha256: str | None
    drive: str | None
    given: str


def read_bytes(header: str, value: str | None) -> int:
    """Return the number of bytes that a header gives.

    Raises:
        InputError: it is missing, negative or no number.
        TooLargeError: no file is that large.
    """
    if value is None:
        msg = f"{header} is missing; send it as a number of bytes"
        raise InputError(msg)
    if not (value.isascii() and value.isdecimal()):
        msg = f"{header} must be a whole number of bytes, 0 or more, got {value[:40]!r}"
        raise InputError(msg)
    if len(value) > len(str(MOST)) or int(value) > MOST:
        msg = f"{header}: no file has {value[:40]} bytes; send its true size"
        raise TooLargeError(msg)
    return int(value)


def read_promise(length: str | None, metadata: str | None) -> Promised:
    """Return what the headers of a new upload say of its file.

    Raises:
        InputError: no or no good length, metadata or name; an empty file.
        TooLargeError: no file is that large.
    """
    size = read_bytes("Upload-Length", length)
    values = read_metadata(metadata or "")
    name, sha256, drive = (
        _text(values, key) for key in ("filename", "sha256", "drive")
    )
    if name is None:
        msg = "Upload-Metadata names no file; send `filename` and its name in base64"
        raise InputError(msg)
    checked_name(name)
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        msg = "Upload-Metadata: sha256 must be 64 hexadecimal digits in lower case"
        raise InputError(msg)
    if drive is not None and not _DRIVE.fullmatch(drive):
        msg = (
            "Upload-Metadata: drive must be 1 to 80 letters, digits, dots, lines and "
            "hyphens"
        )
        raise InputError(msg)
    if size == 0:
        msg = f"{name} is empty; there is nothing to send"
        raise InputError(msg)
    return Promised(name, size, sha256, drive, metadata or "")


def read_metadata(header: str) -> dict[str, bytes]:
    """Return key -> value of `Upload-Metadata`; a key without a value has none.

    Raises:
        InputError: it does not have that form.
    """
    if len(header) > _LONGEST:
        msg = f"Upload-Metadata may have at most {_LONGEST} characters"
        raise InputError(msg)
    values: dict[str, bytes] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in values:
            msg = (
                f"Upload-Metadata: {key[:40]!r} is no key, or comes twice; send pairs "
                "of a key and a value in base64, parted by commas"
            )
            raise InputError(msg)
        try:
            values[key] = base64.b64decode(value, validate=True)
        except ValueError as error:
            msg = f"Upload-Metadata: the value of {key} is not base64; encode it"
            raise InputError(msg) from error
    return values


def read_checksum(header: str | None) -> tuple[str, bytes] | None:
    """Return the algorithm and the sum of `Upload-Checksum`; None without one.

    Raises:
        InputError: it does not have that form, or the algorithm is not ours.
    """
    if header is None:
        return None
    name, _, value = header.partition(" ")
    if name not in ALGORITHMS:
        known = ", ".join(ALGORITHMS)
        msg = f"Upload-Checksum: {name[:40]!r} is not one of {known}; use one of them"
        raise InputError(msg)
    try:
        wanted = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "Upload-Checksum: the sum is not base64; encode it"
        raise InputError(msg) from error
    return name, wanted


def _text(values: dict[str, bytes], key: str) -> str | None:
    value = values.get(key)
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = f"Upload-Metadata: {key} is not UTF-8; send it as UTF-8 in base64"
        raise InputError(msg) from error
