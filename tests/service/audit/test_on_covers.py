"""What lies on a detected cover is in the zone `cover`."""

from __future__ import annotations

import numpy as np
import pytest

from service.audit.on_covers import with_cover_zone
from service.findings import likeliest_zone
from service.types import PlacedSighting
from tests.service.store.records import seen
from vision.geo import LocalFrame


def at(category: str, east_m: float, probability: float = 0.95) -> PlacedSighting:
    lon, lat = LocalFrame(113.85, 34.03).to_lonlat(np.array([east_m, 0.0]))
    return seen(category, lon=float(lon), lat=float(lat), probability=probability)


def zone(*placed: PlacedSighting) -> str | None:
    return likeliest_zone(with_cover_zone(placed)[0].zone_belief)[0]


def test_litter_on_a_cover_is_on_the_cover() -> None:
    litter = at("litter", 0.0)

    assert zone(litter, at("manhole_ok", 0.0)) == "cover"
    assert zone(litter, at("manhole_damaged", 0.1)) == "cover"
    assert zone(litter) == "carriageway"


def test_litter_beside_a_cover_is_not_on_it() -> None:
    assert zone(at("litter", 0.9), at("manhole_ok", 0.0)) == "carriageway"
    assert zone(at("litter", 30.0), at("manhole_ok", 0.0)) == "carriageway"


def test_a_doubtful_cover_leaves_the_doubt_in_the_belief() -> None:
    sure, unsure = (
        with_cover_zone([at("litter", 0.0), at("manhole_ok", 0.0, p)])[0]
        for p in (0.95, 0.3)
    )
    beliefs = [one.zone_belief or {} for one in (sure, unsure)]

    assert beliefs[0]["cover"] > beliefs[1]["cover"] > 0
    assert all(sum(b.values()) == pytest.approx(1.0) for b in beliefs)


def test_other_things_and_unknown_zones_are_left_alone() -> None:
    cover = at("manhole_ok", 0.0)
    pothole = at("pothole", 0.0)
    unknown = seen("litter", lon=113.85, lat=34.03, zone_belief=None)

    assert with_cover_zone([pothole, cover]) == (pothole, cover)
    assert with_cover_zone([unknown, cover])[0].zone_belief is None
