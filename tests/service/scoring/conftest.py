"""A street made by hand: segment, full coverage, finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from service.scoring import (
    Place,
    ScoringContext,
    Standard,
    load_standard,
    score_segment,
)
from service.types import CoveragePiece, Finding, Score, Segment
from vision.geo import LocalFrame

ZONES = ("carriageway", "kerb_strip", "pavement", "wall_base", "tree_pit", "corner")
FRAME = LocalFrame(113.83, 34.02)


@dataclass(frozen=True)
class Street:
    """A straight street eastwards, fully seen unless said otherwise."""

    standard: Standard
    length_m: float = 200.0
    road_class: str = "2"
    absent: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    recall: dict[str, float] = field(default_factory=dict)
    places: tuple[Place, ...] = ()

    @property
    def segment(self) -> Segment:
        return Segment(
            id="s1",
            name="春秋路",
            road_class=self.road_class,
            lonlat=FRAME.to_lonlat(np.array([[0.0, 0.0], [self.length_m, 0.0]])),
            length_m=self.length_m,
            absent_zones=self.absent,
        )

    def coverage(self) -> list[CoveragePiece]:
        return [
            CoveragePiece(
                "s1",
                zone,
                side,
                0.0,
                self.length_m,
                "hidden" if zone in self.unseen else "seen",
                "out_of_view" if zone in self.unseen else None,
            )
            for zone in ZONES
            if zone not in self.absent
            for side in ("left", "right")
        ]

    def context(self) -> ScoringContext:
        seen = frozenset(c for rule in self.standard.rules for c in rule.categories)
        return ScoringContext(
            standard=self.standard,
            visible_categories=seen,
            recall=self.recall,
            places=self.places,
        )

    def score(self, finds: Iterable[Finding], **changes: Any) -> Score:
        return score_segment(
            self.segment,
            list(finds),
            coverage=self.coverage(),
            context=replace(self.context(), **changes),
        )


def make_find(
    number: int, category: str, zone: str | None = "carriageway", **changes: Any
) -> Finding:
    """Make a confirmed find at 10 m times its number, unless told otherwise."""
    offset_m = changes.pop("offset_m", 10.0 * number)
    lon, lat = FRAME.to_lonlat(np.array([offset_m or 0.0, 0.0]))
    find = Finding(
        id=f"f{number:03d}",
        category=category,
        lon=float(lon),
        lat=float(lat),
        sigma_m=1.0,
        segment_id="s1",
        side="right",
        offset_m=offset_m,
        zone=zone,
        zone_probability=0.9,
        element=None,
        state="confirmed",
        probability=0.8,
        severity=None,
        first_seen=None,
        last_seen=None,
    )
    return replace(find, **changes)


@pytest.fixture(scope="session")
def standard() -> Standard:
    return load_standard("xuchang@1")


@pytest.fixture
def find() -> Callable[..., Finding]:
    return make_find


@pytest.fixture
def street(standard: Standard) -> Callable[..., Street]:
    def build(**changes: Any) -> Street:
        return replace(Street(standard), **changes)

    return build


@pytest.fixture
def place_at() -> Callable[[str, float, float], Place]:
    """Return a place of a kind, metres east and north of the street's start."""

    def build(kind: str, east_m: float, north_m: float) -> Place:
        lon, lat = FRAME.to_lonlat(np.array([east_m, north_m]))
        return Place(kind, float(lon), float(lat))

    return build


@pytest.fixture
def example_1(find: Callable[..., Finding]) -> list[Finding]:
    """Finds of the first worked example: litter, a cracked cover, posters, a stall."""
    return [
        *(find(i, "litter") for i in range(6)),
        find(10, "manhole_damaged"),
        *(find(20 + i, "poster", "wall_base", offset_m=50.0 + i) for i in range(3)),
        find(30, "stall", "pavement", offset_m=80.0),
    ]
