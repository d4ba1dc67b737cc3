"""The city's roads on board: fetched at a contact, kept for when there is none."""

from __future__ import annotations

import os
import re
from pathlib import Path

from service.vehicle.answers import refuse_hold
from service.vehicle.lying import OURS
from service.vehicle.remembered import sync_folder
from service.vehicle.talk import Talk
from service.vehicle.told import HoldError, Told, cannot_write

_PREFIX, _SUFFIX = "roads-", ".geojson"
_UNCHANGED = 304
_END = b"}]}"
"""How a collection of lines ends, and only there."""
_TAG = re.compile(r'"([0-9A-Za-z_-]{1,64})"')


def road_file(folder: Path) -> Path | None:
    """Return the roads that were fetched last; None if none ever were."""
    found = sorted(
        (folder / OURS).glob(f"{_PREFIX}*{_SUFFIX}"), key=lambda p: p.stat().st_mtime_ns
    )
    return found[-1] if found else None


def fetch_roads(talk: Talk, folder: Path) -> bool:
    """Fetch the service's roads unless they are here; say if they are new.

    The version is in the file's name, so there is never one without the other. A
    service without roads takes none away.

    Args:
        talk: to the service.
        folder: the watched one.

    Raises:
        HoldError: not now; what was fetched before stays.
        OutputError: they cannot be written.
    """
    ours, here = folder / OURS, road_file(folder)
    have = None if here is None else here.name[len(_PREFIX) : -len(_SUFFIX)]
    headers = {} if have is None else {"If-None-Match": f'"{have}"'}
    part = ours / f".{_PREFIX}part"
    try:
        with part.open("wb") as file:
            answer = talk.fetch("/devices/me/roads", file, headers=headers)
        if answer.status != _UNCHANGED:
            refuse_hold(answer)
        tag = _TAG.fullmatch(answer.headers.get("etag", "").removeprefix("W/"))
        if answer.status != 200 or tag is None:
            part.unlink()
            return False
        _refuse_cut(part)
        new = ours / f"{_PREFIX}{tag.group(1)}{_SUFFIX}"
        part.replace(new)
        sync_folder(ours)
    except OSError as error:
        raise cannot_write(part, error) from error
    for old in ours.glob(f"{_PREFIX}*{_SUFFIX}"):
        if old != new:
            old.unlink(missing_ok=True)
    return True


def _refuse_cut(path: Path) -> None:
    """Refuse what ends before the last road, or never held any.

    Raises:
        HoldError: somebody between us and the service cut it short.
    """
    with path.open("rb") as file:
        file.seek(-min(len(_END), path.stat().st_size), os.SEEK_END)
        if file.read() != _END:
            raise HoldError(Told("道路数据不全", "the roads were cut short"))
