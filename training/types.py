"""The nouns of teaching: a labelled picture and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Part = Literal["train", "val", "test"]
PARTS: tuple[Part, ...] = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Box:
    """One object.

    Attributes:
        category: taxonomy id.
        x1: left edge as a fraction of the image width, in `[0, 1]`.
        y1: top edge as a fraction of the image height.
        x2: right edge, > x1.
        y2: bottom edge, > y1.
        confidence: 1 for a person's or a renderer's label, else the teacher's score.
    """

    category: str
    x1: float
    y1: float
    x2: float
    y2: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One picture with its objects, whatever form it came in.

    Attributes:
        path: the picture.
        boxes: objects in it.
        source: id of the data set, e.g. `pothole_dnit`.
        scene: pictures of one scene share it and never part in a split.
        known: categories of which every instance is boxed; of all others a missing box
            says nothing.
    """

    path: Path
    boxes: tuple[Box, ...]
    source: str
    scene: str
    known: frozenset[str]

    @property
    def key(self) -> str:
        """Return a name that is unique over all sources."""
        return f"{self.source}--{self.path.stem}"
