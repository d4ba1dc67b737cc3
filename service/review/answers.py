"""Annotations of the labelling page, read: an answer, or what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from service.review.base import AddedBox, ReviewIn, ReviewVerdict
from service.review.page import BOX, CATEGORY, NOTE, SEVERITY, VERDICT, ZONE
from service.review.words import REASONS, STORED, THIS, Words
from vision.errors import FormError

_VERDICTS = {stored: verdict for verdict, stored in STORED.items()}
_LEAST_PX = 2.0
_SLACK = 0.01
_FULL = 100.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is about.

    Attributes:
        key: of the task, see `TaskView`.
        task_id: the desk's own number.
        image: blob of the masked frame that boxes are drawn in.
        size_px: its width and height.
    """

    key: str
    task_id: int
    image: str
    size_px: tuple[int, int]

    @property
    def finding_id(self) -> str:
        """What the task asks about."""
        return self.key.rpartition("#")[0]

    @property
    def turn(self) -> int:
        """Which task about this finding it is."""
        return int(self.key.rpartition("#")[2])


def name_of(annotation: Mapping[str, Any]) -> str:
    """Return an answer's name, the same over all its versions.

    Raises:
        FormError: this is no annotation.
    """
    number = annotation.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        msg = "an annotation has no number; Label Studio sends one"
        raise FormError(msg)
    return f"ls-{number}-{_micros(annotation, 'created_at')}"


def version_of(annotation: Mapping[str, Any]) -> str:
    """Return the name of this version of an answer, by webhook and by poll alike.

    Raises:
        FormError: this is no annotation.
    """
    return f"{name_of(annotation)}-{_micros(annotation, 'updated_at')}"


def read_answer(annotation: Mapping[str, Any], asked: Asked, words: Words) -> ReviewIn:
    """Return what a reviewer said.

    Args:
        annotation: as Label Studio sends it.
        asked: the task.
        words: that the page offers.

    Raises:
        FormError: it cannot be used; the message names the task and what is wrong.
    """
    try:
        return _read(annotation, asked, words)
    except FormError as error:
        msg = (
            f"task {asked.task_id} ({asked.finding_id}), annotation "
            f"{annotation.get('id')}: {error}; open the task and correct it"
        )
        raise FormError(msg) from error


def _read(annotation: Mapping[str, Any], asked: Asked, words: Words) -> ReviewIn:
    rows = annotation.get("result")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        msg = "it has no list of results"
        raise FormError(msg)
    skipped = annotation.get("was_cancelled") is True
    stored = None if skipped else _one(rows, VERDICT, _VERDICTS, needed=True)
    verdict = "withdrawn" if stored is None else _VERDICTS[stored]
    boxes = [row for row in rows if row.get("from_name") == BOX]
    this = [row for row in boxes if _label(row, words) == THIS]
    if len(this) > 1:
        msg = "two boxes are called 本任务 (this)"
        raise FormError(msg)
    return ReviewIn(
        source=version_of(annotation),
        finding_id=asked.finding_id,
        reviewer=f"label-studio-{_reviewer(annotation)}",
        verdict=cast("ReviewVerdict", verdict),
        reason=None if skipped else _reason(rows, verdict),
        category=_one(rows, CATEGORY, words.named),
        zone=_one(rows, ZONE, words.zones),
        severity=_one(rows, SEVERITY, words.levels),
        added=tuple(
            AddedBox(_label(row, words), _box(row, asked.size_px), asked.image)
            for row in boxes
            if row not in this
        ),
        at_s=_micros(annotation, "updated_at") / 1e6,
        turn=asked.turn,
        annotation=name_of(annotation),
        box=_box(this[0], asked.size_px) if this else None,
    )


