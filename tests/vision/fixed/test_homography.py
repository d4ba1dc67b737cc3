"""The ground of a fixed camera from four known points, against a true camera."""

from __future__ import annotations

import numpy as np
import pytest

from vision.camera import ground_to_pixel
from vision.errors import CameraError
from vision.fixed import fit_ground
from vision.geo import LocalFrame
from vision.types import Camera

FRAME = LocalFrame(113.85, 34.03)
CAMERA = Camera(
    width_px=1280,
    height_px=720,
    fx_px=900.0,
    fy_px=900.0,
    cx_px=640.0,
    cy_px=360.0,
    height_m=6.0,
    pitch_deg=-20.0,
)
CORNERS = np.array([(10.0, -4.0), (10.0, 4.0), (25.0, 6.0), (25.0, -5.0)])


def seen(points: np.ndarray) -> list[tuple[float, float]]:
    """Return the pixels of places given as metres forward (north) and right (east)."""
    return [(float(u), float(v)) for u, v in ground_to_pixel(CAMERA, points)]


def mapped(points: np.ndarray) -> list[tuple[float, float]]:
    return [(float(lon), float(lat)) for lon, lat in FRAME.to_lonlat(points[:, [1, 0]])]


def test_four_points_tell_all_the_ground() -> None:
    view = fit_ground(seen(CORNERS), mapped(CORNERS))
    others = np.array([(12.0, 0.0), (18.0, -3.0), (40.0, 8.0)])

    found = view.lonlat(seen(others))

    assert np.abs(FRAME.to_xy(found) - others[:, [1, 0]]).max() < 0.01
    assert view.residual_m < 0.001


def test_places_come_back_as_pixels() -> None:
    view = fit_ground(seen(CORNERS), mapped(CORNERS))
    others = np.array([(12.0, 0.0), (30.0, -3.0)])

    assert view.pixels(mapped(others)) == pytest.approx(np.array(seen(others)), abs=0.1)


def test_above_the_horizon_is_no_ground() -> None:
    view = fit_ground(seen(CORNERS), mapped(CORNERS))

    assert np.isnan(view.lonlat([(640.0, 0.0)])).all()


def test_more_points_than_four_are_weighed() -> None:
    points = np.vstack([CORNERS, [(15.0, 0.0), (20.0, 2.0)]])
    pixels = [(u + (-1) ** k, v) for k, (u, v) in enumerate(seen(points))]

    view = fit_ground(pixels, mapped(points))

    assert 0.0 < view.residual_m < 0.2


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (CORNERS[:3], "3 known points are too few"),
        (np.array([(10.0, k) for k in (-4.0, 0.0, 2.0, 5.0)]), "on a line"),
        (np.vstack([CORNERS[:3], CORNERS[:1]]), "on a line"),
        (np.vstack([CORNERS[:2], CORNERS[:2].mean(0), CORNERS[2:3]]), "on a line"),
    ],
)
def test_points_that_show_no_plane_are_refused(points: np.ndarray, said: str) -> None:
    with pytest.raises(CameraError, match=said):
        fit_ground(seen(points), mapped(points))


def test_points_in_the_wrong_order_are_refused() -> None:
    swapped = CORNERS[[1, 0, 2, 3]]

    with pytest.raises(CameraError, match=r"same order|contradict"):
        fit_ground(seen(CORNERS), mapped(swapped))


def test_points_that_contradict_each_other_are_refused() -> None:
    points = np.vstack([CORNERS, [(15.0, 0.0)]])
    wrong = mapped(points)
    wrong[4] = mapped(np.array([(15.0, 9.0)]))[0]

    with pytest.raises(CameraError, match="contradict each other by"):
        fit_ground(seen(points), wrong)
