"""A street's score from all passes of a window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.findings import MemoryRule
from service.memory.street import (
    StreetScore,
    Terms,
    Window,
    recall_of_passes,
    score_store,
    score_street,
)
from service.records import Look
from service.scoring import Calendar, load_standard
from service.store import Store
from service.types import DAY_S
from tests.service.findings.passes import ROLES, SHARP, look, word
from tests.service.store.records import NOON_S, STREET, drive, seen

TERMS = Terms(load_standard("xuchang@1"), ROLES)
MONTH = Window(NOON_S - 15 * DAY_S, NOON_S + 15 * DAY_S)


def scored(*looks: Look, window: Window = MONTH, **more: object) -> StreetScore:
    verdicts = more.get("verdicts", ())
    return score_street(STREET, looks, verdicts, window=window, terms=TERMS)  # type: ignore[arg-type]


def value(street: StreetScore) -> float:
    assert street.working is not None
    assert street.working.score.value is not None
    return street.working.score.value


def test_a_thing_seen_twice_costs_once() -> None:
    once = scored(look(seen("manhole_damaged", probability=0.999)))
    crack = seen("manhole_damaged", probability=0.999)
    twice = scored(look(crack), look(crack, day=0.1))

    assert value(twice) == pytest.approx(value(once), abs=0.05)


def test_what_was_cleared_costs_nothing() -> None:
    found = scored(look(seen("poster")), look(day=1), look(day=2))

    assert value(found) == 100
    assert [k.finding.state for k in found.findings] == ["cleared"]


def test_passes_add_up_what_they_saw() -> None:
    left = look(saw_m=(0, 80))
    right = look(saw_m=(70, 185), day=1)

    assert scored(left).status == "insufficient"
    both = scored(left, right)
    assert both.status == "scored"
    assert both.working.score.coverage == pytest.approx(1.0)
    assert both.looks == 2


def test_nobody_came_is_no_value() -> None:
    found = scored()

    assert found.status == "not_passed"
    assert found.working is None


def test_an_old_pass_is_shown_as_stale_with_its_age() -> None:
    found = scored(look(seen(), day=-40))

    assert found.status == "stale"
    assert found.age_days == pytest.approx(55)
    assert found.working is not None
    assert found.working.score.value is not None


def test_what_comes_after_the_window_does_not_count() -> None:
    found = scored(look(), look(seen("poster"), day=20))

    assert found.looks == 1
    assert value(found) == 100


def test_a_thing_from_before_the_window_still_costs() -> None:
    found = scored(look(seen("poster"), day=-20), look(day=3, saw_m=(100, 185)))

    assert found.looks == 1
    assert [k.finding.state for k in found.findings] == ["raw"]


def test_the_more_passes_the_less_was_missed() -> None:
    rule = MemoryRule()
    one = recall_of_passes([look()], NOON_S, rule)
    three = recall_of_passes([look(), look(day=-0.2), look(day=-0.4)], NOON_S, rule)
    old = recall_of_passes([look(), look(day=-30)], NOON_S, rule)

    assert one["manhole_damaged"] == pytest.approx(0.6)
    assert 0.85 < three["manhole_damaged"] <= 0.95
    assert old["litter"] == pytest.approx(one["litter"])


def test_more_looks_narrow_the_interval() -> None:
    weak = replace(SHARP, recall=dict.fromkeys(SHARP.recall, 0.4))
    once = scored(look(eyes=weak)).working.score
    often = scored(*(look(eyes=weak, day=d / 10) for d in range(5))).working.score

    assert often.high - often.low < once.high - once.low


def test_parking_is_judged_where_two_passes_could_prove_it() -> None:
    once = scored(look()).working.score
    twice = scored(look(), look(day=0.5)).working.score

    assert "parking_motor" in once.not_assessed
    assert "parking_motor" not in twice.not_assessed


def test_a_reviewers_no_gives_the_points_back() -> None:
    looks = (look(seen("poster", probability=0.9)),)

    assert value(scored(*looks, verdicts=[word("false", day=0)])) == 100
    assert value(scored(*looks)) < 100


COUNT = st.integers(0, 6)


@given(COUNT, COUNT)
@settings(max_examples=25, deadline=None)
def test_more_litter_never_raises_a_score(few: int, more: int) -> None:
    def worth(count: int) -> float:
        return value(scored(look(*(seen(offset_m=5 + 9 * k) for k in range(count)))))

    assert worth(few + more) <= worth(few) + 1e-9


@given(st.permutations([0, 1, 2, 3]))
@settings(max_examples=15, deadline=None)
def test_the_order_of_arrival_changes_no_score(order: list[int]) -> None:
    looks = [
        look(seen(), seen("poster", offset_m=90)),
        look(seen(offset_m=50.5), day=0.3),
        look(day=1),
        look(seen("poster", offset_m=90.4), day=2),
    ]

    assert scored(*(looks[k] for k in order)).working.score == (
        scored(*looks).working.score
    )


def test_the_stores_scores_are_those_of_its_passes(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    poster = seen("poster", offset_m=90)
    store.add_drive(drive(poster, at_s=NOON_S), known_s=NOON_S + 1)
    store.add_drive(drive(at_s=NOON_S + DAY_S), known_s=NOON_S + DAY_S + 1)

    (now,) = score_store(store, window=MONTH, terms=TERMS)
    (then,) = score_store(store, window=MONTH, terms=TERMS, as_of_s=NOON_S + 60)
    none = list(score_store(store, window=MONTH, terms=TERMS, segment_ids=["x"]))

    assert now.looks == 2
    assert then.looks == 1
    assert then.findings[0].finding.state == "raw"
    assert now.findings[0].present < then.findings[0].present
    assert none == []


EARLY = -15 / 24
"""Days from `NOON_S` (22:13 in China) to 7:13 of that day."""


def test_litter_before_the_sweep_does_not_count_but_posters_do() -> None:
    early = look(seen(zone="carriageway"), seen("poster", offset_m=90), day=EARLY)
    late = look(seen(zone="carriageway"), seen("poster", offset_m=90))

    def rules(street: StreetScore) -> set[str]:
        return {d.rule for d in street.working.score.deductions}

    both = {"road_litter", "poster"}
    assert rules(scored(early)) == {"poster"}
    assert rules(scored(late)) == both
    assert rules(scored(early, replace(late, at_s=early.at_s + 7200))) == both
    assert len(scored(early).findings) == 2


def test_a_clean_street_early_is_clean_all_the_same() -> None:
    found = scored(look(seen(zone="carriageway"), day=-1), look(day=EARLY))

    assert [k.finding.state for k in found.findings] == ["cleared"]


def test_a_day_of_rain_is_left_out() -> None:
    calendar = Calendar(8.0, {Calendar().local(NOON_S).date(): "rain"})
    terms = replace(TERMS, calendar=calendar)
    looks = [look(seen("poster")), look(day=2)]

    found = score_street(STREET, looks, (), window=MONTH, terms=terms)

    assert found.looks == 1
    assert found.findings == ()