def _reason(rows: Sequence[Mapping[str, Any]], verdict: str) -> str | None:
    note = " ".join(
        text.strip()
        for row in rows
        if row.get("from_name") == NOTE
        for text in _texts(row, "text")
    ).strip()
    reasons = REASONS.get(verdict)
    if reasons is None:
        return note or None
    chosen = _one(rows, f"reason_{verdict}", reasons, needed=True)
    if chosen == "other" and not note:
        msg = "the reason is 其他 (other) and the note is empty"
        raise FormError(msg)
    return f"{chosen}: {note}" if note else chosen


def _one(
    rows: Sequence[Mapping[str, Any]],
    name: str,
    offered: Mapping[str, Any],
    *,
    needed: bool = False,
) -> str | None:
    chosen = [
        choice
        for row in rows
        if row.get("from_name") == name
        for choice in _texts(row, "choices")
    ]
    if not chosen and needed:
        msg = f"nothing is chosen in {name}"
        raise FormError(msg)
    if len(chosen) > 1:
        msg = f"{name} has {len(chosen)} choices"
        raise FormError(msg)
    if chosen and chosen[0] not in offered:
        msg = f"{name} has the unknown choice {chosen[0]!r}"
        raise FormError(msg)
    return chosen[0] if chosen else None


def _label(row: Mapping[str, Any], words: Words) -> str:
    labels = _texts(row, "rectanglelabels")
    if len(labels) != 1:
        msg = f"a box has {len(labels)} labels"
        raise FormError(msg)
    if labels[0] != THIS and labels[0] not in words.categories:
        msg = f"a box has the unknown label {labels[0]!r}"
        raise FormError(msg)
    return labels[0]


def _box(
    row: Mapping[str, Any], size_px: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Return a box in pixels; percent of the picture come in."""
    value = row.get("value", {})
    x, y, width, height = (_percent(value, n) for n in ("x", "y", "width", "height"))
    if abs(_number(value, "rotation", default=0.0)) > _SLACK:
        msg = "a box is turned; boxes stand upright here"
        raise FormError(msg)
    if x + width > _FULL + _SLACK or y + height > _FULL + _SLACK:
        msg = "a box reaches beyond the picture"
        raise FormError(msg)
    wide, high = size_px
    left, top = x / _FULL * wide, y / _FULL * high
    right = min(float(wide), left + width / _FULL * wide)
    bottom = min(float(high), top + height / _FULL * high)
    if right - left < _LEAST_PX or bottom - top < _LEAST_PX:
        msg = "a box has no area"
        raise FormError(msg)
    return (left, top, right, bottom)


def _percent(value: Any, name: str) -> float:
    number = _number(value, name)
    if not -_SLACK <= number <= _FULL + _SLACK:
        msg = f"a box has {name} {number:g}, which is no percent from 0 to 100"
        raise FormError(msg)
    return min(max(number, 0.0), _FULL)


def _number(value: Any, name: str, *, default: float | None = None) -> float:
    found = value.get(name, default) if isinstance(value, dict) else None
    if isinstance(found, int | float) and not isinstance(found, bool):
        number = float(found)
        if math.isfinite(number):
            return number
    msg = f"a box has no number {name}"
    raise FormError(msg)


def _texts(row: Mapping[str, Any], name: str) -> list[str]:
    value = row.get("value")
    found = value.get(name) if isinstance(value, dict) else None
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list) or not all(isinstance(t, str) for t in listed):
        msg = f"{row.get('from_name')} holds no {name}"
        raise FormError(msg)
    return listed


def _reviewer(annotation: Mapping[str, Any]) -> int:
    who = annotation.get("completed_by")
    number = who.get("id") if isinstance(who, dict) else who
    if not isinstance(number, int):
        msg = "it does not say who made it"
        raise FormError(msg)
    return number


def _micros(annotation: Mapping[str, Any], name: str) -> int:
    said = annotation.get(name)
    try:
        at = datetime.fromisoformat(str(said))
        return round(at.timestamp() * 1e6)
    except ValueError as error:
        msg = f"an annotation has no time {name}"
        raise FormError(msg) from error
