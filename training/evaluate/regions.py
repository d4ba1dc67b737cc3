"""The hand-made list of real regions: found, missed, false, whatever the number is."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np

from training.evaluate.matching import pairwise_iou
from vision.detect import Detector
from vision.errors import FootageError, FormError
from vision.types import Detections, Frame, Image

Verdict = Literal["found", "other_state", "missed", "false", "quiet"]
COVERS = frozenset({"manhole_ok", "manhole_damaged", "manhole_missing"})
SCORED = COVERS | {"stall", "poster"}
"""What a negative region must not hold."""
NEGATIVE = "negative"
LEAST_IOU = 0.3


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One row of the list.

    Attributes:
        image: relative to the data folder; of a video, `file#seconds`.
        kind: what a detector should say there, or `negative`.
        of: what it is.
        box: x1, y1, x2, y2 as fractions.
        taught: what it shows is in a picture that teaches.
    """

    image: str
    kind: str
    of: str
    box: tuple[float, float, float, float]
    taught: bool


@dataclass(frozen=True, slots=True)
class RegionFind:
    """What was found in a region.

    Attributes:
        row: the region.
        verdict: `found`; `other_state` = a cover, but in another state; `missed`;
            `false` = something scored in a negative; `quiet` = nothing there, rightly.
        said: category and confidence of the surest box that decided; None without.
    """

    row: RegionRow
    verdict: Verdict
    said: tuple[str, float] | None


@dataclass(frozen=True, slots=True)
class RegionCount:
    """Verdicts of one kind of region."""

    regions: int
    found: int
    other_state: int
    missed: int
    false: int


@dataclass(frozen=True, slots=True)
class RegionsReport:
    """The list with its verdicts; regions that were taught are counted apart."""

    counts: dict[str, RegionCount]
    taught: dict[str, RegionCount]
    false_by_class: dict[str, int]
    finds: list[RegionFind]


def read_regions(path: Path) -> list[RegionRow]:
    """Return the rows of the list.

    Raises:
        FormError: a row lacks a key, or its box has no area inside the picture.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        _read_row(row, f"{path.name}, region {number}")
        for number, row in enumerate(table.get("region", []), start=1)
    ]


def _read_row(row: Mapping[str, object], where: str) -> RegionRow:
    missing = [key for key in ("image", "kind", "of", "box") if key not in row]
    if missing:
        msg = f"{where}: the key {missing[0]} is missing; add it"
        raise FormError(msg)
    if row["kind"] not in SCORED | {NEGATIVE}:
        msg = f"{where}: kind must be {NEGATIVE} or a class, got {row['kind']}"
        raise FormError(msg)
    box = row["box"]
    if not isinstance(box, list) or len(box) != 4:
        msg = f"{where}: box must be [x1, y1, x2, y2], got {box}"
        raise FormError(msg)
    x1, y1, x2, y2 = (float(v) for v in box)
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        msg = f"{where}: box must be fractions with x1 < x2 and y1 < y2, got {box}"
        raise FormError(msg)
    return RegionRow(
        image=str(row["image"]),
        kind=str(row["kind"]),
        of=str(row["of"]),
        box=(x1, y1, x2, y2),
        taught=bool(row.get("taught", False)),
    )


def read_picture(data: Path, image: str) -> Image:
    """Return a photo, or the video frame whose time is nearest to `file#seconds`.

    Raises:
        FootageError: it cannot be read.
    """
    name, _, seconds = image.partition("#")
    if seconds:
        return _video_frame(data / name, float(seconds))
    pixels = cv2.imread(str(data / name))
    if pixels is None:
        msg = f"{name} cannot be decoded; correct its name in the list of regions"
        raise FootageError(msg)
    return np.asarray(pixels, np.uint8)


def _video_frame(path: Path, seconds: float) -> Image:
    best: tuple[float, Image] | None = None
    try:
        with av.open(str(path)) as video:
            stream = video.streams.video[0]
            if stream.time_base is not None:
                video.seek(int(max(0.0, seconds) / stream.time_base), stream=stream)
            for frame in video.decode(stream):
                if frame.time is None:
                    continue
                off = abs(frame.time - seconds)
                if best is not None and off >= best[0]:
                    break
                best = (off, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
    except (av.FFmpegError, OSError) as error:
        msg = f"{path.name} cannot be decoded at {seconds:g} s; correct the list"
        raise FootageError(msg) from error
    if best is None:
        msg = f"{path.name} has no frame at {seconds:g} s; correct the list of regions"
        raise FootageError(msg)
    return best[1]


def judge_regions(
    rows: Sequence[RegionRow],
    data: Path,
    detector: Detector,
    confidence: Mapping[str, float],
) -> RegionsReport:
    """Look at every region's picture and say what was found, at the operating points.

    A region is found when a box of its class overlaps it by an IoU of at least 0.3; a
    cover in another state is counted by itself. A negative is false when a box of any
    of the five classes overlaps it so.

    Raises:
        FootageError: a picture of the list cannot be read.
    """
    by_image: dict[str, list[RegionRow]] = defaultdict(list)
    for row in rows:
        by_image[row.image].append(row)
    finds: list[RegionFind] = []
    for image, mine in by_image.items():
        pixels = read_picture(data, image)
        found = detector.detect(Frame(0, 0.0, 0.0, pixels, image))
        finds += [_judge(row, found, pixels.shape, confidence) for row in mine]
    return count_finds(finds)


def _judge(
    row: RegionRow,
    found: Detections,
    shape: tuple[int, ...],
    confidence: Mapping[str, float],
) -> RegionFind:
    h, w = shape[:2]
    box = np.array([row.box]) * np.array([w, h, w, h], np.float64)
    overlap = pairwise_iou(found.xyxy.astype(np.float64), box)[:, 0]
    there = [
        (found.category(k), round(float(found.confidence[k]), 3))
        for k in np.flatnonzero(overlap >= LEAST_IOU)
        if found.category(int(k)) in SCORED
        and found.confidence[k] >= confidence[found.category(int(k))]
    ]
    there.sort(key=lambda said: -said[1])
    if row.kind == NEGATIVE:
        return RegionFind(
            row, "false" if there else "quiet", there[0] if there else None
        )
    own = [said for said in there if said[0] == row.kind]
    if own:
        return RegionFind(row, "found", own[0])
    covers = [said for said in there if said[0] in COVERS and row.kind in COVERS]
    if covers:
        return RegionFind(row, "other_state", covers[0])
    return RegionFind(row, "missed", there[0] if there else None)


def count_finds(finds: Sequence[RegionFind]) -> RegionsReport:
    """Return the verdicts counted by kind."""
    false = [f for f in finds if f.verdict == "false" and f.said and not f.row.taught]
    by_class: dict[str, int] = defaultdict(int)
    for find in false:
        by_class[find.said[0] if find.said else ""] += 1
    return RegionsReport(
        counts=_counts([f for f in finds if not f.row.taught]),
        taught=_counts([f for f in finds if f.row.taught]),
        false_by_class=dict(by_class),
        finds=list(finds),
    )


def _counts(finds: Sequence[RegionFind]) -> dict[str, RegionCount]:
    out: dict[str, RegionCount] = {}
    for kind in sorted({f.row.kind for f in finds}):
        mine = [f.verdict for f in finds if f.row.kind == kind]
        out[kind] = RegionCount(
            regions=len(mine),
            found=mine.count("found"),
            other_state=mine.count("other_state"),
            missed=mine.count("missed"),
            false=mine.count("false"),
        )
    return out
