"""Read `reviews.json`, the only thing that the service hands to training.

The form is in docs/forms.md. A folder is read strictly; a box that cannot be used is
left out and named, and so is a picture that does not decode.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import cv2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from training.labels import iou
from training.pixels import picture_fault
from training.types import Box, LabelledImage, Rejected
from vision.errors import FormError, NotFoundError

FILE = "reviews.json"
SOURCE = "reviews"
"""Of every reviewed picture, as the sets of photos have their names."""
SAME_IOU = 0.5
Verdict = Literal["real", "false", "permitted", "duplicate", "unclear", "unreviewed"]
THERE: tuple[Verdict, ...] = ("real", "permitted", "duplicate")
"""A thing of the category is there. A licence is the city's affair, not the network's:
a stall with a permit looks like one without."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReviewedBox(_Part):
    """One box and what was said of it; `xyxy` in pixels of the picture."""

    category: str
    xyxy: tuple[float, float, float, float]
    verdict: Verdict
    drawn: bool = False
    sighting: str | None = None
    finding: str | None = None
    street: str | None = None
    reviewer: str | None = None
    reason: str | None = None
    said: str | None = None


class ReviewedPicture(_Part):
    """One masked frame."""

    image: str
    streets: list[str]
    day: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    camera: str | None = None
    light: str | None = None
    model: str | None = None
    gold: bool = False
    complete: list[str] = []
    boxes: list[ReviewedBox]


class ReviewFile(_Part):
    """The whole file."""

    form: Literal["liujing-reviews@1"]
    made: str
    pictures: list[ReviewedPicture]


def read_reviews(
    folder: Path, categories: tuple[str, ...], rejected: list[Rejected]
) -> list[tuple[ReviewedPicture, LabelledImage]]:
    """Return the pictures of an export, as it has them and as training wants them.

    Args:
        folder: of the export.
        categories: what a model can predict.
        rejected: gets what cannot be used, a sentence each.

    Raises:
        NotFoundError: there is no export in the folder.
        FormError: the file is not of the form.
    """
    path = folder / FILE
    if not path.is_file():
        msg = f"{folder} holds no {FILE}; make it with `liujing review export`"
        raise NotFoundError(msg)
    try:
        file = ReviewFile.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error
    out = []
    for picture in file.pictures:
        image = _labelled(picture, folder, categories, rejected)
        if image is not None:
            out.append((picture, image))
    return out


def _refused(path: Path, error: Exception) -> FormError:
    reason = str(error).splitlines()[0]
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    msg = f"{path} is no export of reviews ({reason}); export it again"
    return FormError(msg)


def _labelled(
    picture: ReviewedPicture,
    folder: Path,
    categories: tuple[str, ...],
    rejected: list[Rejected],
) -> LabelledImage | None:
    where = f"{folder.name}/{picture.image}"
    path = folder / picture.image
    if not path.resolve().is_relative_to(folder.resolve()):
        rejected.append(Rejected(where, "it lies outside of the export; left out"))
        return None
    fault = picture_fault(path)
    pixels = None if fault else cv2.imread(str(path))
    if pixels is None:
        reason = fault or "the picture cannot be decoded"
        rejected.append(Rejected(where, f"{reason}; it is left out"))
        return None
    size = (float(pixels.shape[1]), float(pixels.shape[0]))
    there: list[Box] = []
    absent: list[Box] = []
    unsure: list[Box] = []
    for number, row in enumerate(picture.boxes):
        box = _box(row, size, categories, Rejected(f"{where}#{number}", ""), rejected)
        if box is None:
            continue
        if row.verdict in THERE:
            there.append(box)
        elif row.verdict == "false":
            absent.append(box)
        else:
            unsure.append(box)
    once = _without_doubles(there)
    return LabelledImage(
        path=path,
        boxes=once,
        source=SOURCE,
        scene=scene_of(picture),
        known=frozenset(picture.complete) & frozenset(categories),
        absent=_apart(absent, once),
        unsure=_apart(unsure, once),
    )


def scene_of(picture: ReviewedPicture) -> str:
    """Return the scene of a picture: its street, whatever the day."""
    return f"{SOURCE}/{'+'.join(sorted(picture.streets))}"


def _box(
    row: ReviewedBox,
    size_px: tuple[float, float],
    categories: tuple[str, ...],
    where: Rejected,
    rejected: list[Rejected],
) -> Box | None:
    """Return a box as fractions, cut at the picture's edge; None if it is no use."""
    if row.category not in categories:
        reason = f"{row.category!r} is no category a model predicts; the box is skipped"
        rejected.append(Rejected(where.path, reason))
        return None
    width_px, height_px = size_px
    x1, x2 = (min(max(v / width_px, 0.0), 1.0) for v in row.xyxy[::2])
    y1, y2 = (min(max(v / height_px, 0.0), 1.0) for v in row.xyxy[1::2])
    if not (x1 < x2 and y1 < y2):
        reason = "the box has no area inside the picture; it is skipped"
        rejected.append(Rejected(where.path, reason))
        return None
    return Box(row.category, x1, y1, x2, y2, origin=row.sighting or "drawn")


def _without_doubles(boxes: list[Box]) -> tuple[Box, ...]:
    """Return the boxes without those that frame a thing once more."""
    once: list[Box] = []
    for box in boxes:
        if not _same(box, once):
            once.append(box)
    return tuple(once)


def _apart(places: list[Box], there: tuple[Box, ...]) -> tuple[Box, ...]:
    """Return the places where nothing of the category was said to be."""
    return tuple(box for box in places if not _same(box, there))


def _same(box: Box, others: list[Box] | tuple[Box, ...]) -> bool:
    return any(o.category == box.category and iou(o, box) >= SAME_IOU for o in others)
