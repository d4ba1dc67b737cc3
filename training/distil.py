"""Let the teachers box what the photos do not label; one JSON a picture, resumable."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from training.labels import LabelMap, iou
from training.pixels import read_pixels
from training.types import Box, LabelledImage
from vision.types import Image

logger = logging.getLogger(__name__)

Teacher = Callable[[Image], tuple[Box, ...]]

COVER_SETS = frozenset({"panoramax_unlabelled"})
"""Sets whose covers a teacher may box; elsewhere people did, or the view is wrong."""

MIN_SIDE_PX = 5.0
VEHICLES = frozenset({"car", "truck", "bus", "motorcycle"})
SURE_FACE = 0.87
FLOORS = {"umbrella": 0.6, "truck": 0.5}


def distil(
    images: Iterable[LabelledImage],
    teachers: Sequence[Teacher],
    *,
    cache: Path,
    cover_teacher: Teacher | None = None,
) -> int:
    """Write the teachers' boxes of each picture to `cache`; return how many were new.

    Pictures that have a cache file are skipped, so a run that was cut goes on.

    Raises:
        FootageError: a picture cannot be decoded.
    """
    cache.mkdir(parents=True, exist_ok=True)
    new = 0
    for image in images:
        target = cache / f"{image.key}.json"
        if target.is_file():
            continue
        pixels = read_pixels(image)
        boxes = [box for teach in teachers for box in teach(pixels)]
        if cover_teacher is not None and image.source in COVER_SETS:
            boxes.extend(cover_teacher(pixels))
        _write(target, _large_enough(boxes, pixels))
        new += 1
        logger.debug("picture taught", extra={"key": image.key, "boxes": len(boxes)})
    return new


def _large_enough(boxes: Iterable[Box], pixels: Image) -> list[Box]:
    h, w = pixels.shape[:2]
    return [
        b
        for b in boxes
        if (b.x2 - b.x1) * w >= MIN_SIDE_PX and (b.y2 - b.y1) * h >= MIN_SIDE_PX
    ]


def _write(target: Path, boxes: Sequence[Box]) -> None:
    rows = [[b.category, b.x1, b.y1, b.x2, b.y2, b.confidence] for b in boxes]
    part = target.with_suffix(".part")
    part.write_text(json.dumps(rows), encoding="utf-8")
    part.replace(target)


def add_pseudo_labels(
    images: Iterable[LabelledImage], maps: Mapping[str, LabelMap], *, cache: Path
) -> list[LabelledImage]:
    """Return the pictures with the cached boxes of their teachers added.

    A teacher's box that repeats a labelled one (same category, IoU over 0.5) is left
    out. A picture of a taught set without a cache file loses its claim that the taught
    categories are complete.
    """
    out: list[LabelledImage] = []
    for image in images:
        target = cache / f"{image.key}.json"
        if not maps[image.source].taught:
            out.append(image)
        elif target.is_file():
            rows = json.loads(target.read_text(encoding="utf-8"))
            new = plausible([replace(Box(*row), origin="teacher") for row in rows])
            fresh = tuple(n for n in new if not _repeats(n, image.boxes))
            out.append(replace(image, boxes=image.boxes + fresh))
        else:
            people = frozenset(maps[image.source].classes.values())
            out.append(replace(image, known=image.known & people))
    return out


def plausible(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Return the teachers' boxes without those that their surroundings contradict.

    A plate sits on a vehicle; a face sits on a person unless its teacher is very sure;
    umbrellas and trucks need more than the common floor. Seen on our photos: logos in a
    corner taken for plates, wheels and leaves for faces, dumpsters for trucks.
    """
    return tuple(b for b in boxes if _is_plausible(b, boxes))


def _is_plausible(box: Box, boxes: Sequence[Box]) -> bool:
    if box.category == "licence_plate":
        return any(b.category in VEHICLES and _centre_inside(box, b) for b in boxes)
    if box.category == "face":
        on_person = any(
            b.category == "person" and _centre_inside(box, b) for b in boxes
        )
        return on_person or box.confidence >= SURE_FACE
    return box.confidence >= FLOORS.get(box.category, 0.0)


def _centre_inside(inner: Box, outer: Box) -> bool:
    x, y = (inner.x1 + inner.x2) / 2, (inner.y1 + inner.y2) / 2
    return outer.x1 <= x <= outer.x2 and outer.y1 <= y <= outer.y2


def _repeats(new: Box, boxes: Iterable[Box]) -> bool:
    return any(b.category == new.category and iou(b, new) > 0.5 for b in boxes)
