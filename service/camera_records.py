"""The nouns of cameras that stand and are registered in the service."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from service.types import DAY_S

CameraKind = Literal["rtsp", "snapshots"]
"""A live stream; a folder into which the camera drops pictures."""
CameraCondition = Literal["off", "new", "failing", "ok"]
_MINUTE_S = 60.0
_HOUR_S = 3600.0
_THURSDAY = 3
"""Of the first of January 1970, counted from Monday, 0."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in which a camera is to be watched; Unix seconds.

    Attributes:
        from_s: its begin.
        to_s: its end.
    """

    from_s: float
    to_s: float

    def holds(self, at_s: float) -> bool:
        """Say if a time lies in it; its end does not."""
        return self.from_s <= at_s < self.to_s


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a camera is watched, on the city's clock.

    Attributes:
        every_min: minutes from one begin to the next, from `from_hour` on.
        for_min: minutes of one watch.
        from_hour: 0 to 23, begin of the day's watching.
        to_hour: 1 to 24, its end; not after `from_hour` is on the next day.
        days: 1 (Monday) to 7, on which watching begins.
    """

    every_min: int
    for_min: int
    from_hour: int
    to_hour: int
    days: tuple[int, ...]

    def slot_at(self, at_s: float, *, offset_s: float) -> Slot | None:
        """Return the slot that holds a time; None between slots.

        Args:
            at_s: Unix seconds.
            offset_s: of the city's clock from UTC.
        """
        return next((s for s in self._near(at_s, offset_s) if s.holds(at_s)), None)

    def last_ended(self, at_s: float, *, offset_s: float) -> Slot | None:
        """Return the slot that ended last, up to a week ago; None without any."""
        for back in range(8):
            day_s = at_s - back * DAY_S
            ended = [s for s in self._near(day_s, offset_s) if s.to_s <= at_s]
            if ended:
                return max(ended, key=lambda slot: slot.to_s)
        return None

    def _near(self, at_s: float, offset_s: float) -> Iterator[Slot]:
        """Yield the slots of the day of a time, and of the day before."""
        today = math.floor((at_s + offset_s) / DAY_S)
        for day in (today - 1, today):
            if (day + _THURSDAY) % 7 + 1 in self.days:
                yield from self._of_day(day * DAY_S - offset_s)

    def _of_day(self, midnight_s: float) -> Iterator[Slot]:
        hours = (self.to_hour - self.from_hour) % 24 or 24
        begin_s = midnight_s + self.from_hour * _HOUR_S
        end_s = begin_s + hours * _HOUR_S
        count = math.ceil(hours * 60 / self.every_min)
        for number in range(count):
            from_s = begin_s + number * self.every_min * _MINUTE_S
            yield Slot(from_s, min(from_s + self.for_min * _MINUTE_S, end_s))


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """One version of a registered camera; a change is a new version.

    Attributes:
        id: its name for programs.
        version: from 1 on.
        name: as people call it.
        district: where it stands; None for the whole city.
        kind: how its pictures come.
        address: a secret: RTSP address, sealed if `is_sealed`; of snapshots the name of
            the folder. Shown by no route and no verb.
        is_sealed: the address is encrypted with `raw.key`.
        shown: what may be shown of the address.
        file: text of the fixed camera's file.
        schedule: when it is watched.
        interval_s: between two looked-at pictures.
        enabled: whether it is watched at all.
        by: name of the key that wrote this version; None for the command line.
        known_s: since when.
    """

    id: str
    version: int
    name: str
    district: str | None
    kind: CameraKind
    address: str
    is_sealed: bool
    shown: str
    file: str
    schedule: Schedule
    interval_s: float
    enabled: bool
    by: str | None
    known_s: float

    def __repr__(self) -> str:
        """Leave the address out, so that no log and no error shows it."""
        return f"CameraRecord({self.id!r}, version={self.version}, {self.shown!r})"


@dataclass(frozen=True, slots=True)
class CameraStanding:
    """A camera and how it fares; times are Unix seconds.

    Attributes:
        camera: its newest version.
        registered_s: when its first version came.
        ended_s: when it was taken out; None while it is in.
        reason: why it was taken out; None while it is in.
        seen_s: when its last picture was taken; None before the first.
        tried_s: when it was last asked for pictures; None before the first time.
        error: what went wrong last, if nothing came since; None if all is well.
        failing_since_s: since when; None if all is well.
        job_id: of the newest watch; None before the first.
    """

    camera: CameraRecord
    registered_s: float
    ended_s: float | None = None
    reason: str | None = None
    seen_s: float | None = None
    tried_s: float | None = None
    error: str | None = None
    failing_since_s: float | None = None
    job_id: str | None = None

    @property
    def condition(self) -> CameraCondition:
        """Say in one word how it fares."""
        if self.ended_s is not None or not self.camera.enabled:
            return "off"
        if self.error is not None:
            return "failing"
        return "new" if self.seen_s is None else "ok"


@dataclass(frozen=True, slots=True)
class SlotTaken:
    """A slot of a camera that was made into a job.

    Attributes:
        from_s: begin of the slot.
        to_s: its end.
        piece: 0, or more where pictures of a past slot came late.
        job_id: the job.
        state: of the job.
        known_s: when it was made.
    """

    from_s: float
    to_s: float
    piece: int
    job_id: str
    state: str
    known_s: float
