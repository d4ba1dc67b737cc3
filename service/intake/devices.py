"""Devices: each has its own key that can be taken back, and tells how it is."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from service.device_records import Contact, Device, DeviceKind
from service.keys import end_key, make_key
from service.records import KeyRecord
from service.store import Store
from service.types import DAY_S
from vision.catalogue import load_card, load_layout_card
from vision.errors import AuditError, ConflictError, InputError, NotFoundError

PREFIX = "dv"
_ID_BYTES = 6
_GB = 1e9
_LAST_S = 253402300799.0
"""The end of the year 9999: no clock shows more."""
FAR_S = DAY_S
"""A clock that is further off is wrong, not drifting: it is said."""
FROM_HERE_S = 30 * DAY_S
"""A measurement that lies further away, on the device's own clock, says nothing of it:
the clock was set anew between them."""


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device as it is asked for.

    Attributes:
        name: for people.
        kind: drives, or stands.
        district: all that it sends lies there; None for the whole city.
        vehicle: which one it sits in; None if unknown.
        quota_gb: gigabytes of raw footage in the quarantine; None for no bound.
        days: how long its key holds; None for good.
        raw_wanted: the service wants its raw footage.
    """

    name: str
    kind: DeviceKind = "vehicle"
    district: str | None = None
    vehicle: str | None = None
    quota_gb: float | None = None
    days: float | None = None
    raw_wanted: bool = True


def register(store: Store, wanted: NewDevice) -> tuple[Device, KeyRecord, str]:
    """Register a device; return it, its key, and the secret, which is shown once.

    Raises:
        InputError: a name is empty, or a number is out of bounds.
        ConflictError: a device that holds has this name.
    """
    wanted = _checked(wanted)
    known = [one for one in store.devices() if one.ended_s is None]
    if any(one.name == wanted.name for one in known):
        raise ConflictError(_taken(wanted.name))
    now_s = time.time()
    key, secret = make_key(
        store,
        name=wanted.name,
        role="device",
        district=wanted.district,
        expires_s=None if wanted.days is None else now_s + wanted.days * DAY_S,
    )
    quota_gb = wanted.quota_gb
    device = Device(
        id=f"{PREFIX}{secrets.token_hex(_ID_BYTES)}",
        name=wanted.name,
        kind=wanted.kind,
        district=wanted.district,
        vehicle=wanted.vehicle,
        quota_bytes=None if quota_gb is None else round(quota_gb * _GB),
        raw_wanted=wanted.raw_wanted,
        known_s=now_s,
        keys=(key.id,),
    )
    if not store.add_device(device, key.id):
        end_key(store, key.id, reason="its device could not be registered")
        raise ConflictError(_taken(wanted.name))
    return device, key, secret


def find_device(store: Store, name: str) -> Device:
    """Return the device that holds and has this id or name.

    Raises:
        NotFoundError: there is none.
    """
    for one in store.devices():
        if one.ended_s is None and name in (one.id, one.name):
            return one
    msg = f"no device that holds is called {name}; see liujing devices list"
    raise NotFoundError(msg)


def device_of(store: Store, key_id: str) -> Device | None:
    """Return whose key this is; None for a key of no registered device."""
    found = store.devices(key_id=key_id)
    return found[0] if found else None


def keys_of(store: Store, key_id: str) -> tuple[str, ...]:
    """Return all keys that the device of a key ever had; itself if it is of none."""
    device = device_of(store, key_id)
    return (key_id,) if device is None else device.keys


def rotate(store: Store, device: Device) -> tuple[Device, KeyRecord, str]:
    """Give a device a new key like its last one, and take all others back."""
    keys = {key.id: key for key in store.all_keys()}
    last = keys[device.keys[-1]]
    now_s = time.time()
    if last.expires_s is not None and last.expires_s <= now_s:
        msg = (
            f"the key of {device.name} has expired; end the device and register it "
            "again with more days"
        )
        raise InputError(msg)
    key, secret = make_key(
        store,
        name=device.name,
        role="device",
        district=device.district,
        expires_s=last.expires_s,
    )
    store.add_device_key(device, key.id, known_s=key.known_s)
    for old in device.keys:
        store.end_key(old, reason=f"replaced by {key.id}", known_s=key.known_s)
    return replace(device, keys=(*device.keys, key.id)), key, secret


