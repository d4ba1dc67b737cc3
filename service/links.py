"""Links to pictures: signed, for a while, so that a browser needs no key for them."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import time
from urllib.parse import quote, urlencode

from service.store import Store

_SECRET = "links"  # noqa: S105 - its name, not what it is
_SECRET_BYTES = 32
_MINUTE_S = 60


def link_secret(store: Store) -> bytes:
    """Return what links are signed with; it is made when it is first needed."""
    new = secrets.token_hex(_SECRET_BYTES)
    return bytes.fromhex(store.secret(_SECRET, new, known_s=time.time()))


def signed_link(secret: bytes, name: str, *, now_s: float, life_s: float) -> str:
    """Return the path and query at which a picture can be had for a while.

    Args:
        secret: see `link_secret`.
        name: of the blob.
        now_s: Unix seconds.
        life_s: how long at least; links end at whole minutes, so that a browser that
            asks again soon is given the same one.
    """
    until_s = math.ceil((now_s + life_s) / _MINUTE_S) * _MINUTE_S
    query = urlencode({"until": until_s, "sig": signature(secret, name, until_s)})
    return f"/evidence/{quote(name, safe='')}?{query}"


def signature(secret: bytes, name: str, until_s: int) -> str:
    """Return HMAC-SHA256 of a picture's name and the end of its link, hexadecimal."""
    said = f"{name}\n{until_s}".encode()
    return hmac.new(secret, said, hashlib.sha256).hexdigest()


def signed_by_us(secret: bytes, name: str, until_s: int, sig: str) -> bool:
    """Say if a link is ours, in a time that tells nothing about the right signature."""
    ours = signature(secret, name, until_s).encode()
    return hmac.compare_digest(ours, sig.encode())
