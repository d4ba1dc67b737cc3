"""Each cover once, with the history of its states."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.findings import covers_across
from service.records import Cover, Look
from tests.service.findings.passes import look, word
from tests.service.store.records import seen


def one(*looks: Look, **more: object) -> Cover:
    (cover,) = covers_across(looks, **more)  # type: ignore[arg-type]
    return cover


def test_a_cover_seen_good_and_bad_is_one_cover() -> None:
    cover = one(
        look(seen("manhole_ok", probability=0.9)),
        look(seen("manhole_missing", offset_m=50.4, probability=0.95), day=1),
    )

    assert [h.state for h in cover.history] == ["ok", "missing"]
    assert cover.state == "ok"  # one look does not outweigh the first quite
    assert 0.3 < cover.bad < 0.5


def test_it_goes_bad_when_passes_agree() -> None:
    bad = seen("manhole_damaged", probability=0.8)
    cover = one(look(seen("manhole_ok")), look(bad, day=1), look(bad, day=2))

    assert cover.state == "damaged"


def test_it_is_mended_when_passes_see_it_whole() -> None:
    bad, good = seen("manhole_missing"), seen("manhole_ok", probability=0.9)

    cover = one(look(bad), look(good, day=3), look(good, day=4))

    assert cover.state == "ok"
    assert cover.bad < 0.1


def test_a_cover_in_the_middle_is_one_whatever_side_it_is_seen_on() -> None:
    left = seen("manhole_ok", side="left", probability=0.9)
    right = seen("manhole_ok", side="right", probability=0.9, offset_m=50.5)

    assert len(one(look(left), look(right, day=1)).history) == 2


def test_two_covers_stay_two() -> None:
    pair = (seen("manhole_ok", offset_m=50), seen("manhole_ok", offset_m=53))

    assert len(covers_across([look(*pair), look(*pair, day=1)])) == 2


def test_a_reviewer_is_believed_and_no_cover_is_none() -> None:
    looks = [look(seen("manhole_damaged", probability=0.4))]

    assert one(*looks).state == "ok"
    assert one(*looks, verdicts=[word("real", day=0)]).state == "damaged"
    assert covers_across(looks, [word("false", day=0)]) == []


@given(
    st.permutations(range(4)),
    st.lists(st.floats(0.3, 0.99), min_size=4, max_size=4),
)
@settings(max_examples=30, deadline=None)
def test_order_of_arrival_does_not_matter(
    order: list[int], chance: list[float]
) -> None:
    states = ("manhole_ok", "manhole_damaged", "manhole_ok", "manhole_missing")
    looks = [
        look(seen(state, probability=p), day=day)
        for day, (state, p) in enumerate(zip(states, chance, strict=True))
    ]

    assert covers_across([looks[k] for k in order]) == covers_across(looks)


def test_litter_is_no_cover() -> None:
    assert covers_across([look(seen())]) == []
    assert pytest.approx(0.8) == one(look(seen("manhole_missing"))).bad
