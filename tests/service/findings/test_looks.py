"""How things look helps to tell which sightings are of one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.findings import MemoryRule, findings_across
from service.records import KnownFinding, Look
from service.scoring import counted_probability
from tests.service.findings.passes import ROLES, car, look
from tests.service.store.records import seen

RED = (0.1, 0.2, 0.6, 0.1, 0.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2)
ROSE = (0.0, 0.2, 0.6, 0.2, 0.0, 0.7, 0.0, 0.0, 0.0, 0.0, 0.1, 0.2)
BLUE = (0.1, 0.2, 0.6, 0.1, 0.0, 0.0, 0.0, 0.0, 0.1, 0.7, 0.0, 0.2)
LATER = 40 / 1440


def known(*looks: Look, **more: object) -> list[KnownFinding]:
    return findings_across(looks, roles=ROLES, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("looks_like", "number"), [(ROSE, 0), (BLUE, 1)])
def test_of_two_equally_near_the_one_that_looks_alike_is_the_same(
    looks_like: tuple[float, ...], number: int
) -> None:
    early = look(
        seen(offset_m=49.4, appearance=RED), seen(offset_m=50.6, appearance=BLUE)
    )
    late = look(seen(offset_m=50.0, appearance=looks_like), day=0.1)

    (pair,) = (f.sightings for f in known(early, late) if len(f.sightings) == 2)

    assert pair == (("pass-000.000", number), ("pass-000.100", 0))


def test_looks_never_reach_further_than_the_place() -> None:
    found = known(
        look(seen(offset_m=50, appearance=RED)),
        look(seen(offset_m=55, appearance=RED), day=0.1),
    )

    assert len(found) == 2


@pytest.mark.parametrize(
    ("early", "late"), [(None, None), (RED, None), (None, BLUE), (RED, RED[:-1])]
)
def test_a_vehicle_whose_look_is_not_known_is_matched_by_its_place(
    early: tuple[float, ...] | None, late: tuple[float, ...] | None
) -> None:
    (found,) = known(look(car(appearance=early)), look(car(appearance=late), day=LATER))

    assert not found.finding.candidate


def test_litter_that_looks_otherwise_at_one_place_is_still_one() -> None:
    (found,) = known(look(seen(appearance=RED)), look(seen(appearance=BLUE), day=0.1))

    assert len(found.sightings) == 2


def test_a_vehicle_that_looks_alike_half_an_hour_later_is_proven() -> None:
    (found,) = known(look(car(appearance=RED)), look(car(appearance=ROSE), day=LATER))

    assert not found.finding.candidate
    assert counted_probability(found.finding) > 0.7


def test_two_vehicles_at_one_place_prove_nothing() -> None:
    found = known(look(car(appearance=RED)), look(car(appearance=BLUE), day=LATER))

    assert [f.sightings for f in found] == [
        (("pass-000.000", 0),),
        ((f"pass-{LATER:07.3f}", 0),),
    ]
    assert all(f.finding.candidate for f in found)
    assert all(counted_probability(f.finding) == 0 for f in found)


def test_a_pass_that_cannot_tell_joins_no_two_vehicles() -> None:
    colours = (RED, None, BLUE, ROSE)
    looks = [look(car(appearance=c), day=k * LATER) for k, c in enumerate(colours)]

    parked = [{number for number, _ in f.sightings} for f in known(*looks)]

    red, blue, rose = (looks[k].inspection_id for k in (0, 2, 3))
    assert any({red, rose} <= passes for passes in parked)
    assert all(not ({blue} <= passes and {red, rose} & passes) for passes in parked)


def test_the_rule_says_from_which_distance_vehicles_are_two() -> None:
    looks = (look(car(appearance=RED)), look(car(appearance=BLUE), day=LATER))

    assert len(known(*looks, rule=MemoryRule(unlike_from=2.1))) == 1
    assert len(known(*looks, rule=MemoryRule(replaced=frozenset()))) == 1


PLACES = st.lists(
    st.tuples(
        st.booleans(),
        st.floats(40, 60),
        st.floats(0.3, 1.5),
        st.sampled_from([None, RED, ROSE, BLUE]),
    ),
    max_size=5,
)


@given(st.lists(PLACES, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_passes_arrive_does_not_matter(
    drives: list[list[tuple[bool, float, float, tuple[float, ...] | None]]],
    chance: object,
) -> None:
    looks = [
        look(
            *(
                (car if parked else seen)(offset_m=m, sigma_m=s, appearance=appearance)
                for parked, m, s, appearance in rows
            ),
            day=day * LATER,
        )
        for day, rows in enumerate(drives)
    ]
    shuffled = list(looks)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    found = known(*looks)

    assert known(*shuffled) == found
    names = [name for f in found for name in f.sightings]
    assert len(names) == len(set(names)) == sum(map(len, drives))
