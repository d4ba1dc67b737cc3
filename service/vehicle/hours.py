"""Hours of the day in which something may be sent: `20:00-06:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vision.errors import InputError

_FORM = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")
_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """From one minute of the day until another; over midnight if the end is first.

    Attributes:
        from_min: minutes after midnight, the first that counts.
        until_min: the first that counts no more.
        zone: whose midnight; None for the machine's.
    """

    from_min: int
    until_min: int
    zone: tzinfo | None

    def open_at(self, epoch_s: float) -> bool:
        """Say if a moment lies in these hours."""
        return self.opens_in_s(epoch_s) == 0

    def opens_in_s(self, epoch_s: float) -> float:
        """Return seconds until these hours begin; 0 within them."""
        local = datetime.fromtimestamp(epoch_s, UTC).astimezone(self.zone)
        now_min = local.hour * 60 + local.minute + local.second / 60
        length = (self.until_min - self.from_min) % _DAY_MIN
        if (now_min - self.from_min) % _DAY_MIN < length:
            return 0.0
        return (self.from_min - now_min) % _DAY_MIN * 60

    def __str__(self) -> str:
        ends = (self.from_min, self.until_min)
        return "-".join(f"{m // 60:02d}:{m % 60:02d}" for m in ends)


def hours_of(text: str, zone: str | None, option: str) -> Hours:
    """Read hours as they stand on the command line.

    Args:
        text: `HH:MM-HH:MM`.
        zone: name of a time zone, like `Asia/Shanghai`; None for the machine's.
        option: named in the sentence of a refusal.

    Raises:
        InputError: no such hours, or no such zone.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        msg = f"{option} must be hours like 20:00-06:00, got {text!r}"
        raise InputError(msg)
    h1, m1, h2, m2 = map(int, found.groups())
    begin, end = h1 * 60 + m1, h2 * 60 + m2
    if max(begin, end) > _DAY_MIN or begin % _DAY_MIN == end % _DAY_MIN:
        msg = (
            f"{option} must be two different times of the day, got {text!r}; leave it "
            "out to send at all hours"
        )
        raise InputError(msg)
    return Hours(begin % _DAY_MIN, end % _DAY_MIN, _zone(zone))


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"there is no time zone {name!r}; write one like Asia/Shanghai"
        raise InputError(msg) from error
