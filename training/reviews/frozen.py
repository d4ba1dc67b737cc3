"""What the current model was taught and measured by, frozen, lest it be unlearnt.

A folder of pictures with `pictures.json`: `train` is rehearsed, `val` chooses operating
points, `test` measures every model that comes after. It is written once; a set that
changed under a measurement would measure nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.output import make_folder, write_whole
from training.pixels import picture_fault
from training.types import PARTS, Box, LabelledImage, Part, Rejected
from vision.errors import FormError, NotFoundError

FILE = "pictures.json"
FORM = "liujing-pictures@1"
REHEARSED = 400
"""Old pictures that teach again, spread over all sets."""

Parts = dict[Part, list[LabelledImage]]


def freeze(parts: Mapping[Part, Sequence[LabelledImage]], folder: Path) -> str:
    """Write a frozen set and return its hash; one that is there stays as it is.

    Args:
        parts: all pictures by part; of `train` a spread of `REHEARSED` is kept.
        folder: is made.

    Raises:
        OutputError: there is no room; nothing that is there counts then.
    """
    if (folder / FILE).is_file():
        return hash_of(folder)
    make_folder(folder / "images")
    rows = []
    for part in PARTS:
        kept = spread(parts[part], REHEARSED) if part == "train" else parts[part]
        for image in kept:
            name = f"images/{part}--{image.key}{image.path.suffix.lower()}"
            shutil.copyfile(image.path, folder / name)
            rows.append(_row(image, part, name))
    text = json.dumps({"form": FORM, "pictures": rows}, ensure_ascii=False, indent=1)
    write_whole(folder / FILE, text.encode())
    return hash_of(folder)


def spread(images: Sequence[LabelledImage], count: int) -> list[LabelledImage]:
    """Return up to `count` pictures, of every source as near to alike as there are."""
    by_source: dict[str, list[LabelledImage]] = defaultdict(list)
    for image in sorted(images, key=lambda i: _digest(i.key)):
        by_source[image.source].append(image)
    out: list[LabelledImage] = []
    for turn in range(max(map(len, by_source.values()), default=0)):
        row = [own[turn] for _, own in sorted(by_source.items()) if turn < len(own)]
        out += row[: count - len(out)]
    return out


def read_frozen(folder: Path, rejected: list[Rejected]) -> Parts:
    """Return a frozen set.

    Raises:
        NotFoundError: there is none in the folder.
        FormError: the file is not of the form, or a part is empty.
    """
    path = folder / FILE
    if not path.is_file():
        msg = f"{folder} holds no {FILE}; make it with `liujing-train freeze`"
        raise NotFoundError(msg)
    parts: Parts = {part: [] for part in PARTS}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        for row in table["pictures"]:
            image = _image(row, folder)
            fault = picture_fault(image.path)
            if fault:
                rejected.append(Rejected(row["image"], f"{fault}; it is left out"))
                continue
            parts[row["part"]].append(image)
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{path} is no frozen set ({error!r}); freeze it again into a new folder"
        raise FormError(msg) from error
    empty = [part for part in PARTS if not parts[part]]
    if empty:
        msg = f"{path} has no picture of the part {empty[0]}; freeze it again"
        raise FormError(msg)
    return parts


def hash_of(folder: Path) -> str:
    """Return the SHA-256 of what a frozen set says."""
    return hashlib.sha256((folder / FILE).read_bytes()).hexdigest()


def _row(image: LabelledImage, part: Part, name: str) -> dict[str, Any]:
    return {
        "image": name,
        "part": part,
        "source": image.source,
        "scene": image.scene,
        "known": sorted(image.known),
        "boxes": [
            [b.category, b.x1, b.y1, b.x2, b.y2, b.confidence, b.range_m]
            for b in image.boxes
        ],
    }


def _image(row: dict[str, Any], folder: Path) -> LabelledImage:
    return LabelledImage(
        path=folder / str(row["image"]),
        boxes=tuple(_box(one) for one in row["boxes"]),
        source=str(row["source"]),
        scene=str(row["scene"]),
        known=frozenset(row["known"]),
    )


def _box(row: list[Any]) -> Box:
    name, x1, y1, x2, y2, confidence, range_m = row
    return Box(str(name), x1, y1, x2, y2, confidence=confidence, range_m=range_m)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
