"""Part the data by scene and source, never by picture.

A group goes into one part as a whole. Pictures are grouped when their scene is the same
or when their perceptual hashes nearly agree (burst shots, augmented copies, the same
photo in two sets).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from training.types import LabelledImage, Part
from vision.errors import FootageError

SEED = "street@1"
SHARES: Mapping[Part, float] = {"train": 0.72, "val": 0.13, "test": 0.15}


def perceptual_hash(image: LabelledImage) -> int:
    """Return the 64-bit DCT hash of a picture; near-duplicates differ in few bits.

    Raises:
        FootageError: the picture cannot be decoded.
    """
    pixels = cv2.imread(str(image.path), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        msg = f"{image.path} cannot be decoded; remove it from the set"
        raise FootageError(msg)
    small = cv2.resize(pixels, (32, 32), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small.astype(np.float32))[:8, :8].ravel()
    bits = low > float(np.median(np.asarray(low[1:], np.float32)))
    return int("".join("1" if bit else "0" for bit in bits), 2)


def group_images(
    images: Sequence[LabelledImage],
    hashes: Sequence[int] | None,
    *,
    near_bits: Mapping[str, int],
) -> list[list[int]]:
    """Return groups of row numbers that belong to one scene.

    Args:
        images: all pictures.
        hashes: their perceptual hashes, same order; None to go by scene alone.
        near_bits: by source; two pictures whose hashes differ in at most this many bits
            of 64 are taken for one scene (of two sources, the smaller number counts).
    """
    parent = list(range(len(images)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first_of_scene: dict[str, int] = {}
    for row, image in enumerate(images):
        parent[root(row)] = root(first_of_scene.setdefault(image.scene, row))
        for other in range(row if hashes else 0):
            limit = min(near_bits[i.source] for i in (image, images[other]))
            if hashes and (hashes[row] ^ hashes[other]).bit_count() <= limit:
                parent[root(row)] = root(other)
    groups: dict[int, list[int]] = defaultdict(list)
    for row in range(len(images)):
        groups[root(row)].append(row)
    return list(groups.values())


def split_images(
    images: Sequence[LabelledImage],
    hashes: Sequence[int] | None,
    *,
    near_bits: Mapping[str, int],
) -> dict[Part, list[LabelledImage]]:
    """Return the parts; the same pictures always part in the same way.

    Within each source the groups are laid out in the order of a keyed digest and dealt
    to whichever part is furthest below its share, so that small sets part evenly too.
    """
    by_source: dict[str, list[list[int]]] = defaultdict(list)
    for group in group_images(images, hashes, near_bits=near_bits):
        rows = sorted(group, key=lambda r: images[r].key)
        by_source[images[rows[0]].source].append(rows)
    parts: dict[Part, list[LabelledImage]] = {part: [] for part in SHARES}
    for source in sorted(by_source):
        groups = sorted(by_source[source], key=lambda g: _digest(images[g[0]].key))
        counts: dict[Part, int] = dict.fromkeys(SHARES, 0)
        for group in groups:
            part = _neediest(counts)
            counts[part] += len(group)
            parts[part].extend(images[row] for row in group)
    return parts


def halve_scenes(images: Sequence[LabelledImage]) -> dict[Part, list[LabelledImage]]:
    """Return the parts of a set that never teaches: half `val`, half `test`, by scene.

    Where a scene goes depends on nothing but its number, so that it stays where it is
    when more scenes come.
    """
    parts: dict[Part, list[LabelledImage]] = {part: [] for part in SHARES}
    for image in images:
        found = re.search(r"\d+$", image.scene)
        even = int(found.group()) % 2 == 0 if found else True
        parts["val" if even else "test"].append(image)
    return parts


def _neediest(counts: Mapping[Part, int]) -> Part:
    total = sum(counts.values()) + 1
    return max(SHARES, key=lambda part: SHARES[part] * total - counts[part])


def _digest(key: str) -> str:
    return hashlib.sha256(f"{SEED}/{key}".encode()).hexdigest()
