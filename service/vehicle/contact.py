"""A word with the service now and then: what time it is, how the vehicle does."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.vehicle.answers import refuse_hold
from service.vehicle.clock import Clock
from service.vehicle.talk import Talk
from service.vehicle.told import Told

EVERY_S = 300.0
_OFF_S = 30.0
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Contact:
    """What the last word with the service told.

    Attributes:
        device: the service's id of this vehicle.
        name: what people call it.
        clock_offset_s: this machine's clock minus the service's; None if unknown.
        raw_wanted: the service would like raw footage.
    """

    device: str | None = None
    name: str | None = None
    clock_offset_s: float | None = None
    raw_wanted: bool | None = None

    @property
    def clock_told(self) -> Told | None:
        """A sentence if this machine's clock is clearly off."""
        offset_s = self.clock_offset_s
        if offset_s is None or abs(offset_s) < _OFF_S:
            return None
        zh_way, way = ("快", "ahead") if offset_s > 0 else ("慢", "behind")
        size = abs(offset_s)
        if size >= _DAY_S:
            zh, en = f"{size / _DAY_S:.1f} 天", f"{size / _DAY_S:.1f} days"
        else:
            zh, en = f"{size:.0f} 秒", f"{size:.0f} s"
        return Told(
            f"本机时钟{zh_way} {zh},请校时;服务器已记下差值",
            f"this clock is {en} {way}; set it (the service knows the difference)",
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has not been received yet."""

    files: int = 0
    size: int = 0


def make_contact(
    talk: Talk,
    clock: Clock,
    folder: Path,
    waiting: Waiting,
    models: Sequence[str] | None,
) -> Contact:
    """Tell the service how this vehicle does, and hear what it says.

    Args:
        talk: to the service.
        clock: the one it measures.
        folder: on the disk whose room is told.
        waiting: what has not been received yet.
        models: eyes on board, `name@version`; None without any.

    Raises:
        HoldError: not now.
    """
    body = {
        "device_time": clock.wall_s(),
        "firmware": f"{platform.system()} {platform.release()}"[:80],
        "free_disk_bytes": _free(folder),
        "models": None if models is None else list(models),
        "waiting_files": waiting.files,
        "waiting_bytes": waiting.size,
    }
    answer = refuse_hold(talk.ask_json("POST", "/devices/me/contact", body))
    if answer.status >= 400:
        return Contact()
    said = answer.json()
    offset = said.get("clock_offset_s")
    wanted = said.get("raw_wanted")
    return Contact(
        device=_text(said.get("device")),
        name=_text(said.get("name")),
        clock_offset_s=float(offset) if isinstance(offset, int | float) else None,
        raw_wanted=wanted if isinstance(wanted, bool) else None,
    )


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
