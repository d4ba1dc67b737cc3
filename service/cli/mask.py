"""`liujing mask`: faces and plates masked in a photo or a video."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from service.cli.parts import Verbs, add_device, add_verb, print_failures
from service.cli.progress import ProgressLine
from vision.catalogue import list_layouts, load_card
from vision.detect import load_detector
from vision.privacy import head_regions, mask_file
from vision.scene import LayoutReader, load_layout
from vision.types import Detections, Frame


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


class PeopleOfLayout:
    """The heads of people whom a layout shows, as faces; a `PrivacyDetector`."""

    def __init__(self, reader: LayoutReader) -> None:
        self._reader = reader

    def detect(self, frame: Frame) -> Detections:
        """Return the heads in pixels of `frame.image`."""
        people = self._reader.read(frame.image).people()
        heads = head_regions(people, frame.image.shape)
        return Detections(
            frame_index=frame.index,
            xyxy=np.array(
                [(r.x1, r.y1, r.x2, r.y2) for r in heads], np.float32
            ).reshape(-1, 4),
            confidence=np.ones(len(heads), np.float32),
            class_id=np.zeros(len(heads), np.int32),
            names=("face",),
            model_id=self._reader.model_id,
        )


def run(options: argparse.Namespace) -> int:
    """Write the masked copy, with every installed network that sees people."""
    card = load_card(options.model, options.models)
    detector = load_detector(card, device=options.device)
    also = tuple(
        PeopleOfLayout(load_layout(layout, device=options.device))
        for layout in list_layouts(options.models)[-1:]
    )
    masked = mask_file(
        options.file,
        options.out,
        detector=detector,
        also=also,
        progress=ProgressLine("masking"),
    )
    print(f"{options.out}: {masked.frames} pictures, {masked.regions} regions masked")
    if masked.failure is None:
        return 0
    print_failures("mask", [masked.failure])
    return 1
