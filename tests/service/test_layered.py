"""What layers make of a pass, and of a score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from service.memory.street import StreetScore, Terms, Window, score_street
from service.records import Look
from service.scoring import Area, Calendar, explain_lines, load_standard
from service.types import Near, StandsIn
from tests.service.findings.passes import ROLES, SHARP, car, look
from tests.service.store.records import DAY_S, NOON_S, STREET, seen
from vision.geo import LocalFrame

MONTH = Window(NOON_S - 15 * DAY_S, NOON_S + 15 * DAY_S)
LOOKS = (0.1, 0.2, 0.6, 0.1, 0.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2)
EYES = replace(
    SHARP,
    recall={**SHARP.recall, "stall": 0.9, "construction_waste": 0.9},
    names=(*SHARP.names, "stall", "construction_waste"),
)


def around(thing: Any, half_m: float = 15.0) -> dict[str, Any]:
    frame = LocalFrame(thing.sighting.lon, thing.sighting.lat)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * half_m
    return {"type": "Polygon", "coordinates": [frame.to_lonlat(corners).tolist()]}


def scored(*looks: Look, areas: tuple[Area, ...] = ()) -> StreetScore:
    terms = Terms(load_standard("xuchang@1"), ROLES, areas=areas)
    return score_street(STREET, looks, (), window=MONTH, terms=terms)


def kinds(street: StreetScore) -> list[tuple[str, bool]]:
    return [(k.finding.category, k.finding.candidate) for k in street.findings]


STALL = seen("stall", offset_m=60)


def test_a_stall_with_a_permit_in_its_hours_is_no_find() -> None:
    evening = Area("stall_permit", "便民点", around(STALL), ("18:00-23:00",))
    morning = replace(evening, hours=("06:00-09:00",))
    one = look(STALL, eyes=EYES)

    assert Calendar().local(one.at_s).hour == 22
    assert kinds(scored(one, areas=(evening,))) == []
    assert kinds(scored(one, areas=(morning,))) == [("stall", False)]


def test_rubble_at_works_is_excused_and_elsewhere_not() -> None:
    rubble = seen("construction_waste", offset_m=60)
    works = Area("works", None, around(rubble))
    away = seen("construction_waste", offset_m=150)

    assert kinds(scored(look(rubble, eyes=EYES), areas=(works,))) == []
    assert len(kinds(scored(look(away, eyes=EYES), areas=(works,)))) == 1


def test_a_marked_bay_makes_parking_lawful() -> None:
    parked = car(offset_m=60)
    bay = Area("parking_bay", None, around(parked, 5.0))
    looks = [look(parked), look(parked, day=0.2)]

    assert kinds(scored(*looks)) == [("parking_motor", False)]
    assert kinds(scored(*looks, areas=(bay,))) == []


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("no_parking", "parking_motor"),
        ("tactile_paving", "parking_motor"),
        ("fire_lane", "fire_lane_blocked"),
    ],
)
def test_a_vehicle_in_a_forbidden_area_is_proven_by_two_passes(
    kind: Any, category: str
) -> None:
    standing = car(offset_m=60, surface="kerb_lane")
    area = Area(kind, None, around(standing))
    once, twice = look(standing), look(standing, day=0.2)

    assert kinds(scored(once, areas=(area,))) == [(category, True)]
    street = scored(once, twice, areas=(area,))
    assert kinds(street) == [(category, False)]
    assert street.working is not None
    assert category in {t.rule.categories[0] for t in street.working.tallies}
    assert kinds(scored(once, twice)) == []


@pytest.mark.parametrize("kind", ["no_parking", "fire_lane", "tactile_paving"])
@pytest.mark.parametrize(
    ("surface", "at_m"),
    [
        pytest.param("lane", 90.0, id="in a lane"),
        pytest.param("lane", 160.0, id="in a lane at the stop line"),
        pytest.param("kerb_lane", 160.0, id="at the kerb where queues reach"),
        pytest.param("crossing", 160.0, id="on a crossing at the stop line"),
    ],
)
def test_cars_at_lights_in_a_forbidden_area_stay_candidates(
    kind: Any, surface: str, at_m: float
) -> None:
    waiting = car(offset_m=at_m, surface=surface, appearance=LOOKS)
    looks = [look(waiting, day=day) for day in (0.0, 0.1, 0.3, 0.7, 1.1)]

    street = scored(*looks, areas=(Area(kind, None, around(waiting)),))

    assert {candidate for _, candidate in kinds(street)} == {True}
    assert street.working is not None
    assert street.working.score.deductions == ()


def test_in_a_forbidden_area_one_watch_proves_a_car_in_a_lane() -> None:
    stays = car(offset_m=160, surface="lane", last_drive_s=10.0 + 1800, frames=901)

    street = scored(look(stays), areas=(Area("no_parking", None, around(stays)),))

    assert kinds(street) == [("parking_motor", False)]


@pytest.mark.parametrize(
    ("belief", "zone", "proven"),
    [
        pytest.param(None, "carriageway", False, id="somewhere on the carriageway"),
        pytest.param(None, "pavement", True, id="on the pavement"),
    ],
)
def test_where_no_layout_tells_the_lane_from_the_kerb_the_zone_decides(
    belief: Any, zone: str, *, proven: bool
) -> None:
    parked = car(offset_m=90)
    standing = replace(
        parked,
        sighting=replace(parked.sighting, surface_belief=belief),
        zone_belief={zone: 1.0},
    )
    area = Area("fire_lane", None, around(standing))

    street = scored(look(standing), look(standing, day=0.2), areas=(area,))

    assert kinds(street) == [("fire_lane_blocked", not proven)]


def test_where_a_street_has_bays_the_kerb_outside_them_is_no_place_to_park() -> None:
    standing = car(offset_m=90, surface="kerb_lane")
    bay = Area("parking_bay", "东侧泊位", around(seen(offset_m=70), 5.0))
    far = replace(bay, geometry=around(seen(offset_m=170), 5.0))
    once, twice = look(standing), look(standing, day=0.2)

    assert kinds(scored(once, areas=(bay,))) == [("parking_motor", True)]
    street = scored(once, twice, areas=(bay,))
    assert kinds(street) == [("parking_motor", False)]
    assert street.findings[0].finding.stands_in == StandsIn("outside_bay", "东侧泊位")
    assert kinds(scored(once, twice, areas=(far,))) == []
    waiting = [look(car(offset_m=160, surface="kerb_lane"), day=d) for d in (0.0, 0.2)]
    assert kinds(scored(*waiting, areas=(far,))) == [("parking_motor", True)]


def test_a_deduction_says_which_layer_spoke() -> None:
    standing = car(offset_m=90, surface="kerb_lane")
    area = Area("no_parking", "学府路禁停区", around(standing))
    pavement = car(offset_m=130)

    street = scored(
        look(standing, pavement), look(standing, pavement, day=0.2), areas=(area,)
    )

    assert street.working is not None
    (deduction,) = street.working.score.deductions
    assert set(deduction.stands_in) == {StandsIn("no_parking", "学府路禁停区"), None}
    text = list(
        explain_lines(STREET, street.working, standard=load_standard("xuchang@1"))
    )
    assert sum("依据图层：禁停区“学府路禁停区”" in line for line in text) == 1


def test_a_car_at_the_kerb_beside_tactile_paving_does_not_stand_on_it() -> None:
    at_kerb = car(offset_m=60, surface="kerb_lane")
    beside = car(offset_m=63, surface="kerb_lane")
    strip = Area("tactile_paving", None, around(at_kerb, 0.3))
    lane = replace(strip, kind="fire_lane", geometry=around(at_kerb, 1.5))

    assert kinds(scored(look(beside), areas=(strip,))) == []
    assert kinds(scored(look(beside), areas=(lane,))) != []
    assert kinds(scored(look(at_kerb), areas=(strip,))) == [("parking_motor", True)]


def test_where_areas_overlap_a_bay_goes_first_and_then_the_gravest() -> None:
    standing = car(offset_m=60, surface="kerb_lane")
    here = around(standing)
    forbidden = tuple(
        Area(k, None, here) for k in ("no_parking", "tactile_paving", "fire_lane")
    )

    assert kinds(scored(look(standing), areas=forbidden)) == [
        ("fire_lane_blocked", True)
    ]
    bay = Area("parking_bay", None, here)
    assert kinds(scored(look(standing), areas=(*forbidden, bay))) == []


def test_a_school_that_has_closed_weighs_no_more() -> None:
    school = Area("school", "实验小学", around(STALL, 5.0))
    closed = replace(school, valid_to_s=NOON_S - DAY_S)

    values = [
        street.working.score.value
        for areas in ((school,), (closed,), ())
        if (street := scored(look(STALL, eyes=EYES), areas=areas)).working is not None
    ]
    assert values[0] < values[1] == values[2]


def test_near_a_school_a_find_weighs_more_and_the_school_is_named() -> None:
    school = Area("school", "实验小学", around(STALL, 5.0))
    far = scored(look(STALL, eyes=EYES))
    near = scored(look(STALL, eyes=EYES), areas=(school,))

    assert near.working is not None
    assert far.working is not None
    lost = [s.working.score.deductions[0].points for s in (far, near)]
    assert lost[1] == pytest.approx(1.5 * lost[0])
    text = "\n".join(
        explain_lines(STREET, near.working, standard=load_standard("xuchang@1"))
    )
    assert "实验小学 × 1.5" in text
    assert near.working.score.provisional_red_lines
    (deduction,) = near.working.score.deductions
    assert deduction.near == (Near("school", "实验小学", 1.5),)
    assert far.working.score.deductions[0].near == ()
