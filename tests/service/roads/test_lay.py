from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from service.roads import FixIn, RoadNetwork, lay_segments, match_fixes
from vision.errors import RoadsError
from vision.geo import LocalFrame

FRAME = LocalFrame(113.85, 34.03)


def drive(*corners: tuple[float, float], step_m: float = 2.0) -> np.ndarray:
    xy = [corners[0]]
    for a, b in pairwise(np.array(corners, float)):
        count = int(np.hypot(*(b - a)) / step_m)
        xy += [tuple(a + (b - a) * k / count) for k in range(1, count + 1)]
    return FRAME.to_lonlat(np.array(xy))


def lengths(network: RoadNetwork) -> list[float]:
    return [segment.length_m for segment in network.segments]


def test_lays_hundred_metres_each_and_the_rest_last() -> None:
    network = lay_segments(drive((0, 0), (350, 0)))

    assert lengths(network) == pytest.approx([100, 100, 100, 50], abs=6)
    assert [s.id for s in network.segments[:2]] == ["path-0001", "path-0002"]
    assert all(s.assumed and s.road_class == "3" for s in network.segments)


def test_the_way_back_uses_the_same_segments() -> None:
    there = [(0, 0), (300, 0)]
    back = [(300, 6), (0, 6)]

    network = lay_segments(drive(*there, *back))

    assert sum(lengths(network)) == pytest.approx(300, abs=35)


def test_a_second_round_of_the_block_lays_nothing_new() -> None:
    block = [(0, 0), (200, 0), (200, 150), (0, 150), (0, 0)]

    network = lay_segments(drive(*block, *block[1:]))

    assert sum(lengths(network)) == pytest.approx(700, abs=30)


def test_a_turn_at_a_crossing_of_the_own_path_can_be_matched() -> None:
    loop = [(0, 0), (300, 0), (300, 150), (150, 150), (150, -150), (300, -150)]
    path = drive(*loop, (300, 0), (150, 0), (150, 150))

    network = lay_segments(path)
    matched = match_fixes(
        network, [FixIn(float(k), *place) for k, place in enumerate(path)]
    )

    distance_m = [fix.distance_m for fix in matched]
    assert None not in distance_m
    assert max(d for d in distance_m if d is not None) < 5.0


def test_a_path_that_closes_a_block_joins_its_own_beginning() -> None:
    block = [(0, 0), (200, 0), (200, 150), (100, 150), (100, 4), (40, 4)]

    network = lay_segments(drive(*block))

    last = len(network) - 1
    meets = {network.segments[k].id for k in network.graph.neighbours(last)}
    assert meets & {"path-0001", "path-0002"}


def test_standing_still_with_noise_lays_no_knot() -> None:
    rng = np.random.default_rng(1)
    wait = FRAME.to_lonlat(rng.normal((200, 0), 1.2, (300, 2)))
    path = np.concatenate([drive((0, 0), (200, 0)), wait, drive((200, 0), (400, 0))])

    network = lay_segments(path)

    assert sum(lengths(network)) == pytest.approx(400, abs=40)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(np.zeros((0, 2)), id="no fix"),
        pytest.param(np.array([[113.85, 34.03]]), id="one fix"),
        pytest.param(np.array([[113.85, 34.03]] * 9), id="never moved"),
    ],
)
def test_a_path_that_goes_nowhere_is_refused(path: np.ndarray) -> None:
    with pytest.raises(RoadsError, match="laid"):
        lay_segments(path)


def test_refuses_segments_shorter_than_ten_metres() -> None:
    with pytest.raises(RoadsError, match="at least 10 m"):
        lay_segments(drive((0, 0), (50, 0)), length_m=5)
