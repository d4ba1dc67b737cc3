"""A camera that stands, as somebody wants it."""

from __future__ import annotations

from dataclasses import dataclass

from service.camera_records import CameraKind, Schedule

LEAST_INTERVAL_S, MOST_INTERVAL_S = 0.5, 600.0
MOST_FILE = 200_000
USUAL_INTERVAL_S = 5.0


@dataclass(frozen=True, slots=True)
class CameraWish:
    """A camera as somebody wants it.

    Attributes:
        name: as people call it.
        district: where it stands; None for the whole city.
        kind: how its pictures come.
        address: in full; None to leave that of the version before.
        file: text of the fixed camera's file.
        schedule: when it is watched.
        interval_s: between two looked-at pictures.
        enabled: whether it is watched at all.
    """

    name: str
    district: str | None
    kind: CameraKind
    address: str | None
    file: str
    schedule: Schedule
    interval_s: float = USUAL_INTERVAL_S
    enabled: bool = True

    def __repr__(self) -> str:
        """Leave the address out."""
        return f"CameraWish({self.name!r}, {self.kind!r})"
