"""How much one device may have lying here."""

from __future__ import annotations

from service.intake.refused import TooLargeError
from service.settings import Settings
from service.store import Store
from vision.errors import OutputError

_MB, _GB = 1e6, 1e9


def refuse_over_quota(
    settings: Settings,
    store: Store,
    key_id: str,
    size: int,
    *,
    quota_bytes: int | None = None,
) -> None:
    """Refuse a file that would be more than its key may have lying here.

    What lies here is all of what the key has begun to send, and what was received from
    it and is not deleted yet.

    Args:
        settings: the quota of every key.
        store: knows what lies here.
        key_id: who sends.
        size: bytes of the file.
        quota_bytes: of this device alone; None for that of the settings.

    Raises:
        TooLargeError: the file alone is more than that; it can never be taken.
        OutputError: with what lies here it would be; it can be taken later.
    """
    most = settings.uploads.quota_gb * _GB if quota_bytes is None else quota_bytes
    if size > most:
        msg = (
            f"the file has {size / _MB:.0f} MB, more than the {most / _MB:.0f} MB that "
            "this device may have here; cut it, or ask for a larger quota"
        )
        raise TooLargeError(msg)
    held = store.bytes_held(key_id)
    if held + size > most:
        msg = (
            f"this device has {held / _MB:.0f} of its {most / _MB:.0f} MB lying here; "
            "send the file when older ones are deleted, or ask for a larger quota"
        )
        raise OutputError(msg)
