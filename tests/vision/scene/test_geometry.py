"""Zones by arithmetic: a 7 m street, kerbs at 3.5 m, building lines at 7 m."""

from __future__ import annotations

import math

import pytest

from vision.errors import InputError
from vision.scene import GeometryZones, StreetDefaults, StreetShape

KNOWN = StreetShape(carriageway_width_m=7.0, lane_offset_m=1.75)


@pytest.mark.parametrize(
    ("lateral_m", "zone"),
    [
        pytest.param(0.0, "carriageway", id="under the vehicle"),
        pytest.param(1.75, "kerb_strip", id="right kerb: 3.5 - 1.75"),
        pytest.param(-5.25, "kerb_strip", id="left kerb: -3.5 - 1.75"),
        pytest.param(3.5, "pavement", id="right pavement: 5.25 from the centre"),
        pytest.param(-7.0, "pavement", id="left pavement"),
        pytest.param(6.0, "wall_base", id="at the right building line"),
        pytest.param(-12.0, "wall_base", id="beyond the left building line"),
    ],
)
def test_the_likeliest_zone_is_where_the_place_lies(
    lateral_m: float, zone: str
) -> None:
    belief = GeometryZones().belief(lateral_m, 0.2, KNOWN)

    assert max(belief, key=belief.__getitem__) == zone


def test_on_a_border_two_zones_share_equally() -> None:
    # 3.0 m from the centre: the strip's inner border; lateral 1.25.
    belief = GeometryZones().belief(1.25, 0.1, KNOWN)

    # Sigma^2 = .1^2 + .3^2 + .2^2 = .14; beyond the strip lies what exceeds 1 m.
    assert belief["carriageway"] == pytest.approx(0.5, abs=1e-3)
    beyond = 0.5 * math.erfc(1 / math.sqrt(0.14) / math.sqrt(2))
    assert belief["kerb_strip"] == pytest.approx(0.5 - beyond, abs=1e-3)


def test_an_unknown_lane_means_the_rightmost_and_more_doubt() -> None:
    reader = GeometryZones()

    known = reader.belief(1.75, 0.2, KNOWN)
    assumed = reader.belief(1.75, 0.2, StreetShape(7.0, None))

    assert max(assumed, key=assumed.__getitem__) == "kerb_strip"
    assert assumed["kerb_strip"] < known["kerb_strip"]


def test_the_far_kerb_is_less_certain_when_the_width_is_unknown() -> None:
    reader = GeometryZones()

    known = reader.belief(-5.25, 0.2, StreetShape(7.0, None))
    unknown = reader.belief(-5.25, 0.2, StreetShape(None, None))

    assert unknown["kerb_strip"] < known["kerb_strip"]


def test_more_lateral_doubt_spreads_the_belief() -> None:
    sharp = GeometryZones().belief(3.5, 0.1, KNOWN)
    blurred = GeometryZones().belief(3.5, 3.0, KNOWN)

    assert max(blurred.values()) < max(sharp.values())


@pytest.mark.parametrize(
    ("lateral_m", "sigma_m"), [(math.nan, 0.1), (math.inf, 0.1), (0.0, -1.0)]
)
def test_a_place_that_is_none_is_refused(lateral_m: float, sigma_m: float) -> None:
    with pytest.raises(InputError, match="lateral_m"):
        GeometryZones().belief(lateral_m, sigma_m, KNOWN)


def test_a_street_without_room_for_a_pavement_is_refused() -> None:
    with pytest.raises(InputError, match="pavement_m"):
        StreetDefaults(pavement_m=0.9)
