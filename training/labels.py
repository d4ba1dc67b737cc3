"""Read the sets of photos in our terms; join what two of them say of one photo."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from training.label_maps import LabelMap, read_label_maps, read_toml
from training.pixels import picture_fault
from training.sources.registry import FORMS, SetFolder, read_set
from training.types import Box, LabelledImage, Rejected
from vision.errors import FormError

__all__ = [
    "LabelMap",
    "iou",
    "join_same_photos",
    "read_categories",
    "read_label_maps",
    "read_photos",
    "read_sets",
    "read_source",
    "scene_of",
    "usable",
]

RENDERED = "rendered_street"
NEVER_TAUGHT = ("kitti_0005", "cambridge")
"""Footage kept for tests: a set below such a folder is refused."""


def read_categories(taxonomy: Path) -> tuple[str, ...]:
    """Return what a model can predict, in the order of its class ids.

    Raises:
        NotFoundError: there is no taxonomy at `taxonomy`.
        FormError: it is no TOML, or a category lacks its id or role.
    """
    rows = read_toml(taxonomy).get("category", [])
    try:
        return tuple(row["id"] for row in rows if row["role"] != "derived")
    except (KeyError, TypeError) as error:
        msg = f"{taxonomy.name}: a [[category]] lacks `id` or `role`"
        raise FormError(msg) from error


def read_source(
    label_map: LabelMap, shared: Path, rejected: list[Rejected] | None = None
) -> tuple[LabelledImage, ...]:
    """Return one set of labelled photos in our terms.

    Args:
        label_map: how the set becomes ours.
        shared: folder that it lies below.
        rejected: gets what of the set cannot be used.

    Raises:
        NotFoundError: a folder or file of the set is missing.
        FormError: the set has a class that the map does not cover, nothing that can be
            used, or is footage kept for tests.
    """
    folder = shared / label_map.folder
    if set(NEVER_TAUGHT) & {*folder.parts, *folder.resolve().parts}:
        msg = (
            f"{label_map.source} lies in {folder}, which is for tests and never teaches"
        )
        raise FormError(msg)
    labels = label_map.labels or FORMS[label_map.form].labels
    place = SetFolder(
        images=folder / label_map.images,
        labels=folder / labels if label_map.classes else None,
        source=label_map.source,
        classes=label_map.classes,
        known=label_map.known,
        values=label_map.values,
        label_each=label_map.label_each,
    )
    images, faults = read_set(place, label_map.form)
    found = [replace(f, path=f"{label_map.source}/{f.path}") for f in faults]
    whole = usable(images, found)
    if rejected is not None:
        rejected.extend(found)
    if not whole:
        msg = f"{place.images} holds no picture that can be used"
        raise FormError(
            msg + (f"; {found[0].path}: {found[0].reason}" if found else "")
        )
    return tuple(replace(i, scene=scene_of(i, label_map)) for i in whole)


def usable(
    images: Iterable[LabelledImage], rejected: list[Rejected]
) -> tuple[LabelledImage, ...]:
    """Return the pictures that are whole; of two of one name the first.

    Args:
        images: pictures of any sets.
        rejected: gets the others.
    """
    first: dict[str, LabelledImage] = {}
    for image in images:
        other = first.get(image.key)
        fault = (
            f"it has the name of {other.path.name}, which is taken"
            if other
            else picture_fault(image.path)
        )
        if fault:
            where = f"{image.source}/{image.path.name}"
            rejected.append(Rejected(where, f"{fault}; the picture is left out"))
        else:
            first[image.key] = image
    return tuple(first.values())


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


def read_sets(
    shared: Path,
    maps: Mapping[str, LabelMap],
    rejected: list[Rejected] | None = None,
) -> tuple[LabelledImage, ...]:
    """Return all real photos of all sets, each as its own set has it.

    Args:
        shared: folder that the sets lie below.
        maps: label map of each set.
        rejected: gets what of the sets cannot be used.

    Raises:
        NotFoundError: a folder or file of a set is missing.
        FormError: see `read_source`.
    """
    images: list[LabelledImage] = []
    for label_map in maps.values():
        if label_map.folder:
            images.extend(read_source(label_map, shared, rejected))
    return tuple(images)


def read_photos(
    shared: Path,
    maps: Mapping[str, LabelMap],
    rejected: list[Rejected] | None = None,
) -> tuple[LabelledImage, ...]:
    """Return all real photos of all sets, the same photo once; see `read_sets`."""
    return join_same_photos(read_sets(shared, maps, rejected), maps)
