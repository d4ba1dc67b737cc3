"""`liujing mask`: faces and plates masked in a photo or a video."""

from __future__ import annotations

import argparse
from pathlib import Path

from service.cli.parts import Verbs, add_device, add_verb, print_failures
from service.cli.progress import ProgressLine
from vision.catalogue import load_card
from vision.detect import load_detector
from vision.privacy import mask_file


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "mask",
        summary="Mask faces and licence plates in a photo or a video.",
        example="liujing mask drive.mp4 --out drive-masked.mp4",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the masked copy."""
    card = load_card(options.model, options.models)
    detector = load_detector(card, device=options.device)
    masked = mask_file(
        options.file, options.out, detector=detector, progress=ProgressLine("masking")
    )
    print(f"{options.out}: {masked.frames} pictures, {masked.regions} regions masked")
    if masked.failure is None:
        return 0
    print_failures("mask", [masked.failure])
    return 1
