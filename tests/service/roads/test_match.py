from __future__ import annotations

import importlib.util
import math
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from service.roads import (
    FixIn,
    RoadNetwork,
    build_network,
    match_fixes,
    match_geojson,
    match_rows,
)
from service.types import Segment
from vision.errors import InputError
from vision.geo import LocalFrame

FRAME = LocalFrame(113.85, 34.03)


def _bench() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_match.py"
    spec = importlib.util.spec_from_file_location("bench_match", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_match"] = module
    spec.loader.exec_module(module)
    return module


bench = _bench()


def draw(*, oneway: bool = False, **lines: list[tuple[float, float]]) -> RoadNetwork:
    return build_network(
        [
            Segment(
                name,
                None,
                "3",
                FRAME.to_lonlat(np.array(xy, float)),
                0.0,
                oneway=oneway,
            )
            for name, xy in lines.items()
        ]
    )


def fix(time_s: float, x: float, y: float, **known: float) -> FixIn:
    lon, lat = FRAME.to_lonlat((x, y))
    return FixIn(time_s, float(lon), float(lat), **known)


GRID = {
    "west": [(-300.0, 0.0), (0.0, 0.0)],
    "east": [(0.0, 0.0), (300.0, 0.0)],
    "north": [(0.0, 0.0), (0.0, 300.0)],
    "south": [(0.0, -300.0), (0.0, 0.0)],
}


def ids(network: RoadNetwork, fixes: list[FixIn]) -> list[str | None]:
    return [matched.segment_id for matched in match_fixes(network, fixes)]


@pytest.mark.parametrize("hertz", [1, 20])
def test_a_turn_is_followed_at_any_rate(hertz: int) -> None:
    t = np.arange(0, 40, 1 / hertz)
    d = 10 * t - 200
    fixes = [fix(float(s), min(m, 0.0), max(m, 0.0)) for s, m in zip(t, d, strict=True)]

    matched = match_fixes(draw(**GRID), fixes)

    expected = ["west" if m < 0 else "north" for m in d]
    wrong = sum(m.segment_id != e for m, e in zip(matched, expected, strict=True))
    assert wrong <= hertz
    assert all(m.forward for m in matched)
    assert matched[0].offset_m == pytest.approx(100, abs=0.5)
    assert matched[-1].offset_m == pytest.approx(d[-1], abs=0.5)


def test_a_single_fix_near_the_crossing_does_not_leave_the_street() -> None:
    fixes = [fix(k, -60 + 10 * k, 0) for k in range(13)]
    fixes[6] = fix(6, 0.5, 6)

    got = ids(draw(**GRID), fixes)

    assert set(got) == {"west", "east"}


def test_direction_is_told_from_the_drive() -> None:
    fixes = [fix(k, 200 - 10 * k, 1.0) for k in range(15)]

    matched = match_fixes(draw(street=[(0, 0), (300, 0)]), fixes)

    assert {m.forward for m in matched} == {False}


def test_standing_at_a_crossing_does_not_flip() -> None:
    rng = np.random.default_rng(5)
    drive = [fix(k, -150 + 10 * k, 0) for k in range(15)]
    stand = [fix(15 + k, *rng.normal((-8, 0), 4)) for k in range(120)]
    on = [fix(135 + k, 10 * k, 0) for k in range(15)]

    got = ids(draw(**GRID), drive + stand + on)

    assert set(got[:15]) == {"west"}
    assert set(got[-14:]) == {"east"}
    assert set(got) == {"west", "east"}
    assert sum(a != b for a, b in pairwise(got)) == 1


def test_heading_tells_the_streets_of_a_crossing_apart() -> None:
    network = draw(**GRID)

    across = match_fixes(network, [fix(0, 4, 4, heading_deg=90, speed_mps=8)])
    up = match_fixes(network, [fix(0, 4, 4, heading_deg=0, speed_mps=8)])

    assert (across[0].segment_id, up[0].segment_id) == ("east", "north")


def test_one_fix_a_minute_finds_the_streets_between() -> None:
    network = draw(
        a=[(0, 0), (800, 0)],
        b=[(800, 0), (800, 600)],
        c=[(800, 600), (1600, 600)],
        blind=[(0, 25), (790, 25)],
    )
    fixes = [fix(0, 100, 11), fix(60, 700, 13), fix(120, 805, 500), fix(180, 1500, 596)]

    assert ids(network, fixes) == ["a", "a", "b", "c"]


def test_far_from_every_street_is_unmatched_and_matching_goes_on() -> None:
    away = [fix(10 + k, 100 + k, 200) for k in range(5)]
    fixes = [fix(k, 10 * k, 0) for k in range(10)]
    after = [fix(15 + k, 150 + 10 * k, 0) for k in range(10)]

    matched = match_fixes(draw(street=[(0, 0), (400, 0)]), fixes + away + after)

    assert [m.segment_id for m in matched] == ["street"] * 10 + [None] * 5 + [
        "street"
    ] * 10
    assert matched[12].probability == 0.0
    assert matched[12].offset_m is None


def test_a_gap_in_the_road_file_is_driven_over() -> None:
    network = draw(
        a=[(0, 0), (100, 0)], b=[(108, 0), (200, 0)], side=[(100, 0), (100, 80)]
    )
    fixes = [fix(k, 10.0 * k, 0) for k in range(20)]

    assert ids(network, fixes) == ["a"] * 11 + ["b"] * 9


def test_after_a_jump_matching_starts_anew() -> None:
    network = draw(here=[(0, 0), (300, 0)], there=[(9000, 0), (9300, 0)])
    fixes = [fix(k, 10 * k, 0) for k in range(20)]
    fixes += [fix(900 + k, 9010 + 10 * k, 0) for k in range(20)]

    assert ids(network, fixes) == ["here"] * 20 + ["there"] * 20


def test_one_stray_fix_is_left_out() -> None:
    network = draw(street=[(0, 0), (400, 0)], other=[(0, 700), (400, 700)])
    fixes = [fix(k, 10 * k, 0) for k in range(20)]
    fixes[9] = fix(9, 90, 700)

    got = ids(network, fixes)

    assert got[9] is None
    assert set(got[:9] + got[10:]) == {"street"}


def test_against_a_oneway_street_is_possible() -> None:
    fixes = [fix(k, 200 - 10 * k, 0) for k in range(15)]

    matched = match_fixes(draw(oneway=True, street=[(0, 0), (300, 0)]), fixes)

    assert {(m.segment_id, m.forward) for m in matched} == {("street", False)}


def test_of_two_directions_drawn_apart_the_driven_one_is_taken() -> None:
    network = draw(there=[(0, 0), (300, 0)], back=[(300, 0), (0, 0)])
    fixes = [fix(k, 200 - 10 * k, 0) for k in range(15)]

    matched = match_fixes(network, fixes)

    assert {(m.segment_id, m.forward) for m in matched} == {("back", True)}
    assert min(m.probability for m in matched) > 0.9


def test_probability_tells_sure_from_unsure() -> None:
    alone = draw(street=[(0, 0), (300, 0)])
    twins = draw(left=[(0, 8), (300, 8)], right=[(0, -8), (300, -8)])
    fixes = [fix(k, 10 * k, 0) for k in range(20)]

    sure = [m.probability for m in match_fixes(alone, fixes)]
    unsure = [m.probability for m in match_fixes(twins, fixes)]

    assert min(sure) == pytest.approx(1.0)
    assert unsure == pytest.approx([0.5] * 20, abs=0.05)


def test_no_fixes_give_no_rows() -> None:
    assert match_fixes(draw(**GRID), []) == []


@pytest.mark.parametrize(
    ("fixes", "says"),
    [
        pytest.param([fix(1, 0, 0), fix(0, 9, 0)], "decrease", id="times decrease"),
        pytest.param([FixIn(0, math.nan, 34)], "finite", id="no place"),
    ],
)
def test_unusable_tracks_are_refused(fixes: list[FixIn], says: str) -> None:
    with pytest.raises(InputError, match=says):
        match_fixes(draw(**GRID), fixes)


def test_rows_have_the_documented_form() -> None:
    fixes = [fix(k, 10 * k, 2) for k in range(5)] + [fix(5, 0, 900)]
    times = [f"2026-11-20T08:00:0{k}Z" for k in range(6)]
    network = draw(street=[(0, 0), (300, 0)])

    rows = match_rows(network, fixes, times=times)
    points = match_geojson(network, fixes, times=times)

    assert [list(row) for row in rows] == [
        ["time", "lon", "lat", "segment_id", "offset_m", "probability"]
    ] * 6
    assert rows[2]["time"] == times[2]
    assert (rows[2]["segment_id"], rows[2]["offset_m"]) == ("street", 20.0)
    assert (rows[5]["segment_id"], rows[5]["offset_m"]) == (None, None)
    assert len(points["features"]) == 6
    assert points["features"][2]["geometry"]["coordinates"] == [
        fixes[2].lon,
        fixes[2].lat,
    ]
    assert points["features"][2]["properties"]["segment_id"] == "street"


@pytest.mark.parametrize(
    ("name", "least"),
    [
        pytest.param("00000004", 0.98, id="poor receiver, up to 30 m off"),
        pytest.param("00000018", 0.99, id="town"),
        pytest.param("00000045", 0.99, id="country road"),
        pytest.param("00000011", 0.98, id="an hour with outages"),
        pytest.param("00000058", 0.94, id="motorway junctions"),
    ],
)
def test_real_drives_land_on_the_true_route(name: str, least: float) -> None:
    case = bench.kubicka(name)

    matched = match_fixes(case.network, case.fixes)

    on, way = bench.shares(matched, case.route)
    assert on >= least
    assert way >= least - 0.06  # 00000045 turns round off the road at its start
    assert bench.off_route(case.network, matched, case.route) <= 0.05


@pytest.fixture(scope="module")
def beijing() -> tuple[RoadNetwork, object]:
    return bench.beijing_network()


def test_taxis_at_one_fix_a_minute_land_on_the_hand_matched_route(
    beijing: tuple[RoadNetwork, object],
) -> None:
    right = n = 0.0
    for case in bench.beijing(*beijing):
        on, _ = bench.shares(match_fixes(case.network, case.fixes), case.route)
        right += on * len(case.fixes)
        n += len(case.fixes)

    assert n == 124
    assert right / n >= 0.82


@pytest.mark.parametrize(
    ("sigma_m", "least"),
    [
        pytest.param(5.0, 0.96, id="5 m"),
        pytest.param(10.0, 0.93, id="10 m"),
        pytest.param(15.0, 0.92, id="15 m"),
    ],
)
def test_noisy_drives_stay_on_their_segments(
    beijing: tuple[RoadNetwork, object], sigma_m: float, least: float
) -> None:
    network, _ = beijing
    rng = np.random.default_rng(11)
    right = n = 0
    start = time.perf_counter()
    for _ in range(2):
        fixes, truth = bench.noisy_drive(network, rng, sigma_m=sigma_m, seconds=600)
        matched = match_fixes(network, fixes)
        right += sum(
            m.segment_id == name for m, (name, _) in zip(matched, truth, strict=True)
        )
        n += len(truth)

    assert right / n >= least
    assert time.perf_counter() - start < 30