def end_device(store: Store, device: Device, *, reason: str) -> Device:
    """Take a device back with all its keys; what it sent stays."""
    now_s = time.time()
    for key_id in device.keys:
        store.end_key(key_id, reason=reason, known_s=now_s)
    store.end_device(device.id, reason=reason, known_s=now_s)
    return replace(device, ended_s=now_s)


def hear(
    store: Store, device: Device, said: Contact, *, device_time_s: float
) -> Contact:
    """Note what a device says of itself, with the offset of its clock.

    Whatever the clock shows is a measurement, ten years off too: `clock_remark` says
    so, and the times of its drives are corrected by it.

    Args:
        store: keeps it.
        device: who speaks.
        said: its `at_s` is the server's clock; its offset is not looked at.
        device_time_s: what the device's clock shows.

    Raises:
        InputError: that is no time that a clock can show.
    """
    if not 0 <= device_time_s <= _LAST_S:
        msg = (
            f"device_time must be Unix seconds from 0 to {_LAST_S:.0f}, got "
            f"{device_time_s:g}; send what the clock shows"
        )
        raise InputError(msg)
    contact = replace(said, offset_s=device_time_s - said.at_s)
    store.add_contact(device.id, contact)
    return contact


def clock_remark(offset_s: float) -> str | None:
    """Return one sentence about a clock that is wrong; None for one that drifts."""
    if abs(offset_s) <= FAR_S:
        return None
    way = "ahead of" if offset_s > 0 else "behind"
    return (
        f"the device's clock is {abs(offset_s) / DAY_S:.0f} days {way} the server's; "
        "set it; until then its times are corrected by what was measured"
    )


def models_remark(names: Iterable[str], models: Path | None) -> str | None:
    """Return one sentence about models on board that this service does not have.

    Args:
        names: `name@version` each, of detectors and of layouts.
        models: folder of model cards; None finds the installed ones.
    """
    unknown = sorted(name for name in set(names) if not _is_known(name, models))
    if not unknown:
        return None
    return (
        f"this service does not have {', '.join(unknown)}, so packages of it are "
        "refused; give both the same models"
    )


def _is_known(name: str, models: Path | None) -> bool:
    for load in (load_card, load_layout_card):
        try:
            load(name, models)
        except AuditError:
            continue
        return True
    return False


def clock_offset_of(
    store: Store, device_id: str, device_time_s: float | None
) -> float | None:
    """Return a device's clock minus the server's when its clock showed a time.

    Args:
        store: knows what was measured.
        device_id: the device.
        device_time_s: by the device's own clock; None takes the newest measurement.

    Returns:
        None where nothing was measured, or only long before or after, on that clock.
    """
    found = store.clock_near(device_id, device_time_s)
    if found is None:
        return None
    at_s, offset_s = found
    far = device_time_s is not None and abs(at_s + offset_s - device_time_s)
    return None if far and far > FROM_HERE_S else offset_s


def _taken(name: str) -> str:
    return f"a device is called {name} already; give another name, or end that one"


def _checked(wanted: NewDevice) -> NewDevice:
    """Return what is asked for with its names stripped.

    Raises:
        InputError: a name is empty, or a number is out of bounds.
    """
    for name in ("name", "district", "vehicle"):
        value = getattr(wanted, name)
        if value is not None and not value.strip():
            msg = f"the {name} of a device must not be empty; say it, or leave it out"
            raise InputError(msg)
    for name, most in (("quota_gb", 1e6), ("days", 36500.0)):
        value = getattr(wanted, name)
        if value is not None and not (math.isfinite(value) and 0 < value <= most):
            msg = f"{name} must be more than 0 and at most {most:g}, got {value:g}"
            raise InputError(msg)
    return replace(wanted, name=wanted.name.strip())
