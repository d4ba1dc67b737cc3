"""Grouped k-fold: every picture is held back once, its whole group with it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from training.split import group_images
from training.types import LabelledImage
from vision.errors import FormError


def folds(
    images: Sequence[LabelledImage],
    hashes: Sequence[int] | None,
    *,
    k: int,
    near_bits: Mapping[str, int],
) -> list[list[int]]:
    """Return `k` lists of row numbers; the same pictures always fall the same way.

    Groups (scene, near-duplicates) never part. Within each source the largest groups
    go first, each to the fold that holds least of the source, then least of all.

    Raises:
        FormError: `k` is below 2, or there are fewer groups than folds.
    """
    groups = group_images(images, hashes, near_bits=near_bits)
    if not 2 <= k <= len(groups):
        msg = f"{len(groups)} groups of pictures cannot make {k} folds"
        raise FormError(msg)
    by_source: dict[str, list[list[int]]] = defaultdict(list)
    for group in groups:
        rows = sorted(group, key=lambda r: images[r].key)
        by_source[images[rows[0]].source].append(rows)
    out: list[list[int]] = [[] for _ in range(k)]
    for source in sorted(by_source):
        held: Counter[int] = Counter()
        for rows in sorted(by_source[source], key=lambda g: _order(g, images)):
            fold = min(range(k), key=lambda f: (held[f], len(out[f]), f))
            held[fold] += len(rows)
            out[fold].extend(rows)
    return out


def _order(rows: Sequence[int], images: Sequence[LabelledImage]) -> tuple[int, str]:
    key = images[rows[0]].key
    return -len(rows), hashlib.sha256(key.encode()).hexdigest()
