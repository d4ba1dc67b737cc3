"""What holds of every street: more seen is surer, and cutting a street changes nothing.

That the order of passes does not matter and that more litter never raises a score is in
`tests/service/memory/test_street.py` and `test_rate.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.memory.street import Terms, Window, score_street
from service.scoring import (
    Standard,
    StreetValue,
    load_standard,
    roll_up,
    score_segment,
)
from service.scoring.parts import FULL_POINTS
from service.types import DAY_S, CoveragePiece, Finding, Score
from tests.service.findings.passes import ROLES, SHARP, look, word
from tests.service.scoring.conftest import ZONES, Street, make_find
from tests.service.store.records import NOON_S, STREET, seen

STANDARD = load_standard("xuchang@1")
RECALL = dict.fromkeys(
    ("litter", "garbage_pile", "poster", "manhole_damaged", "stall"), 0.7
)
KINDS = st.sampled_from(
    [
        ("litter", "carriageway"),
        ("litter", "kerb_strip"),
        ("litter", "wall_base"),
        ("garbage_pile", "pavement"),
        ("poster", "wall_base"),
        ("manhole_damaged", "carriageway"),
        ("stall", "pavement"),
    ]
)
STRIPS = tuple((zone, side) for zone in ZONES for side in ("left", "right"))
SHARES = st.lists(st.floats(0.6, 1.0), min_size=len(STRIPS), max_size=len(STRIPS)).map(
    tuple
)


@dataclass(frozen=True)
class Sight:
    """A street of which every strip was seen from its start up to a share."""

    street: Street
    shares: tuple[float, ...]

    def coverage(self) -> list[CoveragePiece]:
        length_m = self.street.length_m
        return [
            piece
            for (zone, side), share in zip(STRIPS, self.shares, strict=True)
            for piece in (
                CoveragePiece("s1", zone, side, 0.0, share * length_m, "seen", None),
                CoveragePiece(
                    "s1", zone, side, share * length_m, length_m, "hidden", "dark"
                ),
            )
        ]

    def score(self, finds: list[Finding]) -> Score:
        return score_segment(
            self.street.segment,
            finds,
            coverage=self.coverage(),
            context=self.street.context(),
        )


def wider(shares: tuple[float, ...], more: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(map(max, shares, more))


def finds_of(rows: list[tuple[tuple[str, str], float, float]]) -> list[Finding]:
    return [
        make_find(
            number, category, zone, offset_m=at_m, state="raw", probability=chance
        )
        for number, ((category, zone), at_m, chance) in enumerate(rows)
    ]


ROWS = st.lists(
    st.tuples(KINDS, st.floats(0, 99), st.floats(0.05, 1.0)), min_size=0, max_size=8
)
LENGTHS = st.floats(40, 400)
ROUNDING = 1e-6
GRAVEST_POINTS = 5.0


def width(score: Score) -> float:
    assert score.low is not None
    assert score.high is not None
    return score.high - score.low


def up(score: Score) -> float:
    assert score.high is not None
    return score.high


def over_a_window(standard: Standard) -> Standard:
    """Return the standard with the weight that its prior has over a window."""
    rule = standard.interval
    wide = rule.model_copy(update={"prior_length_m": rule.window_prior_length_m})
    return standard.model_copy(update={"interval": wide})


STANDARDS = st.sampled_from([STANDARD, over_a_window(STANDARD)])


@given(LENGTHS, ROWS, SHARES, SHARES, STANDARDS)
@settings(max_examples=25, deadline=None)
def test_more_ground_seen_never_lowers_the_low_end(
    length_m: float,
    rows: list[tuple[tuple[str, str], float, float]],
    shares: tuple[float, ...],
    more: tuple[float, ...],
    standard: Standard,
) -> None:
    """All else equal: the same finds, and the same elements are assessed."""
    street = Street(standard, length_m=length_m, recall=RECALL)
    finds = finds_of(rows)

    once = Sight(street, shares).score(finds)
    twice = Sight(street, wider(shares, more)).score(finds)

    assert twice.low >= once.low - ROUNDING
    assert twice.value >= once.value - ROUNDING


@given(LENGTHS, SHARES, SHARES, STANDARDS)
@settings(max_examples=25, deadline=None)
def test_more_clean_ground_seen_never_widens_the_interval(
    length_m: float,
    shares: tuple[float, ...],
    more: tuple[float, ...],
    standard: Standard,
) -> None:
    """All else equal: nothing is found, and the same elements are assessed."""
    street = Street(standard, length_m=length_m, recall=RECALL)

    once = Sight(street, shares).score([])
    twice = Sight(street, wider(shares, more)).score([])

    assert width(twice) <= width(once) + ROUNDING


@given(LENGTHS, ROWS, SHARES, SHARES)
@settings(max_examples=25, deadline=None)
def test_with_finds_more_ground_widens_by_the_high_end_alone_and_by_a_find_at_most(
    length_m: float,
    rows: list[tuple[tuple[str, str], float, float]],
    shares: tuple[float, ...],
    more: tuple[float, ...],
) -> None:
    """Finds are whole: with fewer missed the high end may rise by one, the low by none.

    All else equal as above. The gravest find here is a cover: 5 points however long the
    street.
    """
    street = Street(STANDARD, length_m=length_m, recall=RECALL)
    finds = finds_of(rows)

    once = Sight(street, shares).score(finds)
    twice = Sight(street, wider(shares, more)).score(finds)

    grew = width(twice) - width(once)
    assert grew <= max(0.0, up(twice) - up(once)) + ROUNDING
    assert grew <= GRAVEST_POINTS


def test_ground_not_seen_is_doubt() -> None:
    """Eight pieces on 120 of 200 m: what lies on the other 80 m is not known."""
    street = Street(STANDARD, recall={"litter": 1.0})
    finds = [make_find(i, "litter") for i in range(8)]

    whole = Sight(street, (1.0,) * len(STRIPS)).score(finds)
    part = Sight(street, (0.6,) * len(STRIPS)).score(finds)

    assert (whole.low, whole.high) == (whole.value, whole.value)
    assert part.low < part.value < part.high


@given(
    st.floats(115, 185),
    st.floats(0.2, 0.9),
    st.lists(
        st.tuples(st.floats(-14, 0), st.floats(0, 90), st.floats(90, 185)), max_size=4
    ),
)
@settings(max_examples=15, deadline=None)
def test_more_clean_passes_never_widen_the_interval(
    saw_m: float, recall: float, more: list[tuple[float, float, float]]
) -> None:
    """All else equal: nothing is found; there were two passes half an hour apart.

    The passes that come in addition are older than the newest: a newer one makes those
    before it say less of today. The second makes parking a question at all.
    """
    eyes = replace(SHARP, recall=dict.fromkeys(SHARP.recall, recall))
    looks = [look(eyes=eyes, saw_m=(0.0, saw_m), day=day) for day in (-1.0, 0.0)]
    others = [
        replace(
            look(eyes=eyes, saw_m=(from_m, to_m), day=day), inspection_id=f"more-{k}"
        )
        for k, (day, from_m, to_m) in enumerate(more)
    ]
    window = Window(NOON_S - 15 * DAY_S, NOON_S + DAY_S)
    terms = Terms(STANDARD, ROLES)

    few = score_street(STREET, looks, (), window=window, terms=terms).working
    many = score_street(STREET, looks + others, (), window=window, terms=terms).working

    assert few is not None
    assert many is not None
    assert width(many.score) <= width(few.score) + ROUNDING


@given(ROWS, st.integers(0, 7))
@settings(max_examples=15, deadline=None)
def test_rejecting_a_find_never_lowers_a_streets_score(
    rows: list[tuple[tuple[str, str], float, float]], which: int
) -> None:
    things = [
        seen(category, offset_m=at_m, zone=zone, probability=chance)
        for (category, zone), at_m, chance in rows
    ]
    looks = [look(*things), look(*things, day=0.1)]
    window = Window(NOON_S - DAY_S, NOON_S + DAY_S)
    terms = Terms(STANDARD, ROLES)
    verdicts = [word("false", day=0, number=which)]

    before = score_street(STREET, looks, (), window=window, terms=terms).working
    after = score_street(STREET, looks, verdicts, window=window, terms=terms).working

    assert before is not None
    assert after is not None
    assert before.score.value is not None
    assert after.score.value is not None
    assert after.score.value >= before.score.value - ROUNDING


def linear(standard: Standard) -> Standard:
    """Return a standard that neither caps, forgives, nor counts anything but items."""
    plain = {
        "unit": "item",
        "run_level": None,
        "allowance_per_100m": {},
        "safety": False,
    }
    rules = tuple(rule.model_copy(update=plain) for rule in standard.rules)
    elements = tuple(
        element.model_copy(update={"weight": 4 * element.weight})
        for element in standard.elements
    )
    return standard.model_copy(update={"rules": rules, "elements": elements})


LINEAR = linear(STANDARD)


@given(
    st.lists(st.floats(100, 260), min_size=2, max_size=4),
    st.lists(
        st.tuples(KINDS, st.floats(0, 0.999), st.floats(0.05, 1.0)),
        min_size=1,
        max_size=8,
    ),
    st.sets(st.sampled_from(["tree_pit", "corner"])),
    st.lists(st.floats(0, 1), max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_cutting_a_street_leaves_the_value_of_its_unit_as_it_was(
    parts_m: list[float],
    rows: list[tuple[tuple[str, str], float, float]],
    unseen: set[str],
    cuts: list[float],
) -> None:
    """Parts of 100 m or more, no cap, allowance or safety rule, all of a zone seen.

    Where a part was seen less well than another, its finds stand for more ground there
    than in the whole: then the mean differs, and rightly.
    """
    whole = Street(LINEAR, length_m=math.fsum(parts_m), unseen=frozenset(unseen))
    finds = finds_of([(kind, at * whole.length_m, p) for kind, at, p in rows])
    ends_m = [0.0, *accumulate(parts_m)]
    pieces = pieces_of(whole, cuts)

    parts = [part_of(whole, finds, pieces, span_m) for span_m in pairwise(ends_m)]
    (city, *_) = roll_up(parts, standard=LINEAR)
    score = score_segment(
        whole.segment, finds, coverage=pieces, context=whole.context()
    )

    assert score.value is not None
    assert score.value < FULL_POINTS
    assert city.value == pytest.approx(score.value, abs=5e-6)


def pieces_of(street: Street, cuts: list[float]) -> list[CoveragePiece]:
    """Return the street's coverage, each strip cut at the same shares of its length."""
    ends_m = [0.0, *sorted(c * street.length_m for c in cuts), street.length_m]
    return [
        replace(piece, from_m=from_m, to_m=to_m)
        for piece in street.coverage()
        for from_m, to_m in pairwise(ends_m)
        if to_m > from_m
    ]


def part_of(
    whole: Street,
    finds: list[Finding],
    pieces: list[CoveragePiece],
    span_m: tuple[float, float],
) -> StreetValue:
    """Return what a part of a street is worth, from what lies and was seen on it."""
    from_m, to_m = span_m
    street = replace(whole, length_m=to_m - from_m)
    mine = [
        replace(f, offset_m=f.offset_m - from_m)
        for f in finds
        if f.offset_m is not None and from_m <= f.offset_m < to_m
    ]
    seen = [
        replace(
            p, from_m=max(p.from_m, from_m) - from_m, to_m=min(p.to_m, to_m) - from_m
        )
        for p in pieces
        if p.from_m < to_m and p.to_m > from_m
    ]
    score = score_segment(street.segment, mine, coverage=seen, context=street.context())
    return StreetValue(street.segment, score, counts=True)
