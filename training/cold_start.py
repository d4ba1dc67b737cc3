"""Cold start: boxes proposed for a class that nobody labelled yet, from its prompts.

Proposals are candidates, never labels: they lie in a file of their own form, which
nothing that teaches can read, until somebody has looked at them and `accept` is told
which to keep.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from training.types import Box
from vision.detect.decode import Boxes, Suppression, clip_boxes, suppress
from vision.errors import FootageError, FormError, InputError, NotFoundError
from vision.taxonomy import Taxonomy, load_taxonomy
from vision.types import Image

logger = logging.getLogger(__name__)

FORM = "liujing proposals@1"
FLOOR = 0.1
"""Open-vocabulary scores are low; a person looks at what is given anyway."""
SAME_THING = Suppression(iou=0.6)
SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


class OpenVocabulary(Protocol):
    """A detector that is asked in words."""

    @property
    def name(self) -> str:
        """Return the name of the network, e.g. `yoloe-11s-seg`."""

    def ask(self, prompts: Sequence[str]) -> None:
        """Look for these from now on; the class id of a box is its prompt's number."""

    def look(self, image: Image, *, floor: float) -> Boxes:
        """Return boxes in pixels of a BGR picture, from confidence `floor` upwards."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """The candidates of one picture.

    Attributes:
        image: path below the folder that was looked through.
        width_px: of the picture.
        height_px: of the picture.
        boxes: fractions of the picture, most confident first.
        prompts: which words found each box.
    """

    image: str
    width_px: int
    height_px: int
    boxes: tuple[Box, ...]
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """What a network proposed for one category in a folder of pictures.

    Attributes:
        category: taxonomy id.
        model: name of the network.
        floor: lowest confidence that was kept.
        pictures: by path, those without a box too.
        failed: pictures that do not decode, by path.
    """

    category: str
    model: str
    floor: float
    pictures: tuple[Proposed, ...]
    failed: tuple[str, ...]


def prompts_of(category: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the words that a category is asked for with.

    Raises:
        CatalogueError: there is no such category.
        InputError: it has no prompts.
    """
    prompts = taxonomy.category(category).prompts
    if not prompts:
        msg = f"{category} has no prompts in taxonomy.toml; add `prompts = [..]` there"
        raise InputError(msg)
    return prompts


def propose(
    network: OpenVocabulary,
    category: str,
    folder: Path,
    *,
    floor: float = FLOOR,
    taxonomy: Taxonomy | None = None,
) -> Proposals:
    """Ask a network for one category in every picture of a folder and below.

    A picture that does not decode is named and skipped.

    Args:
        network: an open-vocabulary detector.
        category: taxonomy id with prompts.
        folder: `.jpg` and `.png` pictures.
        floor: lowest confidence, `[0, 1]`.
        taxonomy: None for the one of the datasets folder.

    Raises:
        CatalogueError: there is no such category.
        InputError: no prompts, or a floor outside its range.
        NotFoundError: no folder, or no picture in it.
    """
    if not 0 <= floor <= 1:
        msg = f"the confidence floor must be in [0, 1], got {floor}"
        raise InputError(msg)
    prompts = prompts_of(category, taxonomy or load_taxonomy())
    paths = _pictures(folder)
    network.ask(prompts)
    done: list[Proposed] = []
    failed: list[str] = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            pixels = _read(path)
        except FootageError as error:
            logger.warning("picture skipped: %s", error)
            failed.append(name)
            continue
        done.append(_propose_one(network, pixels, (name, category, prompts), floor))
    return Proposals(category, network.name, floor, tuple(done), tuple(failed))


def _pictures(folder: Path) -> list[Path]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        msg = f"{folder} holds no .jpg or .png picture; give a folder that does"
        raise NotFoundError(msg)
    return paths


def _read(path: Path) -> Image:
    pixels = cv2.imread(str(path))
    if pixels is None:
        msg = f"{path} cannot be decoded; remove it from the folder"
        raise FootageError(msg)
    return np.asarray(pixels, np.uint8)


def _propose_one(
    network: OpenVocabulary,
    pixels: Image,
    asked: tuple[str, str, Sequence[str]],
    floor: float,
) -> Proposed:
    """Return one picture's candidates; several prompts for one thing give one box."""
    name, category, prompts = asked
    height_px, width_px = pixels.shape[:2]
    found = clip_boxes(network.look(pixels, floor=floor), width_px, height_px)
    found = found.select(np.flatnonzero(found.confidence >= floor))
    kept = suppress(
        Boxes(found.xyxy, found.confidence, np.zeros(len(found), np.int32)), SAME_THING
    )
    # One class for the comparison; the prompt is found again by the box's own numbers.
    words = {row.tobytes(): prompts[k] for row, k in zip(*_rows(found), strict=True)}
    size = np.array([width_px, height_px] * 2, np.float32)
    boxes = []
    for row, confidence in zip(kept.xyxy, kept.confidence, strict=True):
        x1, y1, x2, y2 = (float(v) for v in row / size)
        origin = f"proposed:{network.name}"
        boxes.append(Box(category, x1, y1, x2, y2, float(confidence), origin))
    told = tuple(words[row.tobytes()] for row in kept.xyxy)
    return Proposed(name, width_px, height_px, tuple(boxes), told)


