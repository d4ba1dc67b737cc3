"""Gather every picture that teaches: photos, teachers' boxes, rendered frames."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from training.distil import add_pseudo_labels
from training.labels import (
    RENDERED,
    LabelMap,
    join_same_photos,
    read_categories,
    read_label_maps,
    read_sets,
    usable,
)
from training.looked import add_looked, read_looked
from training.paste.sets import read_pasted
from training.sources import read_class_names, read_yolo_folder
from training.split import halve_scenes, perceptual_hash, split_images
from training.types import PARTS, Box, LabelledImage, Part, Rejected
from training.workspace import Workspace
from vision.errors import FootageError

STREET = re.compile(r"^[a-z]+_\d+")


def load_maps(workspace: Workspace) -> tuple[tuple[str, ...], dict[str, LabelMap]]:
    """Return the categories by class id and the label maps of all sources."""
    categories = read_categories(workspace.datasets / "taxonomy.toml")
    maps = read_label_maps(workspace.datasets / "label-maps.toml", categories)
    return categories, maps


def rendered_frames(
    folder: Path, label_map: LabelMap, rejected: list[Rejected] | None = None
) -> tuple[LabelledImage, ...]:
    """Return the rendered frames of a folder; those of one street, one scene.

    The scene is the start of the file name (`synth_01003_look02` -> `synth_01003`). A
    folder that is not there yet holds no frames. What cannot be used goes to
    `rejected`.

    Raises:
        FormError: the renderer wrote a class that the label map does not have.
    """
    if not (folder / "classes.txt").is_file():
        return ()
    images, faults = read_yolo_folder(
        folder / "images",
        folder / "labels",
        source=RENDERED,
        names=read_class_names(folder / "classes.txt"),
        classes=label_map.classes,
        known=label_map.known,
    )
    found = [replace(f, path=f"{RENDERED}/{f.path}") for f in faults]
    whole = usable(images, found)
    if rejected is not None:
        rejected.extend(found)
    return tuple(
        replace(
            i,
            scene=f"{RENDERED}/{_street(i.path.stem)}",
            boxes=_with_ranges(i.boxes, folder / "meta" / f"{i.path.stem}.json"),
        )
        for i in whole
        if (folder / "labels" / f"{i.path.stem}.txt").is_file()
    )


def _with_ranges(boxes: tuple[Box, ...], meta: Path) -> tuple[Box, ...]:
    """Return the boxes with their ranges, which the renderer notes line by line.

    Where the note is missing or broken the ranges stay unknown.
    """
    try:
        note = json.loads(meta.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return boxes
    ranges_m = note.get("ranges_m", []) if isinstance(note, dict) else []
    lines = [int(box.origin.rpartition(":")[2]) for box in boxes]
    if max(lines, default=0) > len(ranges_m):
        return boxes
    return tuple(
        replace(box, range_m=float(ranges_m[line - 1]))
        for box, line in zip(boxes, lines, strict=True)
    )


def _street(stem: str) -> str:
    found = STREET.match(stem)
    return found.group() if found else stem


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every picture, and what was found out on the way.

    Attributes:
        parts: all pictures by part, the teachers' boxes added.
        rejected: what cannot be used.
        sets: the real photos as their own sets have them.
        photos: those of them that are used, the same photo once, before teachers.
        hashes: their perceptual hashes, same order.
    """

    parts: dict[Part, list[LabelledImage]]
    rejected: tuple[Rejected, ...]
    sets: tuple[LabelledImage, ...]
    photos: tuple[LabelledImage, ...]
    hashes: tuple[int, ...]


def collect_parts(
    workspace: Workspace, maps: Mapping[str, LabelMap]
) -> dict[Part, list[LabelledImage]]:
    """Return all pictures by part, the teachers' boxes added; see `gather`."""
    return gather(workspace, maps).parts


def gather(workspace: Workspace, maps: Mapping[str, LabelMap]) -> Gathered:
    """Return all pictures by part, the teachers' boxes added.

    Photos are grouped by their looks too. Rendered frames part by street alone, since
    all streets of one renderer look alike: the streets that teach are all of `train`,
    those of the test pool are half of `val`, half of `test`. Pasted pictures
    only teach, and only where their photos do.

    Raises:
        NotFoundError: a folder or file of a set is missing.
        FormError: a set cannot be understood, or nothing of it can be used.
    """
    rejected: list[Rejected] = []
    sets = read_sets(workspace.shared, maps, rejected)
    photos, hashes = hash_photos(join_same_photos(sets, maps), rejected)
    parts = split_images(photos, hashes, near_bits=near_bits_of(maps))
    street_map = maps[RENDERED]
    drawn = halve_scenes(rendered_frames(workspace.rendered_test, street_map, rejected))
    drawn["train"] = list(rendered_frames(workspace.rendered, street_map, rejected))
    drawn["train"] += usable(read_pasted(workspace.pasted, parts["train"]), rejected)
    looked = read_looked(workspace.datasets / "looked-covers.toml")
    street = workspace.shared / "data" / "street"
    taught = {
        part: add_pseudo_labels(parts[part], maps, cache=workspace.pseudo)
        for part in PARTS
    }
    every = {
        part: add_looked(taught[part], looked, street=street) + drawn[part]
        for part in PARTS
    }
    return Gathered(every, tuple(rejected), sets, photos, hashes)


def near_bits_of(maps: Mapping[str, LabelMap]) -> dict[str, int]:
    """Return, by source, in how many bits the hashes of near-duplicates may differ."""
    return {source: label_map.near_bits for source, label_map in maps.items()}


def hash_photos(
    photos: Iterable[LabelledImage], rejected: list[Rejected]
) -> tuple[tuple[LabelledImage, ...], tuple[int, ...]]:
    """Return the photos that can be decoded, and their perceptual hashes."""
    hashes: dict[LabelledImage, int] = {}
    for photo in photos:
        try:
            hashes[photo] = perceptual_hash(photo)
        except FootageError:
            where = f"{photo.source}/{photo.path.name}"
            reason = "the picture cannot be decoded and is left out"
            rejected.append(Rejected(where, reason))
    return tuple(hashes), tuple(hashes.values())
