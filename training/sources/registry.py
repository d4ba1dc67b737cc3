"""Which reader reads which form of labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training.sources.boxes import SUFFIXES
from training.sources.coco import read_coco
from training.sources.label_studio import read_label_studio
from training.sources.masks import read_mask_folder
from training.sources.voc import read_voc_folder
from training.sources.yolo import read_class_names, read_yolo_folder, without_labels
from training.types import LabelledImage, Rejected

Read = tuple[tuple[LabelledImage, ...], tuple[Rejected, ...]]


@dataclass(frozen=True, slots=True)
class SetFolder:
    """One set where it lies, and how to understand it.

    Attributes:
        images: folder of pictures.
        labels: folder or file of labels; None where nobody labelled.
        source: id of the set.
        classes: label map.
        known: categories that are boxed completely.
        values: source class by grey value, for masks.
        label_each: a picture without a label file is recorded.
    """

    images: Path
    labels: Path | None
    source: str
    classes: Mapping[str, str]
    known: frozenset[str]
    values: Mapping[int, str] = field(default_factory=dict)
    label_each: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form of labels.

    Attributes:
        labels: usual name of its folder or file, beside the folder of pictures.
        read: returns the pictures and what cannot be used; raises NotFoundError for a
            missing folder or file, FormError where nothing can be used.
        lists: the labels name their pictures; one that none names was not labelled.
    """

    labels: str
    read: Callable[[SetFolder, Path], Read]
    lists: bool


def read_set(place: SetFolder, form: str) -> Read:
    """Return the pictures of a set, and what of it cannot be used.

    Raises:
        NotFoundError: a folder or file is missing.
        FormError: nothing can be used, or YOLO's list has a class that the map lacks.
    """
    if place.labels is None:
        return read_yolo_folder(
            place.images,
            None,
            source=place.source,
            names=(),
            classes={},
            known=place.known,
        )
    images, faults = FORMS[form].read(place, place.labels)
    if FORMS[form].lists:
        faults += _unlisted(place.images, {image.path for image in images})
    return images, faults


def _unlisted(images: Path, listed: set[Path]) -> tuple[Rejected, ...]:
    text = "no sound label names the picture; it is left out"
    return tuple(
        Rejected(path.name, text)
        for path in sorted(images.iterdir())
        if path.suffix.lower() in SUFFIXES and path not in listed
    )


def _yolo(place: SetFolder, labels: Path) -> Read:
    images, faults = read_yolo_folder(
        place.images,
        labels,
        source=place.source,
        names=read_class_names(labels.parent / "classes.txt"),
        classes=place.classes,
        known=place.known,
    )
    missing = without_labels(images, labels) if place.label_each else ()
    return images, faults + missing


def _voc(place: SetFolder, labels: Path) -> Read:
    return read_voc_folder(
        place.images,
        labels,
        source=place.source,
        classes=place.classes,
        known=place.known,
    )


def _coco(place: SetFolder, labels: Path) -> Read:
    return read_coco(
        place.images,
        labels,
        source=place.source,
        classes=place.classes,
        known=place.known,
    )


def _masks(place: SetFolder, labels: Path) -> Read:
    return read_mask_folder(
        place.images,
        labels,
        source=place.source,
        names=place.values,
        classes=place.classes,
        known=place.known,
    )


def _label_studio(place: SetFolder, labels: Path) -> Read:
    return read_label_studio(
        place.images,
        labels,
        source=place.source,
        classes=place.classes,
        known=place.known,
    )


FORMS: Mapping[str, Form] = {
    "yolo": Form("labels", _yolo, lists=False),
    "voc": Form("labels", _voc, lists=True),
    "coco": Form("labels.json", _coco, lists=True),
    "masks": Form("labels", _masks, lists=False),
    "label_studio": Form("labels.json", _label_studio, lists=True),
}
