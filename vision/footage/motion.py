"""How much a video's picture changes over time, from packet sizes alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vision.errors import FootageError
from vision.footage.photos import is_photo
from vision.footage.scan import scan_video
from vision.types import FloatArray, MotionSignal

_STEP_S = 0.2
_WINDOW_S = 1.0
_SHORTEST_S = 2.0


def activity(path: Path, start_drive_s: float) -> MotionSignal | None:
    """Return the smoothed size of a video's predicted pictures, 5 values a second.

    A predicted picture holds what the pictures before do not explain, so it is large
    while the vehicle moves. Each value is the mean size of the predicted pictures
    within 1 s, divided by the median over the file.

    Args:
        path: a video file.
        start_drive_s: drive time of its first picture.

    Returns:
        None where the sizes say nothing: a photo or folder, a file of key pictures
        only (MJPEG), one shorter than 2 s.

    Raises:
        NotFoundError: there is no such file.
        FootageError: it is no video.
    """
    if path.is_dir() or (path.is_file() and is_photo(path)):
        return None
    scan = scan_video(path)
    table = scan.table
    rows = np.flatnonzero(table.shown & ~table.key)
    if len(rows) < 2 or scan.last_pts_s - scan.first_pts_s < _SHORTEST_S:
        return None
    rows = rows[np.argsort(table.pts[rows], kind="stable")]
    ticks = table.pts[rows].astype(np.float64)
    time_s = ticks * float(scan.time_base_s) - scan.first_pts_s
    span_s = scan.last_pts_s - scan.first_pts_s - _WINDOW_S
    steps = np.arange(int(span_s / _STEP_S) + 1, dtype=np.float64)
    centre_s = steps * _STEP_S + _WINDOW_S / 2
    mean = _window_mean(time_s, table.size[rows].astype(np.float64), centre_s)
    median = float(np.median(mean))
    if median <= 0:
        msg = f"{path.name} holds empty pictures only; copy it from the camera again"
        raise FootageError(msg)
    return MotionSignal(drive_s=centre_s + start_drive_s, activity=mean / median)


def _window_mean(
    time_s: FloatArray, value: FloatArray, centre_s: FloatArray
) -> FloatArray:
    """Return the mean of the values within half a window of each centre.

    An empty window takes its value from its neighbours.
    """
    total = np.append(0.0, np.cumsum(value))
    low = np.searchsorted(time_s, centre_s - _WINDOW_S / 2)
    high = np.searchsorted(time_s, centre_s + _WINDOW_S / 2)
    count = high - low
    filled = count > 0
    if not filled.any():
        return np.zeros(len(centre_s), dtype=np.float64)
    mean = (total[high] - total[low])[filled] / count[filled]
    smooth: FloatArray = np.interp(centre_s, centre_s[filled], mean)
    return smooth
