"""A short simulated month: the queue against an order that chance draws."""

from __future__ import annotations

from tests.simulation.reviewing import Month, live

CERTAIN_POINTS = 6.0
"""Scores are certain where intervals are no wider on average."""


def test_the_queue_needs_at_most_half_the_reviews_that_chance_needs() -> None:
    month = Month(streets=14, days=5, seed=1, lead_days=5, judged_days=2)
    city = month.city()

    ours = live(city, month, a_day=3, by_value=True)
    chance = live(city, month, a_day=6, by_value=False)

    assert ours.reviews * 2 == chance.reviews == 30
    assert ours.width <= CERTAIN_POINTS < chance.width
    assert ours.sure >= chance.sure
    assert ours.held >= 0.8, "certain, but of what is not so"
