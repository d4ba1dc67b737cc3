"""Which finds are asked about first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.memory.current import terms_now, window_now
from service.memory.rescore import rescore, street_json
from service.memory.street import score_street
from service.records import SightingVerdict
from service.review.apply import apply_review
from service.review.base import Queued
from service.review.order import in_audit, woven
from service.review.queue import wants_another, worth
from service.review.worth import WIDTH_SIGMAS, scored_street, worths
from service.settings import ReviewSettings, Settings
from service.store import Store
from service.types import PlacedSighting
from tests.service.review.answered import SETTINGS, answer, fill, finding, states
from tests.service.store.records import EYES, NOON_S, STREET, drive, seen

PLAIN = Settings(review=ReviewSettings(audit_share=0.0, gold_share=0.0, second_share=0))
"""Nothing is drawn by chance."""
NOW_S = 2 * NOON_S
"""Later than any answer."""
KEEN = replace(
    EYES,
    recall={"litter": 0.9, "poster": 0.9, "garbage_pile": 0.9},
    names=("litter", "poster", "garbage_pile", "manhole_missing"),
)


def heap(offset_m: float, probability: float, **changes: Any) -> PlacedSighting:
    return seen(
        "garbage_pile", offset_m=offset_m, probability=probability, zone="pavement",
        **changes,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "city"))


def say(store: Store, name: str, verdict: Any, **changes: Any) -> None:
    apply_review(store, SETTINGS, answer(name, verdict, **changes))


def test_the_most_doubtful_of_equals_and_the_gravest_of_the_doubtful_come_first(
    store: Store,
) -> None:
    fill(
        store,
        heap(20, 0.95),
        heap(60, 0.5),
        seen("litter", offset_m=100, probability=0.5),
        seen_by=KEEN,
    )

    asked = [task.finding_id.rsplit("-", 1)[1] for task in worth(store, PLAIN, NOW_S)]

    assert asked == ["1", "0", "2"]


def test_a_red_line_comes_before_all(store: Store) -> None:
    gap = seen("manhole_missing", offset_m=90, probability=0.6)
    fill(store, heap(20, 0.5), gap, seen_by=KEEN)

    first = worth(store, SETTINGS, NOW_S)[0]

    assert first.finding_id == finding(store, "manhole_missing")
    assert first.why == "value"


def test_what_an_answer_is_worth_is_what_it_turns_out_to_narrow(store: Store) -> None:
    fill(store, heap(20, 0.5), heap(60, 0.7), heap(110, 0.8), seen_by=KEEN)
    terms, window = terms_now(store, PLAIN), window_now(store, PLAIN)
    looks, known = store.looks("s1"), store.findings("s1")

    def told(words: list[SightingVerdict]) -> Any:
        return score_street(STREET, looks, words, window=window, terms=terms)

    body = street_json(told([]))["score"]
    found = worths(
        scored_street(STREET, body, terms.standard), known, standard=terms.standard
    )

    for one in known:
        name, number = one.sightings[-1]
        widths = []
        for verdict, p in (("real", one.real), ("false", 1 - one.real)):
            word = SightingVerdict(name, number, verdict, "李", None, NOW_S)  # type: ignore[arg-type]
            score = told([word]).working.score
            widths.append(p * (score.high - score.low))
        exact = body["high"] - body["low"] - sum(widths)
        # A normal distribution stands for one of a few finds: the size is right.
        assert found[one.finding.id].narrowing == pytest.approx(exact, abs=1.2)


def test_the_step_between_both_answers_is_that_of_the_score(store: Store) -> None:
    fill(store, heap(20, 0.5), heap(60, 0.7), heap(100, 0.6), seen_by=KEEN)
    (row,) = store.shown_scores_of("s1")
    terms = terms_now(store, PLAIN)
    body = store.scores("s1")[0]["body"]["score"]
    street = scored_street(STREET, body, terms.standard)
    found = worths(street, store.findings("s1"), standard=terms.standard)
    name = min(states(store))
    width = (row.high or 0.0) - (row.low or 0.0)

    # One small heap on 185 m of 路面 at k = 100/80 costs 1 / 1.85 * 1.25.
    step = 1 / 1.85 * 1.25
    after = np.sqrt((width / WIDTH_SIGMAS) ** 2 - step**2 * 0.25)

    assert found[name].narrowing == pytest.approx(width - WIDTH_SIGMAS * after)


def test_a_grade_that_may_turn_is_worth_more(store: Store) -> None:
    def street(value: float) -> Any:
        body = {"value": value, "low": value - 3, "high": value + 2, "elements": []}
        whole = scored_street(STREET, body, terms.standard)
        return replace(whole, views=view)

    fill(store, heap(20, 0.5), seen_by=KEEN)
    terms = terms_now(store, PLAIN)
    real = store.scores("s1")[0]["body"]["score"]
    view = scored_street(STREET, real, terms.standard).views

    at_the_border, far = (
        next(
            iter(
                worths(
                    street(value), store.findings("s1"), standard=terms.standard
                ).values()
            )
        )
        for value in (90.2, 97.0)
    )

    assert at_the_border.grade > 0.02 > 10 * far.grade
    assert at_the_border.narrowing == pytest.approx(far.narrowing)


def test_a_tenth_is_drawn_by_chance_whoever_asks_and_a_beginning_has_its_share() -> (
    None
):
    drawn = [n for n in range(5000) if in_audit(f"f-{n}", 0.1)]
    assert 400 < len(drawn) < 600
    assert drawn == [n for n in range(5000) if in_audit(f"f-{n}", 0.1)]
    value = [Queued(f"v{n}", 9.0 - n / 100, "value") for n in range(900)]
    audit = [Queued(f"a{n}", 0.0, "audit") for n in range(100)]
    gold = [Queued(f"g{n}", 0.0, "gold") for n in range(3)]

    order = woven(value, audit, gold, SETTINGS.review)

    assert len(order) == 1003
    for length in (20, 50, 200, 600):
        count = sum(task.why == "audit" for task in order[:length])
        assert abs(count - length / 10) <= 1
    assert [task for task in order if task.why == "value"] == value
    assert sum(task.why == "gold" for task in order[:60]) == 3


def test_what_was_answered_is_not_asked_again_but_where_a_second_word_is_needed(
    store: Store,
) -> None:
    gap = seen("manhole_missing", offset_m=90, probability=0.6)
    fill(store, heap(20, 0.5), heap(60, 0.5), gap, seen_by=KEEN)
    one, other = sorted(set(states(store)) - {finding(store, "manhole_missing")})
    line = finding(store, "manhole_missing")
    say(store, one, "real")
    say(store, line, "real")

    asked = {task.finding_id: task for task in worth(store, PLAIN, NOW_S)}
    assert set(asked) == {other, line}
    assert (asked[line].why, asked[line].turn) == ("second", 2)
    say(store, line, "real", reviewer="王")
    say(store, other, "real")
    say(store, other, "false", reviewer="王", at_s=NOW_S)

    left = worth(store, PLAIN, NOW_S)
    assert [(task.finding_id, task.why, task.turn) for task in left] == [
        (other, "second", 3)
    ]


@pytest.mark.parametrize(
    ("verdict", "changes"),
    [
        pytest.param("false", {}, id="rejected"),
        pytest.param("permitted", {}, id="permitted"),
        pytest.param("real", {"category": "manhole_damaged"}, id="called another"),
        pytest.param("real", {"category": "manhole_ok"}, id="called intact"),
    ],
)
def test_a_red_line_that_one_word_took_away_is_asked_until_two_agree(
    store: Store, verdict: str, changes: dict[str, str]
) -> None:
    fill(store, seen("manhole_missing", offset_m=60, probability=0.95), seen_by=KEEN)
    line = finding(store, "manhole_missing")
    say(store, line, verdict, **changes)

    (asked,) = worth(store, PLAIN, NOW_S)

    assert (asked.finding_id, asked.why, asked.turn) == (line, "second", 2)
    say(store, line, verdict, reviewer="王", **changes)
    assert worth(store, PLAIN, NOW_S) == []


def test_who_answers_again_is_no_second_reviewer_and_is_soon_asked_no_more(
    store: Store,
) -> None:
    fill(store, seen("manhole_missing", offset_m=60, probability=0.95), seen_by=KEEN)
    line = finding(store, "manhole_missing")

    turns = []
    while queue := worth(store, PLAIN, NOW_S):
        turns.append(queue[0].turn)
        say(store, line, "false", at_s=NOON_S + len(turns), annotation=f"a{turns[-1]}")

    assert turns == [1, 2, 3]
    assert wants_another(store, PLAIN, NOW_S) == [line]
    say(store, line, "false", reviewer="王", at_s=NOON_S + 9)
    assert wants_another(store, PLAIN, NOW_S) == []


def test_gold_is_asked_until_every_reviewer_has_answered_it(store: Store) -> None:
    fill(store, heap(20, 0.5), heap(60, 0.5), seen_by=KEEN)
    gold, other = sorted(states(store))
    for at_s, who in enumerate("甲乙"):
        say(store, other, "real", reviewer=who, at_s=NOON_S + at_s)
        say(store, gold, "real", reviewer=who, at_s=NOON_S + at_s)
    known = answer(gold, "false", reviewer="专家组", at_s=NOON_S + 10)
    apply_review(store, SETTINGS, known, kind="gold")

    asked = []
    while queue := [q for q in worth(store, SETTINGS, NOW_S) if q.why == "gold"]:
        asked.append(queue[0].turn)
        who = "甲乙"[len(asked) - 1]
        say(store, gold, "real", reviewer=who, at_s=NOON_S + 20 + len(asked))

    assert asked == [4, 5]


def test_an_objection_is_asked_first_and_gold_is_asked_once(store: Store) -> None:
    fill(store, heap(20, 0.5), heap(60, 0.5), heap(110, 0.5), seen_by=KEEN)
    one, gold, other = sorted(states(store))
    say(store, one, "real")
    appeal = answer(one, "unclear", reviewer="环卫一所", at_s=NOON_S + 900)
    apply_review(store, SETTINGS, appeal, kind="appeal")
    known = answer(gold, "real", reviewer="专家组")
    apply_review(store, SETTINGS, known, kind="gold")

    asked = {task.finding_id: task.why for task in worth(store, SETTINGS, NOW_S)}

    assert asked[one] == "appeal"
    assert asked[gold] == "gold"
    assert asked[other] in {"value", "audit"}
    say(store, one, "real", reviewer="王", at_s=NOON_S + 1000)
    say(store, gold, "real", reviewer="王", at_s=NOON_S + 1000)
    asked = {task.finding_id: task.why for task in worth(store, SETTINGS, NOW_S)}
    assert asked[gold] == "gold", "李 answered it before its answer was known"
    say(store, gold, "real", at_s=NOON_S + 1001)
    assert {task.finding_id for task in worth(store, SETTINGS, NOW_S)} == {other}


def test_a_street_without_a_score_and_another_district_are_no_trouble(
    store: Store,
) -> None:
    store.add_drive(drive(heap(20, 0.5), coverage=(), seen_by=KEEN))
    rescore(store, terms_now(store, PLAIN), window_now(store, PLAIN))

    (task,) = worth(store, PLAIN, NOW_S)

    assert task.value == 0
    assert worth(store, PLAIN, NOW_S, district="别处") == []
