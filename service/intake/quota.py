"""How much one device may have lying here."""

from __future__ import annotations

from service.intake.devices import device_of
from service.intake.refused import TooLargeError
from service.settings import Settings
from service.store import Store
from vision.errors import OutputError

_GB = 1e9
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def refuse_over_quota(settings: Settings, store: Store, key_id: str, size: int) -> None:
    """Refuse a file that would be more than its device may have lying here.

    What lies here is all of what the device has begun to send, and what was received
    from it and is not deleted yet, under whichever of its keys. A key of no registered
    device has the quota of the settings for itself.

    Args:
        settings: the quota of whoever has none of its own.
        store: knows what lies here.
        key_id: who sends.
        size: bytes of the file.

    Raises:
        TooLargeError: the file alone is more than that; it can never be taken.
        OutputError: with what lies here it would be; it can be taken later.
    """
    device = device_of(store, key_id)
    most = settings.uploads.quota_gb * _GB
    if device is not None and device.quota_bytes is not None:
        most = device.quota_bytes
    if size > most:
        msg = (
            f"the file has {said(size)}, more than the {said(most)} that this device "
            "may have here; cut it, or ask for a larger quota"
        )
        raise TooLargeError(msg)
    held = store.bytes_held((key_id,) if device is None else device.keys)
    if held + size > most:
        msg = (
            f"this device has {said(held)} of its {said(most)} lying here; "
            "send the file when older ones are deleted, or ask for a larger quota"
        )
        raise OutputError(msg)


def said(size: float) -> str:
    """Return a number of bytes as people say it: `640 MB`, `1.5 kB`, `7 bytes`."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size:.0f} byte{'' if size == 1 else 's'}"
