"""Which sightings of a drive are findings where and when they were made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from service.audit.found import Found, Setting, find_in, passed_spans
from service.findings import findings_across
from service.memory.street import Terms
from service.scoring import Area, Exempt, load_standard
from service.types import MatchedFix, PlacedSighting, StandsIn
from tests.service.findings.passes import ROLES, car, look
from tests.service.store.records import STREET, seen
from tests.service.test_layered import around

STANDARD = load_standard("xuchang@1")
STALL = seen("stall", offset_m=60)
PERMIT = Area("stall_permit", "便民点", around(STALL), ("06:00-09:00",))


def clock(text: str) -> float:
    return datetime.fromisoformat(f"2026-03-12T{text}+08:00").timestamp()


def found(
    *sightings: PlacedSighting, at: str | None = "08:30", areas: tuple[Area, ...] = ()
) -> Found:
    setting = Setting(
        STANDARD,
        ROLES,
        areas=areas,
        epoch_at_zero_s=None if at is None else clock(at),
        passed_s={STREET.id: (0.0, 60.0)},
    )
    return find_in(setting, sightings)


def kinds(result: Found) -> tuple[list[str], list[str]]:
    return (
        [finding.category for finding in result.findings],
        [one.finding.category for one in result.aside],
    )


@pytest.mark.parametrize(
    ("at", "is_lawful"),
    [
        pytest.param("08:30", True, id="in its hours"),
        pytest.param("09:30", False, id="after its hours"),
        pytest.param("08:59:15", True, id="the middle of the pass is in its hours"),
        pytest.param("08:59:45", False, id="the middle of the pass is after them"),
        pytest.param(None, False, id="at an unknown hour"),
    ],
)
def test_a_stall_with_a_permit_is_set_aside_in_its_hours(
    at: str | None, *, is_lawful: bool
) -> None:
    got = found(STALL, at=at, areas=(PERMIT,))

    assert kinds(got) == (([], ["stall"]) if is_lawful else (["stall"], []))
    assert [one.by for one in got.aside] == ([PERMIT] if is_lawful else [])


def test_what_always_holds_holds_without_a_date_too() -> None:
    rubble = seen("construction_waste", offset_m=60)
    works = Area("works", None, around(rubble))

    assert kinds(found(rubble, at=None, areas=(works,))) == ([], ["construction_waste"])


def test_off_the_driven_streets_a_things_own_time_counts() -> None:
    late = replace(STALL, segment_id="side-street")  # 12 s after 08:59:50

    assert kinds(found(late, at="08:59:45", areas=(PERMIT,))) == ([], ["stall"])
    assert kinds(found(late, at="08:59:50", areas=(PERMIT,))) == (["stall"], [])


def test_a_bay_excuses_who_would_be_a_candidate_and_nobody_else() -> None:
    parked, driving = car(offset_m=60), car(offset_m=60, still=0.1)
    bay = Area("parking_bay", None, around(parked))

    assert kinds(found(parked)) == (["parking_motor"], [])
    assert kinds(found(parked, driving, areas=(bay,))) == ([], ["parking_motor"])


@pytest.mark.parametrize(
    ("kind", "category"),
    [("no_parking", "parking_motor"), ("fire_lane", "fire_lane_blocked")],
)
def test_a_vehicle_where_none_may_stand_is_a_candidate_that_names_the_place(
    kind: Any, category: str
) -> None:
    standing = car(offset_m=60, surface="kerb_lane")
    standing = replace(standing, zone_belief={"carriageway": 1.0})
    area = Area(kind, "东门", around(standing))

    assert kinds(found(standing)) == ([], [])
    got = found(standing, areas=(area,))
    assert [(f.category, f.candidate) for f in got.findings] == [(category, True)]
    assert got.stands_in == {got.findings[0].id: StandsIn(kind, "东门")}


def test_before_eight_dirt_on_the_road_is_set_aside_and_posters_are_not() -> None:
    dirt, poster = seen(offset_m=20), seen("poster", offset_m=40)

    early, late = found(dirt, poster, at="07:30"), found(dirt, poster, at="08:30")

    assert kinds(early) == (["poster"], ["litter"])
    (aside,) = early.aside
    assert isinstance(aside.by, Exempt)
    assert aside.by.id == "morning_sweep"
    assert aside.finding.evidence
    assert aside.finding.element == "road_surface"
    assert kinds(late) == (["litter", "poster"], [])
    assert kinds(found(dirt, at=None)) == (["litter"], [])


@pytest.mark.parametrize("at", ["07:30", "08:30", "12:00"])
def test_a_report_and_the_store_leave_out_the_same(at: str) -> None:
    things = (
        STALL,
        seen(offset_m=20),
        seen("poster", offset_m=40),
        seen("construction_waste", offset_m=100),
        car(offset_m=120, surface="kerb_lane"),
    )
    areas = (
        PERMIT,
        Area("works", None, around(things[3])),
        Area("no_parking", None, around(things[4])),
    )
    terms = Terms(STANDARD, ROLES, areas=areas)
    counted = terms.countable(replace(look(*things), at_s=clock(at) + 30.0))
    assert counted is not None
    stored = findings_across([counted], roles=ROLES)

    reported = found(*things, at=at, areas=areas).findings
    assert sorted(f.category for f in reported) == sorted(
        known.finding.category for known in stored if terms.counts(known)
    )


def test_a_pass_lasts_from_its_first_to_its_last_place() -> None:
    def on(segment_id: str | None) -> MatchedFix:
        return MatchedFix(segment_id, None, None, None, 1.0)

    path = [(1.0, on("s1")), (2.0, on(None)), (3.0, on("s1")), (4.0, on("touched"))]

    assert passed_spans(path, [STREET]) == {"s1": (1.0, 3.0)}
