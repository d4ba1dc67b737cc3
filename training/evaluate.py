"""Measure a model through the run-time detector, real and rendered pictures apart."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from training.labels import RENDERED, LabelMap
from training.measure import (
    FloatArray,
    Matches,
    average_precision,
    best_confidence,
    fit_calibration,
    join_matches,
    match_boxes,
    pairwise_iou,
    rate_at,
)
from training.pixels import read_pixels
from training.types import LabelledImage
from vision.detect import Detector
from vision.types import Detections, Frame

logger = logging.getLogger(__name__)

Kind = Literal["real", "rendered"]
KINDS: tuple[Kind, ...] = ("real", "rendered")
ByClass = Mapping[str, Matches]

CANDIDATES = tuple(round(0.05 + 0.025 * k, 3) for k in range(29))
FALLBACK_CONFIDENCE = 0.3
PRIVATE_FLOOR = {"face": 0.2, "licence_plate": 0.2, "person": 0.25}
"""Highest operating confidence of what must be masked: better one mask too many."""


@dataclass(frozen=True, slots=True)
class ClassReport:
    """What was measured of one class.

    Attributes:
        confidence: operating point, chosen on `val`.
        slope: of the calibration, fitted on `val`.
        intercept: of the calibration.
        own_calibration: False if the pooled one had to do.
        ap50: by kind, on `test`; a kind without instances is left out.
        instances: by kind, on `test`.
        precision: by kind, at `confidence`, on `test`.
        recall: by kind, at `confidence`, on `test`.
    """

    confidence: float
    slope: float
    intercept: float
    own_calibration: bool
    ap50: dict[str, float]
    instances: dict[str, int]
    precision: dict[str, float]
    recall: dict[str, float]


def look(
    detector: Detector, images: Iterable[LabelledImage], maps: Mapping[str, LabelMap]
) -> dict[Kind, ByClass]:
    """Run a detector over labelled pictures and match its boxes, class by class.

    Boxes of a class that is not known in a picture count only if they hit a labelled
    instance: there a miss proves nothing. Traffic, faces and plates of real photos are
    compared with the teachers' boxes.

    Raises:
        FootageError: a picture cannot be decoded.
    """
    rows: dict[Kind, dict[str, list[Matches]]] = {
        kind: {name: [] for name in detector.names} for kind in KINDS
    }
    for number, image in enumerate(images):
        frame = Frame(number, 0.0, 0.0, read_pixels(image), image.path.name)
        kind: Kind = "rendered" if image.source == RENDERED else "real"
        found = _by_category(detector.detect(frame), maps[image.source].same)
        h, w = frame.image.shape[:2]
        for name in detector.names:
            truth = _truth(image, name, width_px=w, height_px=h)
            matches = _match(found.get(name), truth, known=name in image.known)
            rows[kind][name].append(matches)
    return {
        kind: {name: join_matches(parts) for name, parts in by_class.items()}
        for kind, by_class in rows.items()
    }


def _by_category(
    detections: Detections, same: Mapping[str, str]
) -> dict[str, tuple[FloatArray, FloatArray]]:
    names = [detections.category(row) for row in range(len(detections))]
    merged = [same.get(name, name) for name in names]
    out: dict[str, tuple[FloatArray, FloatArray]] = {}
    for name in set(merged):
        keep = np.array([m == name for m in merged])
        xyxy = detections.xyxy[keep].astype(np.float64)
        out[name] = (xyxy, detections.confidence[keep].astype(np.float64))
    return out


def _truth(
    image: LabelledImage, name: str, *, width_px: int, height_px: int
) -> FloatArray:
    rows = [
        (b.x1 * width_px, b.y1 * height_px, b.x2 * width_px, b.y2 * height_px)
        for b in image.boxes
        if b.category == name
    ]
    return np.array(rows, np.float64).reshape(-1, 4)


def _match(
    found: tuple[FloatArray, FloatArray] | None, truth: FloatArray, *, known: bool
) -> Matches:
    if found is None:
        return Matches(np.zeros(0), np.zeros(0, np.bool_), len(truth))
    xyxy, confidence = found
    hit = match_boxes(xyxy, truth)
    counted = hit if not known else np.ones(len(hit), np.bool_)
    if not known and len(truth):
        counted = hit | (pairwise_iou(xyxy, truth).max(axis=1) > 0)
    return Matches(confidence[counted], hit[counted], len(truth))


def report(
    val: Mapping[Kind, ByClass], test: Mapping[Kind, ByClass], names: Sequence[str]
) -> dict[str, ClassReport]:
    """Choose operating points and calibrations on `val` and measure them on `test`."""
    everything = join_matches([val[k][n] for k in KINDS for n in names])
    pooled = fit_calibration(everything) or (1.0, 0.0)
    out: dict[str, ClassReport] = {}
    for name in names:
        parts = [val[kind][name] for kind in KINDS]
        own = fit_calibration(join_matches(parts))
        slope, intercept = own or pooled
        confidence = best_confidence(parts, CANDIDATES, fallback=FALLBACK_CONFIDENCE)
        confidence = min(confidence, PRIVATE_FLOOR.get(name, 1.0))
        ap50 = {k: average_precision(test[k][name]) for k in KINDS}
        held = {k: v for k, v in ap50.items() if v is not None}
        rates = {k: rate_at(test[k][name], confidence) for k in held}
        out[name] = ClassReport(
            confidence=confidence,
            slope=round(slope, 3),
            intercept=round(intercept, 3),
            own_calibration=own is not None,
            ap50={k: round(v, 3) for k, v in held.items()},
            instances={k: test[k][name].instances for k in held},
            precision={k: round(r.precision, 3) for k, r in rates.items()},
            recall={k: round(r.recall, 3) for k, r in rates.items()},
        )
    return out


def write_report(path: Path, rows: Mapping[str, ClassReport]) -> None:
    """Write the report as JSON."""
    table = {name: asdict(row) for name, row in rows.items()}
    path.write_text(json.dumps(table, indent=1), encoding="utf-8")


def read_report(path: Path) -> dict[str, ClassReport]:
    """Return a report that was written before."""
    table = json.loads(path.read_text(encoding="utf-8"))
    return {name: ClassReport(**row) for name, row in table.items()}
