"""Small rules of pairing: categories, cut-off boxes, expectations, doubles."""

from __future__ import annotations

import numpy as np

from vision.locate.associate import mahalanobis2
from vision.locate.glimpse import Glimpse
from vision.locate.kinds import Kind
from vision.locate.track import Track
from vision.types import FloatArray

_OTHER_CATEGORY_COST = 2.0
_SAME_PLACE_M = 1.5
_SAME_PLACE_D2 = 6.0
_SUPPORT_MARGIN_FRACTION = 0.15
_SUPPORT_MARGIN_PX = 10.0
_EXPECTED_FULL = 0.5
_EXPECTED_NONE = 0.9


def category_penalty(tracks: list[Track], view: Glimpse, rows: list[int]) -> FloatArray:
    """Return `(T, D)`: inf across families, a little across categories, else 0."""
    table = np.zeros((len(tracks), len(rows)))
    for d, row in enumerate(rows):
        for t, track in enumerate(tracks):
            if track.kind.family != view.kinds[row].family:
                table[t, d] = np.inf
            elif track.belief.category != view.categories[row]:
                table[t, d] = _OTHER_CATEGORY_COST
    return table


def cover_distance(uv: FloatArray | None, view: Glimpse, row: int) -> float | None:
    """Return how far a point lies from a cut box's middle, in box sizes; None outside.

    Beyond the picture's edge counts as on it.
    """
    if uv is None:
        return None
    inside = np.clip(uv, 0.0, (view.camera.width_px, view.camera.height_px))
    low, high = view.placed.xyxy[row, :2], view.placed.xyxy[row, 2:]
    margin = _SUPPORT_MARGIN_FRACTION * (high - low) + _SUPPORT_MARGIN_PX
    if np.any(inside < low - margin) or np.any(inside > high + margin):
        return None
    return float(abs(inside[0] - view.placed.centre_px[row, 0]) / (high[0] - low[0]))


def expected_share(track: Track, view: Glimpse) -> float:
    """Return how surely the object should be seen from here, in [0, 1]."""
    here = view.viewpoint
    range_m = float(np.hypot(*(track.locate(here.drive_s)[0] - here.xy)))
    share = range_m / track.kind.max_range_m
    return float(
        np.clip((_EXPECTED_NONE - share) / (_EXPECTED_NONE - _EXPECTED_FULL), 0, 1)
    )


def same_object(old: Track, new: Track, view: Glimpse) -> bool:
    """Return whether two objects stand at one place and no frame shows both."""
    if old.kind.family != new.kind.family or old.moves or new.moves:
        return False
    if not set(old.seen_in).isdisjoint(new.seen_in):
        return False
    drive_s = view.viewpoint.drive_s
    (a, a_cov), (b, b_cov) = old.locate(drive_s), new.locate(drive_s)
    if np.hypot(*(a - b)) > _reach_m(old.kind):
        return False
    d2, _ = mahalanobis2(a - b, a_cov + b_cov)
    return bool(d2 <= _SAME_PLACE_D2)


def _reach_m(kind: Kind) -> float:
    return _SAME_PLACE_M + kind.extent_sigma_m
