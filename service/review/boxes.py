"""Our boxes on a picture of any Label Studio project, under that project's labels."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.review.config import Control, controls_of
from vision.card import ModelCard
from vision.detect import Detector, probabilities, select_reaching
from vision.errors import InputError
from vision.footage import decode_photo
from vision.taxonomy import Taxonomy
from vision.types import Detections, Frame

_BOXES = ("RectangleLabels", "Labels")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Which label of a project means what.

    Attributes:
        control: name of the control that boxes belong to.
        to_name: of the picture.
        field: of the task's data that names the picture.
        kind: `rectanglelabels` or `labels`.
        labels: category -> label as the project stores it.
    """

    control: str
    to_name: str
    field: str
    kind: str
    labels: Mapping[str, str]


def labelled(config: str, card: ModelCard, taxonomy: Taxonomy) -> Labelled:
    """Return which labels of a project are categories of a model.

    A label is one if it is the category's id or its Chinese or English name, whatever
    its case and with `_`, `-` or a space.

    Args:
        config: the project's labelling page.
        card: of the model.
        taxonomy: what its classes are called.

    Raises:
        InputError: no picture with boxes on the page, or no label is ours; the message
            names the labels there and here.
    """
    controls = controls_of(config)
    pictures = {one.name: one for one in controls if one.tag == "Image"}
    offered = [c for c in controls if c.tag in _BOXES and c.to_name in pictures]
    if not offered:
        msg = "the project's page has no RectangleLabels over an Image; add them"
        raise InputError(msg)
    for control in offered:
        labels = _matched(control, card, taxonomy)
        if labels:
            return Labelled(
                control=control.name,
                to_name=control.to_name,
                field=pictures[control.to_name].value.lstrip("$"),
                kind=control.tag.lower(),
                labels=labels,
            )
    theirs = ", ".join(said for c in offered for said in c.values.values())
    msg = (
        f"no label of the project ({theirs}) is a class of {card.id}; name them "
        f"{', '.join(card.names)}, or in Chinese or English as datasets/taxonomy.toml"
    )
    raise InputError(msg)


def _matched(control: Control, card: ModelCard, taxonomy: Taxonomy) -> dict[str, str]:
    there = {
        _plain(said): stored
        for stored, shown in control.values.items()
        for said in (stored, shown)
    }
    found = {}
    for one in taxonomy.categories:
        names = (one.id, one.zh, one.en)
        stored = next((there[n] for n in map(_plain, names) if n in there), None)
        if one.id in card.names and stored is not None:
            found[one.id] = stored
    return found


def _plain(name: str) -> str:
    return name.strip().casefold().replace("_", " ").replace("-", " ")


class Boxes:
    """Finds boxes, one picture at a time.

    Args:
        detector: that looks.
        card: of its model.
        fetch: returns a picture's bytes.
    """

    def __init__(
        self, detector: Detector, card: ModelCard, fetch: Callable[[str], bytes]
    ) -> None:
        self.card = card
        self._detector = detector
        self._fetch = fetch
        self._one_at_a_time = threading.Lock()

    def predict(self, task: Mapping[str, Any], wanted: Labelled) -> dict[str, Any]:
        """Return a prediction as Label Studio takes it.

        Args:
            task: as Label Studio sends it.
            wanted: which labels to give.

        Raises:
            InputError: the task names no picture, or it cannot be had or read.
        """
        data = task.get("data")
        url = data.get(wanted.field) if isinstance(data, Mapping) else None
        if not isinstance(url, str) or not url:
            msg = f"task {task.get('id')} names no picture in {wanted.field}"
            raise InputError(msg)
        image = decode_photo(self._fetch(url), f"of task {task.get('id')}")
        frame = Frame(index=0, pts_s=0.0, drive_s=0.0, image=image, source="task")
        with self._one_at_a_time:
            every = self._detector.detect(frame)
        return self._prediction(every, image.shape[:2], wanted)

    def _prediction(
        self, every: Detections, size_px: tuple[int, ...], wanted: Labelled
    ) -> dict[str, Any]:
        seen = select_reaching(every, self.card)
        chances = probabilities(seen, self.card)
        rows = [
            _row(seen, row, float(chances[row]), size_px, wanted)
            for row in range(len(seen))
            if seen.category(row) in wanted.labels
        ]
        scores = [row["score"] for row in rows]
        return {
            "result": rows,
            "score": round(float(np.mean(scores)), 4) if scores else 0.0,
            "model_version": self.card.id,
        }


def _row(
    seen: Detections,
    row: int,
    chance: float,
    size_px: tuple[int, ...],
    wanted: Labelled,
) -> dict[str, Any]:
    high, wide = size_px
    left, top, right, bottom = (float(v) for v in seen.xyxy[row])
    return {
        "id": f"liujing-{row}",
        "from_name": wanted.control,
        "to_name": wanted.to_name,
        "type": wanted.kind,
        "original_width": wide,
        "original_height": high,
        "image_rotation": 0,
        "score": round(chance, 4),
        "value": {
            "x": left / wide * 100.0,
            "y": top / high * 100.0,
            "width": (right - left) / wide * 100.0,
            "height": (bottom - top) / high * 100.0,
            "rotation": 0,
            wanted.kind: [wanted.labels[seen.category(row)]],
        },
    }
