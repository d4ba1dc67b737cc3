"""The worst errors: what was surely found and is not there, what was not found."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from training.evaluate.matching import FloatArray, Matches, box_areas, truth_boxes
from training.evaluate.regions import RegionFind, read_picture
from training.evaluate.seen import Seen
from training.evaluate.tables import KindSeen
from training.pixels import read_pixels
from vision.detect import Detector
from vision.privacy import find_regions, mask_regions
from vision.types import Frame, Image

Fault = Literal["false", "missed"]
CROP_PX = 260
MARGIN = 0.6
PER_CLASS = 6
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "false": (40, 40, 230),
    "missed": (30, 200, 250),
    "found": (60, 190, 60),
}
"""BGR of the drawn box."""


@dataclass(frozen=True, slots=True)
class Crop:
    """One error to look at.

    Attributes:
        title: category, confidence and file name.
        fault: what went wrong, or `found`.
        jpeg: the masked crop, base64.
    """

    title: str
    fault: str
    jpeg: str


def worst_crops(
    part: KindSeen,
    names: Sequence[str],
    confidence: Mapping[str, float],
    detector: Detector,
) -> dict[str, list[Crop]]:
    """Return the worst errors by category, faces and plates masked.

    At most six surest false finds and six largest missed instances of each class, at
    the operating point, no two false finds of one picture.

    Args:
        part: pictures and matches of one kind.
        names: the classes.
        confidence: their operating points.
        detector: finds what must be masked.
    """
    out: dict[str, list[Crop]] = {}
    for name in names:
        matches = part.matches[name]
        crops = [
            _crop(part.pictures[p], xyxy, f"{name} {said:.2f}", "false", detector)
            for p, xyxy, said in _false_finds(part, matches, name, confidence[name])
        ]
        crops += [
            _crop(part.pictures[p], xyxy, name, "missed", detector)
            for p, xyxy in _missed(part, matches, name, confidence[name])
        ]
        if crops:
            out[name] = crops
    return out


def _false_finds(
    part: KindSeen, matches: Matches, name: str, confidence: float
) -> list[tuple[int, FloatArray, float]]:
    rows = np.flatnonzero(~matches.hit & (matches.confidence >= confidence))
    out: dict[int, tuple[int, FloatArray, float]] = {}
    for row in rows:
        picture, said = int(matches.picture[row]), float(matches.confidence[row])
        seen = part.pictures[picture]
        mine = [k for k, n in enumerate(seen.found_names) if n == name]
        same = [k for k in mine if seen.confidence[k] == said]
        if picture not in out and same:
            out[picture] = (picture, seen.xyxy[same[0]], said)
        if len(out) == PER_CLASS:
            break
    return list(out.values())


def _missed(
    part: KindSeen, matches: Matches, name: str, confidence: float
) -> list[tuple[int, FloatArray]]:
    taken = matches.claimed[(matches.confidence >= confidence) & matches.hit]
    free = np.setdiff1d(np.arange(matches.instances), taken)
    largest = free[np.argsort(-matches.truth_area_px2[free], kind="stable")]
    out = []
    for instance in largest[:PER_CLASS]:
        picture = int(matches.truth_picture[instance])
        first = int(np.searchsorted(matches.truth_picture, picture))
        boxes = truth_boxes(part.pictures[picture], frozenset({name}))
        out.append((picture, boxes[instance - first]))
    return out


def region_crops(
    finds: Sequence[RegionFind], data: Path, detector: Detector
) -> list[Crop]:
    """Return a crop of every region of the hand-made list, faces and plates masked."""
    crops = []
    for find in finds:
        pixels = read_picture(data, find.row.image)
        h, w = pixels.shape[:2]
        box = np.array(find.row.box) * np.array([w, h, w, h], np.float64)
        said = f": {find.said[0]} {find.said[1]:.2f}" if find.said else ""
        title = f"{find.verdict}{said} - {find.row.of}"
        colour = {"missed": "missed", "false": "false"}.get(find.verdict, "found")
        crops.append(cut(pixels, box, title, colour, detector))
    return crops


def _crop(
    seen: Seen, xyxy: FloatArray, said: str, fault: Fault, detector: Detector
) -> Crop:
    pixels = read_pixels(seen.image)
    return cut(pixels, xyxy, f"{said} - {seen.image.key}", fault, detector)


def cut(
    pixels: Image, xyxy: FloatArray, title: str, fault: str, detector: Detector
) -> Crop:
    """Return the box with its surroundings, masked, at most 260 px a side.

    Args:
        pixels: the whole picture, BGR; what is private is sought in all of it.
        xyxy: float64 `(4,)`, pixels.
        title: said below it.
        fault: chooses the colour, a key of `COLOURS`.
        detector: finds what must be masked.
    """
    frame = Frame(0, 0.0, 0.0, pixels, title)
    masked = mask_regions(pixels, find_regions(frame, [detector]))
    h, w = pixels.shape[:2]
    x1, y1, x2, y2 = xyxy
    grow = MARGIN * float(np.sqrt(box_areas(xyxy[None]))[0]) + 8
    left, top = int(max(0, x1 - grow)), int(max(0, y1 - grow))
    right, bottom = int(min(w, x2 + grow)), int(min(h, y2 + grow))
    part = masked[top:bottom, left:right]
    scale = CROP_PX / max(part.shape[:2])
    size = (
        max(1, round((right - left) * scale)),
        max(1, round((bottom - top) * scale)),
    )
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.ascontiguousarray(cv2.resize(part, size, interpolation=way))
    corners = ((np.array([x1 - left, y1 - top, x2 - left, y2 - top])) * scale).astype(
        int
    )
    low, high = corners[:2].tolist(), corners[2:].tolist()
    cv2.rectangle(small, low, high, COLOURS[fault], 2)
    _, data = cv2.imencode(".jpg", small, (cv2.IMWRITE_JPEG_QUALITY, 80))
    return Crop(title, fault, base64.b64encode(data.tobytes()).decode("ascii"))
