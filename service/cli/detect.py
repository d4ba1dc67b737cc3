"""`liujing detect`: boxes on photos, and masked pictures with the boxes drawn."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from service.cli.parts import (
    Verbs,
    add_device,
    add_verb,
    print_failures,
    print_json,
    print_table,
)
from service.cli.photos import find_photos, out_folder, picture_names
from service.cli.progress import ProgressLine
from service.reports import OutFolder
from vision.catalogue import load_card
from vision.detect import Detector, draw_detections, load_detector, select_reaching
from vision.encode import encode_masked
from vision.errors import AuditError, Failure, FootageError, InputError
from vision.footage import load_photo
from vision.privacy import mask_regions, private_regions
from vision.types import Detections, Frame


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "detect",
        summary="Find street problems in photos.",
        example="liujing detect photos/ --confidence 0.3 --format table --out boxes/",
    )
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE|FOLDER")
    parser.add_argument(
        "--confidence",
        type=float,
        metavar="C",
        help="keep boxes from this score on, 0-1 (default: the model card's, by class)",
    )
    parser.add_argument("--format", choices=("json", "table"), default="json")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write masked pictures with boxes here"
    )
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Detect on every image; one bad image is a failure beside the good ones."""
    if options.confidence is not None and not 0 <= options.confidence <= 1:
        msg = f"--confidence must be between 0 and 1, got {options.confidence}"
        raise InputError(msg)
    card = load_card(options.model, options.models)
    detector = load_detector(card, device=options.device, confidence=options.confidence)
    seen = partial(select_reaching, card=card, confidence=options.confidence)
    paths, failures = find_photos(options.images)
    folder = None if options.out is None else out_folder(options.out, paths)
    looking = _Looking(detector, seen, folder)
    names = picture_names(paths, ".jpg")
    progress = ProgressLine("detecting")
    rows: list[dict[str, Any]] = []
    for number, path in enumerate(paths):
        try:
            rows.append(_detect_one(path, number, names[number], looking))
        except AuditError as error:
            failures.append(Failure.of(str(path), error))
        progress(number + 1, len(paths))
    if not rows:
        raise FootageError("; ".join(f.message for f in failures))
    _show(rows, options.format)
    print_failures("detect", failures)
    return 1 if failures else 0


@dataclass(frozen=True, slots=True)
class _Looking:
    """The detector, what of its boxes counts as seen, and where pictures go."""

    detector: Detector
    seen: Callable[[Detections], Detections]
    folder: OutFolder | None


def _detect_one(
    path: Path, number: int, name: str, looking: _Looking
) -> dict[str, Any]:
    image = load_photo(path)
    frame = Frame(index=number, pts_s=0.0, drive_s=0.0, image=image, source=path.name)
    every = looking.detector.detect(frame)
    detections = looking.seen(every)
    if looking.folder is not None:
        regions = private_regions(every, image.shape)
        drawn = draw_detections(mask_regions(image, regions), detections)
        looking.folder.write_bytes(name, encode_masked(drawn))
    height_px, width_px = image.shape[:2]
    return {
        "image": str(path),
        "width": width_px,
        "height": height_px,
        "detections": [
            {
                "category": detections.category(row),
                "confidence": round(float(detections.confidence[row]), 4),
                "xyxy": [round(float(v), 1) for v in detections.xyxy[row]],
            }
            for row in range(len(detections))
        ],
    }


def _show(rows: list[dict[str, Any]], form: str) -> None:
    if form == "json":
        print_json(rows)
        return
    print_table(
        ("image", "category", "confidence", "x1", "y1", "x2", "y2"),
        [
            (row["image"], d["category"], f"{d['confidence']:.2f}", *d["xyxy"])
            for row in rows
            for d in row["detections"]
        ],
    )
