"""How long things stay where they stand, seen by a camera that stands.

Boxes of one category whose feet stay within a step of each other are one thing. It may
be hidden for a while; what comes back to the same place within that time is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vision.fixed.camera_file import FixedCamera
from vision.types import Detections

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DwellOptions:
    """When two boxes are one thing that stands.

    Attributes:
        step_m: feet farther apart than this are another thing, or it moved.
        step_px: or so many pixels, far off where a pixel is large.
        hidden_s: a thing may be out of sight so long.
        glance_s: out of sight for longer than this, another may have taken its place,
            as at a stop line.
        least_s: what stays shorter than this passes by.
    """

    step_m: float = 0.8
    step_px: float = 6.0
    hidden_s: float = 60.0
    glance_s: float = 10.0
    least_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a thing was never out of sight for long.

    Attributes:
        first_s, last_s: epoch seconds of its first and last sight.
        frames: sights.
    """

    first_s: float
    last_s: float
    frames: int

    @property
    def length_s(self) -> float:
        """Return how long it is."""
        return self.last_s - self.first_s


@dataclass(frozen=True, slots=True)
class Dwell:
    """One thing that stood.

    Attributes:
        number: things count from 1 in the order in which they came.
        category: taxonomy id.
        lon, lat: of its foot, mean of all sights.
        zone: name of the camera's zone; None outside all.
        surface: of that zone; None outside all.
        first_s: epoch seconds of the first sight.
        last_s: of the last sight.
        frames: sights.
        limit_s: of the zone at the hour of the first sight; None outside all zones.
        confidence: the highest.
        unbroken: the longest stretch in which it was never out of sight for more than
            `glance_s`, nor a step in metres off: surely one thing.
    """

    number: int
    category: str
    lon: float
    lat: float
    zone: str | None
    surface: str | None
    first_s: float
    last_s: float
    frames: int
    limit_s: float | None
    confidence: float
    unbroken: Stretch

    @property
    def dwell_s(self) -> float:
        """Return how long it stood in view."""
        return self.last_s - self.first_s

    @property
    def over_limit(self) -> bool:
        """Return whether it stayed longer than its zone allows."""
        return self.limit_s is not None and self.dwell_s > self.limit_s


@dataclass(slots=True)
class _Standing:
    number: int
    category: str
    xy: FloatArray
    uv: FloatArray
    first_s: float
    last_s: float
    confidence: float
    box: FloatArray
    sum_xy: FloatArray = field(default_factory=lambda: np.zeros(2))
    frames: int = 0
    told: bool = False
    best: Stretch | None = None
    now: Stretch | None = None
    now_xy: FloatArray = field(default_factory=lambda: np.zeros(2))

    def see(self, epoch_s: float, xy: FloatArray, options: DwellOptions) -> None:
        """Count one sight."""
        now, far_m = self.now, float(np.hypot(*(self.now_xy - xy)))
        if (
            now is None
            or epoch_s - now.last_s > options.glance_s
            or far_m > options.step_m
        ):
            now, self.now_xy = Stretch(epoch_s, epoch_s, 0), xy
        self.now = Stretch(now.first_s, epoch_s, now.frames + 1)
        if self.best is None or self.now.length_s > self.best.length_s:
            self.best = self.now
        self.last_s = epoch_s
        self.sum_xy = self.sum_xy + xy
        self.frames += 1


