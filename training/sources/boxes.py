"""What every form of labels has in common: a box in pixels becomes a sound `Box`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from training.types import Box, Rejected

Corners = tuple[float, float, float, float]
SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


def sound_box(
    category: str, corners: Corners, *, where: str
) -> tuple[Box | None, Rejected | None]:
    """Return a box clipped to the picture, and what was wrong with it, if anything.

    Args:
        category: taxonomy id.
        corners: x1, y1, x2, y2 as fractions of width and height.
        where: file and line or annotation; becomes the origin.
    """
    if not all(math.isfinite(c) for c in corners):
        return None, Rejected(where, "a coordinate is no number; the box is skipped")
    x1, y1, x2, y2 = corners
    if x2 <= x1 or y2 <= y1:
        return None, Rejected(where, "the box has no area and is skipped")
    left, top, right, bottom = max(0.0, x1), max(0.0, y1), min(1.0, x2), min(1.0, y2)
    if right <= left or bottom <= top:
        return None, Rejected(where, "the box lies outside the picture; it is skipped")
    return Box(category, left, top, right, bottom, origin=where), None


class BoxList:
    """The sound boxes of one picture, and beside them what was wrong with the rest."""

    def __init__(self, classes: Mapping[str, str], rejected: list[Rejected]) -> None:
        """Begin a picture; faults are added to `rejected`."""
        self._classes = classes
        self._rejected = rejected
        self._boxes: list[Box] = []
        self._lost = False

    def add(self, name: str, corners: Corners, *, where: str) -> None:
        """Add a box of the source's class `name`; an unknown class is recorded."""
        category = self._classes.get(name)
        if not category:
            self.reject(where, f"the label map has no class {name!r}; add it there")
            return
        box, fault = sound_box(category, corners, where=where)
        if box is not None:
            self._boxes.append(box)
        if fault is not None:
            self.reject(fault.path, fault.reason)

    def reject(self, where: str, reason: str) -> None:
        """Record a label that cannot be used: a box of the picture is lost."""
        self._rejected.append(Rejected(where, reason))
        self._lost = True

    def note(self, where: str, reason: str) -> None:
        """Record what was seen; no box is lost by it."""
        self._rejected.append(Rejected(where, reason))

    def complete(self, known: frozenset[str]) -> frozenset[str]:
        """Return the categories still boxed completely.

        Where a box was lost, none of the set's own is: its place must not teach that
        nothing is there.
        """
        return known - frozenset(self._classes.values()) if self._lost else known

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Return the sound boxes."""
        return tuple(self._boxes)


def picture_inside(images: Path, name: str) -> Path | None:
    """Return the picture `name` of a folder, by its last part; None if not there.

    Only the last part counts, so that no label file can point out of its set.
    """
    path = images / name.replace("\\", "/").rsplit("/", 1)[-1]
    return path if path.is_file() and path.suffix.lower() in SUFFIXES else None
