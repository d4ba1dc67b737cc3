"""What an answer does to its finding and its street."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.memory.current import terms_now, window_now
from service.memory.rescore import rescore
from service.records import SeenBy
from service.review.apply import apply_review
from service.review.base import AddedBox
from service.review.desks import page_words
from service.review.words import VERDICTS
from service.scoring import load_standard
from service.store import Store
from tests.service.review.answered import (
    SAID_S,
    SETTINGS,
    answer,
    believed,
    fill,
    finding,
    score,
    states,
    three,
    value,
)
from tests.service.store.records import DAY_S, EYES, NOON_S, drive, seen
from vision.errors import AuditError

SHARP: SeenBy = replace(
    EYES,
    recall={"litter": 0.8, "poster": 0.7, "garbage_pile": 0.6},
    names=("litter", "poster", "garbage_pile", "manhole_missing"),
)


@pytest.fixture
def both(store: Store) -> Store:
    """Return the street in either database."""
    fill(store, *three(store), seen_by=SHARP)
    return store


@pytest.fixture
def city(tmp_path: Path) -> Store:
    """Return the street in a folder."""
    store = Store(str(tmp_path / "city"))
    fill(store, *three(store), seen_by=SHARP)
    return store


def say(store: Store, finding_id: str, verdict: Any = "real", **changes: Any) -> Any:
    return apply_review(store, SETTINGS, answer(finding_id, verdict, **changes))


def test_everything_that_the_page_offers_can_be_said(city: Store) -> None:
    words, heap = page_words(SETTINGS), finding(city, "garbage_pile")
    (image,) = {
        e.image
        for look in city.looks("s1")
        for _, placed in look.sightings
        if placed.sighting.category == "garbage_pile"
        for e in placed.sighting.evidence
    }
    boxes = tuple(
        AddedBox(name, (10.0 + 50 * n, 300.0, 40.0 + 50 * n, 340.0), image)
        for n, name in enumerate(words.categories)
    )

    say(city, heap, "real", added=boxes, source="all boxes")
    for n, name in enumerate({**words.categories, **words.derived}):
        applied = say(city, heap, "real", category=name, at_s=SAID_S + n)
        (now,) = [f for f in city.findings("s1") if f.finding.id == applied.finding_id]
        assert (now.finding.category, now.finding.state) == (name, "confirmed")
    for n, name in enumerate(words.zones):
        say(city, heap, "real", zone=name, at_s=SAID_S + 100 + n)
    for verdict in VERDICTS:
        say(city, heap, verdict, at_s=SAID_S + 200, source=f"said {verdict}")


def test_a_damaged_cover_that_is_in_truth_intact_is_no_finding_and_stays_a_cover(
    tmp_path: Path,
) -> None:
    store = Store(str(tmp_path / "city"))
    damaged = seen("manhole_damaged", offset_m=60.0, probability=0.9)
    fill(store, damaged, seen_by=SHARP)
    name = finding(store, "manhole_damaged")
    assert [cover.state for cover in store.covers("s1")] == ["damaged"]

    applied = say(store, name, "real", category="manhole_ok")

    assert applied.state == "rejected"
    assert [cover.state for cover in store.covers("s1")] == ["ok"]
    (now,) = store.findings("s1")
    assert now.finding.category == "manhole_damaged"
    say(store, name, "real", at_s=SAID_S + 1)
    assert states(store)[name] == "confirmed"
    assert [cover.state for cover in store.covers("s1")] == ["damaged"]


def test_what_is_no_cover_cannot_be_a_cover_in_good_state(city: Store) -> None:
    with pytest.raises(AuditError, match="is litter and no cover"):
        say(city, finding(city, "litter"), "real", category="manhole_ok")


@pytest.mark.parametrize(
    ("verdict", "now", "counts"),
    [
        pytest.param("real", "confirmed", 1.0, id="real: it counts whole"),
        pytest.param("false", "rejected", 0.0, id="false: it costs nothing"),
        pytest.param("permitted", "permitted", 0.0, id="permitted: nor does this"),
        pytest.param("unclear", "raw", 0.6, id="unclear: nothing changes"),
    ],
)
def test_an_answer_moves_finding_score_and_changes_within_five_seconds(
    both: Store, verdict: str, now: str, counts: float
) -> None:
    heap, before = finding(both, "garbage_pile"), value(both)
    number, _ = both.newest_change()
    began_s = time.monotonic()

    applied = say(both, heap, verdict)

    assert time.monotonic() - began_s < 5
    assert (applied.new, applied.state) == (True, now)
    assert states(both)[heap] == now
    # The heap is alone in its rule and element: it costs in proportion to its chance.
    a_whole_heap = before_cost(both, heap, before, counts)
    assert value(both) == pytest.approx(before + (0.6 - counts) * a_whole_heap)
    (moved,) = applied.scores
    assert (moved.before, moved.after) == (before, value(both))
    kinds = {one.kind for one in both.changes(since=number, limit=9)[0]}
    assert kinds >= ({"finding", "score"} if now != "raw" else set())


def before_cost(store: Store, name: str, before: float, counts: float) -> float:
    """Return what the finding costs if it is real, from the first score's own words."""
    first = store.scores("s1")[-1]
    assert first["value"] == before
    (points,) = (
        cost
        for rule in first["body"]["score"]["deductions"]
        for one, cost in zip(rule["finding_ids"], rule["finding_points"], strict=True)
        if one == name
    )
    return float(points) / 0.6


