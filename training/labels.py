"""Label maps: every source's classes -> our taxonomy, and what a missing box means."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from training.sources import read_class_names, read_yolo_folder
from training.types import Box, LabelledImage
from vision.errors import FormError, NotFoundError

RENDERED = "rendered_street"
NEVER_TAUGHT = ("kitti_0005", "cambridge")
"""Footage kept for tests: a set below such a folder is refused."""

OPTIONAL = ("join", "scene", "near_bits", "same")
TAUGHT_CATEGORIES = frozenset(
    {
        "car",
        "truck",
        "bus",
        "motorcycle",
        "bicycle",
        "person",
        "umbrella",
        "face",
        "licence_plate",
    }
)
"""What the teachers know well enough to make a missing box mean something."""


@dataclass(frozen=True, slots=True)
class LabelMap:
    """How one source becomes ours.

    Attributes:
        source: id of the set.
        folder: where it lies below the shared folder; empty for rendered frames.
        images: name of the folder of pictures.
        classes: source class name -> category id.
        known: categories boxed completely in every picture of the set.
        taught: the teachers label these pictures too.
        join: set whose boxes are added where both hold the same photo.
        scene: regular expression; what it matches of a file's stem is the scene.
        near_bits: near-duplicates differ in at most so many bits of 64.
        same: finds of the key count as the value there, when measuring.
    """

    source: str
    folder: str
    images: str
    classes: Mapping[str, str]
    known: frozenset[str]
    taught: bool
    join: str | None = None
    scene: str = ".*"
    near_bits: int = 8
    same: Mapping[str, str] = field(default_factory=dict)


def read_categories(taxonomy: Path) -> tuple[str, ...]:
    """Return what a model can predict, in the order of its class ids.

    Raises:
        NotFoundError: there is no taxonomy at `taxonomy`.
    """
    if not taxonomy.is_file():
        msg = f"{taxonomy} is missing; the class ids come from it"
        raise NotFoundError(msg)
    table = tomllib.loads(taxonomy.read_text(encoding="utf-8"))
    return tuple(row["id"] for row in table["category"] if row["role"] != "derived")


def read_label_maps(path: Path, categories: tuple[str, ...]) -> dict[str, LabelMap]:
    """Return the label map of each source, checked against the taxonomy.

    Raises:
        FormError: a map names a category that the taxonomy does not have.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    maps: dict[str, LabelMap] = {}
    for source, row in table["sets"].items():
        known = frozenset(categories if row["known"] == ["*"] else row["known"])
        if row["taught"]:
            known |= TAUGHT_CATEGORIES
        strange = (known | set(row["map"].values())) - set(categories)
        if strange:
            msg = f"{path.name} maps {source} to {sorted(strange)}, not in the taxonomy"
            raise FormError(msg)
        maps[source] = LabelMap(
            source=source,
            folder=row["folder"],
            images=row.get("images", "images"),
            classes=row["map"],
            known=known,
            taught=row["taught"],
            **{key: row[key] for key in OPTIONAL if key in row},
        )
    return maps


def read_source(label_map: LabelMap, shared: Path) -> tuple[LabelledImage, ...]:
    """Return one set of labelled photos in our terms.

    Raises:
        FormError: the set has a class that the map does not cover, or is footage kept
            for tests.
    """
    folder = shared / label_map.folder
    if set(NEVER_TAUGHT) & {*folder.parts, *folder.resolve().parts}:
        msg = (
            f"{label_map.source} lies in {folder}, which is for tests and never teaches"
        )
        raise FormError(msg)
    names = read_class_names(folder / "classes.txt")
    labels = folder / "labels" if label_map.classes else None
    missing = [n for n in names if labels and n not in label_map.classes]
    if missing:
        msg = f"the label map of {label_map.source} lacks its classes {missing}"
        raise FormError(msg)
    images = read_yolo_folder(
        folder / label_map.images,
        labels,
        source=label_map.source,
        categories=tuple(label_map.classes.get(n) for n in names),
        known=label_map.known,
    )
    return tuple(replace(i, scene=scene_of(i, label_map)) for i in images)


def scene_of(image: LabelledImage, label_map: LabelMap) -> str:
    """Return the scene that a picture's file name tells; the folder is part of it."""
    found = re.search(label_map.scene, image.path.stem)
    return f"{label_map.folder}/{found.group() if found else image.path.stem}"


def join_same_photos(
    images: tuple[LabelledImage, ...], maps: Mapping[str, LabelMap]
) -> tuple[LabelledImage, ...]:
    """Merge pictures that two sets hold, so that neither hides the other's boxes.

    The same photo is recognised by the tail of its name: `mdc_174fb0_NAME` and `NAME`.
    What is known of the merged picture is the union; its source is the larger set's.
    """
    by_name = {(i.source, i.path.name): i for i in images}
    merged = dict(by_name)
    for (source, name), image in by_name.items():
        target = maps[source].join
        if target is None:
            continue
        key = next((k for k in by_name if k[0] == target and name.endswith(k[1])), None)
        if key is None:
            continue
        host = merged[key]
        merged[key] = replace(
            host,
            boxes=host.boxes + _without_repeats(image.boxes, host.boxes),
            known=host.known | image.known,
        )
        del merged[(source, name)]
    return tuple(merged.values())


def _without_repeats(new: tuple[Box, ...], old: tuple[Box, ...]) -> tuple[Box, ...]:
    return tuple(
        n
        for n in new
        if not any(o.category == n.category and iou(n, o) > 0.5 for o in old)
    )


def iou(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes of one picture, in `[0, 1]`."""
    w = min(a.x2, b.x2) - max(a.x1, b.x1)
    h = min(a.y2, b.y2) - max(a.y1, b.y1)
    if w <= 0 or h <= 0:
        return 0.0
    inter = w * h
    area = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1)
    return inter / (area - inter)


def read_photos(
    shared: Path, maps: Mapping[str, LabelMap]
) -> tuple[LabelledImage, ...]:
    """Return all real photos of all sets, the same photo once."""
    images: list[LabelledImage] = []
    for label_map in maps.values():
        if label_map.folder:
            images.extend(read_source(label_map, shared))
    return join_same_photos(tuple(images), maps)
