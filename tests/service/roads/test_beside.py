from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from service.roads import UNPLACED, RoadNetwork, build_network, locate_beside
from service.types import MatchedFix, Segment
from vision.geo import LocalFrame

FRAME = LocalFrame(113.85, 34.03)


@dataclass(frozen=True)
class Thing:
    lon: float
    lat: float
    lateral_m: float
    heading_deg: float
    sigma_m: float = 1.5
    lateral_sigma_m: float = 0.4


def thing(x: float, y: float, **known: float) -> Thing:
    lon, lat = FRAME.to_lonlat((x, y))
    return Thing(float(lon), float(lat), **known)


def draw(**lines: list[tuple[float, float]]) -> RoadNetwork:
    return build_network(
        [
            Segment(
                name, None, "3", FRAME.to_lonlat(np.array(xy, float)), 0.0, width_m=8.0
            )
            for name, xy in lines.items()
        ]
    )


def driven(segment_id: str, *offsets_m: float, forward: bool) -> list[MatchedFix]:
    return [MatchedFix(segment_id, o, 1.0, forward, 1.0) for o in offsets_m]


STREET = [(0.0, 0.0), (200.0, 0.0)]


@pytest.mark.parametrize(
    ("heading_deg", "lateral_m", "y", "side"),
    [
        pytest.param(90, 4, -6, "right", id="forward, on the right"),
        pytest.param(90, -8, 6, "left", id="forward, on the left"),
        pytest.param(270, 4, 6, "left", id="driven against, on the right"),
        pytest.param(270, -8, -6, "right", id="driven against, on the left"),
    ],
)
def test_side_follows_the_drawing_direction(
    heading_deg: float, lateral_m: float, y: float, side: str
) -> None:
    network = draw(street=STREET)
    fixes = driven("street", 80, 90, 100, forward=heading_deg == 90)

    got = locate_beside(
        network,
        thing(90, y, lateral_m=lateral_m, heading_deg=heading_deg),
        driven=fixes,
        lane_offset_m=2.0,
    )

    assert (got.segment_id, got.side) == ("street", side)
    assert got.offset_m == pytest.approx(90, abs=0.1)
    assert got.lateral_from_centre_m == pytest.approx(-y, abs=0.3)


@pytest.mark.parametrize("shift_m", [-8.0, -4.0, 4.0, 8.0])
def test_a_receiver_off_by_metres_does_not_swap_the_side(shift_m: float) -> None:
    network = draw(street=STREET)

    got = locate_beside(
        network,
        thing(90, -6 + shift_m, lateral_m=4.0, heading_deg=90, sigma_m=4.0),
        driven=driven("street", 80, 90, 100, forward=True),
        lane_offset_m=2.0,
    )

    assert got.side == "right"
    assert got.lateral_from_centre_m == pytest.approx(6, abs=1.0)
    assert got.side_probability > 0.95


def test_unknown_lane_makes_the_side_of_the_middle_doubtful() -> None:
    network = draw(street=STREET)
    fixes = driven("street", 80, 90, 100, forward=True)
    middle = thing(90, 0.3, lateral_m=-2.0, heading_deg=90)

    told = locate_beside(network, middle, driven=fixes, lane_offset_m=6.0)
    guessed = locate_beside(network, middle, driven=fixes)

    assert guessed.side_probability < 0.7
    assert told.side_probability > 0.95


@pytest.mark.parametrize(
    ("place", "segment"),
    [
        pytest.param((-12, -5), "west", id="before the junction"),
        pytest.param((12, -5), "east", id="past the junction"),
        pytest.param((3, 18), "north", id="up the side street"),
    ],
)
def test_near_a_junction_the_foot_point_decides(
    place: tuple[float, float], segment: str
) -> None:
    network = draw(
        west=[(-150, 0), (0, 0)], east=[(0, 0), (150, 0)], north=[(0, 0), (0, 150)]
    )
    fixes = driven("west", 130, 140, forward=True) + driven("east", 5, 15, forward=True)

    got = locate_beside(
        network,
        thing(*place, lateral_m=-place[1] - 2.0, heading_deg=90),
        driven=fixes,
        lane_offset_m=2.0,
    )

    assert got.segment_id == segment
    assert got.probability > 0.5


def test_the_parallel_street_nobody_drove_is_not_taken() -> None:
    network = draw(driven=STREET, parallel=[(0, -14), (200, -14)])

    got = locate_beside(
        network,
        thing(90, -9, lateral_m=4.0, heading_deg=90, sigma_m=4.0),
        driven=driven("driven", 80, 90, 100, forward=True),
        lane_offset_m=2.0,
    )

    assert got.segment_id == "driven"


def test_far_from_every_street_is_unplaced() -> None:
    got = locate_beside(
        draw(street=STREET), thing(90, 300, lateral_m=4, heading_deg=90), driven=[]
    )

    assert got == UNPLACED