def test_the_final_score_is_that_worked_out_by_hand(city: Store) -> None:
    heap, poster = finding(city, "garbage_pile"), finding(city, "poster")
    litter = finding(city, "litter")

    say(city, heap, zone="carriageway", severity="pile")
    say(city, poster, "false")
    say(city, litter, category="garbage_pile", severity="large", zone="wall_base")

    # xuchang@1, 185 m, tree pits absent (10), corners not readable (10, unseen):
    # 80 of the weights are assessed, k = 100/80. L = 1.85, a heap has a = 1.
    # The heap on the carriageway: 路面, pile x3: 3 / 1.85 = 1.62162.
    # The litter is a heap at the wall: 墙根, large x5: 5 / 1.85 = 2.70270.
    # The poster is none. (1.62162 + 2.70270) * 100 / 80 = 5.40541.
    assert value(city) == pytest.approx(94.594595, abs=1e-6)


def test_the_same_answer_counts_once_however_often_it_comes(city: Store) -> None:
    heap = finding(city, "garbage_pile")
    first = say(city, heap)
    before, scores = believed(city), len(city.scores("s1"))

    again = [say(city, heap) for _ in range(3)]

    assert first.new
    assert [one.new for one in again] == [False] * 3
    assert believed(city) == before
    assert len(city.scores("s1")) == scores
    assert len(city.words()) == 1


