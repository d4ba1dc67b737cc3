"""Detections + pose + camera -> one `Sighting` per object, frame by frame."""

from __future__ import annotations

import numpy as np

from vision.camera import ground_to_pixel
from vision.errors import InputError
from vision.locate.associate import Gate, Prediction, assign
from vision.locate.glimpse import Glimpse, glimpse
from vision.locate.ground import GroundPoint
from vision.locate.options import LocateOptions
from vision.locate.pairing import (
    category_penalty,
    cover_distance,
    expected_share,
    same_object,
)
from vision.locate.path import DrivenPath
from vision.locate.place import angle_sigma_rad
from vision.locate.raised import WallPoint
from vision.locate.track import EvidenceFactory, Track
from vision.types import Camera, Detections, FloatArray, Frame, Pose, Sighting

_GROUND_APART_COST = 10.0
"""-2 ln(0.005 new objects per m^2 * 0.2 chance to miss), without the 2 pi."""
_PIXEL_APART_COST = 22.0
_PASSED_M = -2.0
_PASSED_UNSEEN_M = 6.0
_UNSEEN_M = 30.0
_MOVER_UNSEEN_S = 5.0
_EXPECTED_MARGIN_FRACTION = 0.03


class Locator:
    """Joins the boxes of a drive into objects on the ground.

    Call `update` for every sampled frame in driving order, also for frames without
    detections; take what can no longer be seen from `closed` at any time and the rest
    from `finish`. Holds the objects in view and the last 80 m of path, nothing else.

    One frame is worked off so: boxes are placed; boxes and objects are paired by
    likelihood, on the ground plane for things with a foot, in the picture for things
    on walls; boxes cut off by the picture's edge support the object they cover; the
    rest become new objects; objects that should have been seen count a miss; two
    objects at one place that no frame showed together become one.
    """

    def __init__(self, camera: Camera, *, options: LocateOptions | None = None) -> None:
        self._camera = camera
        self._options = options or LocateOptions()
        self._path = DrivenPath()
        self._tracks: list[Track] = []
        self._closed: list[Sighting] = []
        self._born = 0
        self._last_s = -np.inf
        self._model_id = ""

    def update(
        self,
        frame: Frame,
        pose: Pose,
        detections: Detections,
        probabilities: FloatArray,
        evidence_factory: EvidenceFactory,
    ) -> None:
        """Take in one frame.

        Args:
            frame: the picture; only its index and size are used.
            pose: the vehicle at `frame.drive_s`.
            detections: boxes of the frame; the order of rows does not matter.
            probabilities: `(N,)` calibrated chance in [0, 1] of each box.
            evidence_factory: row of `detections` -> `Shown`; called at once, and
                only for a row that becomes the best view of its object by far.

        Raises:
            InputError: the frame is earlier than the last one, or `probabilities`
                do not fit the boxes.
        """
        if pose.drive_s < self._last_s:
            msg = (
                f"frame {frame.index} at {pose.drive_s} s is before the last one "
                f"({self._last_s} s); give the frames in driving order"
            )
            raise InputError(msg)
        self._last_s = pose.drive_s
        self._model_id = detections.model_id
        viewpoint = self._path.advance(pose)
        view = glimpse(
            frame,
            detections,
            probabilities,
            seen_by=(self._camera, viewpoint),
            options=self._options,
        )
        pairs = self._match_ground(view) + self._match_raised(view)
        for track, row in pairs:
            track.see(view, row, evidence_factory)
        taken = {row for _, row in pairs}
        seen = {track.number for track, _ in pairs}
        seen |= self._support(view, taken, seen, evidence_factory)
        self._count_misses(view, seen)
        self._open(view, taken, evidence_factory)
        self._joinsame_object(view)
        self._close_passed(view)

    def closed(self) -> list[Sighting]:
        """Return the objects that can no longer be seen, each once."""
        done, self._closed = self._closed, []
        return done

    def finish(self) -> list[Sighting]:
        """End the drive and return every object not yet returned."""
        for track in self._tracks:
            self._emit(track)
        self._tracks = []
        return self.closed()

    def _match_ground(self, view: Glimpse) -> list[tuple[Track, int]]:
        tracks = [t for t in self._tracks if isinstance(t.point, GroundPoint)]
        rows = [int(r) for r in np.flatnonzero(view.placed.near)]
        if not tracks or not rows:
            return []
        drive_s = view.viewpoint.drive_s
        parts = [
            t.point.predict(drive_s) for t in tracks if isinstance(t.point, GroundPoint)
        ]
        mean, cov, weight = (np.stack(column) for column in zip(*parts, strict=True))
        found = assign(
            Prediction(mean=mean, cov=cov, log_weight=weight),
            (view.placed.xy[rows], view.placed.cov[rows]),
            penalty=category_penalty(tracks, view, rows),
            gate=Gate(self._options.gate, _GROUND_APART_COST),
        )
        return [(tracks[t], rows[d]) for t, d in found]

    def _match_raised(self, view: Glimpse) -> list[tuple[Track, int]]:
        placed = view.placed
        rows = [r for r, k in enumerate(view.kinds) if k.raised and not placed.cut[r]]
        tracks, places = [], []
        for track in self._tracks:
            if isinstance(track.point, WallPoint):
                place = track.point.predict_pixel(view.viewpoint)
                if place is not None:
                    tracks.append(track)
                    places.append(place)
        if not tracks or not rows:
            return []
        pitch_deg = self._options.pitch_sigma_of(view.camera)
        sigma_px = view.camera.fx_px * np.array(
            [
                angle_sigma_rad(view.camera, float(s), pitch_deg)
                for s in placed.pixel_sigma[rows]
            ]
        )
        found = assign(
            Prediction(
                mean=np.stack([p[0] for p in places])[:, None],
                cov=np.stack([p[1] for p in places])[:, None],
                log_weight=np.zeros((len(tracks), 1)),
            ),
            (placed.centre_px[rows], (sigma_px**2)[:, None, None] * np.eye(2)),
            penalty=category_penalty(tracks, view, rows),
            gate=Gate(self._options.gate, _PIXEL_APART_COST),
        )
        return [(tracks[t], rows[d]) for t, d in found]

    def _support(
        self,
        view: Glimpse,
        taken: set[int],
        seen: set[int],
        pictures: EvidenceFactory,
    ) -> set[int]:
        """Give each cut-off box to the unseen object that it covers best."""
        supported: set[int] = set()
        for row in np.flatnonzero(view.placed.cut):
            best: tuple[float, Track] | None = None
            for track in self._tracks:
                free = track.number not in seen and track.number not in supported
                if free and track.kind.family == view.kinds[row].family:
                    miss = cover_distance(self._pixel(track, view), view, int(row))
                    if miss is not None and (best is None or miss < best[0]):
                        best = (miss, track)
            if best is not None:
                best[1].support(view, int(row), pictures)
                supported.add(best[1].number)
                taken.add(int(row))
        return supported

    def _count_misses(self, view: Glimpse, seen: set[int]) -> None:
        boxes = view.placed.xyxy
        size = np.array([view.camera.width_px, view.camera.height_px])
        margin = _EXPECTED_MARGIN_FRACTION * size
        for track in self._tracks:
            if track.number in seen or track.moves:
                continue
            uv = self._pixel(track, view)
            if uv is None or np.any(uv < margin) or np.any(uv > size - margin):
                continue
            hidden = np.all((boxes[:, :2] <= uv) & (uv <= boxes[:, 2:]), axis=1)
            if not hidden.any():
                track.belief.miss(expected_share(track, view))

    def _open(self, view: Glimpse, taken: set[int], pictures: EvidenceFactory) -> None:
        for row, kind in enumerate(view.kinds):
            usable = not view.placed.cut[row] if kind.raised else view.placed.near[row]
            if row not in taken and usable:
                self._born += 1
                self._tracks.append(
                    Track(
                        self._born, view, row, options=self._options, pictures=pictures
                    )
                )

    def _joinsame_object(self, view: Glimpse) -> None:
        """Join objects at one place that no frame showed together."""
        gone: set[int] = set()
        for i, old in enumerate(self._tracks):
            for new in self._tracks[i + 1 :]:
                if gone.isdisjoint((old.number, new.number)) and same_object(
                    old, new, view
                ):
                    old.join(new)
                    gone.add(new.number)
        if gone:
            self._tracks = [t for t in self._tracks if t.number not in gone]

    def _close_passed(self, view: Glimpse) -> None:
        here = view.viewpoint
        kept = []
        for track in self._tracks:
            unseen_m = here.arc_m - track.last_arc_m
            ahead_m = here.to_vehicle(track.locate(here.drive_s)[0][None])[0, 0]
            passed = ahead_m < _PASSED_M and unseen_m >= _PASSED_UNSEEN_M
            gone = track.moves and here.drive_s - track.last_s > _MOVER_UNSEEN_S
            if passed or gone or unseen_m >= _UNSEEN_M:
                self._emit(track)
            else:
                kept.append(track)
        self._tracks = kept

    def _emit(self, track: Track) -> None:
        frame = self._path.frame
        if frame and track.belief.probability >= self._options.min_probability:
            self._closed.append(track.sighting(self._path, frame, self._model_id))

    def _pixel(self, track: Track, view: Glimpse) -> FloatArray | None:
        """Return where the object should appear, `(2,)` pixels; None if behind."""
        if isinstance(track.point, WallPoint):
            place = track.point.predict_pixel(view.viewpoint)
            return None if place is None else place[0]
        xy, _ = track.locate(view.viewpoint.drive_s)
        uv = ground_to_pixel(view.camera, view.viewpoint.to_vehicle(xy[None]))[0]
        return uv if np.isfinite(uv).all() else None
