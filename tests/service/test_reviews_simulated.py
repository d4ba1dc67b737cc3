"""A short simulated month: the queue against an order that chance draws."""

from __future__ import annotations

from tests.simulation.reviewing import Month, live


def test_the_queue_needs_at_most_half_the_reviews_that_chance_needs() -> None:
    month = Month(streets=14, days=5, seed=3, lead_days=5)
    city = month.city()

    nobody = live(city, month, a_day=0, by_value=True)
    ours = live(city, month, a_day=3, by_value=True)
    chance = live(city, month, a_day=6, by_value=False)

    assert ours.reviews * 2 == chance.reviews == 30
    assert ours.width < chance.width
    assert ours.width < nobody.width - 0.3
