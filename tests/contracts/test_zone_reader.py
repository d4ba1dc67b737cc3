"""What every zone reader promises."""

from __future__ import annotations

import numpy as np
import pytest

from vision.scene import FixedZones, GeometryZones, StreetShape, ZoneReader
from vision.types import ZONES

STREETS = [
    pytest.param(StreetShape(7.0, 0.0), id="known street, on the centre line"),
    pytest.param(StreetShape(7.0, 1.75), id="known street, right lane"),
    pytest.param(StreetShape(None, 1.75), id="width unknown"),
    pytest.param(StreetShape(10.5, None), id="lane unknown"),
    pytest.param(StreetShape(None, None, oneway=True), id="nothing known, one-way"),
]
LATERALS_M = np.linspace(-20.0, 20.0, 81)


@pytest.fixture(params=[GeometryZones, FixedZones], ids=["geometry", "fixed double"])
def reader(request: pytest.FixtureRequest) -> ZoneReader:
    made: ZoneReader = request.param()
    return made


def test_declares_only_zones_of_the_taxonomy(reader: ZoneReader) -> None:
    assert reader.zones
    assert reader.zones <= set(ZONES)


@pytest.mark.parametrize("street", STREETS)
@pytest.mark.parametrize("sigma_m", [0.0, 0.3, 4.0])
def test_beliefs_are_probabilities_over_declared_zones(
    reader: ZoneReader, street: StreetShape, sigma_m: float
) -> None:
    for lateral_m in LATERALS_M:
        belief = reader.belief(float(lateral_m), sigma_m, street)

        assert set(belief) <= reader.zones
        assert all(0.0 <= p <= 1.0 for p in belief.values())
        assert sum(belief.values()) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("offset_m", [0.0, 1.75, -1.75])
@pytest.mark.parametrize("sigma_m", [0.1, 1.0])
def test_the_mirrored_street_gives_the_same_belief(
    reader: ZoneReader, offset_m: float, sigma_m: float
) -> None:
    for lateral_m in LATERALS_M:
        here = reader.belief(float(lateral_m), sigma_m, StreetShape(7.0, offset_m))
        there = reader.belief(-float(lateral_m), sigma_m, StreetShape(7.0, -offset_m))

        assert dict(here) == pytest.approx(dict(there), abs=1e-9)


@pytest.mark.parametrize("sigma_m", [0.1, 1.0])
def test_further_out_is_never_more_carriageway_nor_less_wall(
    reader: ZoneReader, sigma_m: float
) -> None:
    street = StreetShape(7.0, 0.0)

    beliefs = [reader.belief(m, sigma_m, street) for m in np.linspace(0, 20, 81)]

    assert np.all(np.diff([b["carriageway"] for b in beliefs]) <= 1e-9)
    assert np.all(np.diff([b["wall_base"] for b in beliefs]) >= -1e-9)
