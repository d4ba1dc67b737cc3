"""Boxes by geometry: projection, clipping, label text, visible times."""

import numpy as np
import pytest

from training.synth import props
from training.synth.camera import Lens, Pose, project
from training.synth.classes import CLASS_NAMES
from training.synth.drive_truth import seen_times
from training.synth.plan import Item, Leg, Plan
from training.synth.shapes import Shape, place
from training.synth.truth import Box, clipped_box, surface_points, yolo_lines

LENS = Lens(1280, 720, 914.0)
LEVEL = Pose((0.0, 0.0, 2.0), 0.0, 0.0)


def test_a_point_straight_ahead_is_in_the_middle() -> None:
    pixels, depth = project(np.array([[0.0, 10.0, 2.0]]), LENS, LEVEL)

    assert pixels[0] == pytest.approx((640.0, 360.0))
    assert depth[0] == pytest.approx(10.0)


def test_right_is_right_and_the_ground_is_low() -> None:
    pixels, _ = project(np.array([[1.0, 10.0, 0.0]]), LENS, LEVEL)

    # 914 px * 1 m / 10 m to the right, 914 * 2 / 10 below the middle.
    assert pixels[0] == pytest.approx((640 + 91.4, 360 + 182.8))


def test_looking_down_lifts_the_horizon() -> None:
    down = Pose((0.0, 0.0, 2.0), 0.0, -7.0)

    pixels, _ = project(np.array([[0.0, 1e6, 2.0]]), LENS, down)

    assert pixels[0, 1] == pytest.approx(360 - 914 * np.tan(np.radians(7)), abs=0.1)


def test_heading_is_clockwise() -> None:
    east = Pose((0.0, 0.0, 2.0), 90.0, 0.0)

    pixels, depth = project(np.array([[10.0, 0.0, 2.0]]), LENS, east)

    assert depth[0] == pytest.approx(10.0)
    assert pixels[0, 0] == pytest.approx(640.0)


def test_a_box_half_out_of_the_frame_is_clipped() -> None:
    # 2 m wide, 10 m ahead, its middle on the left edge of the frame.
    edge_m = -640 / 914 * 10
    points = np.array([[edge_m + dx, 10.0, 2 + dz] for dx in (-1, 1) for dz in (-1, 1)])

    clipped = clipped_box(points, LENS, LEVEL)

    assert clipped is not None
    box, inside = clipped
    assert box[0] == 0.0
    assert inside == pytest.approx(0.5)


def test_what_is_behind_has_no_box() -> None:
    assert clipped_box(np.array([[0.0, -5.0, 1.0]]), LENS, LEVEL) is None


def test_yolo_text_is_in_fractions_of_the_frame() -> None:
    box = Box("a", "poster", (320.0, 180.0, 960.0, 540.0), 1.0, 1.0)

    assert yolo_lines([box], LENS) == "7 0.500000 0.500000 0.500000 0.500000\n"
    assert CLASS_NAMES[7] == "poster"


def test_surface_points_lie_on_the_surface() -> None:
    cube = Shape()
    cube.box((0, 0, 0.5), (1, 1, 1), "#ffffff")

    points = surface_points(cube, 50, 1)

    reach = np.abs(points - (0, 0, 0.5)).max(axis=1)
    assert reach == pytest.approx(np.full(50, 0.5))


def test_placing_turns_clockwise() -> None:
    moved = place(np.array([[0.0, 1.0, 0.0]]), (5.0, 5.0, 0.0), 90.0)

    assert moved[0] == pytest.approx((6.0, 5.0, 0.0))


@pytest.mark.parametrize("kind", props.kinds())
def test_every_prop_is_sound_and_stands_on_the_ground(kind: str) -> None:
    prop = props.build(kind, 3)
    points = prop.shape.points()

    assert np.isfinite(points).all()
    assert -0.3 < points[:, 2].min() < 1.6
    rows = {len(prop.shape.faces), len(prop.shape.materials), len(prop.shape.uvs)}
    assert rows == {len(prop.shape.smooth)}
    for face, uv in zip(prop.shape.faces, prop.shape.uvs, strict=True):
        assert len(face) == len(uv)
        assert max(face) < len(points)
    assert {category for category, _ in prop.parts} <= set(CLASS_NAMES)


@pytest.mark.parametrize(
    ("frames", "size_px", "visible", "counts"),
    [
        pytest.param(3, 20.0, 0.9, True, id="three clear frames are enough"),
        pytest.param(2, 20.0, 0.9, False, id="two frames are not"),
        pytest.param(3, 13.0, 0.9, False, id="13 px is too small"),
        pytest.param(3, 20.0, 0.4, False, id="mostly hidden"),
    ],
)
def test_a_thing_counts_when_seen_well(
    frames: int, size_px: float, visible: float, *, counts: bool
) -> None:
    leg = Leg("a", (0.0, 0.0), 0.0, 50.0, 6.5, 3.7)
    item = Item("x", "pothole", 0, "pothole", "a", 9.0, 2.0, 0.0, 0.0, "carriageway")
    plan = Plan({"a": leg}, items=[item])
    box = Box("x", "pothole", (0.0, 0.0, size_px, 5.0), 1.0, visible)

    seen = seen_times({k: [box] for k in range(10, 10 + frames)}, plan)

    assert ("x" in seen) is counts
    if counts:
        assert (seen["x"].first_s, seen["x"].last_s) == (1.0, 1.2)