class DwellWatch:
    """Follows what stands before one camera.

    Args:
        camera: its ground and zones.
        categories: what is followed.
        hour_offset_s: of local time from UTC; China's by default.
        options: when two boxes are one thing.
    """

    def __init__(
        self,
        camera: FixedCamera,
        categories: frozenset[str],
        *,
        hour_offset_s: float = 8 * 3600.0,
        options: DwellOptions | None = None,
    ) -> None:
        self._camera = camera
        self._categories = categories
        self._hour_offset_s = hour_offset_s
        self._options = options or DwellOptions()
        self._standing: list[_Standing] = []
        self._came = 0

    def update(
        self, epoch_s: float, detections: Detections, size_px: tuple[int, int]
    ) -> list[Dwell]:
        """Take the boxes of one picture; return what is gone for good since.

        Args:
            epoch_s: UTC of the picture; must not go back.
            detections: boxes in its pixels.
            size_px: its width and height; the camera's points are scaled to it.
        """
        scale = np.array(
            [self._camera.width_px / size_px[0], self._camera.height_px / size_px[1]]
        )
        rows = [
            row
            for row in range(len(detections))
            if detections.category(row) in self._categories
        ]
        feet = detections.xyxy[rows][:, [0, 2, 3]].astype(np.float64).reshape(-1, 3)
        uv = np.column_stack([feet[:, :2].mean(axis=1), feet[:, 2]]) * scale
        xy = self._camera.view.metres(uv)
        gone = list(self._gone(epoch_s))
        free = set(range(len(self._standing)))
        for number, row in enumerate(rows):
            if not np.isfinite(xy[number]).all():
                continue
            category = detections.category(row)
            confidence = float(detections.confidence[row])
            box = detections.xyxy[row].astype(np.float64)
            own = self._nearest(free, category, xy[number], uv[number])
            if own is None:
                self._came += 1
                known = _Standing(
                    self._came,
                    category,
                    xy[number],
                    uv[number],
                    epoch_s,
                    epoch_s,
                    confidence,
                    box,
                )
                self._standing.append(known)
            else:
                free.discard(own)
                known = self._standing[own]
            known.box = box
            known.confidence = max(known.confidence, confidence)
            known.see(epoch_s, xy[number], self._options)
        return gone

    def newly_over(self) -> list[tuple[Dwell, FloatArray]]:
        """Return what has just outstayed its zone's limit, with its last box.

        Each thing is told once; the box is `(4,)` xyxy in pixels of the last picture.
        """
        out = []
        for one in self._standing:
            dwell = self._dwell(one)
            if dwell.over_limit and not one.told:
                one.told = True
                out.append((dwell, one.box))
        return out

    def standing(self) -> list[Dwell]:
        """Return what stands still, up to the last picture."""
        return [self._dwell(one) for one in self._standing if self._stays(one)]

    def _nearest(
        self, free: set[int], category: str, xy: FloatArray, uv: FloatArray
    ) -> int | None:
        best, own = np.inf, None
        for number in free:
            one = self._standing[number]
            if one.category != category:
                continue
            metres = float(np.hypot(*(one.xy - xy))) / self._options.step_m
            pixels = float(np.hypot(*(one.uv - uv))) / self._options.step_px
            gap = min(metres, pixels)
            if gap <= 1.0 and gap < best:
                best, own = gap, number
        return own

    def _gone(self, epoch_s: float) -> Iterator[Dwell]:
        still = []
        for one in self._standing:
            if epoch_s - one.last_s <= self._options.hidden_s:
                still.append(one)
            elif self._stays(one):
                yield self._dwell(one)
        self._standing = still

    def _stays(self, one: _Standing) -> bool:
        return one.last_s - one.first_s >= self._options.least_s

    def _dwell(self, one: _Standing) -> Dwell:
        xy = one.sum_xy / one.frames
        lon, lat = np.asarray(self._camera.view.frame.to_lonlat(xy)).ravel()
        zone = self._camera.zone_at(float(lon), float(lat))
        hour = int((one.first_s + self._hour_offset_s) // 3600) % 24
        return Dwell(
            number=one.number,
            category=one.category,
            lon=float(lon),
            lat=float(lat),
            zone=None if zone is None else zone.name,
            surface=None if zone is None else zone.surface,
            first_s=one.first_s,
            last_s=one.last_s,
            frames=one.frames,
            limit_s=None if zone is None else zone.limit_s[hour],
            confidence=one.confidence,
            unbroken=one.best or Stretch(one.first_s, one.last_s, one.frames),
        )
