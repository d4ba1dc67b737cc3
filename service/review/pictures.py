"""Masked pictures for the desk: links that live long enough, and their size."""

from __future__ import annotations

import time
from collections.abc import Callable

from service.links import link_secret, signed_link
from service.settings import Settings
from service.store import Store
from service.types import DAY_S
from vision.errors import FormError, InputError

Link = Callable[[str], str]
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG that begin a frame, whatever its coding."""


def desk_links(store: Store, settings: Settings) -> Link:
    """Return what makes a link of a picture's name; each lives from when it is made.

    Raises:
        InputError: nobody said at which address the service is reached.
    """
    base = settings.server.public_url
    if base is None:
        msg = (
            "Label Studio's pages show our pictures by links: set server.public_url to "
            "the address at which reviewers' browsers reach this service"
        )
        raise InputError(msg)
    secret, life_s = link_secret(store), settings.review.link_days * DAY_S

    def link(name: str) -> str:
        path = signed_link(secret, name, now_s=time.time(), life_s=life_s)
        return base.rstrip("/") + path

    return link


def size_of(store: Store, name: str) -> tuple[int, int]:
    """Return width and height of a picture, pixels.

    Raises:
        FormError: it is no JPEG.
        NotFoundError: it is gone.
    """
    return jpeg_size(store.blobs.get(name), name)


def jpeg_size(content: bytes, name: str) -> tuple[int, int]:
    """Return width and height as a JPEG's header says.

    Raises:
        FormError: it is no JPEG; the message names it.
    """
    at = 2
    while content[:2] == b"\xff\xd8" and at + 9 <= len(content):
        if content[at] != 0xFF:
            break
        marker = content[at + 1]
        if marker in _FRAMES:
            high = int.from_bytes(content[at + 5 : at + 7], "big")
            wide = int.from_bytes(content[at + 7 : at + 9], "big")
            return wide, high
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    msg = f"the picture {name} is no JPEG; check it with liujing verify"
    raise FormError(msg)
