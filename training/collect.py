"""Gather every picture that teaches: photos, teachers' boxes, rendered frames."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from training.distil import add_pseudo_labels
from training.labels import (
    RENDERED,
    LabelMap,
    read_categories,
    read_label_maps,
    read_photos,
)
from training.looked import add_looked, read_looked
from training.paste.sets import read_pasted
from training.sources import read_class_names, read_yolo_folder
from training.split import halve_scenes, perceptual_hash, split_images
from training.types import PARTS, LabelledImage, Part
from training.workspace import Workspace
from vision.errors import FormError

STREET = re.compile(r"^[a-z]+_\d+")


def load_maps(workspace: Workspace) -> tuple[tuple[str, ...], dict[str, LabelMap]]:
    """Return the categories by class id and the label maps of all sources."""
    categories = read_categories(workspace.datasets / "taxonomy.toml")
    maps = read_label_maps(workspace.datasets / "label-maps.toml", categories)
    return categories, maps


def rendered_frames(folder: Path, label_map: LabelMap) -> tuple[LabelledImage, ...]:
    """Return the rendered frames of a folder; those of one street, one scene.

    The scene is the start of the file name (`synth_01003_look02` -> `synth_01003`). A
    folder that is not there yet holds no frames.

    Raises:
        FormError: the renderer wrote a class that the label map does not have.
    """
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
        replace(i, scene=f"{RENDERED}/{_street(i.path.stem)}")
        for i in images
        if (folder / "labels" / f"{i.path.stem}.txt").is_file()
    )


def _street(stem: str) -> str:
    found = STREET.match(stem)
    return found.group() if found else stem


def first_of_each(
    photos: tuple[LabelledImage, ...], per_set: int | None
) -> tuple[LabelledImage, ...]:
    """Return the first photos of every set by name, or all where `per_set` is None."""
    if per_set is None:
        return photos
    taken: Counter[str] = Counter()
    kept: list[LabelledImage] = []
    for photo in sorted(photos, key=lambda p: p.key):
        if taken[photo.source] < per_set:
            taken[photo.source] += 1
            kept.append(photo)
    return tuple(kept)


def collect_parts(
    workspace: Workspace, maps: Mapping[str, LabelMap]
) -> dict[Part, list[LabelledImage]]:
    """Return all pictures by part, the teachers' boxes added.

    Photos are grouped by their looks too. Rendered frames part by street alone, since
    all streets of one renderer look alike: the streets that teach are all of `train`,
    those of the test pool are half of `val`, half of `test`. Pasted pictures
    only teach, and only where their photos do.
    """
    photos = first_of_each(
        read_photos(workspace.shared, maps), workspace.photos_per_set
    )
    near_bits = {source: label_map.near_bits for source, label_map in maps.items()}
    hashes = [perceptual_hash(photo) for photo in photos]
    parts = split_images(photos, hashes, near_bits=near_bits)
    drawn = halve_scenes(rendered_frames(workspace.rendered_test, maps[RENDERED]))
    drawn["train"] = list(rendered_frames(workspace.rendered, maps[RENDERED]))
    drawn["train"] += read_pasted(workspace.pasted, parts["train"])
    looked = read_looked(workspace.datasets / "looked-covers.toml")
    street = workspace.shared / "data" / "street"
    taught = {
        part: add_pseudo_labels(parts[part], maps, cache=workspace.pseudo)
        for part in PARTS
    }
    return {
        part: add_looked(taught[part], looked, street=street) + drawn[part]
        for part in PARTS
    }
