"""`liujing detect`: boxes on photos, and masked pictures with the boxes drawn."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
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
from vision.detect import Detector, draw_detections, load_detector, select_reaching
from vision.errors import AuditError, Failure, FootageError, InputError, NotFoundError
from vision.footage import load_photo
from vision.privacy import mask_regions, private_regions
from vision.types import Detections, Frame, Image

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


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
    paths, failures = _photos(options.images)
    looking = _Looking(detector, seen, _out_folder(options.out, paths))
    names = _picture_names(paths)
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


def _photos(given: list[Path]) -> tuple[list[Path], list[Failure]]:
    """Return the files given and, of folders, the photos in them by name.

    A folder's sub-folders are not looked into. What is not there, or holds no photo,
    is a failure.
    """
    paths: list[Path] = []
    failures: list[Failure] = []
    for path in given:
        try:
            paths += _photos_at(path)
        except AuditError as error:
            failures.append(Failure.of(str(path), error))
    return paths, failures


def _photos_at(path: Path) -> list[Path]:
    if not path.exists():
        msg = f"{path} does not exist; check the name"
        raise NotFoundError(msg)
    if not path.is_dir():
        return [path]
    found = sorted(
        p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file()
    )
    if not found:
        msg = f"folder {path} holds no photo (.jpg, .jpeg, .png); give another"
        raise FootageError(msg)
    return found


def _out_folder(out: Path | None, paths: list[Path]) -> OutFolder | None:
    """Return where pictures go: never among the photos, which they would replace."""
    if out is None:
        return None
    if out.resolve() in {path.resolve().parent for path in paths}:
        msg = f"--out {out} is the folder of the photos; choose another folder"
        raise InputError(msg)
    return OutFolder(out)


def _picture_names(paths: list[Path]) -> list[str]:
    """Return a file name for each picture; photos of one name get a number."""
    taken: set[str] = set()
    names: list[str] = []
    for path in paths:
        stems = chain([path.stem], (f"{path.stem}-{n}" for n in count(2)))
        stem = next(s for s in stems if s.lower() not in taken)
        taken.add(stem.lower())
        names.append(f"{stem}.jpg")
    return names


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
        looking.folder.write_bytes(name, _jpeg(drawn))
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


def _jpeg(image: Image) -> bytes:
    good, data = cv2.imencode(".jpg", image)
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
