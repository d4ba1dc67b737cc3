"""`liujing layout`: what every pixel of photos belongs to."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from service.cli.parts import Verbs, add_device, add_verb, print_failures
from service.cli.photos import find_photos, out_folder, picture_names
from service.cli.progress import ProgressLine
from service.reports import OutFolder
from vision.catalogue import load_card, load_layout_card
from vision.detect import Detector, load_detector
from vision.encode import encode_classes, encode_masked
from vision.errors import AuditError, Failure, FootageError
from vision.footage import load_photo
from vision.privacy import head_regions, mask_regions, private_regions
from vision.scene import Layout, OnnxLayout, load_layout, paint_layout
from vision.types import Frame, Image, MaskedImage

CLASSES_FILE = "classes.json"
OVERLAY = "-layout.jpg"


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "layout",
        summary="Read the street's layout in photos: road, kerb, pavement, wall ...",
        example="liujing layout photos/ --out layouts/ --overlay",
    )
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE|FOLDER")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        required=True,
        help="gets a PNG of class ids for each photo, and classes.json",
    )
    parser.add_argument(
        "--overlay",
        action="store_true",
        help="also write the masked photo with its layout painted over",
    )
    parser.add_argument(
        "--layout-model",
        metavar="NAME@V",
        default="layout@1",
        help="installed layout network (default layout@1)",
    )
    add_device(parser)
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reads, what finds faces and plates for the overlay, where files go."""

    reader: OnnxLayout
    detector: Detector | None
    folder: OutFolder


def run(options: argparse.Namespace) -> int:
    """Read every photo; one bad photo is a failure beside the good ones."""
    card = load_layout_card(options.layout_model, options.models)
    reader = load_layout(card, device=options.device)
    detector = None
    if options.overlay:
        street = load_card(options.model, options.models)
        detector = load_detector(street, device=options.device)
    paths, failures = find_photos(options.images)
    folder = out_folder(options.out, paths)
    names = picture_names(paths, "")
    progress = ProgressLine("reading")
    done = 0
    for number, path in enumerate(paths):
        try:
            _read_one(path, names[number], _Reading(reader, detector, folder))
            done += 1
        except AuditError as error:
            failures.append(Failure.of(str(path), error))
        progress(number + 1, len(paths))
    if not done:
        raise FootageError("; ".join(f.message for f in failures))
    classes = json.dumps(list(reader.names), ensure_ascii=False, indent=1)
    folder.write_bytes(CLASSES_FILE, classes.encode())
    print_failures("layout", failures)
    return 1 if failures else 0


def _read_one(path: Path, stem: str, reading: _Reading) -> None:
    image = load_photo(path)
    layout = reading.reader.read_whole(image)
    reading.folder.write_bytes(f"{stem}.png", encode_classes(layout.classes))
    if reading.detector is not None:
        masked = _masked(image, path.name, reading.detector, layout)
        reading.folder.write_bytes(
            f"{stem}{OVERLAY}", encode_masked(paint_layout(masked, layout))
        )


def _masked(
    image: Image, source: str, detector: Detector, layout: Layout
) -> MaskedImage:
    frame = Frame(index=0, pts_s=0.0, drive_s=0.0, image=image, source=source)
    regions = private_regions(detector.detect(frame), image.shape)
    heads = head_regions(layout.people(), image.shape)
    return mask_regions(image, [*regions, *heads])
