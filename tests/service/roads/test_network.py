from __future__ import annotations

import numpy as np
import pytest

from service.roads import RoadNetwork, build_network
from service.types import Segment
from vision.errors import NotFoundError, RoadsError
from vision.geo import LocalFrame

FRAME = LocalFrame(113.85, 34.03)


def lonlat(x: float, y: float) -> tuple[float, float]:
    lon, lat = FRAME.to_lonlat((x, y))
    return float(lon), float(lat)


def draw(**lines: list[tuple[float, float]]) -> RoadNetwork:
    return build_network(
        [
            Segment(name, None, "3", FRAME.to_lonlat(np.array(xy, float)), 0.0)
            for name, xy in lines.items()
        ]
    )


def meets(network: RoadNetwork, name: str) -> set[str]:
    rows = network.graph.neighbours(network.rows[name])
    return {network.segments[row].id for row in rows}


@pytest.mark.parametrize(
    ("place", "offset_m", "lateral_m"),
    [
        pytest.param((30, -4), 30, 4, id="south of an eastward line is right"),
        pytest.param((30, 4), 30, -4, id="north of it is left"),
        pytest.param((-10, 3), 0, -3, id="before its start"),
        pytest.param((110, -2), 100, 2, id="past its end"),
    ],
)
def test_project_measures_right_of_the_drawing_direction(
    place: tuple[float, float], offset_m: float, lateral_m: float
) -> None:
    network = draw(east=[(0, 0), (100, 0)])

    got = network.project(*lonlat(*place), "east")

    assert got == pytest.approx((offset_m, lateral_m), abs=0.02)


def test_lateral_in_a_bend_is_the_distance() -> None:
    network = draw(bend=[(0, 0), (50, 0), (50, 50)])

    offset_m, lateral_m = network.project(*lonlat(53, -4), "bend")

    assert offset_m == pytest.approx(50, abs=0.01)
    assert lateral_m == pytest.approx(5, abs=0.01)


def test_nearest_lists_by_distance_within_the_radius() -> None:
    network = draw(
        far=[(0, 30), (100, 30)], near=[(0, 5), (100, 5)], away=[(0, 99), (100, 99)]
    )

    found = network.nearest(*lonlat(50, 0), within_m=40)

    assert [place.segment_id for place in found] == ["near", "far"]
    assert found[0].distance_m == pytest.approx(5, abs=0.01)


def test_lines_meet_at_ends_shared_vertices_and_where_an_end_touches() -> None:
    network = draw(
        main=[(0, 0), (50, 0), (100, 0)],
        end=[(100.6, 0.3), (150, 0)],
        vertex=[(50, -40), (50, 0), (50, 40)],
        touching=[(20, 0.5), (20, 60)],
    )

    assert meets(network, "main") == {"end", "vertex", "touching"}


def test_a_bridge_does_not_meet_the_street_below() -> None:
    network = draw(street=[(0, 0), (100, 0)], bridge=[(50, -50), (50, 50)])

    assert meets(network, "street") == set()


def test_streets_drawn_once_per_direction_are_driven_forward_only() -> None:
    network = draw(
        there=[(0, 0), (100, 0)], back=[(100, 0), (0, 0)], other=[(0, 0), (0, 50)]
    )

    assert network.graph.against.tolist() == [True, True, False]


def test_route_goes_round_where_there_is_no_way_through() -> None:
    network = draw(
        a=[(0, 0), (100, 0)], b=[(100, 0), (100, 100)], c=[(100, 100), (0, 100)]
    )
    graph = network.graph
    start, stop = graph.joint_node[0][0], graph.joint_node[2][-1]

    arcs = graph.path(int(start), int(stop), 1000.0)

    assert arcs == [0, 2, 4]
    assert graph.reach(int(start), 1000.0)[int(stop)][0] == pytest.approx(300, abs=0.1)
    assert graph.path(int(start), int(stop), 250.0) is None


def test_a_thing_beside_a_driven_street_belongs_to_it() -> None:
    network = draw(driven=[(0, 0), (100, 0)], parallel=[(0, 16), (100, 16)])

    places = network.place_beside(*lonlat(50, 7.5), sigma_m=1.0, driven=["driven"])

    assert places[0].segment_id == "driven"
    assert sum(place.probability for place in places) == pytest.approx(1.0)


def test_a_thing_up_a_side_street_belongs_to_the_side_street() -> None:
    network = draw(
        driven=[(-100, 0), (0, 0)], on=[(0, 0), (100, 0)], side=[(0, 0), (0, 80)]
    )

    places = network.place_beside(*lonlat(3, 16), sigma_m=1.0, driven=["driven", "on"])

    assert places[0].segment_id == "side"
    assert places[0].lateral_m == pytest.approx(3, abs=0.05)


def test_nothing_near_gives_no_place() -> None:
    network = draw(only=[(0, 0), (100, 0)])

    assert network.place_beside(*lonlat(0, 500), sigma_m=2, driven=["only"]) == []


def test_unknown_ids_are_not_found_and_doubled_ones_refused() -> None:
    network = draw(only=[(0, 0), (100, 0)])

    with pytest.raises(NotFoundError, match="'other'"):
        network.segment("other")
    with pytest.raises(RoadsError, match="the id 'only'"):
        build_network([network.segments[0], network.segments[0]])
    with pytest.raises(RoadsError, match="no segments"):
        build_network([])
