"""A word with the service now and then: what time it is, how the vehicle does."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from service.vehicle.answers import refuse_hold
from service.vehicle.clock import Clock
from service.vehicle.talk import Talk
from service.vehicle.told import Told

EVERY_S = 300.0
_OFF_S = 30.0
_DAY_S = 86400.0
_LONGEST_SAYS = 300


@dataclass(frozen=True, slots=True)
class Contact:
    """What the last word with the service told.

    Attributes:
        device: the service's id of this vehicle.
        name: what people call it.
        clock_offset_s: this machine's clock minus the service's; None if unknown.
        raw_wanted: the service would like raw footage.
        remark: what the service says is wrong with this vehicle; None if nothing is.
        refused: name of a package that the service could not use -> why.
    """

    device: str | None = None
    name: str | None = None
    clock_offset_s: float | None = None
    raw_wanted: bool | None = None
    remark: str | None = None
    refused: Mapping[str, str] = field(default_factory=dict)

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
    *,
    says: str | None = None,
) -> Contact:
    """Tell the service how this vehicle does, and hear what it says.

    Args:
        talk: to the service.
        clock: the one it measures.
        folder: on the disk whose room is told.
        waiting: what has not been received yet.
        models: eyes on board, `name@version`; None without any.
        says: what cannot be done here; None where all is well.

    Raises:
        HoldError: not now.
    """
    body: dict[str, Any] = {
        "device_time": clock.wall_s(),
        "firmware": _firmware(),
        "free_disk_bytes": _free(folder),
        "models": None if models is None else list(models),
        "waiting_files": waiting.files,
        "waiting_bytes": waiting.size,
    }
    if says is not None:
        body["says"] = says[:_LONGEST_SAYS]
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
        remark=_text(said.get("remark")),
        refused=_refused(said.get("refused_packages")),
    )


def _firmware() -> str:
    """Return the versions of this program and of the system below it."""
    system = f"{platform.system()} {platform.release()}"
    return f"liujing {metadata.version('liujing')}, {system}"[:80]


def _refused(value: object) -> dict[str, str]:
    items = value if isinstance(value, list) else []
    return {
        str(item["name"]): str(item["reason"])
        for item in items
        if isinstance(item, dict) and {"name", "reason"} <= item.keys()
    }


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
