"""Read and write Pascal VOC: one XML file a picture, corners in pixels from 1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from training.sources.boxes import BoxList, picture_inside
from training.types import Box, LabelledImage, Rejected
from vision.errors import FormError, NotFoundError

_DECLARATION = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def read_voc_folder(
    images: Path,
    labels: Path,
    *,
    source: str,
    classes: Mapping[str, str],
    known: frozenset[str],
) -> tuple[tuple[LabelledImage, ...], tuple[Rejected, ...]]:
    """Return the pictures that have a sound XML file, and what cannot be used.

    Raises:
        NotFoundError: a folder is missing.
        FormError: nothing in it can be used.
    """
    for folder in (images, labels):
        if not folder.is_dir():
            msg = f"{folder} is not a folder; a VOC set has pictures and XML files"
            raise NotFoundError(msg)
    out: list[LabelledImage] = []
    rejected: list[Rejected] = []
    for path in sorted(labels.glob("*.xml")):
        try:
            name, found = parse_voc(path, classes, rejected)
        except FormError as error:
            rejected.append(Rejected(path.name, str(error)))
            continue
        picture = picture_inside(images, name)
        if picture is None:
            rejected.append(Rejected(path.name, f"there is no picture {name!r} for it"))
            continue
        scene = f"{source}/{picture.stem}"
        out.append(
            LabelledImage(picture, found.boxes, source, scene, found.complete(known))
        )
    if not out:
        msg = f"{labels} holds no XML file that can be used; see the rejected ones"
        raise FormError(msg)
    return tuple(out), tuple(rejected)


def parse_voc(
    path: Path, classes: Mapping[str, str], rejected: list[Rejected]
) -> tuple[str, BoxList]:
    """Return the picture's file name and its boxes.

    Files come from strangers: one that declares entities is refused unread.

    Raises:
        FormError: it is no VOC file, or declares a document type or entities.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        msg = f"{path.name} cannot be read as UTF-8: {error}"
        raise FormError(msg) from error
    if _DECLARATION.search(text):
        msg = f"{path.name} declares a document type or entities; remove them"
        raise FormError(msg)
    try:
        tree = ET.fromstring(text)  # noqa: S314 (declarations are refused above)
        width, height = (int(tree.findtext(f"size/{k}", "")) for k in WIDTH_HEIGHT)
    except (ET.ParseError, ValueError) as error:
        msg = f"{path.name} is no VOC annotation with a size in pixels: {error}"
        raise FormError(msg) from error
    if width <= 0 or height <= 0:
        msg = f"{path.name} gives the picture a size of {width} x {height} px"
        raise FormError(msg)
    found = BoxList(classes, rejected)
    for number, row in enumerate(tree.iterfind("object"), 1):
        where = f"{path.name}#{number}"
        try:
            x1, y1, x2, y2 = (float(row.findtext(f"bndbox/{k}", "")) for k in SIDES)
        except ValueError:
            found.reject(where, "the box lacks a side or has one that is no number")
            continue
        corners = ((x1 - 1) / width, (y1 - 1) / height, x2 / width, y2 / height)
        found.add(row.findtext("name", "").strip(), corners, where=where)
    return tree.findtext("filename", "").strip(), found


def voc_text(name: str, boxes: Sequence[Box], *, width_px: int, height_px: int) -> str:
    """Return the XML of one picture; `parse_voc` reads it back to the pixel."""
    root = ET.Element("annotation")
    ET.SubElement(root, "filename").text = name
    size = ET.SubElement(root, "size")
    for tag, value in zip(WIDTH_HEIGHT, (width_px, height_px), strict=True):
        ET.SubElement(size, tag).text = str(value)
    for box in boxes:
        row = ET.SubElement(root, "object")
        ET.SubElement(row, "name").text = box.category
        sides = ET.SubElement(row, "bndbox")
        corners = (
            box.x1 * width_px + 1,
            box.y1 * height_px + 1,
            box.x2 * width_px,
            box.y2 * height_px,
        )
        for tag, side in zip(SIDES, corners, strict=True):
            ET.SubElement(sides, tag).text = f"{side:.0f}"
    return ET.tostring(root, encoding="unicode")


WIDTH_HEIGHT = ("width", "height")
SIDES = ("xmin", "ymin", "xmax", "ymax")
