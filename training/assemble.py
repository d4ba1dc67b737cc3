"""Write the data set in the trainer's form: pictures, label files, lists, data.yaml.

Photos are shrunk to a long side of 960 px. Rendered frames are cut into crops at their
native scale, so that things keep the pixel size they have in a drive. Everything goes
below build/ and holds absolute paths, as the trainer wants; nothing here is committed.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from training.output import make_folder, write_whole
from training.pixels import picture_fault, read_pixels
from training.places import place_boxes, with_places
from training.sources import rows_of
from training.types import Box, LabelledImage, Part, Rejected
from vision.errors import FootageError
from vision.types import Image

PHOTO_LONG_SIDE_PX = 960
CROP_WIDTH_PX = 680
CROP_HEIGHT_PX = 640
MIN_VISIBLE_FRACTION = 0.4
MAX_REPEATS = 2
RARE_FRACTION = 0.15
KNOWN_FILE = "known.json"
KINDS = ("real", "rendered", "pasted")
KIND_OF = {"rendered_street": "rendered", "pasted_street": "pasted"}
"""What a source's pictures are where they are not real; lists and tables keep apart."""

JPEG_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Window:
    """A cut-out of a picture in pixels: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int


def crop_windows(width_px: int, height_px: int) -> tuple[Window, ...]:
    """Return the cut-outs of a frame: its lower part, left and right, overlapping.

    A frame no larger than one crop is kept whole.
    """
    w, h = min(CROP_WIDTH_PX, width_px), min(CROP_HEIGHT_PX, height_px)
    top = height_px - h
    lefts = sorted({0, width_px - w})
    return tuple(Window(left, top, w, h) for left in lefts)


def crop_boxes(
    boxes: Iterable[Box], window: Window, *, width_px: int, height_px: int
) -> tuple[Box, ...]:
    """Return the boxes as fractions of the window.

    A box of which less than `MIN_VISIBLE_FRACTION` of the area lies inside is left out.
    """
    kept: list[Box] = []
    for box in boxes:
        x1, x2 = box.x1 * width_px - window.x, box.x2 * width_px - window.x
        y1, y2 = box.y1 * height_px - window.y, box.y2 * height_px - window.y
        cx1, cx2 = max(0.0, x1), min(float(window.w), x2)
        cy1, cy2 = max(0.0, y1), min(float(window.h), y2)
        if cx1 >= cx2 or cy1 >= cy2:
            continue
        visible = (cx2 - cx1) * (cy2 - cy1) / ((x2 - x1) * (y2 - y1))
        if visible >= MIN_VISIBLE_FRACTION:
            kept.append(
                replace(
                    box,
                    x1=cx1 / window.w,
                    y1=cy1 / window.h,
                    x2=cx2 / window.w,
                    y2=cy2 / window.h,
                )
            )
    return tuple(kept)


def repeats(images: Sequence[LabelledImage]) -> list[int]:
    """Return how often each picture is shown in one pass, 1 to `MAX_REPEATS`.

    Source:
        Repeat-factor sampling, Gupta et al. (2019), LVIS: sqrt(t / f) for the rarest
        category of the picture, f being the fraction of pictures that hold it.
    """
    holders = Counter(c for i in images for c in {b.category for b in i.boxes})
    out: list[int] = []
    for image in images:
        present = {b.category for b in image.boxes}
        rarest = min((holders[c] for c in present), default=len(images))
        factor = math.sqrt(RARE_FRACTION * len(images) / rarest)
        out.append(max(1, min(MAX_REPEATS, round(factor))))
    return out


def assemble(
    parts: Mapping[Part, Sequence[LabelledImage]],
    folder: Path,
    *,
    categories: tuple[str, ...],
    cut: frozenset[str],
    rejected: list[Rejected],
) -> dict[str, int]:
    """Write all parts below `folder`; return the number of pictures by part and kind.

    Lists and data file are written last, so that a run that stopped leaves those of the
    last whole one.

    Args:
        parts: labelled pictures by part.
        folder: is made; a picture that is there, whole and no older than what it was
            made from, is not written again.
        categories: class names by class id.
        cut: drawn sources, cut into crops for `train`; for `val` and
            `test` they stay whole, as the run time sees them.
        rejected: gets the pictures that cannot be decoded; they are left out.

    Raises:
        OutputError: there is no room; running again goes on.
    """
    class_id = {name: row for row, name in enumerate(with_places(categories))}
    known: dict[str, list[int]] = {}
    lists: dict[str, list[str]] = {}
    for part, images in parts.items():
        make_folder(folder / "images" / part)
        make_folder(folder / "labels" / part)
        for kind in KINDS:
            chosen = [i for i in images if KIND_OF.get(i.source, "real") == kind]
            lines = lists.setdefault(f"{part}_{kind}", [])
            for image, times in zip(chosen, repeats(chosen), strict=True):
                drawn = image.source in cut and part == "train"
                try:
                    paths = _write_views(image, folder / part, class_id, cut=drawn)
                except FootageError as error:
                    where = f"{image.source}/{image.path.name}"
                    rejected.append(Rejected(where, str(error)))
                    continue
                for path in paths:
                    known[path.stem] = sorted(class_id[c] for c in image.known)
                    lines += [str(path)] * (times if part == "train" else 1)
    for name, lines in lists.items():
        write_whole(folder / f"{name}.txt", ("\n".join(lines) + "\n").encode())
    write_whole(folder / KNOWN_FILE, json.dumps(known).encode())
    write_yaml(folder, folder / "data.yaml", categories=categories, kinds=KINDS)
    return {name: len(set(lines)) for name, lines in lists.items()}


def _write_views(
    image: LabelledImage, place: Path, class_id: Mapping[str, int], *, cut: bool
) -> list[Path]:
    """Write a picture, or its cut-outs, for the part that `place` ends with."""
    pixels = read_pixels(image)
    h, w = pixels.shape[:2]
    windows = crop_windows(w, h) if cut else (Window(0, 0, w, h),)
    paths: list[Path] = []
    for row, area in enumerate(windows):
        seen = pixels[area.y : area.y + area.h, area.x : area.x + area.w]
        view = seen if cut else _shrink(seen)
        every = image.boxes + place_boxes(image)
        boxes = crop_boxes(every, area, width_px=w, height_px=h)
        stem = place / (f"{image.key}-{row}" if cut else image.key)
        paths.append(_write_view(image, view, boxes, stem, class_id))
    return paths


def _write_view(
    image: LabelledImage,
    view: Image,
    boxes: tuple[Box, ...],
    stem: Path,
    class_id: Mapping[str, int],
) -> Path:
    """Write a view and its labels below the two folders of `stem`."""
    folder, part = stem.parent.parent, stem.parent.name
    path = folder / "images" / part / f"{stem.name}.jpg"
    if not _is_current(path, image.path):
        done, code = cv2.imencode(
            ".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        )
        if not done:
            h, w = view.shape[:2]
            msg = f"{image.path} ({w} x {h} px) cannot be written as JPEG; remove it"
            raise FootageError(msg)
        write_whole(path, code.tobytes())
    label = folder / "labels" / part / f"{stem.name}.txt"
    write_whole(label, rows_of(boxes, class_id).encode())
    return path


def _is_current(path: Path, origin: Path) -> bool:
    """Return whether the written picture is whole and no older than its origin."""
    if not path.is_file() or path.stat().st_mtime < origin.stat().st_mtime:
        return False
    return picture_fault(path) is None


def _shrink(pixels: Image) -> Image:
    h, w = pixels.shape[:2]
    scale = PHOTO_LONG_SIDE_PX / max(h, w)
    if scale >= 1:
        return pixels
    size = (round(w * scale), round(h * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(pixels.dtype)


def write_yaml(
    folder: Path, target: Path, *, categories: Sequence[str], kinds: Sequence[str]
) -> None:
    """Write the trainer's data file: the lists of some kinds of pictures, the names.

    Raises:
        OutputError: there is no room.
    """

    def lists(part: Part) -> str:
        files = [folder / f"{part}_{kind}.txt" for kind in kinds]
        held = [str(f) for f in files if f.read_text(encoding="utf-8").strip()]
        return json.dumps(held)

    names = "\n".join(f"  {row}: {name}" for row, name in enumerate(categories))
    text = f"train: {lists('train')}\nval: {lists('val')}\nnames:\n{names}\n"
    write_whole(target, text.encode())
