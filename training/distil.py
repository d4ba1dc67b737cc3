"""Let the teachers box what the photos do not label; one JSON a picture, resumable."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from training.closer import Closer, look_closer
from training.labels import LabelMap, iou
from training.output import make_folder, write_whole
from training.pixels import read_pixels
from training.types import Box, LabelledImage
from vision.errors import FootageError, FormError
from vision.types import Image

logger = logging.getLogger(__name__)

Teacher = Callable[[Image], tuple[Box, ...]]

COVER_SETS = frozenset({"panoramax_unlabelled"})
"""Sets whose covers a teacher may box; elsewhere people did, or the view is wrong."""

ORIGIN = "teacher"
CLOSER = "closer"
"""Folder of what teachers found at a closer look, below the cache."""
NO_TEACHERS: Mapping[str, Teacher] = {}
MIN_SIDE_PX = 5.0
VEHICLES = frozenset({"car", "truck", "bus", "motorcycle"})
SURE_FACE = 0.87
FLOORS = {"umbrella": 0.6, "truck": 0.5}


def distil(
    images: Iterable[LabelledImage],
    teachers: Mapping[str, Teacher],
    *,
    cache: Path,
    cover_teachers: Mapping[str, Teacher] = NO_TEACHERS,
) -> int:
    """Write the teachers' boxes of each picture to `cache`; return how many were new.

    Pictures that have a cache file are skipped, so a run that was cut goes on. One that
    cannot be decoded is skipped too; the `data` step names it.

    Args:
        images: pictures to box.
        teachers: by the name that their boxes carry from then on.
        cache: folder, is made.
        cover_teachers: likewise, for the pictures of `COVER_SETS` alone.

    Raises:
        OutputError: there is no room; running again goes on.
    """
    make_folder(cache)
    new = 0
    for image in images:
        target = cache / f"{image.key}.json"
        if target.is_file():
            continue
        try:
            pixels = read_pixels(image)
        except FootageError as error:
            logger.warning("picture skipped: %s", error)
            continue
        extra = cover_teachers if image.source in COVER_SETS else NO_TEACHERS
        boxes = [
            replace(box, origin=f"{ORIGIN}:{name}")
            for name, teach in {**teachers, **extra}.items()
            for box in teach(pixels)
        ]
        _write(target, _large_enough(boxes, pixels))
        new += 1
        logger.debug("picture taught", extra={"key": image.key, "boxes": len(boxes)})
    return new


def distil_closer(
    images: Iterable[LabelledImage], closers: Mapping[str, Closer], *, cache: Path
) -> int:
    """Let teachers look into the boxes that `distil` left; return how many were new.

    What they find goes to `CLOSER` below `cache`, one file a picture, resumable.

    Raises:
        FormError: a cache file is damaged.
        OutputError: there is no room; running again goes on.
    """
    make_folder(cache / CLOSER)
    new = 0
    for image in images:
        seen, target = cache / f"{image.key}.json", cache / CLOSER / f"{image.key}.json"
        if target.is_file() or not seen.is_file():
            continue
        pixels, named = read_pixels(image), {}
        for name, closer in closers.items():
            named[f"{ORIGIN}:{name}"] = closer
        boxes = look_closer(pixels, plausible(read_taught(seen)), named)
        _write(target, _large_enough(boxes, pixels))
        new += 1
    return new


def _large_enough(boxes: Iterable[Box], pixels: Image) -> list[Box]:
    h, w = pixels.shape[:2]
    return [
        b
        for b in boxes
        if (b.x2 - b.x1) * w >= MIN_SIDE_PX and (b.y2 - b.y1) * h >= MIN_SIDE_PX
    ]


def _write(target: Path, boxes: Sequence[Box]) -> None:
    rows = [[b.category, b.x1, b.y1, b.x2, b.y2, b.confidence, b.origin] for b in boxes]
    write_whole(target, json.dumps(rows).encode())


def read_taught(path: Path) -> tuple[Box, ...]:
    """Return the teachers' boxes of a cache file.

    Files written before the teachers were named have six fields a row; their boxes
    carry `teacher` alone.

    Raises:
        FormError: the file is damaged.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Box(*[*row, ORIGIN][:7]) for row in rows)
    except (ValueError, TypeError) as error:
        msg = f"{path} is damaged; delete it and run `liujing-train distil` again"
        raise FormError(msg) from error


def add_pseudo_labels(
    images: Iterable[LabelledImage], maps: Mapping[str, LabelMap], *, cache: Path
) -> list[LabelledImage]:
    """Return the pictures with the cached boxes of their teachers added.

    A teacher's box that repeats a labelled one (same category, IoU over 0.5) is left
    out. A picture of a taught set without a cache file loses its claim that the taught
    categories are complete.

    Raises:
        FormError: a cache file is damaged.
    """
    out: list[LabelledImage] = []
    for image in images:
        target = cache / f"{image.key}.json"
        if not maps[image.source].taught:
            out.append(image)
        elif target.is_file():
            new = plausible([*read_taught(target), *_seen_closer(cache, image)])
            fresh = tuple(n for n in new if not _repeats(n, image.boxes))
            out.append(replace(image, boxes=image.boxes + fresh))
        else:
            people = frozenset(maps[image.source].classes.values())
            out.append(replace(image, known=image.known & people))
    return out


def _seen_closer(cache: Path, image: LabelledImage) -> tuple[Box, ...]:
    path = cache / CLOSER / f"{image.key}.json"
    return read_taught(path) if path.is_file() else ()


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
