"""Operating points that follow from reviews, as a file that people look at first.

A class's calibration moves by its shift; so that a box at the threshold means what it
meant, the threshold moves along the calibration the other way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from service.review.measures import ClassMeasure, Measures
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
    operating, calibration = (
        card.operating.get(one.key[1]),
        card.calibration.get(one.key[1]),
    )
    if operating is None or calibration is None:
        return
    yield f"intercept = {calibration.intercept + one.shift:.3f}"
    odds = math.log(operating.confidence / (1 - operating.confidence))
    moved = 1 / (1 + math.exp(-(odds - one.shift / calibration.slope)))
    yield f"confidence = {min(_MOST, max(_LEAST, moved)):.3f}"
