"""What things are called on the page: by the standards, the taxonomy and the report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from service.reports import (
    LAYER_LABELS,
    REASON_LABELS,
    SIDE_LABELS,
    STATUS_LABELS,
    ZONE_LABELS,
    Label,
)
from service.scoring import Standard, list_standards
from vision.taxonomy import load_taxonomy


@cache
def page_names() -> dict[str, Any]:
    """Return every name in Chinese and English, the same words as the report's.

    Nothing of a city is among them: who has no key may read them.

    Raises:
        AuditError: an installed standard or the taxonomy is damaged.
    """
    return {
        "standards": {one.id: _of_standard(one) for one in list_standards()},
        "categories": {
            c.id: {"zh": c.zh, "en": c.en} for c in load_taxonomy().categories
        },
        "zones": _of_labels(ZONE_LABELS),
        "sides": _of_labels(SIDE_LABELS),
        "statuses": _of_labels(STATUS_LABELS),
        "reasons": _of_labels(REASON_LABELS),
        "layers": _of_labels(LAYER_LABELS),
    }


def _of_standard(standard: Standard) -> dict[str, Any]:
    """Return the names of one standard; grades run from the best to the worst."""
    return {
        "title": {"zh": standard.title_zh, "en": standard.title_en},
        "decimals": standard.display.decimals,
        "grades": [
            {"id": g.id, "zh": g.id, "en": g.en, "floor": g.floor}
            for g in standard.grades
        ],
        "elements": {e.id: {"zh": e.zh, "en": e.en} for e in standard.elements},
        "rules": {r.id: {"zh": r.zh, "en": r.en} for r in standard.rules},
        "places": {
            name: {"zh": kind.zh, "en": kind.en}
            for name, kind in standard.zone_factors.items()
        },
    }


def _of_labels(table: Mapping[str, Label]) -> dict[str, dict[str, str]]:
    return {key: label.as_json() for key, label in table.items()}
