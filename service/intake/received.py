"""What the service has of files, as their senders ask before they delete them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.intake.devices import keys_of
from service.intake.quarantine import Quarantine
from service.store import Store
from service.upload_records import UploadRecord

ReceivedState = Literal["whole", "partial", "unknown", "aside", "deleted"]


@dataclass(frozen=True, slots=True)
class Received:
    """What the service has of one file.

    Attributes:
        sha256: of the file.
        state: `whole` is on the disk and checked; `aside` likewise, but unreadable;
            `deleted` was one of these until its days were over. A sender may delete
            its own file after these three alone.
        offset: bytes that are here; None where there are none.
        size: bytes of the file; None if unknown.
        upload: name of the upload by which it is coming; None for none.
        reason: why it was put aside; None otherwise.
    """

    sha256: str
    state: ReceivedState
    offset: int | None = None
    size: int | None = None
    upload: str | None = None
    reason: str | None = None


def received(
    store: Store, quarantine: Quarantine, hashes: Sequence[str], key_id: str
) -> list[Received]:
    """Return what the service has of files, in their order.

    Args:
        store: knows what came.
        quarantine: where it lies.
        hashes: SHA-256 of each.
        key_id: who asks: unfinished uploads of other devices are not shown.
    """
    known, here = store.raw_files(hashes), quarantine.has(hashes)
    asides = store.asides(hashes)
    coming: dict[str, UploadRecord] = {}
    now_s = time.time()
    for one in store.open_uploads(keys=keys_of(store, key_id), hashes=hashes):
        if one.sha256 is not None and one.expires_s >= now_s:
            coming.setdefault(one.sha256, one)
    found = []
    for sha256 in hashes:
        raw, partial = known.get(sha256), coming.get(sha256)
        if raw is not None and sha256 in here:
            reason = asides.get(sha256)
            state: ReceivedState = "whole" if reason is None else "aside"
            item = Received(sha256, state, raw.size, raw.size, reason=reason)
        elif raw is not None and raw.deleted_s is not None:
            item = Received(sha256, "deleted", size=raw.size)
        elif partial is not None:
            at, size = partial.offset, partial.size
            item = Received(sha256, "partial", at, size, partial.id)
        else:
            item = Received(sha256, "unknown")
        found.append(item)
    return found
