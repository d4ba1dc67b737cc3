"""One thing is one finding, however many passes saw it, until it is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.findings import MemoryRule, findings_across
from service.records import KnownFinding, Look
from service.scoring import counted_probability
from service.types import PlacedSighting
from tests.service.findings.passes import ROLES, SHARP, car, look, word
from tests.service.store.records import NOON_S, seen

DEGREES_A_METRE = 1 / 111_320


def known(*looks: Look, **more: object) -> list[KnownFinding]:
    return findings_across(looks, roles=ROLES, **more)  # type: ignore[arg-type]


def one(*looks: Look, **more: object) -> KnownFinding:
    (only,) = known(*looks, **more)
    return only


def test_two_passes_over_one_thing_make_one_finding() -> None:
    found = one(look(seen(offset_m=50)), look(seen(offset_m=50.9), day=1))

    assert found.finding.state == "raw"
    assert found.sightings == (("pass-000.000", 0), ("pass-001.000", 0))
    assert found.finding.offset_m == pytest.approx(50.45)
    assert found.finding.sigma_m < 0.8
    assert found.finding.first_seen < found.finding.last_seen


def test_two_things_beside_each_other_stay_two() -> None:
    pair = (seen(offset_m=50), seen(offset_m=51.2))

    found = known(look(*pair), look(*pair, day=0.5), look(*pair, day=0.6))

    assert [len(f.sightings) for f in found] == [3, 3]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(seen(offset_m=58), id="too far away"),
        pytest.param(
            seen(side="left", lat=34.03 + 6 * DEGREES_A_METRE), id="across the street"
        ),
        pytest.param(seen("manhole_damaged"), id="something else"),
    ],
)
def test_what_is_not_the_same_is_not_joined(other: object) -> None:
    assert len(known(look(seen()), look(other, day=1))) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "number"),
    [
        pytest.param("carriageway", 1, id="one near the middle of the road"),
        pytest.param("cover", 1, id="one on a cover there"),
        pytest.param("wall_base", 2, id="two at the walls of an alley"),
    ],
)
def test_what_lies_in_the_middle_has_no_side(zone: str, number: int) -> None:
    left = seen(side="left", zone=zone, lat=34.03 + 0.4 * DEGREES_A_METRE)
    right = seen(side="right", zone=zone, lat=34.03 - 0.4 * DEGREES_A_METRE)

    assert len(known(look(left), look(right, day=0.1))) == number
    assert len(known(look(left, right), look(left, right, day=0.1))) == 2


def test_who_saw_the_road_saw_the_cover_in_it() -> None:
    found = one(look(seen(zone="cover")), *(look(day=day) for day in (1, 2)))

    assert found.finding.zone == "cover"
    assert found.finding.state == "cleared"
    blind = replace(look(day=1), coverage=look(day=1).coverage[2:4])  # kerbs alone
    assert {piece.zone for piece in blind.coverage} == {"kerb_strip"}
    assert one(look(seen(zone="cover")), blind).finding.state == "raw"


def test_a_heap_taken_for_rubble_is_still_one_heap() -> None:
    heap = seen("garbage_pile", probability=0.9)
    rubble = seen("construction_waste", probability=0.4)

    assert one(look(heap), look(rubble, day=1)).finding.category == "garbage_pile"


def test_a_pass_that_looks_and_sees_nothing_clears() -> None:
    found = one(look(seen()), look(day=1))

    assert found.finding.state == "cleared"
    assert found.cleared_s == NOON_S + 86400
    assert counted_probability(found.finding) == 0


@pytest.mark.parametrize(
    "blind",
    [
        pytest.param(look(day=1, saw_m=None), id="nothing was seen"),
        pytest.param(look(day=1, saw_m=(0, 40)), id="another part was seen"),
        pytest.param(
            look(day=1, eyes=replace(SHARP, recall={}, names=())), id="it cannot see it"
        ),
    ],
)
def test_not_seen_is_not_clean(blind: Look) -> None:
    found = one(look(seen()), blind)

    assert found.finding.state == "raw"
    assert found.present == 1.0
    assert found.looked == 1


@pytest.mark.parametrize("days", [1, 7, 30])
def test_what_is_seen_again_after_long_is_there_again(days: int) -> None:
    """The first may be long gone: then the last look saw a new one."""
    found = one(look(seen()), look(seen(), day=days))

    assert found.finding.state == "raw"
    assert found.finding.probability > 0.5


def test_weak_eyes_need_more_looks_to_clear() -> None:
    crack = seen("manhole_damaged")
    looks = [look(crack), *(look(day=d) for d in range(1, 11))]
    states = [one(*looks[: k + 1]).finding.state for k in range(len(looks))]

    assert states[1] == "raw"
    assert states[-1] == "cleared"
    present = [one(*looks[: k + 1]).present for k in range(1, 3)]
    assert present[0] > present[1]


def test_what_every_pass_has_seen_is_missed_sooner() -> None:
    crack = seen("manhole_damaged")
    once = one(look(crack, day=7), look(day=9))
    often = one(*(look(crack, day=d) for d in range(8)), look(day=9))

    assert often.present < once.present


def test_what_comes_back_has_recurred() -> None:
    found = known(
        look(seen()), look(day=1), look(seen(), day=3), look(day=4), look(seen(), day=6)
    )

    assert [f.finding.state for f in found] == ["cleared", "cleared", "recurred"]
    assert [f.recurrences for f in found] == [0, 1, 2]
    assert counted_probability(found[-1].finding) > 0.5


def test_a_reviewer_is_believed() -> None:
    looks = (look(seen(probability=0.4)), look(seen(probability=0.5), day=0.5))

    yes = one(*looks, verdicts=[word("real", day=0)])
    no = one(*looks, verdicts=[word("false", day=0.5)])
    changed = one(
        *looks,
        verdicts=[word("real", day=0, said_day=91), word("false", day=0, said_day=90)],
    )

    assert (yes.finding.state, yes.real) == ("confirmed", 1.0)
    assert (no.finding.state, no.real) == ("rejected", 0.0)
    assert changed.finding.state == "confirmed"


def test_a_confirmed_thing_can_still_be_cleared() -> None:
    found = one(look(seen()), look(day=1), verdicts=[word("real", day=0)])

    assert found.finding.state == "cleared"


def test_what_was_rejected_does_not_count_as_gone_before() -> None:
    found = known(
        look(seen()),
        look(day=1),
        look(seen(), day=3),
        verdicts=[word("false", day=0)],
    )

    assert [f.finding.state for f in found] == ["rejected", "raw"]


def test_many_sightings_make_a_thing_surer_but_never_sure() -> None:
    days = [0.0, 0.1, 0.2, 0.3]
    chances = [
        one(*(look(seen(probability=0.7), day=d) for d in days[: k + 1])).real
        for k in range(4)
    ]

    assert chances == sorted(chances)
    assert chances[0] == pytest.approx(0.7)
    assert chances[1] > 0.85
    assert chances[-1] < 0.995


def test_a_car_on_the_pavement_is_a_candidate_until_it_is_seen_again() -> None:
    early = one(look(car()))
    soon = one(look(car()), look(car(), day=10 / 1440))
    later = one(look(car()), look(car(), day=40 / 1440))

    assert early.finding.category == "parking_motor"
    assert [k.finding.candidate for k in (early, soon, later)] == [True, True, False]
    assert counted_probability(soon.finding) == 0
    assert counted_probability(later.finding) > 0.7


@pytest.mark.parametrize(
    "waiting",
    [
        car(surface="lane"),
        car(surface="kerb_lane"),
        car(still=0.2),
    ],
)
def test_a_car_at_the_lights_is_never_a_finding(waiting: object) -> None:
    days = (0.0, 0.2, 0.5, 1.0)

    assert known(*(look(waiting, day=d) for d in days)) == []  # type: ignore[arg-type]


LOOKS = (0.1, 0.2, 0.6, 0.1, 0.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2)
OTHER = (0.1, 0.2, 0.6, 0.1, 0.0, 0.0, 0.0, 0.0, 0.1, 0.7, 0.0, 0.2)


@pytest.mark.parametrize(
    ("at_m", "looks", "is_proven"),
    [
        pytest.param(90, (LOOKS, LOOKS), True, id="one vehicle by its looks"),
        pytest.param(90, (LOOKS, None), False, id="nobody knows if it is one"),
        pytest.param(160, (LOOKS, LOOKS), False, id="where queues reach"),
        pytest.param(20, (LOOKS, LOOKS), False, id="at the other end too"),
    ],
)
def test_on_a_crossing_a_vehicle_is_a_candidate_until_it_is_known_to_be_one(
    at_m: float, looks: tuple[Any, Any], *, is_proven: bool
) -> None:
    passes = [
        look(car(surface="crossing", offset_m=at_m, appearance=shown), day=day)
        for shown, day in zip(looks, (0.0, 0.2), strict=True)
    ]

    assert one(passes[0]).finding.candidate
    assert one(*passes).finding.candidate is not is_proven


def test_two_vehicles_on_a_crossing_prove_nothing() -> None:
    passes = [
        look(car(surface="crossing", offset_m=90, appearance=shown), day=day)
        for shown, day in ((LOOKS, 0.0), (OTHER, 0.2))
    ]

    assert all(found.finding.candidate for found in known(*passes))


def test_a_car_on_tactile_paving_counts_like_one_on_the_pavement() -> None:
    looks = [look(car(surface="tactile_paving"), day=d) for d in (0.0, 0.2)]

    assert not one(*looks).finding.candidate


def dwelt(
    *, surface: str, minutes: float, every_s: float = 2.0, **changes: object
) -> PlacedSighting:
    """Return a car that stood before a fixed camera for so long."""
    stayed_s = 60 * minutes
    return car(
        surface=surface,
        last_drive_s=10.0 + stayed_s,
        frames=round(stayed_s / every_s) + 1,
        **changes,
    )


@pytest.mark.parametrize("surface", ["pavement", "crossing", "lane", "kerb_lane"])
def test_one_stay_of_half_an_hour_before_a_fixed_camera_proves_parking(
    surface: str,
) -> None:
    found = one(look(dwelt(surface=surface, minutes=30)))

    assert found.finding.category == "parking_motor"
    assert not found.finding.candidate
    assert found.finding.first_seen == "2026-09-21T14:13:10.000Z"
    assert found.finding.last_seen == "2026-09-21T14:43:10.000Z"


def test_a_shorter_stay_proves_nothing() -> None:
    assert one(look(dwelt(surface="pavement", minutes=29))).finding.candidate
    assert one(look(dwelt(surface="crossing", minutes=29))).finding.candidate
    assert known(look(dwelt(surface="lane", minutes=29))) == []


def test_short_stays_on_a_crossing_never_add_up() -> None:
    days = (0.0, 0.2, 0.5, 1.0)

    stays = [look(dwelt(surface="crossing", minutes=20), day=d) for d in days]
    assert all(found.finding.candidate for found in known(*stays))


def test_two_pictures_of_a_lane_half_an_hour_apart_are_no_stay() -> None:
    """A patrol that stood by the lights over lunch saw a car before and one after."""
    apart = dwelt(surface="lane", minutes=40, every_s=1200)

    assert known(look(apart)) == []


def test_the_times_of_the_sightings_prove_not_those_of_the_passes() -> None:
    early = car(first_drive_s=0.0, last_drive_s=5.0)
    late = car(first_drive_s=395.0, last_drive_s=400.0)

    found = one(look(early), look(late, day=24 / 1440))

    assert not found.finding.candidate


def test_a_good_cover_is_no_finding() -> None:
    assert known(look(seen("manhole_ok"))) == []


PLACES = st.lists(
    st.tuples(
        st.sampled_from(["litter", "poster", "garbage_pile", "construction_waste"]),
        st.floats(0, 185),
        st.floats(0.3, 1.5),
        st.floats(0.3, 0.99),
    ),
    max_size=5,
)


@given(st.lists(PLACES, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_passes_arrive_does_not_matter(
    drives: list[list[tuple[str, float, float, float]]], chance: object
) -> None:
    looks = [
        look(
            *(
                seen(category, offset_m=at_m, sigma_m=sigma_m, probability=p)
                for category, at_m, sigma_m, p in rows
            ),
            day=day,
        )
        for day, rows in enumerate(drives)
    ]
    verdicts = [word("false", day=0), word("real", day=1)]
    shuffled = list(looks)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert known(*shuffled, verdicts=verdicts[::-1]) == known(*looks, verdicts=verdicts)


@given(st.lists(PLACES, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_every_sighting_belongs_to_one_finding_and_a_pass_sees_it_once(
    drives: list[list[tuple[str, float, float, float]]],
) -> None:
    looks = [
        look(
            *(seen(c, offset_m=at, sigma_m=s, probability=p) for c, at, s, p in rows),
            day=day,
        )
        for day, rows in enumerate(drives)
    ]

    found = known(*looks)

    named = [name for f in found for name in f.sightings]
    assert sorted(named) == sorted(
        (k.inspection_id, n) for k in looks for n, _ in k.sightings
    )
    for f in found:
        passes = [inspection for inspection, _ in f.sightings]
        assert len(passes) == len(set(passes))
        assert 0 <= f.finding.probability <= 1


@given(PLACES, st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_rejecting_a_finding_never_makes_anything_likelier(
    rows: list[tuple[str, float, float, float]], which: int
) -> None:
    looks = [
        look(*(seen(c, offset_m=at, sigma_m=s, probability=p) for c, at, s, p in rows))
    ]
    before = {f.sightings: f for f in known(*looks)}
    after = known(*looks, verdicts=[word("false", day=0, number=which)])

    for f in after:
        assert f.finding.probability <= before[f.sightings].finding.probability + 1e-12


def test_a_rule_decides_when_a_thing_is_gone() -> None:
    careful = MemoryRule(cleared_below=0.01)

    assert one(look(seen()), look(day=0.1), rule=careful).finding.state == "raw"


def test_what_was_seen_once_and_then_missed_was_perhaps_never_there() -> None:
    crack = seen("manhole_damaged", probability=0.6)
    once = one(look(crack))
    missed = one(look(crack), look(day=0.1))

    assert once.real == pytest.approx(0.6)
    assert missed.real < 0.55
    assert missed.finding.probability < 0.4
