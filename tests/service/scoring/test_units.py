"""Units of finds that share a cell: expectation, fairness, monotony."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from service.scoring.units import cells_in_runs, shared_units


def brute_force(factors: list[float], chances: list[float], capacity: int) -> float:
    """Return E[sum of the gravest `capacity` real finds] over all outcomes."""
    total = 0.0
    for real in itertools.product([0, 1], repeat=len(chances)):
        weight = math.prod(
            p if x else 1 - p for x, p in zip(real, chances, strict=True)
        )
        there = sorted(
            (f for f, x in zip(factors, real, strict=True) if x), reverse=True
        )
        total += weight * sum(there[:capacity])
    return total


@pytest.mark.parametrize("seed", range(30))
def test_a_cell_costs_what_its_gravest_real_finds_cost_on_average(seed) -> None:
    rng = random.Random(seed)  # noqa: S311 - a repeatable cell
    n = rng.randrange(1, 8)
    capacity = rng.choice([1, 2, 3])
    factors = [rng.choice([1.0, 1.5, 2.0]) for _ in range(n)]
    chances = [rng.choice([0.0, 1.0, rng.random()]) for _ in range(n)]

    units = shared_units(factors, chances, capacity)

    total = sum(f * u * p for f, u, p in zip(factors, units, chances, strict=True))
    assert total == pytest.approx(brute_force(factors, chances, capacity))
    assert all(-1e-12 <= u <= 1 + 1e-12 for u in units)


@pytest.mark.parametrize(
    ("factors", "chances", "capacity", "units"),
    [
        pytest.param([1.0, 1.0], [1.0, 1.0], None, [1.0, 1.0], id="items: one each"),
        pytest.param([1.0, 1.0], [1.0, 1.0], 1, [0.5, 0.5], id="one bin: half each"),
        pytest.param([1.0], [0.3], 1, [1.0], id="alone: the whole unit"),
        # 1 - 0.5 * 0.5 = 0.75 expected bins over a summed chance of 1
        pytest.param([1.0, 1.0], [0.5, 0.5], 1, [0.75, 0.75], id="doubtful: 1 - prod"),
        pytest.param(
            [2.0, 1.0], [1.0, 1.0], 1, [1.0, 0.0], id="the graver one takes it"
        ),
        pytest.param([1.0] * 3, [1.0] * 3, 3, [1.0] * 3, id="three posters: three"),
        pytest.param([1.0] * 6, [1.0] * 6, 3, [0.5] * 6, id="six posters: still three"),
        pytest.param([1.0, 1.0], [0.0, 1.0], 1, [1.0, 1.0], id="disproved: takes none"),
    ],
)
def test_units_of_one_cell(factors, chances, capacity, units) -> None:
    assert shared_units(factors, chances, capacity) == pytest.approx(units)


@pytest.mark.parametrize(
    ("numbers", "run"),
    [
        pytest.param([0, 1], set(), id="20 m is not longer than 20 m"),
        pytest.param([0, 1, 2], {0, 1, 2}, id="30 m is"),
        pytest.param([0, 1, 3, 4, 5], {3, 4, 5}, id="a gap ends a run"),
    ],
)
def test_dirty_bins_in_a_row_make_a_run(standard, numbers, run) -> None:
    unit = standard.units["dirty_bin_10m"]

    cells = cells_in_runs([("left", n, 1.0) for n in numbers], unit)

    assert cells == {("left", n) for n in run}


def test_a_run_stays_on_its_side_and_needs_likely_bins(standard) -> None:
    unit = standard.units["dirty_bin_10m"]
    dirty = [("left", 0, 1.0), ("left", 1, 0.5), ("right", 2, 1.0)]
    doubtful = [("right", 5, 1.0), ("right", 6, 0.49), ("right", 7, 1.0)]

    assert cells_in_runs([*dirty, *doubtful], unit) == frozenset()
