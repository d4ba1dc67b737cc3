"""Register cameras that stand, change them and take them out.

What can be wrong with a camera is said when it is registered, not at its first slot.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from service.audit.keep_watch import post_of
from service.camera_records import CameraRecord, CameraStanding
from service.cameras.address import checked_address, kept_address, shown_address
from service.cameras.wish import (
    LEAST_INTERVAL_S,
    MOST_FILE,
    MOST_INTERVAL_S,
    CameraWish,
)
from service.roads import RoadNetwork, load_roads
from service.settings import Settings
from service.store import Store
from vision.catalogue import load_card
from vision.errors import InputError, NotFoundError
from vision.fixed import parse_fixed_camera

_ID_BYTES = 6
_LONGEST_NAME = 80
_DAY_MIN = 24 * 60


def add_camera(
    settings: Settings, store: Store, wish: CameraWish, *, by: str | None = None
) -> CameraStanding:
    """Register a camera.

    Args:
        settings: the roads, the eyes, the key that seals addresses.
        store: the city's memory.
        wish: the camera.
        by: name of the key that asks; None for the command line.

    Raises:
        InputError: something about it is wrong.
        CameraError: its file is.
        NotFoundError: there is no road file or model.
    """
    if wish.address is None:
        msg = "give the camera's address, or the folder of its snapshots"
        raise InputError(msg)
    camera_id = f"cam{secrets.token_hex(_ID_BYTES)}"
    _write(settings, store, wish, _Version(camera_id, 1, by), before=None)
    return camera_of(store, camera_id)


def change_camera(
    settings: Settings,
    store: Store,
    camera_id: str,
    wish: CameraWish,
    *,
    by: str | None = None,
) -> CameraStanding:
    """Write a new version of a camera; watches at hand end under the old one.

    Raises:
        InputError: something about it is wrong, or somebody changed it just now.
        CameraError: its file is.
        NotFoundError: there is no such camera, or it was taken out.
    """
    now = camera_of(store, camera_id)
    if now.ended_s is not None:
        msg = f"camera {camera_id} was taken out; register it anew"
        raise NotFoundError(msg)
    version = _Version(camera_id, now.camera.version + 1, by)
    _write(settings, store, wish, version, before=now.camera)
    return camera_of(store, camera_id)


def end_camera(store: Store, camera_id: str, *, reason: str) -> CameraStanding:
    """Take a camera out for good; what is being watched just now is cancelled.

    Raises:
        NotFoundError: there is no such camera, or it was taken out before.
    """
    now_s = time.time()
    if not store.end_camera(camera_id, reason=reason, known_s=now_s):
        raise NotFoundError(_none(camera_id))
    for slot in store.open_watches(camera_id):
        store.cancel_job(slot.job_id, now_s=now_s)
    return camera_of(store, camera_id)


def camera_of(store: Store, camera_id: str) -> CameraStanding:
    """Return a camera and how it fares.

    Raises:
        NotFoundError: there is none of this name.
    """
    found = store.cameras(camera_id=camera_id)
    if not found:
        raise NotFoundError(_none(camera_id))
    return found[0]


def wish_of(camera: CameraRecord, **changes: Any) -> CameraWish:
    """Return a camera as it is wanted now, with changes; its address stays."""
    wish = CameraWish(
        name=camera.name,
        district=camera.district,
        kind=camera.kind,
        address=None,
        file=camera.file,
        schedule=camera.schedule,
        interval_s=camera.interval_s,
        enabled=camera.enabled,
    )
    return replace(wish, **changes)


def roads_of(
    settings: Settings, load: Callable[..., RoadNetwork] = load_roads
) -> RoadNetwork:
    """Return the city's roads, on which cameras stand.

    Raises:
        InputError: the settings name no road file.
    """
    if settings.jobs.roads is None:
        msg = (
            "the setting jobs.roads names no road file, so nobody knows which street a "
            "camera shows; set it to the city's road file"
        )
        raise InputError(msg)
    return load(settings.jobs.roads)


@dataclass(frozen=True, slots=True)
class _Version:
    """Which version is written, and by whom."""

    camera_id: str
    number: int
    by: str | None


def _write(
    settings: Settings,
    store: Store,
    wish: CameraWish,
    version: _Version,
    *,
    before: CameraRecord | None,
) -> None:
    _refuse_wrong(wish)
    fixed = parse_fixed_camera(wish.file, "camera.toml")
    card = load_card(settings.jobs.model, settings.jobs.models)
    post_of(fixed, card, roads_of(settings), wish.interval_s)
    if wish.address is not None:
        address = checked_address(wish.kind, wish.address)
        kept, is_sealed = kept_address(wish.kind, address, settings)
        shown = shown_address(wish.kind, address)
    elif before is not None and before.kind == wish.kind:
        kept, is_sealed, shown = before.address, before.is_sealed, before.shown
    else:
        msg = "a camera of another kind needs a new address; give it"
        raise InputError(msg)
    record = CameraRecord(
        id=version.camera_id,
        version=version.number,
        name=wish.name.strip(),
        district=wish.district,
        kind=wish.kind,
        address=kept,
        is_sealed=is_sealed,
        shown=shown,
        file=wish.file,
        schedule=wish.schedule,
        interval_s=wish.interval_s,
        enabled=wish.enabled,
        by=version.by,
        known_s=time.time(),
    )
    if not store.add_camera(record):
        msg = "somebody else changed the camera just now; look at it and try again"
        raise InputError(msg)


def _refuse_wrong(wish: CameraWish) -> None:
    schedule = wish.schedule
    days = schedule.days
    wrong = {
        "the name must have 1 to 80 letters": not (
            0 < len(wish.name.strip()) <= _LONGEST_NAME and wish.name.isprintable()
        ),
        "the district must not be empty; leave it out for the whole city": (
            wish.district is not None and not wish.district.strip()
        ),
        f"the camera file must be shorter than {MOST_FILE} letters": (
            len(wish.file) > MOST_FILE
        ),
        "a watch must take 1 minute or more, and begin again no sooner than it ends "
        "and once a day at least": not (
            1 <= schedule.for_min <= schedule.every_min <= _DAY_MIN
        ),
        "the hours must be like 7-22: from 0 to 23, to 1 to 24": not (
            0 <= schedule.from_hour < 24 and 0 < schedule.to_hour <= 24
        ),
        "the days must be some of 1 (Monday) to 7, each once": not (
            days and set(days) <= set(range(1, 8)) and len(set(days)) == len(days)
        ),
        f"the interval must be {LEAST_INTERVAL_S} to {MOST_INTERVAL_S:g} seconds": not (
            LEAST_INTERVAL_S <= wish.interval_s <= MOST_INTERVAL_S
        ),
    }
    for sentence, is_so in wrong.items():
        if is_so:
            raise InputError(sentence)


def _none(camera_id: str) -> str:
    return f"there is no camera {camera_id}; see liujing cameras list"
