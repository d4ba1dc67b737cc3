"""Let the teachers of faces and plates look closer at people and vehicles.

A plate of 15 px is lost when a whole photo is shrunk to a teacher's input, and what a
teacher misses would teach as background. So windows around the boxes of people and
vehicles are looked at too, enlarged at most `MOST_ENLARGED` times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from training.labels import iou
from training.types import Box
from vision.types import Image

Teacher = Callable[[Image], tuple[Box, ...]]

MOST_ENLARGED = 4.0
_MARGIN = 0.12
_SAME_IOU = 0.4


@dataclass(frozen=True, slots=True)
class Closer:
    """One teacher that looks closer.

    Attributes:
        teach: boxes a picture.
        around: categories whose boxes it looks into.
        input_px: side of its square input.
        least_px: longer side from which a box is worth a look.
        upper_share: how much of a box is looked at, from its top.
    """

    teach: Teacher
    around: frozenset[str]
    input_px: int
    least_px: float = 40.0
    upper_share: float = 1.0


def look_closer(
    image: Image, boxes: Sequence[Box], closers: Mapping[str, Closer]
) -> tuple[Box, ...]:
    """Return what the teachers find in windows around boxes and is not boxed yet.

    Args:
        image: the whole picture.
        boxes: the teachers' of the whole picture.
        closers: by the name that their boxes carry.
    """
    found: list[Box] = []
    for name, closer in closers.items():
        for window in _windows(image, boxes, closer):
            found += [
                replace(_whole(box, window, image), origin=name)
                for box in closer.teach(_cut(image, window))
            ]
    kept: list[Box] = []
    for box in sorted(found, key=lambda b: -b.confidence):
        if not any(_same(box, other) for other in (*boxes, *kept)):
            kept.append(box)
    return tuple(kept)


_Window = tuple[int, int, int, int]


def _windows(image: Image, boxes: Iterable[Box], closer: Closer) -> Iterator[_Window]:
    h, w = image.shape[:2]
    for box in boxes:
        x1, x2 = box.x1 * w, box.x2 * w
        y1, y2 = box.y1 * h, box.y2 * h
        if box.category not in closer.around or max(x2 - x1, y2 - y1) < closer.least_px:
            continue
        y2 = y1 + (y2 - y1) * closer.upper_share
        side = max(x2 - x1, y2 - y1) * (1 + 2 * _MARGIN)
        half = max(side, closer.input_px / MOST_ENLARGED) / 2
        cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
        yield (
            max(0, round(cx - half)),
            max(0, round(cy - half)),
            min(w, round(cx + half)),
            min(h, round(cy + half)),
        )


def _cut(image: Image, window: _Window) -> Image:
    x1, y1, x2, y2 = window
    return image[y1:y2, x1:x2]


def _whole(box: Box, window: _Window, image: Image) -> Box:
    """Turn a box of a window into one of the picture, both in fractions."""
    h, w = image.shape[:2]
    x1, y1, x2, y2 = window
    return replace(
        box,
        x1=(x1 + box.x1 * (x2 - x1)) / w,
        y1=(y1 + box.y1 * (y2 - y1)) / h,
        x2=(x1 + box.x2 * (x2 - x1)) / w,
        y2=(y1 + box.y2 * (y2 - y1)) / h,
    )


def _same(box: Box, other: Box) -> bool:
    return box.category == other.category and iou(box, other) > _SAME_IOU
