"""`liujing detect`: boxes on photos, and masked pictures with the boxes drawn."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2

from service.cli.parts import (
    Verbs,
    add_device,
    add_verb,
    print_failures,
    print_json,
    print_table,
)
from service.cli.progress import ProgressLine
from service.reports import OutFolder
from vision.catalogue import load_card
from vision.detect import Detector, draw_detections, load_detector
from vision.errors import AuditError, Failure, FootageError, InputError
from vision.footage import list_photos, read_photo
from vision.privacy import mask_regions, private_regions
from vision.types import Detections, Frame, Image


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
    detector = load_detector(
        load_card(options.model), device=options.device, confidence=options.confidence
    )
    paths = list_photos(options.images)
    folder = OutFolder(options.out) if options.out else None
    progress = ProgressLine("detecting")
    rows: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for number, path in enumerate(paths):
        try:
            rows.append(_detect_one(path, number, detector, folder))
        except AuditError as error:
            failures.append(Failure.of(str(path), error))
        progress(number + 1, len(paths))
    if not rows:
        raise FootageError("; ".join(f.message for f in failures))
    _show(rows, options.format)
    print_failures("detect", failures)
    return 1 if failures else 0


def _detect_one(
    path: Path, number: int, detector: Detector, folder: OutFolder | None
) -> dict[str, Any]:
    image = read_photo(path)
    frame = Frame(index=number, pts_s=0.0, drive_s=0.0, image=image, source=path.name)
    detections = detector.detect(frame)
    if folder is not None:
        folder.write_bytes(f"{path.stem}.jpg", _picture(image, detections))
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


def _picture(image: Image, detections: Detections) -> bytes:
    regions = private_regions(detections, (image.shape[0], image.shape[1]))
    drawn = draw_detections(mask_regions(image, regions), detections)
    good, data = cv2.imencode(".jpg", drawn)
    if not good:
        msg = "a picture could not be encoded as JPEG"
        raise FootageError(msg)
    return bytes(data)


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
