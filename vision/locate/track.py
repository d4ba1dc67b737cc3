"""One object while it can still be seen: its place, belief and pictures."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vision.geo import LocalFrame
from vision.locate.belief import Belief
from vision.locate.glimpse import Glimpse
from vision.locate.ground import GroundPoint, GroundView
from vision.locate.kinds import Kind, kind_of
from vision.locate.options import LocateOptions
from vision.locate.path import DrivenPath
from vision.locate.place import angle_sigma_rad
from vision.locate.raised import Ray, WallPoint
from vision.locate.stillness import SizedView, stationary_probability
from vision.types import Camera, Evidence, FloatArray, Sighting


@dataclass(frozen=True, slots=True)
class Shown:
    """One view of one object as it is kept.

    Attributes:
        evidence: the masked picture.
        appearance: how the object looks in it, as in `Sighting`.
    """

    evidence: Evidence
    appearance: tuple[float, ...] | None = None


EvidenceFactory = Callable[[int], Shown]

_BETTER = 1.5
_KEPT_PICTURES = 3
_KEPT_FRAMES = 48
_KEPT_SIZED = 24
_CUT_WORTH = 0.5
_STEP_SHARE_OF_SIGMA = 0.06
_USUAL_RANGE_M = 10.0


class Track:
    """One object; grows by `see` and `support`, ends as one `Sighting`."""

    __slots__ = (
        "_best_view",
        "_camera",
        "_options",
        "_pictures",
        "_sized",
        "_width",
        "belief",
        "first_s",
        "frames",
        "kind",
        "last_arc_m",
        "last_s",
        "number",
        "point",
        "seen_in",
    )

    def __init__(
        self,
        number: int,
        view: Glimpse,
        row: int,
        *,
        options: LocateOptions,
        pictures: EvidenceFactory,
    ) -> None:
        self.number = number
        self.kind: Kind = view.kinds[row]
        self.belief = Belief()
        self.first_s = view.viewpoint.drive_s
        self.frames = 0
        self.last_s = view.viewpoint.drive_s
        self.last_arc_m = view.viewpoint.arc_m
        self.seen_in: deque[int] = deque(maxlen=_KEPT_FRAMES)
        self._camera: Camera = view.camera
        self._options = options
        self._pictures: list[tuple[float, Shown]] = []
        self._sized: list[SizedView] = []
        self._best_view: tuple[float, float] = (math.inf, view.viewpoint.sigma_m)
        self._width: float | None = None
        self.point: GroundPoint | WallPoint
        if self.kind.raised:
            self.point = WallPoint(
                ray_of(view, row, options),
                view.camera,
                options=options,
                max_range_m=self.kind.max_range_m,
            )
        else:
            self.point = GroundPoint(
                ground_view_of(view, row),
                self.kind,
                drive_s=view.viewpoint.drive_s,
                step_sigma_m=step_sigma_m(view, options),
            )
            self._keep_size(view, row)
        self._count(view, row, pictures)

    def see(self, view: Glimpse, row: int, pictures: EvidenceFactory) -> None:
        """Take in a view that tells where the object is."""
        if isinstance(self.point, WallPoint):
            self.point.absorb(ray_of(view, row, self._options))
        else:
            self.point.absorb(ground_view_of(view, row), drive_s=view.viewpoint.drive_s)
            self._keep_size(view, row)
        self._count(view, row, pictures)

    def support(self, view: Glimpse, row: int, pictures: EvidenceFactory) -> None:
        """Take in a view that is cut off: it shows the object, not its place."""
        self._count(view, row, pictures)

    def join(self, other: Track) -> None:
        """Take in another track of the same object."""
        if isinstance(self.point, WallPoint) and isinstance(other.point, WallPoint):
            self.point.join(other.point)
        if isinstance(self.point, GroundPoint) and isinstance(other.point, GroundPoint):
            self.point.join(other.point)
        sized = sorted(self._sized + other._sized, key=lambda v: v.drive_s)
        self._sized = sized[-_KEPT_SIZED:]
        self.belief.join(other.belief)
        self.first_s = min(self.first_s, other.first_s)
        self.last_s = max(self.last_s, other.last_s)
        self.last_arc_m = max(self.last_arc_m, other.last_arc_m)
        self.frames += other.frames
        self.seen_in.extend(other.seen_in)
        if other._best_view < self._best_view:
            self._best_view, self._width = other._best_view, other._width
        pictures = sorted(self._pictures + other._pictures, key=lambda p: -p[0])
        self._pictures = pictures[:_KEPT_PICTURES]

    @property
    def moves(self) -> bool:
        """Whether, so far, it rather moves than stands."""
        if isinstance(self.point, WallPoint):
            return False
        still = self.point.stationary_probability
        return still is not None and still < 0.5

    def locate(self, drive_s: float) -> tuple[FloatArray, FloatArray]:
        """Return place `(2,)` and covariance `(2, 2)` in the local frame at a time."""
        if isinstance(self.point, WallPoint):
            return self.point.locate()
        if self.moves:
            return self.point.locate_moving(drive_s)
        return self.point.locate_still(self._pitch_sigma_rad)

    def sighting(self, path: DrivenPath, frame: LocalFrame, model: str) -> Sighting:
        """Return what is known of the object now."""
        still = self._judge_still()
        if isinstance(self.point, WallPoint):
            xy, cov = self.point.locate()
        elif still is not None and still < 0.5:
            xy, cov = self.point.locate_moving(self.last_s)
        else:
            xy, cov = self.point.locate_still(self._pitch_sigma_rad)
        passing = path.passing(xy, cov)
        lon, lat = frame.to_lonlat(xy)
        return Sighting(
            id=f"s{self.number:06d}",
            category=self.belief.category,
            probability=self.belief.probability,
            lon=float(lon),
            lat=float(lat),
            sigma_m=math.hypot(math.sqrt(np.trace(cov) / 2), self._best_view[1]),
            lateral_m=passing.lateral_m,
            lateral_sigma_m=passing.lateral_sigma_m,
            heading_deg=passing.heading_deg,
            first_drive_s=self.first_s,
            last_drive_s=self.last_s,
            frames=self.frames,
            width_m=self._width,
            stationary_probability=still,
            zone_belief=None,
            evidence=tuple(shown.evidence for _, shown in self._pictures),
            model_id=model,
            appearance=self._appearance(),
        )

    def _appearance(self) -> tuple[float, ...] | None:
        """Return how it looks in the best picture that can say."""
        looks = (shown.appearance for _, shown in self._pictures)
        return next((look for look in looks if look is not None), None)

    @property
    def _pitch_sigma_rad(self) -> float:
        return math.radians(self._options.pitch_sigma_of(self._camera))

    def _judge_still(self) -> float | None:
        if self.kind.speed_sigma_mps == 0:
            return None
        return stationary_probability(
            self._sized,
            kind_of(self.belief.category),
            pitch_sigma_rad=self._pitch_sigma_rad,
        )

    def _keep_size(self, view: Glimpse, row: int) -> None:
        if self.kind.speed_sigma_mps == 0:
            return
        _, y1, _, y2 = view.placed.xyxy[row]
        focal_px = view.camera.fy_px
        self._sized.append(
            SizedView(
                drive_s=view.viewpoint.drive_s,
                camera_xy=view.viewpoint.xy,
                foot_xy=view.placed.foot[row],
                camera_height_m=view.camera.height_m,
                height_rad=float(y2 - y1) / focal_px,
                pixel_rad=float(view.placed.pixel_sigma[row]) / focal_px,
            )
        )
        if len(self._sized) > _KEPT_SIZED:
            del self._sized[1]

    def _count(self, view: Glimpse, row: int, pictures: EvidenceFactory) -> None:
        here = view.viewpoint
        cut = bool(view.placed.cut[row])
        range_m = self._range_m(view, row)
        probability = float(view.probability[row])
        self.belief.see(probability, view.categories[row], range_m=range_m)
        for rival, category in view.rivals[row]:
            self.belief.suspect(rival, category, range_m=range_m)
        self.frames += 1
        self.seen_in.append(view.frame_index)
        self.last_s, self.last_arc_m = here.drive_s, here.arc_m
        if not cut and range_m < self._best_view[0]:
            self._best_view = (range_m, here.sigma_m)
            if not self.kind.raised:
                width_m = float(view.placed.width_m[row])
                self._width = width_m if math.isfinite(width_m) else None
        self._take_picture(
            view, row, probability * (_CUT_WORTH if cut else 1.0), pictures
        )

    def _take_picture(
        self, view: Glimpse, row: int, worth: float, pictures: EvidenceFactory
    ) -> None:
        """Ask for a picture if this view is the best by far; the first when it counts.

        An object is dropped below `min_probability`, so none is asked for far below.
        """
        x1, y1, x2, y2 = view.placed.xyxy[row]
        quality = worth * math.sqrt((x2 - x1) * (y2 - y1))
        best = self._pictures[0][0] if self._pictures else 0.0
        enough = self.belief.probability >= self._options.min_probability / 2
        if enough and quality > _BETTER * best:
            self._pictures.insert(0, (quality, pictures(view.rows[row])))
            del self._pictures[_KEPT_PICTURES:]

    def _range_m(self, view: Glimpse, row: int) -> float:
        seen_m = float(view.placed.range_m[row])
        if self.kind.raised or not view.placed.near[row] or not math.isfinite(seen_m):
            xy, _ = self.locate(view.viewpoint.drive_s)
            return float(np.hypot(*(xy - view.viewpoint.xy)))
        return seen_m


def ground_view_of(view: Glimpse, row: int) -> GroundView:
    """Return one placed box as a view of a thing on the ground."""
    placed = view.placed
    return placed.xy[row], placed.cov[row], placed.gain[row]


def ray_of(view: Glimpse, row: int, options: LocateOptions) -> Ray:
    """Return one box as a ray to a thing on a wall."""
    pixel_sigma = float(view.placed.pixel_sigma[row])
    step_rad = step_sigma_m(view, options) / _USUAL_RANGE_M
    turn_rad = math.hypot(pixel_sigma / view.camera.fx_px, step_rad)
    pitch_deg = options.pitch_sigma_of(view.camera)
    rise_rad = angle_sigma_rad(view.camera, pixel_sigma, pitch_deg)
    return Ray(
        viewpoint=view.viewpoint,
        bearing=view.placed.bearing[row],
        sigma_rad=np.array([turn_rad, math.hypot(rise_rad, step_rad)]),
    )


def step_sigma_m(view: Glimpse, options: LocateOptions) -> float:
    """Return what a pose gains against the one before; a poor receiver gains more."""
    return math.hypot(
        options.step_sigma_m, _STEP_SHARE_OF_SIGMA * view.viewpoint.sigma_m
    )
