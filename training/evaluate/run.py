"""Measure a network at one input size, and write down what it costs and gives."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from service.scoring import Standard, load_standard
from training.evaluate.confusion import confuse
from training.evaluate.regions import judge_regions, read_regions
from training.evaluate.report import Report
from training.evaluate.seen import KINDS, Eye, Kind, see
from training.evaluate.tables import KindSeen, class_reports, split_kinds
from training.evaluate.traffic import traffic_recall
from training.labels import LabelMap
from training.types import LabelledImage, Part
from vision.card import ModelCard
from vision.detect import Tiling, load_detector

logger = logging.getLogger(__name__)

STANDARD = "xuchang@1"
LOOK_CONFIDENCE = 0.01
TILES = "+tiles"


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A report and the pictures that it was made of (part `test`)."""

    report: Report
    seen: Mapping[Kind, KindSeen]


def open_eye(card: ModelCard, size: str, *, memory: Path | None = None) -> Eye:
    """Return the network of a card at an input size, down to a confidence of 0.01.

    Args:
        card: of the network; its own long side is replaced.
        size: long side in pixels, with `+tiles` to look closer at the lower half too.
        memory: folder of remembered looks.

    Raises:
        CatalogueError: the network's file is missing or damaged.
    """
    long_side_px = int(size.removesuffix(TILES))
    sized = replace(card, long_side_px=long_side_px)
    tiling = Tiling() if size.endswith(TILES) else None
    detector = load_detector(
        sized, device="cpu", confidence=LOOK_CONFIDENCE, tiling=tiling
    )
    return Eye(detector, card.id, card.sha256, size, long_side_px, memory)


def measure(
    eye: Eye,
    parts: Mapping[Part, Sequence[LabelledImage]],
    maps: Mapping[str, LabelMap],
    *,
    standard: Standard | None = None,
) -> Measured:
    """Choose on `val`, measure on `test`."""
    names = eye.detector.names
    val = split_kinds(see(eye, parts["val"]), maps, names)
    test = split_kinds(see(eye, parts["test"]), maps, names)
    classes = class_reports(val, test, standard or load_standard(STANDARD))
    confidence = {name: classes[name].confidence for name in names}
    report = Report(
        network=eye.network,
        sha256=eye.sha256,
        size=eye.size,
        core_ms={k: _median_ms(test[k]) for k in KINDS if test[k].pictures},
        pictures={k: len(test[k].pictures) for k in KINDS},
        classes=classes,
        confusion={
            k: confuse(test[k].pictures, maps, names, confidence) for k in KINDS
        },
        traffic=traffic_recall(test["real"].pictures, confidence),
    )
    return Measured(report, test)


def _median_ms(part: KindSeen) -> float:
    return round(float(np.median([seen.core_ms for seen in part.pictures])), 1)


def with_regions(report: Report, eye: Eye, listed: Path, data: Path) -> Report:
    """Return the report with the verdicts on the hand-made list of real regions.

    Raises:
        FormError: the list is not of its form.
        FootageError: a picture of the list cannot be read.
    """
    confidence = {n: report.classes[n].confidence for n in eye.detector.names}
    found = judge_regions(read_regions(listed), data, eye.detector, confidence)
    return replace(report, regions=found)


def comparison_row(report: Report) -> dict[str, object]:
    """Return what one network at one size gives and costs: AP by kind, core-ms.

    The means are over the classes that have instances of the kind; merged rows are left
    out of them.
    """
    row: dict[str, object] = {
        "network": report.network,
        "sha256": report.sha256,
        "size": report.size,
        "core_ms": report.core_ms.get("real") or report.core_ms.get("rendered"),
    }
    for kind in KINDS:
        held = {
            name: c.kinds[kind] for name, c in report.classes.items() if kind in c.kinds
        }
        means = [k for name, k in held.items() if "+" not in name]
        if means:
            row[kind] = {
                "ap50": round(float(np.mean([k.ap50 for k in means])), 3),
                "ap50_95": round(float(np.mean([k.ap50_95 for k in means])), 3),
                "classes": {name: k.ap50 for name, k in held.items()},
            }
    return row


def append_comparison(path: Path, report: Report) -> None:
    """Put the report's row into the list at `path`, in place of an older one."""
    rows = read_comparison(path)
    new = comparison_row(report)
    same = ("sha256", "size")
    rows = [row for row in rows if any(row[key] != new[key] for key in same)]
    part = path.with_suffix(".part")
    part.write_text(json.dumps([*rows, new], indent=1), encoding="utf-8")
    part.replace(path)


def read_comparison(path: Path) -> list[dict[str, object]]:
    """Return the rows compared so far; none if there is no such file."""
    if not path.is_file():
        return []
    rows: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return rows
