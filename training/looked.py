"""Covers that a person looked for by eye: `datasets/looked-covers.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from training.types import Box, LabelledImage
from vision.errors import FormError, NotFoundError

COVER = "manhole_ok"
ORIGIN = "looked"
CORNERS = 4


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen in one picture.

    Attributes:
        covers: boxes of good covers.
        complete: there is no other cover in the picture.
    """

    covers: tuple[Box, ...]
    complete: bool


def read_looked(path: Path) -> dict[str, Looked]:
    """Return what was seen, by picture (relative to the folder of the street sets).

    Raises:
        NotFoundError: there is no such file.
        FormError: it is no TOML, or a row names no picture, one twice, or a bad box.
    """
    if not path.is_file():
        msg = f"{path} is missing; it lists the covers looked for by eye"
        raise NotFoundError(msg)
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("looked", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} is not a TOML file: {error}"
        raise FormError(msg) from error
    out: dict[str, Looked] = {}
    for number, row in enumerate(rows, 1):
        where = f"{path.name}, row {number}"
        image = row.get("image")
        if not isinstance(image, str) or image in out:
            msg = f"{where} needs an `image` that no other row names, not {image!r}"
            raise FormError(msg)
        if not isinstance(row.get("complete"), bool):
            msg = f"{where} ({image}) needs `complete = true` or `false`"
            raise FormError(msg)
        covers = tuple(_cover(c, f"{where} ({image})") for c in row.get("covers", ()))
        out[image] = Looked(covers, row["complete"])
    return out


def _cover(corners: object, where: str) -> Box:
    if isinstance(corners, list) and len(corners) == CORNERS:
        numbers = [float(c) for c in corners if isinstance(c, int | float)]
        if len(numbers) == CORNERS:
            x1, y1, x2, y2 = numbers
            if 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1:
                return Box(COVER, x1, y1, x2, y2, origin=ORIGIN)
    msg = f"{where} has the cover {corners}, not [x1, y1, x2, y2] in fractions"
    raise FormError(msg)


def add_looked(
    images: Iterable[LabelledImage], looked: Mapping[str, Looked], *, street: Path
) -> list[LabelledImage]:
    """Return the pictures with the covers a person saw in place of the teachers'.

    A complete look makes good covers known; an incomplete one makes them unknown, and
    what is boxed still teaches.
    """
    out: list[LabelledImage] = []
    for image in images:
        row = None
        if image.path.is_relative_to(street):
            row = looked.get(image.path.relative_to(street).as_posix())
        if row is None:
            out.append(image)
            continue
        others = tuple(b for b in image.boxes if b.category != COVER)
        known = image.known - {COVER} | ({COVER} if row.complete else frozenset())
        out.append(replace(image, boxes=others + row.covers, known=known))
    return out
