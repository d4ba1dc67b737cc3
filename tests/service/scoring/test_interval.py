"""The interval against simulated streets: finds that are not real, finds missed."""

from __future__ import annotations

import math
from collections import Counter
from time import perf_counter

import numpy as np
import pytest

from service.scoring.units import cell_index

TOLERANCE_POINTS = 0.25
RUNS = 8000


def missed_counts(
    rng, rule, standard, *, found, recall, runs, metres=200.0
) -> np.ndarray:
    """Draw how many were missed: a Gamma rate seen through `recall`, then Poisson."""
    length = metres / 100
    beta = standard.interval.prior_length_m / 100
    shape = rule.prior_per_100m / len(rule.categories) * beta + found
    rate = rng.gamma(shape, 1 / (beta + recall * length), runs)
    return rng.poisson(rate * length * (1 - recall))


def percentiles(values) -> tuple[float, float]:
    return float(np.percentile(values, 5)), float(np.percentile(values, 95))


def test_nothing_uncertain_has_no_width(street, example_1) -> None:
    score = street().score(example_1)

    assert (score.low, score.high) == (90.0, 90.0)
    assert score.grade_certain


def test_unreviewed_finds_match_simulated_streets(street, find) -> None:
    rng = np.random.default_rng(1)
    chances = rng.uniform(0.1, 0.95, 30)
    litter = [
        find(i, "litter", state="raw", probability=float(p), offset_m=3.0 * i)
        for i, p in enumerate(chances[:18])
    ]
    # every kerb find lies in a bin of its own, never three bins in a row
    kerb = [
        find(
            50 + i,
            "litter",
            "kerb_strip",
            state="raw",
            probability=float(p),
            offset_m=30.0 * i,
        )
        for i, p in enumerate(chances[18:24])
    ]
    covers = [
        find(70 + i, "manhole_damaged", state="raw", probability=float(p))
        for i, p in enumerate(chances[24:])
    ]
    finds = [*litter, *kerb, *covers]

    score = street().score(finds)

    real = rng.random((RUNS, 30)) < chances
    over = np.maximum(0, real[:, :18].sum(axis=1) - 2)
    lost = np.minimum(25, over / 2) + np.minimum(10, real[:, 18:24].sum(axis=1) / 2)
    lost = lost + np.minimum(15, 5 * real[:, 24:].sum(axis=1))
    low, high = percentiles(100 - lost)
    assert score.low == pytest.approx(low, abs=TOLERANCE_POINTS)
    assert score.high == pytest.approx(max(high, score.value), abs=TOLERANCE_POINTS)
    assert score.low < score.value < score.high


def test_finds_that_share_a_bin_match_simulated_streets(street, find) -> None:
    rng = np.random.default_rng(2)
    chances = rng.uniform(0.2, 0.7, 24)
    offsets = rng.uniform(0, 200, 24)
    finds = [
        find(i, "litter", "wall_base", state="raw", probability=p, offset_m=x)
        for i, (p, x) in enumerate(zip(chances, offsets, strict=True))
    ]

    score = street().score(finds)

    real = rng.random((RUNS, 24)) < chances
    bins = np.array([cell_index(x, 10.0) for x in offsets])
    dirty = sum(real[:, bins == b].any(axis=1) for b in set(bins.tolist()))
    low, high = percentiles(100 - dirty / 2)
    assert score.low == pytest.approx(low, abs=TOLERANCE_POINTS)
    assert score.high == pytest.approx(max(high, score.value), abs=TOLERANCE_POINTS)


def test_missed_litter_and_covers_match_simulated_streets(
    street, find, standard
) -> None:
    rng = np.random.default_rng(3)
    recall = {"litter": 0.5, "manhole_damaged": 0.4}
    finds = [find(i, "litter") for i in range(8)]
    finds.append(find(20, "manhole_damaged"))

    score = street(recall=recall).score(finds)

    by_id = {rule.id: rule for rule in standard.rules}

    def lacking(rule: str, category: str, found: int) -> np.ndarray:
        return missed_counts(
            rng, by_id[rule], standard, found=found, recall=recall[category], runs=RUNS
        )

    road = np.minimum(
        25, np.maximum(0, 8 + lacking("road_litter", "litter", 8) - 2) / 2
    )
    cover = 5 * (1 + lacking("cover_damaged", "manhole_damaged", 1))
    cover = cover + 2 * lacking("cover_dirty", "litter", 0) / 2
    bins = {"kerb_litter": 40, "wall_litter": 40, "pit_litter": 200}
    small = sum(
        np.array(
            [len(set(rng.integers(0, n, m).tolist())) for m in lacking(r, "litter", 0)]
        )
        for r, n in bins.items()
    )
    corner = 2 * lacking("corner_litter", "litter", 0)
    lost = road + np.minimum(15, cover) + small / 2 + np.minimum(10, corner / 2)
    low, high = percentiles(100 - lost)
    assert score.low == pytest.approx(low, abs=2 * TOLERANCE_POINTS)
    assert score.high == pytest.approx(max(high, score.value), abs=2 * TOLERANCE_POINTS)
    assert score.low < score.value - 2


def test_a_class_that_is_never_missed_adds_no_doubt(street, find) -> None:
    finds = [find(i, "litter") for i in range(8)]

    score = street(recall={"litter": 1.0}).score(finds)

    assert (score.low, score.high) == (score.value, score.value)


def test_worse_recall_means_a_lower_low(street, find) -> None:
    finds = [find(i, "litter") for i in range(8)]

    lows = [street(recall={"litter": r}).score(finds).low for r in (0.9, 0.6, 0.3, 0.1)]

    assert lows == sorted(lows, reverse=True)
    assert len(set(lows)) == 4


def test_an_empty_street_seen_by_a_weak_model_is_not_certainly_clean(street) -> None:
    weak = street(recall={"litter": 0.05, "manhole_damaged": 0.05}).score([])
    strong = street(recall={"litter": 0.95, "manhole_damaged": 0.95}).score([])

    assert weak.value == strong.value == weak.high == 100.0
    assert weak.low < strong.low


def test_a_grade_is_certain_only_when_both_ends_share_it(street, find) -> None:
    doubtful = [
        find(i, "manhole_damaged", state="raw", probability=0.5) for i in range(3)
    ]

    certain = street().score([find(1, "pothole")])
    unsure = street().score(doubtful)

    assert certain.grade_certain
    assert unsure.low < 90 <= unsure.high
    assert not unsure.grade_certain


def test_a_busy_street_is_scored_in_milliseconds(street, find) -> None:
    seen = Counter(["litter", "poster", "manhole_damaged", "stall", "garbage_pile"])
    finds = [
        find(i, category, state="raw", probability=0.6, offset_m=2.0 * i)
        for i, category in enumerate(list(seen) * 20)
    ]
    road = street(recall=dict.fromkeys(seen, 0.5))
    road.score(finds)

    began = perf_counter()
    score = road.score(finds)

    assert perf_counter() - began < 0.5
    assert math.isfinite(score.low)
