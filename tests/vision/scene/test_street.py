"""Kerbs, walls, zones and seen ground from exact layouts of a simple street."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

from tests.vision.scene.painted_street import (
    CAMERA,
    START,
    Block,
    PaintedReader,
    Street,
    painted,
    pose_at,
)
from vision.geo import LocalFrame
from vision.scene import StreetWatch
from vision.scene.rays import GroundRays
from vision.scene.watch import StreetSeen
from vision.types import Sighting

IMAGE = np.zeros((360, 640, 3), np.uint8)
CAR = Block("vehicle", (20.0, 26.0), (0.6, 2.0), 1.6)
TREE = Block("tree_trunk", (30.0, 30.4), (2.8, 3.2), 4.0)


@functools.cache
def seen_street(street: Street) -> StreetSeen:
    places = list(np.arange(0.0, 45.0, 3.0))
    watch = StreetWatch(PaintedReader(street, places))
    for place in places:
        watch.look(IMAGE, CAMERA, pose_at(place))
    return watch.finish()


def at(along_m: float, right_m: float, sigma_m: float = 0.1) -> Sighting:
    lon, lat = LocalFrame(*START).to_lonlat(np.array([right_m, along_m]))
    return Sighting(
        id="s1",
        category="litter",
        probability=0.8,
        lon=float(lon),
        lat=float(lat),
        sigma_m=0.3,
        lateral_m=right_m,
        lateral_sigma_m=sigma_m,
        heading_deg=0.0,
        first_drive_s=0.0,
        last_drive_s=1.0,
        frames=3,
        width_m=None,
        stationary_probability=None,
        zone_belief=None,
        evidence=(),
        model_id="street@2",
    )


def zone_of(street: StreetSeen, along_m: float, right_m: float) -> str | None:
    belief = street.with_zone(at(along_m, right_m)).zone_belief
    return None if belief is None else max(belief, key=belief.__getitem__)


def test_a_ray_ends_where_something_stands() -> None:
    scan = GroundRays(CAMERA).scan(painted(Street(blocks=(CAR,)), 12.0))
    feet = {
        name: scan.feet[scan.feet_class == PaintedReader.names.index(name)]
        for name in ("building", "vehicle")
    }

    # The wall stands on the pavement, so its foot seems farther off by 2 / (2 - .12).
    assert np.abs(feet["building"][:, 1]).min() == pytest.approx(6.38, abs=0.25)
    assert feet["vehicle"][:, 0].min() == pytest.approx(20.0 - 12.0, abs=0.3)
    hidden = (np.abs(scan.ground[:, 1] - 1.3) < 0.4) & (
        np.abs(scan.ground[:, 0] - 11) < 2
    )
    assert not hidden.any()  # below the car


def test_kerbs_and_walls_lie_where_they_are() -> None:
    street = seen_street(Street())
    section = street.sections[20]

    assert section.sides["right"].kerb.outward_m == pytest.approx(2.0, abs=0.25)
    assert section.sides["left"].kerb.outward_m == pytest.approx(5.0, abs=0.25)
    assert section.sides["right"].wall.outward_m == pytest.approx(6.0, abs=0.35)
    assert section.sides["left"].wall.outward_m == pytest.approx(9.0, abs=0.35)


@pytest.mark.parametrize(
    ("right_m", "zone"),
    [
        (0.5, "carriageway"),
        (1.8, "kerb_strip"),
        (2.3, "kerb_strip"),
        (3.8, "pavement"),
        (5.8, "wall_base"),
        (-3.0, "carriageway"),
        (-5.2, "kerb_strip"),
        (-7.0, "pavement"),
        (-8.9, "wall_base"),
    ],
)
def test_places_across_the_street_have_their_zones(right_m: float, zone: str) -> None:
    assert zone_of(seen_street(Street()), 22.0, right_m) == zone


def test_around_a_trunk_is_a_tree_pit() -> None:
    street = seen_street(Street(blocks=(TREE,)))

    assert zone_of(street, 30.0, 3.4) == "tree_pit"
    assert zone_of(street, 33.5, 3.4) == "pavement"


def test_beside_a_box_at_the_wall_is_a_corner() -> None:
    box = Block("other", (24.0, 25.0), (5.3, 6.0), 1.2)
    street = seen_street(Street(blocks=(box,)))

    assert zone_of(street, 23.8, 5.3) == "corner"
    assert zone_of(street, 20.0, 5.7) == "wall_base"


def test_doubt_across_a_border_is_shared() -> None:
    belief = seen_street(Street()).with_zone(at(22.0, 1.5, 0.6)).zone_belief

    assert belief is not None
    assert sum(belief.values()) == pytest.approx(1.0)
    assert belief["carriageway"] == pytest.approx(0.5, abs=0.2)
    assert belief["kerb_strip"] > 0.2


def test_a_parked_row_hides_the_kerb_behind_it() -> None:
    row = Block("vehicle", (14.0, 40.0), (0.4, 2.0), 1.6)
    street = seen_street(Street(blocks=(row,)))
    zones = dict(zip(street.sections, street.zones, strict=True))

    assert "kerb_strip" not in zones[27].seen["right"]
    assert "kerb_strip" in zones[8].seen["right"]
    assert "kerb_strip" in zones[27].seen["left"]


def test_open_ground_is_seen_from_kerb_to_wall() -> None:
    street = seen_street(Street())
    zones = dict(zip(street.sections, street.zones, strict=True))

    assert {"carriageway", "kerb_strip", "pavement", "wall_base"} <= zones[20].seen[
        "right"
    ]


def test_nothing_is_said_where_nothing_was_seen() -> None:
    street = seen_street(Street())

    assert street.with_zone(at(-60.0, 2.0)).zone_belief is None


def test_a_frame_that_is_skipped_leaves_the_path_whole() -> None:
    places = [0.0, 3.0, 9.0, 12.0, 15.0, 18.0]
    watch = StreetWatch(PaintedReader(Street(), places))
    for place in (0.0, 3.0):
        watch.look(IMAGE, CAMERA, pose_at(place))
    watch.skip(pose_at(6.0))
    for place in places[2:]:
        watch.look(IMAGE, CAMERA, pose_at(place))

    assert zone_of(watch.finish(), 14.0, 2.2) == "kerb_strip"


def surface_of(street: StreetSeen, along_m: float, right_m: float) -> str | None:
    car = replace(at(along_m, right_m), category="car", stationary_probability=0.9)
    belief = street.with_zone(car).surface_belief
    return None if belief is None else max(belief, key=belief.__getitem__)


@pytest.mark.parametrize(
    ("right_m", "surface"),
    [(1.0, "kerb_lane"), (-1.0, "lane"), (-3.5, "kerb_lane"), (3.5, "pavement")],
)
def test_vehicles_stand_on_surfaces(right_m: float, surface: str) -> None:
    assert surface_of(seen_street(Street()), 22.0, right_m) == surface


def test_on_a_zebra_a_vehicle_stands_on_the_crossing() -> None:
    street = seen_street(Street(zebra_m=(20.0, 26.0)))

    assert surface_of(street, 23.0, -1.0) == "crossing"
    assert surface_of(street, 33.0, -1.0) == "lane"


def test_litter_stands_on_no_surface() -> None:
    assert seen_street(Street()).with_zone(at(22.0, 1.0)).surface_belief is None
