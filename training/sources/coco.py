"""Read COCO detection JSON: one file a set, boxes as x, y, width, height in pixels."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.sources.boxes import BoxList, picture_inside
from training.types import LabelledImage, Rejected
from vision.errors import FormError, NotFoundError

Row = dict[str, Any]


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is no JSON in UTF-8.
    """
    if not path.is_file():
        msg = f"{path} is missing; it should hold the labels of the set"
        raise NotFoundError(msg)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        msg = f"{path.name} is not JSON in UTF-8: {error}"
        raise FormError(msg) from error


def read_coco(
    images: Path,
    labels: Path,
    *,
    source: str,
    classes: Mapping[str, str],
    known: frozenset[str],
) -> tuple[tuple[LabelledImage, ...], tuple[Rejected, ...]]:
    """Return the pictures that the file lists, and what cannot be used.

    Regions marked as crowds stand for many objects and are skipped by name.

    Raises:
        NotFoundError: the file is missing.
        FormError: it is no COCO file, or no picture of it can be used.
    """
    table = read_json(labels)
    try:
        names = {row["id"]: str(row["name"]) for row in table["categories"]}
        rows: list[Row] = [dict(row) for row in table["images"]]
        by_image: dict[object, list[Row]] = defaultdict(list)
        for row in table["annotations"]:
            by_image[row["image_id"]].append(dict(row))
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{labels.name} is no COCO file (images, annotations, categories)"
        raise FormError(msg) from error
    out: list[LabelledImage] = []
    rejected: list[Rejected] = []
    for row in rows:
        found = BoxList(classes, rejected)
        name = str(row.get("file_name", ""))
        own = by_image.pop(row.get("id"), [])
        picture = picture_inside(images, name)
        try:
            width, height = float(row["width"]), float(row["height"])
        except (KeyError, TypeError, ValueError):
            width = height = 0.0
        if picture is None or not (width > 0 and height > 0):
            reason = "is not there" if picture is None else "has no size in the file"
            found.reject(labels.name, f"the picture {name!r} {reason}; skipped")
            continue
        for annotation in own:
            _add(found, annotation, names, (width, height), labels.name)
        scene = f"{source}/{picture.stem}"
        out.append(
            LabelledImage(picture, found.boxes, source, scene, found.complete(known))
        )
    for image_id in by_image:
        text = f"annotations name image {image_id!r}, which the file does not list"
        rejected.append(Rejected(labels.name, text))
    if not out:
        msg = f"{labels.name} lists no picture that can be used"
        raise FormError(msg)
    return tuple(out), tuple(rejected)


def _add(
    found: BoxList,
    row: Row,
    names: Mapping[object, str],
    size: tuple[float, float],
    file: str,
) -> None:
    where = f"{file}#{row.get('id')}"
    if row.get("iscrowd"):
        found.reject(where, "a crowd region stands for many objects; skipped")
        return
    category = row.get("category_id")
    if category not in names:
        found.reject(where, f"there is no category {category!r}; skipped")
        return
    try:
        x, y, w, h = (float(v) for v in row["bbox"])
    except (KeyError, TypeError, ValueError):
        found.reject(where, "the bbox is not four numbers x, y, w, h; skipped")
        return
    width, height = size
    corners = (x / width, y / height, (x + w) / width, (y + h) / height)
    found.add(names[category], corners, where=where)
