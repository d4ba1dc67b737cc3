"""What the service says it has; only its word lets a file be deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.vehicle.answers import refuse_hold
from service.vehicle.talk import Talk
from service.vehicle.told import HoldError, Told

_AT_ONCE = 100
_SAFE = frozenset({"whole", "aside", "deleted"})


@dataclass(frozen=True, slots=True)
class Received:
    """What the service has of one file.

    Attributes:
        state: whole, partial, unknown, aside (kept, but unreadable) or deleted (was
            whole, its days are over).
        upload: path of the upload that may go on.
        reason: why it lies aside.
    """

    state: str
    upload: str | None = None
    reason: str | None = None

    @property
    def safe(self) -> bool:
        """The service has or had all of it, checked."""
        return self.state in _SAFE


def ask_received(talk: Talk, hashes: Iterable[str]) -> dict[str, Received]:
    """Return SHA-256 -> what the service has of it.

    Raises:
        HoldError: not now.
    """
    wanted = list(dict.fromkeys(hashes))
    found: dict[str, Received] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        asked = wanted[start : start + _AT_ONCE]
        query = "&".join(f"sha256={sha256}" for sha256 in asked)
        answer = refuse_hold(talk.ask("GET", f"/uploads/received?{query}"))
        items = answer.json().get("items") if answer.status == 200 else None
        if not isinstance(items, list):
            told = Told(
                "此地址没有上传服务",
                f"the service does not say what it has ({answer.status}); "
                "check --server",
            )
            raise HoldError(told)
        found |= {str(i["sha256"]): _read(i) for i in items if _is_item(i)}
    return {sha256: found.get(sha256, Received("unknown")) for sha256 in wanted}


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and {"sha256", "state"} <= item.keys()


def _read(item: dict[str, object]) -> Received:
    upload, reason = item.get("upload"), item.get("reason")
    upload_id = str(upload).rstrip("/").rpartition("/")[2] if upload else None
    return Received(
        state=str(item["state"]),
        upload=f"/uploads/{upload_id}" if upload_id else None,
        reason=str(reason)[:300] if reason else None,
    )