def _rows(found: Boxes) -> tuple[list[np.ndarray], list[int]]:  # type: ignore[type-arg]
    # The least confident first: of two equal boxes the better one's prompt stays.
    order = np.argsort(found.confidence, kind="stable")
    return [found.xyxy[k] for k in order], [int(found.class_id[k]) for k in order]


def write_proposals(proposals: Proposals, target: Path) -> None:
    """Write proposals as JSON; each box is `[category, x1, y1, x2, y2, confidence]`."""
    document = {
        "form": FORM,
        "looked_at": False,
        "category": proposals.category,
        "origin": f"proposed:{proposals.model}",
        "floor": proposals.floor,
        "failed": proposals.failed,
        "pictures": [_picture_row(picture) for picture in proposals.pictures],
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.write_text(json.dumps(document, indent=1), encoding="utf-8")
    part.replace(target)


def _picture_row(picture: Proposed) -> dict[str, object]:
    row: dict[str, object] = asdict(picture)
    row["boxes"] = [
        [b.category, b.x1, b.y1, b.x2, b.y2, b.confidence] for b in picture.boxes
    ]
    return row


def read_proposals(path: Path) -> Proposals:
    """Read what `write_proposals` wrote.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is not of this form.
    """
    if not path.is_file():
        msg = f"{path} is missing; run `liujing-train propose` first"
        raise NotFoundError(msg)
    try:
        return _of_document(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        msg = f"{path} is not a file of proposals ({FORM}): {error}; propose again"
        raise FormError(msg) from error


def _of_document(document: Mapping[str, Any]) -> Proposals:
    if document["form"] != FORM:
        msg = f"its form is {document['form']!r}"
        raise ValueError(msg)
    origin = str(document["origin"])
    return Proposals(
        category=document["category"],
        model=origin.removeprefix("proposed:"),
        floor=float(document["floor"]),
        pictures=tuple(_read_row(row, origin) for row in document["pictures"]),
        failed=tuple(document["failed"]),
    )


def _read_row(row: Mapping[str, object], origin: str) -> Proposed:
    boxes = row["boxes"]
    prompts = row["prompts"]
    if not isinstance(boxes, list) or not isinstance(prompts, list):
        msg = "boxes and prompts must be lists"
        raise TypeError(msg)
    return Proposed(
        image=str(row["image"]),
        width_px=int(str(row["width_px"])),
        height_px=int(str(row["height_px"])),
        boxes=tuple(replace(Box(*box), origin=origin) for box in boxes),
        prompts=tuple(prompts),
    )


def accept(
    proposals: Proposals, looked: Mapping[str, Sequence[int]]
) -> dict[str, tuple[Box, ...]]:
    """Return the boxes that somebody looked at and kept, by picture.

    Args:
        proposals: the candidates.
        looked: picture -> 0-based numbers of its boxes to keep. A picture that is not
            named was not looked at and is left out; one with an empty list was, and
            keeps none.

    Raises:
        InputError: a picture or a number that the proposals do not have.
    """
    pictures = {picture.image: picture for picture in proposals.pictures}
    kept: dict[str, tuple[Box, ...]] = {}
    for image, numbers in looked.items():
        if image not in pictures:
            msg = f"the looked-at list names {image}, which has no proposals"
            raise InputError(msg)
        boxes = pictures[image].boxes
        wrong = [n for n in numbers if not 0 <= n < len(boxes)]
        if wrong:
            msg = f"{image} has {len(boxes)} proposals, so no number {wrong[0]}"
            raise InputError(msg)
        kept[image] = tuple(boxes[n] for n in numbers)
    return kept


def label_studio_tasks(proposals: Proposals) -> list[dict[str, object]]:
    """Return tasks with predictions for Label Studio: percent of the picture."""
    return [
        {
            "data": {"image": picture.image},
            "predictions": [
                {
                    "model_version": f"proposed:{proposals.model}",
                    "result": [_label_studio_row(b, picture) for b in picture.boxes],
                }
            ],
        }
        for picture in proposals.pictures
    ]


def _label_studio_row(box: Box, picture: Proposed) -> dict[str, object]:
    return {
        "type": "rectanglelabels",
        "from_name": "label",
        "to_name": "image",
        "original_width": picture.width_px,
        "original_height": picture.height_px,
        "score": box.confidence,
        "value": {
            "x": 100 * box.x1,
            "y": 100 * box.y1,
            "width": 100 * (box.x2 - box.x1),
            "height": 100 * (box.y2 - box.y1),
            "rotation": 0,
            "rectanglelabels": [box.category],
        },
    }
