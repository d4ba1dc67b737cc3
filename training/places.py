"""Places without an object that still say something: a person looked there.

They go through the trainer as labels behind those of the classes, so that whatever
turns or cuts a picture turns and cuts them too; the loss takes them out again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from training.types import Box, LabelledImage

ABSENT, UNSURE = "absent:", "unsure:"


def with_places(categories: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all labels: the classes, then where each is absent, unsure.

    Class `n` of C is absent at label `C + n`, and unsure at `2 C + n`.
    """
    return (
        *categories,
        *(f"{ABSENT}{name}" for name in categories),
        *(f"{UNSURE}{name}" for name in categories),
    )


def place_boxes(image: LabelledImage) -> tuple[Box, ...]:
    """Return the places of a picture as boxes of those labels."""
    return tuple(
        replace(box, category=f"{prefix}{box.category}")
        for prefix, boxes in ((ABSENT, image.absent), (UNSURE, image.unsure))
        for box in boxes
    )


def anchors_at(feats: Sequence[Any], strides: Any) -> Any:
    """Return float `(A, 2)`: where the network's cells lie, fractions of its input."""
    import torch  # noqa: PLC0415
    from ultralytics.utils.tal import make_anchors  # noqa: PLC0415

    points, stride = make_anchors(feats, strides, 0.5)
    height, width = feats[0].shape[2:]
    size = torch.tensor([width, height], device=points.device) * float(strides[0])
    return points * stride / size


def in_places(at: Any, batch: Mapping[str, Any], rows: Any, *, classes: int) -> Any:
    """Return bool `(B, A, C)`: the cells in places of some labels, by their class.

    Args:
        at: `(A, 2)`, see `anchors_at`.
        batch: of the trainer; boxes are xywh, fractions of the input.
        rows: bool, which labels.
        classes: C.
    """
    import torch  # noqa: PLC0415

    pictures = len(batch["im_file"])
    out = torch.zeros(pictures, len(at), classes, dtype=torch.bool, device=at.device)
    picture = batch["batch_idx"][rows].long().tolist()
    category = (batch["cls"].view(-1)[rows].long() % classes).tolist()
    boxes = batch["bboxes"][rows].to(at.device)
    for number, cls, box in zip(picture, category, boxes, strict=True):
        out[number, :, cls] |= ((at - box[:2]).abs() <= box[2:] / 2).all(dim=1)
    return out
