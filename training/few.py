"""A folder of the shape of `shared` that holds a few photos of each set, as links.

The tiny form reads it instead, so that no step looks at a photo too many.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.label_maps import LabelMap
from training.output import make_folder
from training.sources.boxes import SUFFIXES
from vision.errors import NotFoundError, OutputError


def link_few(
    shared: Path, target: Path, maps: Mapping[str, LabelMap], *, per_set: int
) -> Path:
    """Link the first photos of every set, their labels and the teachers; return it.

    Args:
        shared: photos and teachers; only read.
        target: is made; links that are there are put right.
        maps: label map of each set.
        per_set: photos of each set, the first by name.

    Raises:
        NotFoundError: a set's folder of pictures is missing.
        OutputError: the links cannot be made.
    """
    real = [label_map for label_map in maps.values() if label_map.folder]
    pictures = {(m.folder, m.images) for m in real}
    for folder, images in sorted(pictures):
        _link_pictures(shared / folder / images, target / folder / images, per_set)
    for folder in sorted({folder for folder, _ in pictures}):
        for beside in sorted((shared / folder).iterdir()):
            if (folder, beside.name) not in pictures:
                _link_labels(beside, target / folder)
    if (shared / "weights").is_dir():
        _link(shared / "weights", target / "weights")
    return target


def _link_pictures(folder: Path, target: Path, count: int) -> None:
    if not folder.is_dir():
        msg = f"{folder} is missing; name the folder of photos with --shared"
        raise NotFoundError(msg)
    photos = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES]
    for photo in sorted(photos)[:count]:
        _link(photo, target / photo.name)


def _link_labels(origin: Path, target: Path) -> None:
    """Link a file, or of a folder the files that go with a linked picture."""
    if not origin.is_dir():
        _link(origin, target / origin.name)
        return
    make_folder(target / origin.name)
    stems = {picture.stem for picture in target.glob("*/*")}
    for label in origin.iterdir():
        if label.stem in stems:
            _link(label, target / origin.name / label.name)


def _link(origin: Path, link: Path) -> None:
    make_folder(link.parent)
    if link.is_symlink() and link.readlink() == origin:
        return
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(origin)
    except OSError as error:
        msg = f"{link} cannot be linked ({error.strerror}); remove {link.parent}"
        raise OutputError(msg) from error
