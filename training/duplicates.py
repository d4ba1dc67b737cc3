"""Find the same or nearly the same picture twice, and whether its labels agree."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

from training.labels import iou
from training.output import write_whole
from training.pixels import read_pixels
from training.types import LabelledImage

SAME_BOX_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two pictures that show the same.

    Attributes:
        first: key of one picture.
        second: key of the other.
        exact: the decoded pixels are equal.
        bits: in how many of 64 bits the perceptual hashes differ.
        conflicts: categories known in both, of which the boxes do not agree. Of near
            duplicates only the presence is compared, since the view may have moved.
    """

    first: str
    second: str
    exact: bool
    bits: int
    conflicts: tuple[str, ...]


def pixel_digest(image: LabelledImage) -> str:
    """Return the SHA-256 of the decoded pixels and their shape.

    Raises:
        FootageError: the picture cannot be decoded.
    """
    pixels = read_pixels(image)
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(pixels.tobytes())
    return digest.hexdigest()


def find_duplicates(
    images: Sequence[LabelledImage],
    hashes: Sequence[int],
    *,
    near_bits: Mapping[str, int],
) -> tuple[Duplicate, ...]:
    """Return all pairs of duplicates within and across sets.

    Args:
        images: all pictures.
        hashes: their perceptual hashes, same order.
        near_bits: by source; of two sources the smaller number counts.

    Raises:
        FootageError: a picture cannot be decoded.
    """
    near: dict[tuple[int, int], int] = {}
    for a, b in combinations(range(len(images)), 2):
        bits = (hashes[a] ^ hashes[b]).bit_count()
        if bits <= min(near_bits[images[a].source], near_bits[images[b].source]):
            near[a, b] = bits
    digests: dict[int, str] = defaultdict(str)
    for row in {row for pair, bits in near.items() if bits == 0 for row in pair}:
        digests[row] = pixel_digest(images[row])
    found: list[Duplicate] = []
    for (a, b), bits in near.items():
        exact = bits == 0 and digests[a] == digests[b]
        clash = conflicts(images[a], images[b], exact=exact)
        found.append(Duplicate(images[a].key, images[b].key, exact, bits, clash))
    return tuple(found)


def conflicts(a: LabelledImage, b: LabelledImage, *, exact: bool) -> tuple[str, ...]:
    """Return the categories known in both pictures whose boxes contradict."""
    return tuple(
        category
        for category in sorted(a.known & b.known)
        if not _agree(a, b, category, exact=exact)
    )


def _agree(a: LabelledImage, b: LabelledImage, category: str, *, exact: bool) -> bool:
    own = [box for box in a.boxes if box.category == category]
    other = [box for box in b.boxes if box.category == category]
    if not exact:
        return bool(own) == bool(other)
    return len(own) == len(other) and all(
        any(iou(x, y) > SAME_BOX_IOU for y in other) for x in own
    )


def write_duplicates(target: Path, found: Sequence[Duplicate]) -> None:
    """Write the pairs as JSON, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    write_whole(target, json.dumps([asdict(d) for d in found], indent=1).encode())
