"""How far the vehicle turned between two pictures, seen by the camera itself.

A receiver's heading wanders by a degree or two within seconds; two pictures tell the
turn between them to a small part of that, since far things move by turning alone.

Source:
    Nister (2004), An Efficient Solution to the Five-Point Relative Pose Problem, within
    OpenCV's USAC (Raguram et al. 2013); corners by Shi and Tomasi (1994), followed by
    Lucas and Kanade's pyramid (Bouguet 2000).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from vision.camera import pixel_rays, scale_camera
from vision.types import Camera, FloatArray, Image

_WIDTH_PX = 480
_CORNERS = 250
_CORNER_QUALITY = 0.01
_CORNER_APART_PX = 7
_LEVELS = 4
_WINDOW_PX = 15
_STILL_PX = 0.3
_INLIER_PX = 0.8
_CONFIDENCE = 0.999
_LEAST_INLIERS = 40
_LEAST_SHARE = 0.4
_LEAST_AHEAD = 0.3

Grey = npt.NDArray[np.uint8]


class TurnSeer:
    """Looks at each picture once and tells the turn since the one before."""

    def __init__(self, camera: Camera) -> None:
        scale = min(1.0, _WIDTH_PX / camera.width_px)
        self._size = (round(camera.width_px * scale), round(camera.height_px * scale))
        self._camera = scale_camera(camera, *self._size)
        self._before: Grey | None = None

    def see(self, image: Image, *, expected_deg: float = 0.0) -> float | None:
        """Return the turn since the picture before, degrees, clockwise positive.

        None for the first picture and where pictures do not tell: too little in
        common, too little structure.

        Args:
            image: uint8 `(H, W, 3)` BGR of the camera, not changed.
            expected_deg: a guess of the turn: corners are looked for where it puts
                them.
        """
        small = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
        before, self._before = self._before, grey
        if before is None:
            return None
        ahead_px = -self._camera.fx_px * math.tan(math.radians(expected_deg))
        pairs = _followed(before, grey, ahead_px)
        return None if pairs is None else self._turn_deg(*pairs)

    def _turn_deg(self, old: FloatArray, new: FloatArray) -> float | None:
        if np.median(np.abs(new - old)) < _STILL_PX:
            return 0.0
        rays = [pixel_rays(self._camera, points) for points in (old, new)]
        ahead = np.all([ray[:, 0] > _LEAST_AHEAD for ray in rays], axis=0)
        if np.count_nonzero(ahead) < _LEAST_INLIERS:
            return None
        flat = [_level(ray[ahead]) for ray in rays]
        cv2.setRNGSeed(0)
        essential, inliers = cv2.findEssentialMat(
            flat[0],
            flat[1],
            np.eye(3),
            method=cv2.USAC_DEFAULT,
            prob=_CONFIDENCE,
            threshold=_INLIER_PX / self._camera.fx_px,
        )
        if essential is None or essential.shape != (3, 3):
            return None
        agree = np.count_nonzero(inliers)
        if agree < max(_LEAST_INLIERS, _LEAST_SHARE * len(flat[0])):
            return None
        # Of the two rotations that fit, one turns the camera round: not that one.
        rotations = cv2.decomposeEssentialMat(essential)[:2]
        rotation = max(rotations, key=lambda matrix: float(np.trace(matrix)))
        return -math.degrees(math.atan2(rotation[0, 2], rotation[2, 2]))


def _level(rays: FloatArray) -> FloatArray:
    """Return rays `(N, 3)` as a camera sees them that looks level and straight ahead.

    `(N, 2)`: right and down over forward.
    """
    return np.ascontiguousarray(
        np.column_stack([rays[:, 1], -rays[:, 2]]) / rays[:, :1]
    )


def _followed(
    before: Grey, after: Grey, shift_px: float
) -> tuple[FloatArray, FloatArray] | None:
    """Return corners `(N, 2)` in both pictures, pixels; None if there are too few."""
    corners = cv2.goodFeaturesToTrack(
        before, _CORNERS, _CORNER_QUALITY, _CORNER_APART_PX
    )
    if corners is None or len(corners) < _LEAST_INLIERS:
        return None
    start = corners.astype(np.float32)
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        start,
        start + np.array([shift_px, 0.0], np.float32),
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        winSize=(_WINDOW_PX, _WINDOW_PX),
        maxLevel=_LEVELS,
    )
    kept = found.ravel() == 1
    if np.count_nonzero(kept) < _LEAST_INLIERS:
        return None
    old, new = start.reshape(-1, 2)[kept], there.reshape(-1, 2)[kept]
    return old.astype(np.float64), new.astype(np.float64)
