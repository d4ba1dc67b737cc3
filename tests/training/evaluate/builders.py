"""Matches and pictures made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.evaluate.matching import Matches
from training.evaluate.seen import Seen
from training.labels import RENDERED, LabelMap
from training.types import Box, LabelledImage

SIDE_PX = 100
KNOWN = frozenset({"litter", "graffiti"})


def matches(
    rows: list[tuple[float, bool]],
    instances: int,
    *,
    pictures: list[int] | None = None,
    truth_pictures: list[int] | None = None,
) -> Matches:
    """Boxes with their verdict at every IoU, in falling order of confidence."""
    confidence = np.array([c for c, _ in rows], np.float64)
    hit = np.array([h for _, h in rows], np.bool_)
    claimed = np.where(hit, np.cumsum(hit) - 1, -1).astype(np.int64)
    return Matches(
        confidence=confidence,
        hits=np.repeat(hit[:, None], 10, axis=1),
        picture=np.array(pictures or [0] * len(rows), np.int64),
        claimed=claimed,
        area_px2=np.full(len(rows), 100.0),
        truth_picture=np.array(truth_pictures or [0] * instances, np.int64),
        truth_area_px2=np.full(instances, 100.0),
    )


def seen(
    truth: list[tuple[str, tuple[int, int, int, int]]],
    found: list[tuple[str, tuple[int, int, int, int], float]],
    *,
    known: frozenset[str] = KNOWN,
    name: str = "a",
    sure: float = 1.0,
    source: str = "photos",
    ranges_m: tuple[float, ...] | None = None,
) -> Seen:
    """Return a picture of 100 x 100 px with labels and boxes given in pixels."""
    boxes = tuple(
        Box(n, *(v / SIDE_PX for v in xyxy), sure, range_m=range_m)
        for (n, xyxy), range_m in zip(
            truth, ranges_m or (None,) * len(truth), strict=True
        )
    )
    return Seen(
        image=LabelledImage(Path(f"{name}.jpg"), boxes, source, name, known),
        width_px=SIDE_PX,
        height_px=SIDE_PX,
        scale=1.0,
        light="normal",
        look=0,
        xyxy=np.array([b for _, b, _ in found], np.float64).reshape(-1, 4),
        confidence=np.array([c for *_, c in found], np.float64),
        found_names=tuple(n for n, *_ in found),
        core_ms=10.0,
    )


def label_maps(same: dict[str, str] | None = None) -> dict[str, LabelMap]:
    """Return the maps of the sources of `seen`."""
    row = LabelMap("photos", "", "images", {}, KNOWN, taught=False, same=same or {})
    return {"photos": row, RENDERED: row}
