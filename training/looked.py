"""What a person looked for by eye in photos.

Covers in `datasets/looked-covers.toml`, faces and plates in
`datasets/looked-private.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.types import Box, LabelledImage
from vision.errors import FormError, NotFoundError

COVER = "manhole_ok"
ORIGIN = "looked"
CORNERS = 4
PRIVATE = {"faces": "face", "plates": "licence_plate"}
"""Keys of a row of faces and plates, and what they are."""


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
    out: dict[str, Looked] = {}
    for image, where, row in read_rows(path):
        if not isinstance(row.get("complete"), bool):
            msg = f"{where} needs `complete = true` or `false`"
            raise FormError(msg)
        covers = tuple(read_box(COVER, c, where) for c in row.get("covers", ()))
        out[image] = Looked(covers, row["complete"])
    return out


def read_private(path: Path) -> dict[str, tuple[Box, ...]]:
    """Return the faces and plates that were seen, by picture.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is no TOML, or a row names no picture, one twice, or a bad box.
    """
    return {
        image: tuple(
            read_box(category, corners, where)
            for key, category in PRIVATE.items()
            for corners in row.get(key, ())
        )
        for image, where, row in read_rows(path)
    }


def read_rows(path: Path) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the rows of a list of looks: picture, where it stands, what it says.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is no TOML, or a row names no picture, or one twice.
    """
    if not path.is_file():
        msg = f"{path} is missing; it lists what was looked for by eye"
        raise NotFoundError(msg)
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("looked", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} is not a TOML file: {error}"
        raise FormError(msg) from error
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        where = f"{path.name}, row {number}"
        image = row.get("image")
        if not isinstance(image, str) or image in seen:
            msg = f"{where} needs an `image` that no other row names, not {image!r}"
            raise FormError(msg)
        seen.add(image)
        yield image, f"{where} ({image})", row


def read_box(category: str, corners: object, where: str) -> Box:
    """Return a box of a list of looks.

    Raises:
        FormError: these are no four fractions in order.
    """
    if isinstance(corners, list) and len(corners) == CORNERS:
        numbers = [float(c) for c in corners if isinstance(c, int | float)]
        if len(numbers) == CORNERS:
            x1, y1, x2, y2 = numbers
            if 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1:
                return Box(category, x1, y1, x2, y2, origin=ORIGIN)
    msg = f"{where} has the box {corners}, not [x1, y1, x2, y2] in fractions"
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
        row = looked.get(_name(image, street))
        if row is None:
            out.append(image)
            continue
        others = tuple(b for b in image.boxes if b.category != COVER)
        known = image.known - {COVER} | ({COVER} if row.complete else frozenset())
        out.append(replace(image, boxes=others + row.covers, known=known))
    return out


def _name(image: LabelledImage, street: Path) -> str:
    if not image.path.is_relative_to(street):
        return ""
    return image.path.relative_to(street).as_posix()


def with_private(
    images: Iterable[LabelledImage],
    looked: Mapping[str, tuple[Box, ...]],
    *,
    street: Path,
) -> list[LabelledImage]:
    """Return the pictures with the faces and plates a person saw, not the teachers'.

    A picture that nobody looked at stays as it is.
    """
    names = frozenset(PRIVATE.values())
    out: list[LabelledImage] = []
    for image in images:
        seen = looked.get(_name(image, street))
        if seen is not None:
            others = tuple(b for b in image.boxes if b.category not in names)
            known = image.known | names
            image = replace(image, boxes=others + seen, known=known)  # noqa: PLW2901
        out.append(image)
    return out
