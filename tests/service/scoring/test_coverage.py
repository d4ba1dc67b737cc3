"""Coverage of a street whose footprints are drawn by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from service.scoring import CoverageOptions, GroundSeen, coverage_of, driven_spans
from service.types import MatchedFix, Segment
from vision.geo import LocalFrame
from vision.types import Observed

READABLE = frozenset({"carriageway", "kerb_strip", "pavement", "wall_base"})
OPTIONS = CoverageOptions(readable_zones=READABLE)


def road(segment_id: str = "s1", *, turn_deg: float = 0.0, **changes: Any) -> Segment:
    """Make a street of 100 m, 8 m wide, eastwards unless turned."""
    at = FRAME
    end = (
        100 * math.cos(math.radians(turn_deg)),
        100 * math.sin(math.radians(turn_deg)),
    )
    segment = Segment(
        id=segment_id,
        name=None,
        road_class="2",
        lonlat=at.to_lonlat(np.array([(0.0, 0.0), end])),
        length_m=100.0,
        width_m=8.0,
    )
    return replace(segment, **changes)


FRAME = LocalFrame(113.83, 34.02)


def look(
    from_m: float,
    to_m: float,
    right_m: tuple[float, float],
    *,
    reason: str | None = None,
    turn_deg: float = 0.0,
) -> Observed:
    """Make a footprint: a rectangle along a street, `right_m` across it."""
    near, far = right_m
    ring = np.array([(from_m, -near), (to_m, -near), (to_m, -far), (from_m, -far)])
    c, s = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    turned = ring @ np.array([[c, s], [-s, c]])
    return Observed(
        drive_s=0.0,
        usable=reason is None,
        reason=reason,
        footprint=FRAME.to_lonlat(turned),
        heading_deg=90.0 - turn_deg,
    )


def found(pieces, zone: str, side: str) -> list[tuple]:
    return [
        (p.from_m, p.to_m, p.status, p.reason)
        for p in pieces
        if (p.zone, p.side) == (zone, side)
    ]


WHOLE = {"s1": [(0.0, 100.0)]}


@pytest.mark.parametrize("turn_deg", [0.0, 37.0, 90.0, 200.0])
def test_zones_inside_the_footprint_are_seen_whatever_the_direction(turn_deg) -> None:
    # the right half of the street up to the pavement: 4 m kerb, 5.75 m pavement
    footprint = look(20.0, 60.0, (0.5, 6.5), turn_deg=turn_deg)

    pieces = coverage_of(
        [road(turn_deg=turn_deg)], [footprint], driven=WHOLE, options=OPTIONS
    )

    for zone in ("carriageway", "kerb_strip", "pavement"):
        assert [(a, b, s) for a, b, s, _ in found(pieces, zone, "right")] == [
            (0.0, 20.0, "hidden"),
            (20.0, 60.0, "seen"),
            (60.0, 100.0, "hidden"),
        ]
        assert found(pieces, zone, "left") == [(0.0, 100.0, "hidden", "out_of_view")]
    assert found(pieces, "wall_base", "right") == [
        (0.0, 100.0, "hidden", "out_of_view")
    ]


def test_a_dropped_frame_makes_ground_unusable_unless_another_saw_it() -> None:
    observed = [
        look(0.0, 50.0, (0.0, 9.0), reason="dark"),
        look(30.0, 80.0, (0.0, 9.0)),
        look(70.0, 100.0, (0.0, 9.0), reason="blurred"),
    ]

    pieces = coverage_of([road()], observed, driven=WHOLE, options=OPTIONS)

    assert found(pieces, "kerb_strip", "right") == [
        (0.0, 30.0, "unusable", "dark"),
        (30.0, 80.0, "seen", None),
        (80.0, 100.0, "unusable", "blurred"),
    ]


def test_ground_beyond_the_driven_span_was_not_passed() -> None:
    pieces = coverage_of(
        [road()],
        [look(0.0, 30.0, (-9.0, 9.0))],
        driven={"s1": [(0.0, 40.0)]},
        options=OPTIONS,
    )

    assert found(pieces, "carriageway", "left") == [
        (0.0, 30.0, "seen", None),
        (30.0, 40.0, "hidden", "out_of_view"),
        (40.0, 100.0, "not_passed", "not_passed"),
    ]


def test_zones_nobody_can_read_are_hidden_however_well_they_were_seen() -> None:
    pieces = coverage_of(
        [road()], [look(-5.0, 105.0, (-20.0, 20.0))], driven=WHOLE, options=OPTIONS
    )

    for side in ("left", "right"):
        for zone in ("tree_pit", "corner"):
            assert found(pieces, zone, side) == [
                (0.0, 100.0, "hidden", "zone_not_readable")
            ]
        for zone in READABLE:
            assert found(pieces, zone, side) == [(0.0, 100.0, "seen", None)]


def test_absent_zones_and_undriven_segments_have_no_pieces() -> None:
    pieces = coverage_of(
        [road(absent_zones=frozenset({"tree_pit", "pavement"})), road("s2")],
        [],
        driven=WHOLE,
        options=OPTIONS,
    )

    assert {p.segment_id for p in pieces} == {"s1"}
    assert {p.zone for p in pieces} == {
        "carriageway",
        "kerb_strip",
        "wall_base",
        "corner",
    }
    assert {p.status for p in pieces} == {"hidden"}


def test_pieces_join_without_gaps_on_a_bent_street_of_odd_length() -> None:
    xy = np.array([(0.0, 0.0), (40.0, 0.0), (40.0, 0.0), (70.0, 25.3), (71.0, 60.0)])
    length_m = float(np.hypot(*np.diff(xy, axis=0).T).sum())
    bent = road(lonlat=FRAME.to_lonlat(xy), length_m=length_m)
    rng = np.random.default_rng(4)
    observed = [
        look(a, a + 7.0, (b, b + 5.0), reason=rng.choice([None, "dark"]))
        for a, b in rng.uniform((-5, -8), (70, 4), (30, 2))
    ]

    pieces = coverage_of([bent], observed, driven={"s1": [(5, 30)]}, options=OPTIONS)

    for zone in READABLE:
        for side in ("left", "right"):
            chain = found(pieces, zone, side)
            assert chain[0][0] == 0.0
            assert chain[-1][1] == length_m
            assert all(a[1] == b[0] for a, b in pairwise(chain))
            assert all(a[2:] != b[2:] for a, b in pairwise(chain))


def test_a_point_on_the_pavement_line_lies_right_of_a_bent_street() -> None:
    # northwards: right is east; only a footprint east of the line can see it
    north = road(turn_deg=90.0)
    east = look(0.0, 100.0, (5.0, 6.5), turn_deg=90.0)

    pieces = coverage_of([north], [east], driven=WHOLE, options=OPTIONS)

    assert found(pieces, "pavement", "right") == [(0.0, 100.0, "seen", None)]
    lonlat = FRAME.to_xy(east.footprint)
    assert lonlat[:, 0].min() == pytest.approx(5.0)


def test_no_footprints_at_all_is_out_of_view_not_clean() -> None:
    empty = replace(look(0, 1, (0, 1)), footprint=np.empty((0, 2)))

    for observed in ([], [empty]):
        pieces = coverage_of([road()], observed, driven=WHOLE, options=OPTIONS)

        assert "seen" not in {p.status for p in pieces}


def test_thirty_kilometres_take_seconds() -> None:
    # a 15 x 15 grid of 100 m streets and a footprint every 3 m of them
    segments, observed, driven = [], [], {}
    for i in range(300):
        x, y = 150.0 * (i % 20), 150.0 * (i // 20)
        lonlat = FRAME.to_lonlat(np.array([(x, y), (x + 100.0, y)]))
        segments.append(road(f"s{i}", lonlat=lonlat))
        driven[f"s{i}"] = [(0.0, 100.0)]
        for at in range(0, 100, 3):
            shape = np.array([(2, -3), (2, 3), (15, 10), (15, -10)]) + np.array(
                [x + at, y]
            )
            observed.append(
                replace(look(0, 1, (0, 1)), footprint=FRAME.to_lonlat(shape))
            )

    began = perf_counter()
    pieces = coverage_of(segments, observed, driven=driven, options=OPTIONS)

    assert perf_counter() - began < 10
    assert len({p.segment_id for p in pieces}) == 300


def fix(segment_id, offset_m, *, forward: bool = True) -> MatchedFix:
    return MatchedFix(segment_id, offset_m, 1.0, forward, 0.9)


def test_spans_follow_the_track_across_segments() -> None:
    known = {name: road(name) for name in ("a", "b", "c")}
    track = [
        fix("a", 20.0),
        fix("a", 60.0),
        fix("b", 90.0, forward=False),  # entered at its far end
        fix("b", 30.0, forward=False),
        fix(None, None),
        fix("c", 50.0),
        fix("unknown", 1.0),
    ]

    spans = driven_spans(track, known)

    assert spans == {
        "a": [(20.0, 20.0), (20.0, 60.0), (60.0, 100.0)],
        "b": [(90.0, 100.0), (30.0, 90.0)],
        "c": [(50.0, 50.0)],
    }


def test_ground_behind_a_parked_car_is_hidden_though_the_footprint_covers_it() -> None:
    free = frozenset({"carriageway", "kerb_strip", "pavement"})
    rows = [
        (k + 0.5, free - {"kerb_strip"} if 40 <= k < 45 else free) for k in range(100)
    ]
    ground = GroundSeen(
        offset_m=np.array([offset for offset, _ in rows]),
        seen=tuple({"right": zones} for _, zones in rows),
        there=tuple({"right": zones} for _, zones in rows),
    )

    pieces = coverage_of(
        [road()],
        [look(0.0, 100.0, (0.5, 9.0))],
        driven=WHOLE,
        options=replace(OPTIONS, readable_zones=READABLE | {"tree_pit"}),
        ground={"s1": ground},
    )

    assert found(pieces, "kerb_strip", "right") == [
        (0.0, 40.0, "seen", None),
        (40.0, 45.0, "hidden", "behind_things"),
        (45.0, 100.0, "seen", None),
    ]
    assert found(pieces, "carriageway", "right") == [(0.0, 100.0, "seen", None)]
    assert found(pieces, "tree_pit", "right") == [(0.0, 100.0, "absent", None)]
    assert found(pieces, "tree_pit", "left") != [(0.0, 100.0, "absent", None)]
