"""Operating points that follow from reviews, for workers and as a file for people.

A class's calibration moves by its shift; so that a box at the threshold means what it
meant, the threshold moves along the calibration the other way. Drives are inspected at
these thresholds; the calibration of the card stays, since memory adds the shift.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from service.review.measures import ClassMeasure, Measures
from vision.card import ModelCard
from vision.catalogue import load_card
from vision.errors import AuditError

_LEAST, _MOST = 0.05, 0.95


def operating_toml(found: Measures, models: Path | None) -> str:
    """Return measured operating points and calibration of every class, as TOML.

    Args:
        found: by reviews; classes of which too little was said are left out.
        models: folder of model cards; None for the installed ones.
    """
    lines = ["# Measured by reviews; see docs/scoring.md.", ""]
    for one in found.classes:
        model, category, vehicle, light = one.key
        if not (vehicle or light) and (one.shift or one.used_recall):
            lines += [f'["{model}".{category}]', *_points(one, models), ""]
    return "\n".join(lines)


def _points(one: ClassMeasure, models: Path | None) -> Iterator[str]:
    for name, share in (("precision", one.precision), ("recall", one.recall)):
        if share.value is not None:
            yield (
                f"{name} = {{ value = {share.value:.3f}, low = {share.low:.3f}, "
                f"high = {share.high:.3f}, instances = {share.count} }}"
            )
    if one.shift is None:
        return
    yield f"shift = {one.shift:.3f}"
    try:
        card = load_card(one.key[0], models)
    except AuditError:
        return  # the model is not installed here any more
    confidence = _moved(card, one.key[1], one.shift)
    if confidence is not None:
        intercept = card.calibration[one.key[1]].intercept + one.shift
        yield f"intercept = {intercept:.3f}"
        yield f"confidence = {confidence:.3f}"


def measured_confidence(
    card: ModelCard, rows: Iterable[Mapping[str, Any]], *, vehicle: str | None
) -> dict[str, float]:
    """Return class -> where a box counts by reviews; classes not measured are left out.

    Light is left out: what it will be is not known before the drive was opened.

    Args:
        card: of the model that is about to look.
        rows: the measures that are kept.
        vehicle: that drove; its own measures go before those of all.
    """
    places = ("", vehicle) if vehicle else ("",)
    shifts = {
        row["category"]: row["shift"]
        for place in places
        for row in rows
        if row["model_id"] == card.id
        and (row["camera"], row["light"]) == (place, "")
        and row["shift"] is not None
    }
    moved = {name: _moved(card, name, shift) for name, shift in shifts.items()}
    return {n: round(c, 4) for n, c in sorted(moved.items()) if c is not None}


def _moved(card: ModelCard, category: str, shift: float) -> float | None:
    operating = card.operating.get(category)
    calibration = card.calibration.get(category)
    if operating is None or calibration is None:
        return None
    odds = math.log(operating.confidence / (1 - operating.confidence))
    moved = 1 / (1 + math.exp(-(odds - shift / calibration.slope)))
    return min(_MOST, max(_LEAST, moved))
