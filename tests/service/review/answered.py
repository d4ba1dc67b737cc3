"""A street with passes and findings, and answers of reviewers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.current import terms_now, window_now
from service.memory import Terms
from service.rescore import rescore
from service.review.base import ReviewIn
from service.settings import Settings
from service.store import Store
from service.types import PlacedSighting
from tests.service.pictures import pictured
from tests.service.store.records import NOON_S, drive

SETTINGS = Settings()
SAID_S = NOON_S + 600.0


def fill(store: Store, *sightings: PlacedSighting, **changes: Any) -> None:
    """Keep one pass with these sightings and score the street."""
    store.add_drive(drive(*sightings, **changes), known_s=NOON_S + 60)
    score(store)


def score(store: Store) -> None:
    """Score all streets."""
    rescore(store, terms(store), window_now(store, SETTINGS))


def terms(store: Store) -> Terms:
    """Return the rules as the service has them."""
    return terms_now(store, SETTINGS)


def three(store: Store) -> list[PlacedSighting]:
    """Return a heap, a poster and a piece of litter, each with a picture."""
    return [
        pictured(store, 1, category="garbage_pile", offset_m=30.0, probability=0.6),
        pictured(store, 2, category="poster", offset_m=90.0, probability=0.7),
        pictured(store, 3, category="litter", offset_m=140.0, probability=0.5),
    ]


def finding(store: Store, category: str) -> str:
    """Return the id of the one finding of a category."""
    (found,) = [f for f in store.findings("s1") if f.finding.category == category]
    return found.finding.id


def answer(finding_id: str, verdict: Any = "real", **changes: Any) -> ReviewIn:
    """Return an answer; each has a source of its own unless told."""
    values: dict[str, Any] = {
        "reviewer": "李",
        "reason": None if verdict == "real" else "看过了",
        "category": None,
        "zone": None,
        "severity": None,
        "added": (),
        "at_s": SAID_S,
        **changes,
    }
    source = f"{finding_id}/{verdict}/{values['reviewer']}/{values['at_s']}"
    return ReviewIn(
        source=values.pop("source", source),
        finding_id=finding_id,
        verdict=verdict,
        **values,
    )


def value(store: Store) -> float:
    """Return the score that is shown of the street."""
    (shown,) = store.shown_scores_of("s1")
    assert shown.value is not None
    return shown.value


def state(store: Store, finding_id: str) -> str:
    """Return the state of a finding."""
    (found,) = [f for f in store.findings("s1") if f.finding.id == finding_id]
    return found.finding.state


__all__ = ["answer", "fill", "finding", "replace", "score", "state", "three", "value"]