def test_who_died_between_the_answer_and_the_score_is_made_good(
    city: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    heap, before = finding(city, "garbage_pile"), value(city)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("service.review.apply.write_scores", die)
        with pytest.raises(KeyboardInterrupt):
            say(city, heap)
    assert value(city) == before

    again = say(city, heap)

    assert not again.new
    assert value(city) < before


def test_the_order_in_which_answers_arrive_does_not_matter(tmp_path: Path) -> None:
    # Li changes his mind, Wang agrees with what he said at last; Zhao sees a permit.
    said = [
        ("false", "李", 0.0), ("real", "李", 60.0), ("real", "王", 30.0),
        ("permitted", "赵", 90.0),
    ]  # fmt: skip
    outcomes = []
    for n, order in enumerate(list(permutations(said))[::6]):
        store = Store(str(tmp_path / str(n)))
        fill(store, *three(store), seen_by=SHARP)
        heap = finding(store, "garbage_pile")
        for verdict, reviewer, later_s in order:
            say(store, heap, verdict, reviewer=reviewer, at_s=SAID_S + later_s)
        outcomes.append(believed(store))

    assert all(one == outcomes[0] for one in outcomes)
    assert outcomes[0][0].state == "confirmed"


@given(
    answers=st.lists(
        st.tuples(
            st.sampled_from(["garbage_pile", "poster", "litter"]),
            st.sampled_from(["real", "false", "permitted", "unclear"]),
            st.sampled_from(["李", "王", "赵"]),
            st.integers(0, 5),
        ),
        max_size=4,
        unique_by=lambda row: (row[0], row[2], row[3]),
    )
)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_rejecting_never_lowers_a_score_and_repeating_changes_nothing(
    tmp_path: Path, answers: list[tuple[str, str, str, int]]
) -> None:
    store = Store(str(tmp_path / f"{time.monotonic_ns()}"))
    fill(store, *three(store), seen_by=SHARP)
    names = {
        name: finding(store, name) for name in ("garbage_pile", "poster", "litter")
    }
    for category, verdict, reviewer, at in answers:
        before, was = value(store), states(store)[names[category]]
        say(store, names[category], verdict, reviewer=reviewer, at_s=SAID_S + at)
        turned_false = states(store)[names[category]] == "rejected"
        if turned_false and was != "rejected":
            assert value(store) >= before - 1e-9
    settled = believed(store)

    for category, verdict, reviewer, at in reversed(answers):
        say(store, names[category], verdict, reviewer=reviewer, at_s=SAID_S + at)

    assert believed(store) == settled


def test_reviewers_who_contradict_each_other_are_not_believed_until_a_third_looks(
    city: Store,
) -> None:
    heap, before = finding(city, "garbage_pile"), value(city)
    say(city, heap, "real", reviewer="李")

    torn = say(city, heap, "false", reviewer="王", at_s=SAID_S + 1)
    assert (torn.contradicted, torn.state) == (True, "raw")
    assert value(city) == pytest.approx(before)
    third = say(city, heap, "false", reviewer="赵", at_s=SAID_S + 2)

    assert (third.contradicted, third.state) == (False, "rejected")


def test_an_answer_that_is_taken_back_was_never_given(city: Store) -> None:
    heap, before = finding(city, "garbage_pile"), value(city)
    say(city, heap, "false", annotation="desk:7")

    gone = say(city, heap, "withdrawn", annotation="desk:7", at_s=SAID_S + 1)

    assert gone.state == "raw"
    assert value(city) == pytest.approx(before)


def test_an_objection_asks_again_and_what_is_said_then_counts_alone(
    city: Store,
) -> None:
    heap = finding(city, "garbage_pile")
    say(city, heap, "real", reviewer="李")
    say(city, heap, "real", reviewer="王")

    objection = answer(heap, "unclear", reviewer="环卫一所", at_s=SAID_S + 60)
    held = apply_review(city, SETTINGS, objection, kind="appeal")
    assert held.state == "confirmed"
    heeded = say(city, heap, "permitted", reviewer="赵", at_s=SAID_S + 120)

    assert heeded.state == "permitted"


def test_a_known_answer_outweighs_all(city: Store) -> None:
    heap = finding(city, "garbage_pile")
    known = answer(heap, "false", reviewer="专家组")
    apply_review(city, SETTINGS, known, kind="gold")

    for reviewer in ("李", "王"):
        said = say(city, heap, "real", reviewer=reviewer, at_s=SAID_S + 60)

    assert said.state == "rejected"


def test_a_red_line_is_certain_after_two_reviewers_agree(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "city"))
    gap = seen("manhole_missing", probability=0.7, offset_m=60.0)
    fill(store, gap, seen_by=SHARP)
    name = finding(store, "manhole_missing")

    def lines() -> tuple[list[str], list[str]]:
        score_ = store.scores("s1")[0]["body"]["score"]
        return score_["red_lines"], score_["provisional_red_lines"]

    say(store, name, reviewer="李")
    assert lines() == ([], [name])
    one_word = value(store)
    say(store, name, reviewer="王")

    assert lines() == ([name], [])
    assert value(store) == one_word
    assert store.scores("s1")[0]["grade"] == "合格"


def test_a_duplicate_becomes_another_look_at_the_same_thing(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "city"))
    heap = {"category": "garbage_pile", "zone": "pavement", "probability": 0.6}
    fill(
        store,
        seen(**heap, offset_m=30.0),
        seen(**heap, offset_m=42.0),
        seen_by=SHARP,
    )
    one, other = sorted(states(store))

    applied = say(store, other, "duplicate", reason=f"同 {one}")

    assert list(states(store)) == [one]
    assert applied.finding_id in {None, one}
    assert store.newest_finding(other)[1]  # type: ignore[index]


