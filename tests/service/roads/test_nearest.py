"""Places on the nearest street by map alone, as a camera that stands knows them."""

from __future__ import annotations

import numpy as np
import pytest

from service.roads import build_network, nearest_streets
from service.types import Segment
from vision.geo import LocalFrame

FRAME = LocalFrame(113.85, 34.03)


def street(name: str, *points: tuple[float, float], width_m: float = 8.0) -> Segment:
    return Segment(name, None, "3", FRAME.to_lonlat(np.array(points)), 1.0, width_m)


NETWORK = build_network(
    [street("north", (0, -100), (0, 100)), street("east", (40, 0), (140, 0))]
)


@pytest.mark.parametrize(
    ("place", "segment_id", "side", "offset_m", "lateral_m"),
    [
        pytest.param((5, 20), "north", "right", 120, 5, id="right of a street north"),
        pytest.param((-5, 20), "north", "left", 120, -5, id="left of it"),
        pytest.param((60, -3), "east", "right", 20, 3, id="south of a street east"),
        pytest.param((60, 13.9), "east", "left", 20, -13.9, id="just near enough"),
    ],
)
def test_a_place_lies_on_its_nearest_street(
    place: tuple[float, float],
    segment_id: str,
    side: str,
    offset_m: float,
    lateral_m: float,
) -> None:
    (found,) = nearest_streets(NETWORK, FRAME.to_lonlat(np.array([place])))

    assert found is not None
    assert (found.segment_id, found.side) == (segment_id, side)
    assert found.offset_m == pytest.approx(offset_m, abs=0.05)
    assert found.lateral_m == pytest.approx(lateral_m, abs=0.05)


def test_a_place_far_from_every_street_is_on_none() -> None:
    """Half the carriageway, 6 m of pavement, 4 m of drawing: 14 m, and no more."""
    places = FRAME.to_lonlat(np.array([(60.0, 14.5), (60.0, 4.0)]))

    far, near = nearest_streets(NETWORK, places)

    assert far is None
    assert near is not None
    assert near.direction_deg == pytest.approx(90, abs=0.1)


def test_no_place_is_no_answer() -> None:
    assert list(nearest_streets(NETWORK, np.zeros((0, 2)))) == []
