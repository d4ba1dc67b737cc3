"""A version of the reviewed pictures: its card, its content and the hash of that."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.card import toml_list, toml_text
from training.output import make_folder, write_whole
from training.reviews.form import SOURCE, ReviewedPicture
from training.reviews.parts import ReviewedParts
from training.types import Box, LabelledImage


@dataclass(frozen=True, slots=True)
class DataSet:
    """One version.

    Attributes:
        id: `reviews@N`; the same content is the same version.
        sha256: of pictures, boxes and parts.
        images: how many pictures.
        card: its file.
    """

    id: str
    sha256: str
    images: int
    card: Path


def write_version(
    folder: Path,
    reviewed: ReviewedParts,
    facts: Sequence[ReviewedPicture],
    *,
    made_at: str,
) -> DataSet:
    """Write card and content of a version below `folder`, unless it is there.

    Args:
        folder: of all versions.
        reviewed: the pictures by part.
        facts: what the exports say of each picture.
        made_at: UTC, ISO 8601.

    Raises:
        OutputError: the folder cannot be written.
    """
    rows = sorted(
        (_row(part, image) for part, image in reviewed.every),
        key=lambda row: (row["picture"], row["part"]),
    )
    content = json.dumps(rows, indent=1, sort_keys=True).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    make_folder(folder)
    taken = 0
    for path in sorted(folder.glob(f"{SOURCE}@*.toml")):
        card = tomllib.loads(path.read_text(encoding="utf-8"))
        if card["sha256"] == sha256:
            return DataSet(path.stem, sha256, len(rows), path)
        taken = max(taken, int(path.stem.partition("@")[2]))
    version = f"{SOURCE}@{taken + 1}"
    write_whole(folder / f"{version}.json", content)
    path = folder / f"{version}.toml"
    text = _card(version, sha256, reviewed, facts, made_at=made_at)
    write_whole(path, text.encode())
    return DataSet(version, sha256, len(rows), path)


def _row(part: str, image: LabelledImage) -> dict[str, Any]:
    return {
        "picture": hashlib.sha256(image.path.read_bytes()).hexdigest(),
        "part": part,
        "scene": image.scene,
        "known": sorted(image.known),
        **{
            name: _boxes(getattr(image, name)) for name in ("boxes", "absent", "unsure")
        },
    }


def _boxes(boxes: Iterable[Box]) -> list[list[Any]]:
    rows = [
        [b.category, *(round(v, 6) for v in (b.x1, b.y1, b.x2, b.y2))] for b in boxes
    ]
    return sorted(rows)


def _card(
    version: str,
    sha256: str,
    reviewed: ReviewedParts,
    facts: Sequence[ReviewedPicture],
    *,
    made_at: str,
) -> str:
    images = [image for _, image in reviewed.every]
    days = sorted({one.day for one in facts})
    streets = {street for one in facts for street in one.streets}
    cameras = sorted({one.camera for one in facts if one.camera is not None})
    lines = [
        f"id = {toml_text(version)}",
        'license = "the city\'s own; not for publication"',
        'source = "frames of this service, as its reviewers judged them"',
        'viewpoint = "patrol vehicles and fixed cameras of the city"',
        "faces_and_plates_masked = true",
        f"images = {len(images)}",
        'note = "Parted by street; unclear and unreviewed boxes say nothing."',
        f"sha256 = {toml_text(sha256)}",
        f"made_at = {toml_text(made_at)}",
        f"days = {toml_list([days[0], days[-1]]) if days else '[]'}",
        f"streets = {len(streets)}",
        f"cameras = {toml_list(cameras)}",
    ]
    counts = {name: len(own) for name, own in reviewed.parts.items()}
    lines += _table("parts", {**counts, "gold": len(reviewed.gold)})
    lines += _table("verdicts", Counter(b.verdict for one in facts for b in one.boxes))
    lines += _table("instances", Counter(b.category for i in images for b in i.boxes))
    lines += _table("absent", Counter(b.category for i in images for b in i.absent))
    return "\n".join(lines) + "\n"


def _table(name: str, counts: dict[Any, int]) -> list[str]:
    return ["", f"[{name}]", *(f"{key} = {n}" for key, n in sorted(counts.items()))]