def test_a_duplicate_of_nothing_that_is_known_costs_nothing(city: Store) -> None:
    heap, before = finding(city, "garbage_pile"), value(city)

    say(city, heap, "duplicate")

    assert states(city)[heap] == "duplicate"
    assert value(city) > before


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(
            {"finding_id": "nobody-1"}, "there is no finding nobody-1", id="no finding"
        ),
        pytest.param({"verdict": "false", "reason": " "}, "gives no reason", id="why?"),
        pytest.param(
            {"category": "unicorn"}, "no problem is called 'unicorn'", id="no category"
        ),
        pytest.param(
            {"category": "car"}, "no problem is called 'car'", id="no problem"
        ),
        pytest.param({"zone": "sky"}, "no zone is called 'sky'", id="no zone"),
        pytest.param(
            {"severity": "huge"}, "has no severity 'huge'", id="no level of its rule"
        ),
        pytest.param({"reviewer": ""}, "names no reviewer", id="nobody"),
        pytest.param({"at_s": float("nan")}, "has no time", id="never"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    city: Store, given: dict[str, Any], sentence: str
) -> None:
    heap, before = finding(city, "garbage_pile"), believed(city)
    wanted = answer(given.pop("finding_id", heap), given.pop("verdict", "real"))

    with pytest.raises(AuditError, match=sentence) as refused:
        apply_review(city, SETTINGS, replace(wanted, **given))

    assert "\n" not in str(refused.value)
    assert city.words() == []
    assert believed(city) == before


def test_an_answer_about_a_finding_taken_back_is_for_what_took_its_place(
    tmp_path: Path,
) -> None:
    store = Store(str(tmp_path / "city"))
    fill(store, seen("poster", zone="wall_base", probability=0.7), at_s=NOON_S)
    old = finding(store, "poster")
    # A drive of the day before comes in late: the poster was there already.
    store.add_drive(
        drive(
            seen("poster", zone="wall_base", probability=0.7), at_s=NOON_S - DAY_S / 8
        )
    )
    score(store)
    new = finding(store, "poster")
    assert old != new

    applied = say(store, old)

    assert (applied.finding_id, applied.state) == (new, "confirmed")


def test_what_people_said_survives_another_inspection_of_the_same_drive(
    tmp_path: Path,
) -> None:
    store = Store(str(tmp_path / "city"))
    fill(store, *three(store), seen_by=SHARP, name="drive")
    heap, poster = finding(store, "garbage_pile"), finding(store, "poster")
    say(store, heap, "false")
    say(store, poster, "real")

    # Better eyes see the heap a little elsewhere, and not the poster.
    better = replace(SHARP, model_id="street@3", model_sha256="cd" * 32)
    again = seen("garbage_pile", zone="pavement", offset_m=30.8, probability=0.9)
    store.add_drive(drive(again, seen_by=better, name="drive"))
    score(store)
    score(store)

    found = {f.finding.category: f.finding.state for f in store.findings("s1")}
    assert found == {"garbage_pile": "rejected", "poster": "confirmed"}
    assert len(store.words()) == 4
    assert say(store, heap, "real", reviewer="王").contradicted


def test_scores_under_other_standards_that_are_shown_move_too(city: Store) -> None:
    other = load_standard("hetown@1")
    terms = terms_now(city, SETTINGS, standard=other)
    rescore(city, terms, window_now(city, SETTINGS))

    applied = say(city, finding(city, "poster"))

    assert [one.standard for one in applied.scores] == ["hetown@1", "xuchang@1"]
    assert all(one.after is not None for one in applied.scores)


def test_a_score_says_what_was_known_when_it_was_worked_out(city: Store) -> None:
    heap = finding(city, "garbage_pile")
    say(city, heap, "false")

    last, first = city.scores("s1")

    of = {one["known_s"]: json.dumps(one["body"]) for one in (first, last)}
    assert '"rejected"' not in of[first["known_s"]]
    assert '"rejected"' in of[last["known_s"]]
