"""Which finds are asked about first."""

from __future__ import annotations

from service.review.queue import worth
from service.settings import ReviewSettings, Settings
from service.store import Store
from tests.service.review.answered import fill, finding, three
from tests.service.store.records import NOON_S

PLAIN = Settings(review=ReviewSettings(audit_share=0.0, gold_share=0.0, second_share=0))
"""Nothing is drawn by chance."""
NOW_S = NOON_S + 3600


def test_what_narrows_most_is_asked_first(store: Store) -> None:
    fill(store, *three(store))

    asked = worth(store, PLAIN, NOW_S)

    assert {task.finding_id for task in asked} == {
        finding(store, name) for name in ("garbage_pile", "poster", "litter")
    }
    assert [task.value for task in asked] == sorted(
        (task.value for task in asked), reverse=True
    )
    assert asked[0].finding_id == finding(store, "garbage_pile")
