"""How well eyes and reviewers do, by what reviewers said."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.job_records import JobOrder
from service.jobs.drive import job_confidence
from service.memory.current import measured_of, terms_now, window_now
from service.memory.rescore import rescore
from service.memory.street import score_street
from service.records import Measured
from service.review.apply import apply_review
from service.review.measures import (
    PRIOR,
    careful_recall,
    cohens_kappa,
    fit_shift,
    keep_measures,
    measures,
)
from service.review.operating import measured_confidence
from service.scoring import share_bounds
from service.settings import ReviewSettings, Settings
from service.store import Store
from tests.service.review.answered import SAID_S, answer, fill, states
from tests.service.store.records import EYES, NOON_S, STREET, seen
from vision.catalogue import load_card

ALL = Settings(review=ReviewSettings(audit_share=1.0, enough=10))
"""Everything is drawn by chance, and ten reviews are enough."""
KEY = ("street@2", "poster", "", "")


def posters(store: Store, count: int, probability: float = 0.8) -> list[str]:
    """Put so many posters on the street; return their ids."""
    fill(
        store,
        *(
            seen(
                "poster", offset_m=8.0 * n + 4, zone="wall_base",
                probability=probability,
            )
            for n in range(count)
        ),
    )  # fmt: skip
    return sorted(states(store), key=lambda name: int(name.rsplit("-", 1)[1]))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "city"))


def say(store: Store, name: str, verdict: Any, **changes: Any) -> None:
    kind = changes.pop("kind", "review")
    apply_review(store, ALL, answer(name, verdict, **changes), kind=kind)


def test_precision_has_exact_bounds_by_class_vehicle_and_light(store: Store) -> None:
    names = posters(store, 12)
    for n, name in enumerate(names):
        say(store, name, "real" if n < 9 else "false")

    found = {one.key: one for one in measures(store, ALL).classes}

    # 2026-09-21 14:13 UTC is 22:13 in Xuchang: night.
    assert set(found) == {
        KEY,
        (*KEY[:2], "豫K-01", ""),
        (*KEY[:2], "", "night"),
        (*KEY[:2], "豫K-01", "night"),
    }
    precision = found[KEY].precision
    assert (precision.hits, precision.count) == (9, 12)
    # Clopper and Pearson for 9 of 12.
    assert precision.low == pytest.approx(0.4281, abs=1e-3)
    assert precision.high == pytest.approx(0.9451, abs=1e-3)
    assert found[KEY].recall.hits == 9


def test_what_is_lawful_is_no_error_and_what_is_another_class_is(store: Store) -> None:
    names = posters(store, 4)
    say(store, names[0], "permitted")
    say(store, names[1], "real", category="graffiti")
    say(store, names[2], "duplicate", reason="同一张")
    say(store, names[3], "unclear")

    found = {one.key: one for one in measures(store, ALL).classes}

    assert (found[KEY].precision.hits, found[KEY].precision.count) == (1, 2)
    graffiti = found["street@2", "graffiti", "", ""].recall
    assert (graffiti.hits, graffiti.count) == (0, 1)


def test_only_the_slice_that_chance_draws_counts_for_precision(store: Store) -> None:
    for name in posters(store, 3):
        say(store, name, "real")
    none = Settings(review=ReviewSettings(audit_share=0.0))

    (whole, *_) = measures(store, none).classes

    assert whole.precision.count == 0
    assert whole.precision.value is None
    assert whole.recall.hits == 3


def test_reviewers_are_measured_by_gold_and_by_each_other(store: Store) -> None:
    names = posters(store, 6)
    for n, name in enumerate(names):
        say(store, name, "real", reviewer="李")
        say(store, name, "real" if n < 3 else "false", reviewer="王", at_s=SAID_S + 1)
    for name in names[:4]:
        say(store, name, "real", reviewer="专家组", kind="gold", at_s=SAID_S + 2)

    found = measures(store, ALL)

    gold = {one.reviewer: (one.gold.hits, one.gold.count) for one in found.reviewers}
    assert gold == {"李": (4, 4), "王": (3, 4)}
    (poster,) = found.agreement
    assert (poster.pairs, poster.agreed) == (6, 0.5)
    assert poster.kappa == 0  # one of them always says the same


def test_kappa_is_cohens() -> None:
    # The example of Wikipedia's article: 20, 5, 10, 15 give 0.4.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10
    pairs += [("n", "n")] * 15

    assert cohens_kappa(pairs) == pytest.approx(0.4)
    assert cohens_kappa([("y", "y")]) is None
    assert cohens_kappa([]) is None


def test_a_shift_finds_what_chances_are_off_by_and_believes_few_reviews_little() -> (
    None
):
    rng = np.random.default_rng(3)
    odds = rng.normal(0.5, 1.0, 3000)
    real = rng.random(3000) < 1 / (1 + np.exp(-(odds - 0.8)))
    told = [
        (float(p), bool(r)) for p, r in zip(1 / (1 + np.exp(-odds)), real, strict=True)
    ]

    many, doubt = fit_shift(told)
    few, more_doubt = fit_shift(told[:5])

    assert many == pytest.approx(-0.8, abs=3 * doubt)
    assert doubt < 0.06 < more_doubt
    assert abs(few) < 1.5
    assert fit_shift([])[0] == 0


def test_careful_recall_is_less_than_its_mean_and_comes_to_it_with_reviews() -> None:
    # Beta(0.7 * 20 + 6, 0.3 * 20 + 4) = Beta(20, 10): 19 / 29.
    assert careful_recall(6, 4, 0.7) == pytest.approx(19 / 29)
    assert careful_recall(0, 0, 0.7) == pytest.approx(13 / 19)
    assert careful_recall(6000, 4000, 0.7) == pytest.approx(0.6, abs=1e-3)
    assert 0 < careful_recall(0, 500, 0.01) < 0.05
    assert PRIOR == 20


def test_bounds_of_a_share() -> None:
    assert share_bounds(0, 0) == (0.0, 1.0)
    assert share_bounds(0, 10)[0] == 0.0
    # The rule of three, exactly: 1 - 0.025 ** (1 / 10).
    assert share_bounds(0, 10)[1] == pytest.approx(1 - 0.025 ** (1 / 10))
    assert share_bounds(10, 10) == pytest.approx((0.025 ** (1 / 10), 1.0))


def test_scores_use_what_was_kept_from_then_on_and_older_ones_stay(
    store: Store,
) -> None:
    names = posters(store, 16)
    for name in names[:12]:
        say(store, name, "false")
    before, was = store.scores("s1")[0], len(store.scores("s1"))
    open_before = {
        f.finding.id: f.real for f in store.findings("s1") if f.finding.state == "raw"
    }

    keep_measures(store, measures(store, ALL), known_s=before["known_s"] + 1)
    rescore(store, terms_now(store, ALL), window_now(store, ALL))

    open_now = {
        f.finding.id: f.real for f in store.findings("s1") if f.finding.state == "raw"
    }
    assert set(open_now) == set(names[12:])
    assert all(open_now[name] < open_before[name] for name in open_now)
    assert store.scores("s1")[0]["value"] > before["value"]
    assert store.scores("s1")[1] == before
    assert len(store.scores("s1")) == was + 1
    assert measured_of(store, as_of_s=before["known_s"]).shift == {}
    assert measured_of(store).shift["street@2", "poster", "", ""] < -0.5


@pytest.mark.parametrize(
    ("place", "moves"),
    [
        pytest.param(("", ""), -1.0, id="of the class"),
        pytest.param(("", "night"), -1.0, id="of the light it was seen in"),
        pytest.param(("豫K-01", ""), -1.0, id="of the vehicle that saw it"),
        pytest.param(("", "day"), 0.0, id="of another light"),
        pytest.param(("豫K-02", ""), 0.0, id="of another vehicle"),
    ],
)
def test_the_chance_of_a_thing_moves_by_its_shift_exactly(
    store: Store, place: tuple[str, str], moves: float
) -> None:
    posters(store, 1, probability=0.8)
    terms, window = terms_now(store, ALL), window_now(store, ALL)
    shift = {("street@2", "poster", *place): -1.0}
    shifted = replace(terms, measured=Measured(shift=shift))

    def real(rules: Any) -> float:
        told = score_street(STREET, store.looks("s1"), (), window=window, terms=rules)
        return told.findings[0].real

    def odds(p: float) -> float:
        return math.log(p / (1 - p))

    assert odds(real(shifted)) == pytest.approx(odds(real(terms)) + moves)


def test_a_lower_recall_widens_the_interval_and_parts_go_before_the_whole(
    store: Store,
) -> None:
    posters(store, 3)
    terms, window = terms_now(store, ALL), window_now(store, ALL)
    by_night = {KEY: 0.7, (*KEY[:2], "", "night"): 0.3}
    (look,) = store.looks("s1")

    def low(recall: Any) -> float:
        rules = replace(terms, measured=Measured(recall=recall))
        told = score_street(STREET, [look], (), window=window, terms=rules)
        assert told.working is not None
        assert told.working.score.low is not None
        return told.working.score.low

    assert look.seen_by.light == "night"
    assert look.seen_by.vehicle == "豫K-01"
    assert low({KEY: 0.7}) == low({})  # the card of these eyes says 0.7
    assert low(by_night) < low({KEY: 0.7})
    assert Measured(recall=by_night).eyes(replace(EYES, light="day")).recall == {
        "litter": 0.8,
        "poster": 0.7,
    }


def test_a_part_is_drawn_to_its_class_the_less_the_more_is_said_of_it() -> None:
    usual = fit_shift([(0.5, n % 4 == 0) for n in range(40)])[0]

    few, _ = fit_shift([(0.5, True)], around=usual)
    many, _ = fit_shift([(0.5, True)] * 400, around=usual)

    assert usual < few < 0 < many
    assert fit_shift([], around=usual)[0] == usual


def test_each_vehicle_and_light_gets_a_shift_of_its_own(store: Store) -> None:
    for name in posters(store, 12):
        say(store, name, "false")

    keep_measures(store, measures(store, ALL), known_s=NOON_S + 1e6)

    shifts = measured_of(store).shift
    assert len(shifts) == 4
    assert shifts[*KEY[:2], "豫K-01", ""] < shifts[KEY] < 0


def test_workers_look_where_a_box_means_what_the_cards_own_point_meant(
    store: Store,
) -> None:
    for name in posters(store, 12):
        say(store, name, "false")
    keep_measures(store, measures(store, ALL), known_s=NOON_S + 1e6)
    card, rows = load_card("street@2"), store.measured()

    moved = measured_confidence(card, rows, vehicle=None)

    (row,) = [r for r in rows if (r["camera"], r["light"]) == ("", "")]

    def odds(p: float) -> float:
        return math.log(p / (1 - p))

    scale, own = card.calibration["poster"], card.operating["poster"].confidence
    before = scale.slope * odds(own) + scale.intercept
    after = scale.slope * odds(moved["poster"]) + scale.intercept + row["shift"]
    assert set(moved) == {"poster"}
    assert moved["poster"] > own
    assert after == pytest.approx(before, abs=1e-2) or moved["poster"] == 0.95
    seen_by = card.counting_at(moved)
    assert seen_by.operating["poster"].confidence == moved["poster"]
    assert seen_by.operating["litter"] == card.operating["litter"]


def test_a_job_keeps_the_operating_points_that_held_when_it_came(store: Store) -> None:
    for name in posters(store, 12):
        say(store, name, "false")
    keep_measures(store, measures(store, ALL), known_s=NOON_S + 1e6)
    order = JobOrder(files={}, model="street@2", layout=None, spacing_m=3.0)
    off = Settings(review=ReviewSettings(operating=False))

    def points(settings: Settings, submitted_s: float) -> dict[str, float]:
        return job_confidence(store, settings, order, at_s=submitted_s)

    assert points(ALL, NOON_S) == {}
    assert points(ALL, NOON_S + 2e6)["poster"] > 0
    assert points(off, NOON_S + 2e6) == {}


def test_too_few_reviews_change_nothing(store: Store) -> None:
    for name in posters(store, 3):
        say(store, name, "false")

    keep_measures(store, measures(store, ALL), known_s=NOON_S + 1e6)

    kept = measured_of(store)
    assert (kept.recall, kept.shift) == ({}, {})
    assert len(store.measured()) == 4


def test_what_did_not_change_is_kept_once(store: Store) -> None:
    names = posters(store, 12)
    for name in names:
        say(store, name, "real")

    first = keep_measures(store, measures(store, ALL), known_s=SAID_S + 100)
    again = keep_measures(store, measures(store, ALL), known_s=SAID_S + 200)
    say(store, names[0], "false", at_s=SAID_S + 300)
    changed = keep_measures(store, measures(store, ALL), known_s=SAID_S + 400)

    assert first > 0
    assert again == 0
    assert changed > 0
    assert {row["known_s"] for row in store.measured()} == {SAID_S + 400}
