"""A street with passes and findings, and answers of reviewers."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from PIL import Image

from service.memory.current import terms_now, window_now
from service.memory.rescore import rescore
from service.review.base import ReviewIn
from service.settings import Settings
from service.store import Store
from service.types import PlacedSighting
from tests.service.store.records import NOON_S, PICTURE, drive, seen

SETTINGS = Settings()
SAID_S = NOON_S + 600.0
SIZE_PX = (640, 360)


def jpeg(number: int) -> bytes:
    """Return a grey picture; each number is another one."""
    file = io.BytesIO()
    Image.new("RGB", SIZE_PX, (number % 256, 90, 90)).save(file, "JPEG")
    return file.getvalue()


def shown(store: Store, number: int, **changes: Any) -> PlacedSighting:
    """Return a sighting whose picture lies in the store."""
    evidence = replace(
        PICTURE,
        image=store.blobs.put(jpeg(number), ".jpg"),
        crop=store.blobs.put(jpeg(number + 100), ".jpg"),
        xyxy=changes.pop("xyxy", (300.0, 200.0, 340.0, 240.0)),
    )
    return seen(evidence=(evidence,), **changes)


def fill(store: Store, *sightings: PlacedSighting, **changes: Any) -> None:
    """Keep one pass with these sightings and score the street."""
    store.add_drive(drive(*sightings, **changes), known_s=NOON_S + 60)
    score(store)


def score(store: Store) -> None:
    """Score all streets."""
    rescore(store, terms_now(store, SETTINGS), window_now(store, SETTINGS))


def three(store: Store) -> list[PlacedSighting]:
    """Return a heap, a poster and a piece of litter, each with a picture."""
    return [
        shown(
            store, 1, category="garbage_pile", offset_m=30.0, probability=0.6,
            zone="pavement",
        ),
        shown(
            store, 2, category="poster", offset_m=90.0, probability=0.7,
            zone="wall_base",
        ),
        shown(store, 3, category="litter", offset_m=140.0, probability=0.5),
    ]  # fmt: skip


def finding(store: Store, category: str) -> str:
    """Return the id of the one finding of a category."""
    (found,) = [f for f in store.findings("s1") if f.finding.category == category]
    return found.finding.id


def answer(finding_id: str, verdict: Any = "real", **changes: Any) -> ReviewIn:
    """Return an answer; each has a source of its own unless told."""
    values: dict[str, Any] = {
        "reviewer": "李",
        "reason": None if verdict in {"real", "withdrawn"} else "看过了",
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
    (now,) = store.shown_scores_of("s1")
    assert now.value is not None
    return now.value


def states(store: Store) -> dict[str, str]:
    """Return the state of every finding of the street."""
    return {f.finding.id: f.finding.state for f in store.findings("s1")}


def state(store: Store, finding_id: str) -> str:
    """Return the state of one finding of the street."""
    return states(store)[finding_id]


def believed(store: Store) -> list[Any]:
    """Return all that a street's findings and score come to, for comparing."""
    found = store.findings("s1")
    return [
        *(replace(f.finding) for f in found),
        [f.steps for f in found],
        value(store),
    ]
