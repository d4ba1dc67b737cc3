"""The fixed list of categories, in the order that the label files use."""

from __future__ import annotations

CLASS_NAMES: tuple[str, ...] = (
    "litter",
    "garbage_pile",
    "bin_overflow",
    "construction_waste",
    "manhole_ok",
    "manhole_damaged",
    "manhole_missing",
    "poster",
    "graffiti",
    "stall",
    "pothole",
    "car",
    "truck",
    "bus",
    "motorcycle",
    "bicycle",
    "person",
    "umbrella",
    "face",
    "licence_plate",
)

SCORED_CLASSES: frozenset[str] = frozenset(CLASS_NAMES[:11])
"""The categories that a score is made of; the rest is context or private."""

CLASS_ID: dict[str, int] = {name: row for row, name in enumerate(CLASS_NAMES)}
