"""Read masks: one grey PNG of class ids a picture; every connected patch is a box."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.sources.boxes import SUFFIXES, BoxList
from training.types import LabelledImage, Rejected
from vision.errors import FormError, NotFoundError

MIN_AREA_PX = 30


def read_mask_folder(
    images: Path,
    labels: Path,
    *,
    source: str,
    names: Mapping[int, str],
    classes: Mapping[str, str],
    known: frozenset[str],
) -> tuple[tuple[LabelledImage, ...], tuple[Rejected, ...]]:
    """Return the pictures that have a mask of the same stem, and what has none.

    Args:
        images: folder of pictures.
        labels: folder of masks, one channel.
        source: id of the set.
        names: the source's class by grey value; 0 is background unless named.
        classes: label map.
        known: categories that are boxed completely.

    Raises:
        NotFoundError: a folder is missing.
        FormError: no picture has a mask that can be used.
    """
    for folder in (images, labels):
        if not folder.is_dir():
            msg = f"{folder} is not a folder; a set of masks has pictures and masks"
            raise NotFoundError(msg)
    out: list[LabelledImage] = []
    rejected: list[Rejected] = []
    for picture in sorted(p for p in images.iterdir() if p.suffix.lower() in SUFFIXES):
        path = labels / f"{picture.stem}.png"
        mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) if path.is_file() else None
        if mask is None or mask.ndim != 2:
            text = "there is no mask of one channel for it; the picture is skipped"
            rejected.append(Rejected(picture.name, text))
            continue
        found = BoxList(classes, rejected)
        _add_patches(found, np.asarray(mask), names, path.name)
        scene = f"{source}/{picture.stem}"
        out.append(
            LabelledImage(picture, found.boxes, source, scene, found.complete(known))
        )
    if not out:
        msg = f"{labels} holds no mask that can be used"
        raise FormError(msg)
    return tuple(out), tuple(rejected)


def _add_patches(
    found: BoxList, mask: npt.NDArray[np.generic], names: Mapping[int, str], file: str
) -> None:
    height, width = mask.shape
    for value in (int(v) for v in np.unique(mask)):
        if value not in names:
            if value:
                found.reject(file, f"grey value {value} is no class; skipped")
            continue
        patch = (mask == value).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(patch, connectivity=8)
        for number, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1):
            if area < MIN_AREA_PX:
                continue
            corners = (x / width, y / height, (x + w) / width, (y + h) / height)
            found.add(names[value], corners, where=f"{file}#{value}.{number}")
