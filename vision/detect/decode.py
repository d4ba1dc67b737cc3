"""Turn a network's raw output into boxes. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatRows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Suppression:
    """Which of several boxes of one thing are kept.

    Attributes:
        iou: boxes of one class that overlap by more than this count as one thing.
        considered: at most so many boxes, the most confident, are compared.
        kept: at most so many boxes of one picture are kept.
    """

    iou: float = 0.6
    considered: int = 1500
    kept: int = 300


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Rows of one picture, not yet bound to a frame.

    Attributes:
        xyxy: float32 `(N, 4)`, pixels.
        confidence: float32 `(N,)`, `[0, 1]`.
        class_id: int32 `(N,)`.
    """

    xyxy: FloatRows
    confidence: FloatRows
    class_id: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.xyxy)

    def select(self, keep: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Boxes:
        """Return the rows that `keep` names, in that order."""
        return Boxes(self.xyxy[keep], self.confidence[keep], self.class_id[keep])


def join_boxes(parts: list[Boxes]) -> Boxes:
    """Return all rows of at least one part, in order."""
    return Boxes(
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.class_id for part in parts]),
    )


def decode_yolo(
    output: FloatRows, floors: FloatRows, suppression: Suppression
) -> Boxes:
    """Return the suppressed boxes of an output without suppression inside.

    A row takes the best of the classes that reach their own floor.

    Args:
        output: float32 `(1, 4 + C, A)`: centre x, centre y, width, height, C scores.
        floors: float32 `(C,)`: lowest confidence of each class.
        suppression: how doubles are removed.

    Returns:
        Most confident first, in input pixels.
    """
    scores = output[0, 4:]
    anchors = np.flatnonzero((scores >= floors[:, None]).any(axis=0))
    # Only the few anchors that reach a floor are touched from here on.
    picked = np.ascontiguousarray(scores[:, anchors].T)
    picked[picked < floors] = -1
    class_id = picked.argmax(axis=1)
    xywh = output[0, :4, anchors]
    half = xywh[:, 2:] / 2
    boxes = Boxes(
        np.hstack([xywh[:, :2] - half, xywh[:, :2] + half]).astype(np.float32),
        picked[np.arange(len(anchors)), class_id].astype(np.float32),
        class_id.astype(np.int32),
    )
    return suppress(boxes, suppression)


def decode_nms(output: FloatRows, floors: FloatRows) -> Boxes:
    """Return the boxes of an output that was suppressed inside the network.

    Args:
        output: float32 `(1, K, 6)`: x1, y1, x2, y2, score, class id; rows with score 0
            are filling.
        floors: float32 `(C,)`: lowest confidence of each class.

    Returns:
        Most confident first, in input pixels.
    """
    rows = output[0]
    class_id = rows[:, 5].astype(np.int32)
    known = (class_id >= 0) & (class_id < len(floors)) & (rows[:, 4] > 0)
    rows, class_id = rows[known], class_id[known]
    reached = rows[:, 4] >= floors[class_id]
    boxes = Boxes(
        rows[reached, :4].astype(np.float32),
        rows[reached, 4].astype(np.float32),
        class_id[reached],
    )
    return boxes.select(_by_confidence(boxes))


def suppress(boxes: Boxes, suppression: Suppression) -> Boxes:
    """Keep the most confident of boxes of one class that overlap; order by confidence.

    Source:
        Greedy non-maximum suppression, class by class.
    """
    boxes = boxes.select(_by_confidence(boxes)[: suppression.considered])
    if len(boxes) < 2:
        return boxes
    double = _iou(boxes.xyxy) > suppression.iou
    double &= boxes.class_id[:, None] == boxes.class_id[None, :]
    alive = np.ones(len(boxes), np.bool_)
    for row in np.flatnonzero(double.sum(axis=1) > 1):
        if alive[row]:
            alive[row + 1 :] &= ~double[row, row + 1 :]
    return boxes.select(np.flatnonzero(alive)[: suppression.kept])


def clip_boxes(boxes: Boxes, width_px: int, height_px: int) -> Boxes:
    """Clip to the picture and drop what is then thinner than a pixel, or no number."""
    xyxy = boxes.xyxy.copy()
    xyxy[:, 0::2] = xyxy[:, 0::2].clip(0, width_px)
    xyxy[:, 1::2] = xyxy[:, 1::2].clip(0, height_px)
    size = xyxy[:, 2:] - xyxy[:, :2]
    # A box with a coordinate that is not a number fails the comparison.
    real = np.flatnonzero((size >= 1).all(axis=1))
    return Boxes(xyxy, boxes.confidence.clip(0, 1), boxes.class_id).select(real)


def _by_confidence(boxes: Boxes) -> npt.NDArray[np.intp]:
    return np.argsort(-boxes.confidence, kind="stable")


def _iou(xyxy: FloatRows) -> FloatRows:
    """Return `(N, N)` intersection over union."""
    low = np.maximum(xyxy[:, None, :2], xyxy[None, :, :2])
    high = np.minimum(xyxy[:, None, 2:], xyxy[None, :, 2:])
    common = (high - low).clip(0).prod(axis=2)
    area = (xyxy[:, 2:] - xyxy[:, :2]).clip(0).prod(axis=1)
    union = area[:, None] + area[None, :] - common
    iou: FloatRows = common / np.maximum(union, np.float32(1e-9))
    return iou
