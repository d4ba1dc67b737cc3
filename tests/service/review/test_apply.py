"""What an answer does to its finding and its street."""

from __future__ import annotations

import time

import pytest

from service.review.apply import apply_review
from service.store import Store
from tests.service.review.answered import (
    SETTINGS,
    answer,
    fill,
    finding,
    state,
    three,
    value,
)


@pytest.fixture
def city(store: Store) -> Store:
    fill(store, *three(store))
    return store


@pytest.mark.parametrize(
    ("verdict", "now", "counts"),
    [
        pytest.param("real", "confirmed", 1.0, id="real: it counts whole"),
        pytest.param("false", "rejected", 0.0, id="false: it costs nothing"),
        pytest.param("permitted", "permitted", 0.0, id="permitted: nor does this"),
        pytest.param("unclear", "raw", 0.6, id="unclear: nothing changes"),
    ],
)
def test_an_answer_moves_finding_and_score_within_five_seconds(
    city: Store, verdict: str, now: str, counts: float
) -> None:
    heap, before = finding(city, "garbage_pile"), value(city)
    began_s = time.monotonic()

    applied = apply_review(city, SETTINGS, answer(heap, verdict))

    assert time.monotonic() - began_s < 5
    assert (applied.new, applied.state) == (True, now)
    assert state(city, heap) == now
    cost = (before - value(city)) / (counts - 0.6) if counts != 0.6 else None
    assert cost is None or cost > 0
    (moved,) = applied.scores
    assert (moved.before, moved.after) == (before, value(city))
