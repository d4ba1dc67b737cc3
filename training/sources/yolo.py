"""Read picture folders with YOLO labels: one text file a picture, fractions, xywh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from training.sources.boxes import SUFFIXES, BoxList, Corners
from training.types import Box, LabelledImage, Rejected
from vision.errors import FormError, NotFoundError


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
    names: Sequence[str],
    classes: Mapping[str, str],
    known: frozenset[str],
) -> tuple[tuple[LabelledImage, ...], tuple[Rejected, ...]]:
    """Return every picture of a folder with its boxes, sorted by name, and the faults.

    Args:
        images: folder of pictures.
        labels: folder of text files of the same stems; None for pictures nobody
            labelled. A missing or empty text file means no object.
        source: id of the set.
        names: the source's class by class id.
        classes: label map.
        known: categories that are boxed completely.

    Raises:
        NotFoundError: a folder is missing.
        FormError: the label map lacks a class of `names`.
    """
    for folder in (images, labels or images):
        if not folder.is_dir():
            msg = f"{folder} is not a folder; a YOLO set has pictures and text files"
            raise NotFoundError(msg)
    missing = [name for name in names if not classes.get(name)]
    if missing:
        msg = f"the label map of {source} lacks its classes {missing}"
        raise FormError(msg)
    paths = sorted(p for p in images.iterdir() if p.suffix.lower() in SUFFIXES)
    out: list[LabelledImage] = []
    rejected: list[Rejected] = []
    for path in paths:
        found = BoxList(classes, rejected)
        label = labels / f"{path.stem}.txt" if labels else None
        if label and not _read_label(label, names, found):
            continue
        scene = f"{source}/{path.stem}"
        boxes, sure = found.boxes, found.complete(known)
        out.append(LabelledImage(path, boxes, source, scene, sure))
    if labels:
        rejected.extend(_orphans(labels, {path.stem for path in paths}))
    return tuple(out), tuple(rejected)


def _orphans(labels: Path, stems: set[str]) -> list[Rejected]:
    return [
        Rejected(label.name, "there is no picture of that name; it is ignored")
        for label in sorted(labels.glob("*.txt"))
        if label.stem not in stems and label.name != "classes.txt"
    ]


def without_labels(
    images: Iterable[LabelledImage], labels: Path
) -> tuple[Rejected, ...]:
    """Return a note for each picture without a label file, where one is promised."""
    return tuple(
        Rejected(i.path.name, "its label file is missing; taken as without objects")
        for i in images
        if not (labels / f"{i.path.stem}.txt").is_file()
    )


def _read_label(path: Path, names: Sequence[str], found: BoxList) -> bool:
    """Add the boxes of a label file; return whether the picture can be used."""
    if not path.is_file():
        return True
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (UnicodeDecodeError, OSError) as error:
        text = f"the labels cannot be read ({error}); the picture is left out"
        found.reject(path.name, text)
        return False
    for number, line in enumerate(lines, 1):
        if line.strip():
            _add_line(line, names, found, f"{path.name}:{number}")
    return True


def _add_line(line: str, names: Sequence[str], found: BoxList, where: str) -> None:
    fields = line.split()
    try:
        row = int(fields[0])
        cx, cy, w, h = (float(value) for value in fields[1:])
    except ValueError:
        found.reject(where, f"not a line `id cx cy w h`: {line[:60]!r}; skipped")
        return
    if not 0 <= row < len(names):
        found.reject(where, f"class {row}, but there are {len(names)}; skipped")
        return
    corners: Corners = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
    found.add(names[row], corners, where=where)


def rows_of(boxes: tuple[Box, ...], class_id: Mapping[str, int]) -> str:
    """Return the text of a label file: `id cx cy w h`, one line a box."""
    lines = [
        f"{class_id[b.category]} {(b.x1 + b.x2) / 2:.6f} {(b.y1 + b.y2) / 2:.6f} "
        f"{b.x2 - b.x1:.6f} {b.y2 - b.y1:.6f}"
        for b in boxes
    ]
    return "\n".join(lines) + ("\n" if lines else "")
