"""Read picture folders with YOLO labels: one text file a picture, fractions, xywh."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.types import Box, LabelledImage
from vision.errors import FormError, NotFoundError

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


def read_class_names(path: Path) -> tuple[str, ...]:
    """Return the class names of a `classes.txt`, in the order of their ids.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is not UTF-8.
    """
    if not path.is_file():
        msg = f"{path} lists no classes; a YOLO folder needs a classes.txt"
        raise NotFoundError(msg)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8; save it as UTF-8"
        raise FormError(msg) from error
    return tuple(line.strip() for line in lines if line.strip())


def read_yolo_folder(
    images: Path,
    labels: Path | None,
    *,
    source: str,
    categories: tuple[str | None, ...],
    known: frozenset[str],
) -> tuple[LabelledImage, ...]:
    """Return every picture of a folder with its boxes, sorted by name.

    Args:
        images: folder of pictures.
        labels: folder of text files of the same stems; None for pictures nobody
            labelled. A missing or empty text file means no object.
        source: id of the set.
        categories: our category by the source's class id; None drops the class.
        known: categories that are boxed completely.

    Raises:
        NotFoundError: `images` is not a folder.
        FormError: a label line is not `id cx cy w h`.
    """
    if not images.is_dir():
        msg = f"{images} is not a folder of pictures; check the shared data"
        raise NotFoundError(msg)
    paths = sorted(p for p in images.iterdir() if p.suffix.lower() in _SUFFIXES)
    return tuple(
        LabelledImage(
            path=path,
            boxes=read_boxes(labels / f"{path.stem}.txt", categories) if labels else (),
            source=source,
            scene=f"{source}/{path.stem}",
            known=known,
        )
        for path in paths
    )


def read_boxes(path: Path, categories: tuple[str | None, ...]) -> tuple[Box, ...]:
    """Return the boxes of one label file, clipped to the picture.

    Boxes that have no area inside the picture are left out.

    Raises:
        FormError: a line is not `id cx cy w h` with a known id.
    """
    if not path.is_file():
        return ()
    boxes: list[Box] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        category, box = _parse(line, categories, where=f"{path.name}:{number}")
        x1, y1, x2, y2 = box
        if category is not None and x1 < x2 and y1 < y2:
            boxes.append(Box(category, x1, y1, x2, y2))
    return tuple(boxes)


def _parse(
    line: str, categories: tuple[str | None, ...], *, where: str
) -> tuple[str | None, tuple[float, float, float, float]]:
    fields = line.split()
    try:
        row = int(fields[0])
        cx, cy, w, h = (float(field) for field in fields[1:])
    except ValueError as error:
        msg = f"{where} is not a line `id cx cy w h`: {line!r}"
        raise FormError(msg) from error
    if not 0 <= row < len(categories):
        msg = f"{where} names class {row}, but there are {len(categories)} classes"
        raise FormError(msg)
    x1, x2 = max(0.0, cx - w / 2), min(1.0, cx + w / 2)
    y1, y2 = max(0.0, cy - h / 2), min(1.0, cy + h / 2)
    return categories[row], (x1, y1, x2, y2)


def rows_of(boxes: tuple[Box, ...], class_id: Mapping[str, int]) -> str:
    """Return the text of a label file: `id cx cy w h`, one line a box."""
    lines = [
        f"{class_id[b.category]} {(b.x1 + b.x2) / 2:.6f} {(b.y1 + b.y2) / 2:.6f} "
        f"{b.x2 - b.x1:.6f} {b.y2 - b.y1:.6f}"
        for b in boxes
    ]
    return "\n".join(lines) + ("\n" if lines else "")
