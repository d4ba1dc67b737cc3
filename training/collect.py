"""Gather every picture that teaches: photos, teachers' boxes, rendered frames."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from training.distil import add_pseudo_labels
from training.labels import (
    RENDERED,
    LabelMap,
    read_categories,
    read_label_maps,
    read_photos,
)
from training.sources import read_class_names, read_yolo_folder
from training.split import perceptual_hash, split_growing, split_images
from training.types import PARTS, LabelledImage, Part
from training.workspace import Workspace
from vision.errors import FormError

FRAME_NUMBER = re.compile(r"[-_]?[a-z]?\d+$")


def load_maps(workspace: Workspace) -> tuple[tuple[str, ...], dict[str, LabelMap]]:
    """Return the categories by class id and the label maps of all sources."""
    categories = read_categories(workspace.datasets / "taxonomy.toml")
    maps = read_label_maps(workspace.datasets / "label-maps.toml", categories)
    return categories, maps


def rendered_frames(
    workspace: Workspace, label_map: LabelMap
) -> tuple[LabelledImage, ...]:
    """Return the rendered frames that exist so far; those of one street, one scene.

    The scene is the file name without its last number (`s03_0012` -> `s03`).

    Raises:
        FormError: the renderer wrote a class that the label map does not have.
    """
    folder = workspace.rendered
    if not (folder / "classes.txt").is_file():
        return ()
    names = read_class_names(folder / "classes.txt")
    strange = [n for n in names if n not in label_map.classes]
    if strange:
        msg = f"the label map of {RENDERED} lacks the rendered classes {strange}"
        raise FormError(msg)
    images = read_yolo_folder(
        folder / "images",
        folder / "labels",
        source=RENDERED,
        categories=tuple(label_map.classes[n] for n in names),
        known=label_map.known,
    )
    return tuple(
        replace(i, scene=f"{RENDERED}/{FRAME_NUMBER.sub('', i.path.stem)}")
        for i in images
        if (folder / "labels" / f"{i.path.stem}.txt").is_file()
    )


def collect_parts(
    workspace: Workspace, maps: Mapping[str, LabelMap]
) -> dict[Part, list[LabelledImage]]:
    """Return all pictures by part, the teachers' boxes added.

    Photos are grouped by their looks too; rendered frames by their street alone, since
    all streets of one renderer look alike.
    """
    photos = read_photos(workspace.shared, maps)
    near_bits = {source: label_map.near_bits for source, label_map in maps.items()}
    hashes = [perceptual_hash(photo) for photo in photos]
    parts = split_images(photos, hashes, near_bits=near_bits)
    frames = rendered_frames(workspace, maps[RENDERED])
    drawn = split_growing(frames)
    return {
        part: add_pseudo_labels(parts[part], maps, cache=workspace.pseudo) + drawn[part]
        for part in PARTS
    }
