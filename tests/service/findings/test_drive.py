"""Sightings on a street become findings; vehicles at most candidates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.findings import (
    FindingOptions,
    likeliest_zone,
    make_findings,
    severity_by_size,
)
from service.types import Finding, PlacedSighting
from vision.taxonomy import load_taxonomy
from vision.types import Evidence, Sighting

ROLES = {c.id: c.role for c in load_taxonomy().categories}
PICTURE = Evidence(
    "evidence/1.jpg", "evidence/1-0.jpg", (0, 0, 9, 9), "a.mp4", 1.0, 1.0
)


def placed(
    category: str, *, zones: dict[str, float] | None = None, **seen: Any
) -> PlacedSighting:
    sighting = Sighting(
        id=seen.pop("id", "t1"),
        category=category,
        probability=0.8,
        lon=113.83,
        lat=34.02,
        sigma_m=0.7,
        lateral_m=3.0,
        lateral_sigma_m=0.3,
        heading_deg=90.0,
        first_drive_s=10.25,
        last_drive_s=12.0,
        frames=4,
        width_m=None,
        stationary_probability=None,
        zone_belief=None,
        evidence=(PICTURE,),
        model_id="street@1",
    )
    return PlacedSighting(
        sighting=replace(sighting, **seen),
        segment_id="s1",
        side="right",
        offset_m=42.0,
        zone_belief=zones,
    )


def findings(
    *sightings: PlacedSighting, epoch_at_zero_s: float | None = 1_763_600_000.0
) -> list[Finding]:
    return make_findings(sightings, roles=ROLES, epoch_at_zero_s=epoch_at_zero_s)


def test_a_problem_becomes_a_raw_finding_with_its_place_and_pictures() -> None:
    (found,) = findings(placed("litter", zones={"carriageway": 0.3, "kerb_strip": 0.7}))

    assert (found.id, found.category, found.state) == ("t1", "litter", "raw")
    assert (found.segment_id, found.side, found.offset_m) == ("s1", "right", 42.0)
    assert (found.zone, found.zone_probability) == ("kerb_strip", 0.7)
    assert (found.probability, found.sigma_m, found.element) == (0.8, 0.7, None)
    assert found.evidence == (PICTURE,)
    # 1763600000 s = 2025-11-20 00:53:20 UTC
    assert found.first_seen == "2025-11-20T00:53:30.250Z"
    assert found.last_seen == "2025-11-20T00:53:32.000Z"


def test_without_an_absolute_clock_there_are_no_times() -> None:
    (found,) = findings(placed("poster"), epoch_at_zero_s=None)

    assert (found.first_seen, found.last_seen) == (None, None)
    assert (found.zone, found.zone_probability) == (None, None)


@pytest.mark.parametrize(
    "category", ["manhole_ok", "person", "face", "umbrella", "car"]
)
def test_what_is_no_problem_becomes_no_finding(category) -> None:
    assert findings(placed(category, zones={"carriageway": 1.0})) == []


def test_every_problem_category_becomes_a_finding() -> None:
    problems = [c for c, role in ROLES.items() if role == "problem"]

    found = findings(*(placed(c, id=c) for c in problems))

    assert [f.category for f in found] == problems
    assert len(problems) == 10


@pytest.mark.parametrize(
    ("category", "parking"),
    [
        ("car", "parking_motor"),
        ("truck", "parking_motor"),
        ("bus", "parking_motor"),
        ("motorcycle", "parking_bike"),
        ("bicycle", "parking_bike"),
    ],
)
def test_a_vehicle_standing_on_the_pavement_is_a_candidate(category, parking) -> None:
    (found,) = findings(
        placed(category, zones={"pavement": 0.6}, stationary_probability=0.9)
    )

    assert (found.category, found.candidate, found.zone) == (parking, True, "pavement")
    assert found.probability == pytest.approx(0.8 * 0.9)


@pytest.mark.parametrize(
    ("zones", "still"),
    [
        pytest.param({"pavement": 0.9}, 0.4, id="it moves"),
        pytest.param({"pavement": 0.9}, None, id="nobody watched it"),
        pytest.param(
            {"pavement": 0.4, "kerb_strip": 0.3}, 0.9, id="hardly on the pavement"
        ),
        pytest.param({"carriageway": 0.9}, 0.9, id="on the carriageway"),
        pytest.param(None, 0.9, id="nobody knows where"),
    ],
)
def test_other_vehicles_are_no_candidates(zones, still) -> None:
    assert findings(placed("car", zones=zones, stationary_probability=still)) == []


@pytest.mark.parametrize(
    ("width_m", "level"),
    [
        # pi / 4 x 0.79^2 = 0.49 m2, 0.80^2 -> 0.503; 1.59^2 -> 1.99, 1.60^2 -> 2.01
        (0.79, "small"),
        (0.80, "pile"),
        (1.59, "pile"),
        (1.60, "large"),
        (None, None),
    ],
)
def test_a_heap_is_as_severe_as_it_is_large(width_m, level) -> None:
    assert severity_by_size("garbage_pile", width_m, FindingOptions()) == level
    assert severity_by_size("litter", width_m, FindingOptions()) is None


def test_equal_zones_are_decided_by_name_not_by_order() -> None:
    belief = {"pavement": 0.5, "kerb_strip": 0.5}

    assert likeliest_zone(belief) == ("kerb_strip", 0.5)
    assert likeliest_zone(dict(reversed(belief.items()))) == ("kerb_strip", 0.5)


STANDS = {"stationary_probability": 0.9}


@pytest.mark.parametrize(
    ("surfaces", "expected"),
    [
        pytest.param({"no_parking": 1.0}, "parking_motor", id="no-parking zone"),
        pytest.param({"tactile_paving": 1.0}, "parking_motor", id="tactile paving"),
        pytest.param({"fire_lane": 1.0}, "fire_lane_blocked", id="fire lane"),
        pytest.param({"crossing": 1.0}, "parking_motor", id="crossing"),
        pytest.param({"kerb_lane": 1.0}, None, id="at the kerb"),
        pytest.param({"tactile_paving": 0.3, "lane": 0.7}, None, id="rather the lane"),
    ],
)
def test_a_vehicle_where_nothing_may_stand_is_a_candidate_in_any_zone(
    surfaces: dict[str, float], expected: str | None
) -> None:
    zones = {"carriageway": 1.0}
    seen = {"zones": zones, "surface_belief": surfaces}
    found = findings(placed("car", **seen, **STANDS))

    assert [(f.category, f.candidate) for f in found] == (
        [] if expected is None else [(expected, True)]
    )
    assert findings(placed("car", **seen, stationary_probability=0.2)) == []
    assert findings(placed("car", **seen, **STANDS, frames=2)) == []
