"""The nouns of teaching: a labelled picture and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass, field
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
        origin: where it came from: `FILE:LINE`, an annotation, `looked` or a teacher;
            empty where nothing recorded it. Two boxes are equal whatever their origin.
        range_m: from the camera, where a renderer knows it.
    """

    category: str
    x1: float
    y1: float
    x2: float
    y2: float
    confidence: float = 1.0
    origin: str = field(default="", compare=False)
    range_m: float | None = field(default=None, compare=False)


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
        absent: places that look like a category to a network and are none of it: a
            person said so. They teach and count although the category is not known.
        unsure: places where nothing is said of a category, though it may be known.
    """

    path: Path
    boxes: tuple[Box, ...]
    source: str
    scene: str
    known: frozenset[str]
    absent: tuple[Box, ...] = ()
    unsure: tuple[Box, ...] = ()

    @property
    def key(self) -> str:
        """Return a name that is unique over all sources."""
        return f"{self.source}--{self.path.stem}"


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something of a set that cannot be used while the rest goes on.

    Attributes:
        path: the file, with `:LINE` or `#ANNOTATION` where there is one.
        reason: one sentence: what is wrong and what becomes of it.
    """

    path: str
    reason: str
