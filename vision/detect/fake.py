"""A detector that sees what it is told: the double of the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vision.detect.decode import Boxes, clip_boxes
from vision.errors import InputError
from vision.types import Detections, Frame


@dataclass(frozen=True, slots=True)
class FakeBox:
    """One box that the double will report.

    Attributes:
        category: one of the detector's names.
        xyxy: pixels of the frame.
        confidence: `[0, 1]`.
    """

    category: str
    xyxy: tuple[float, float, float, float]
    confidence: float = 0.9


class FakeDetector:
    """Reports the given boxes frame by frame; satisfies `Detector`.

    Args:
        names: category ids by class id.
        boxes: `Frame.index` -> boxes; frames not named are empty.
        model_id: name@version.

    Raises:
        InputError: a box of a category that is not in `names`.
    """

    def __init__(
        self,
        names: Sequence[str],
        boxes: Mapping[int, Sequence[FakeBox]],
        *,
        model_id: str = "fake@1",
    ) -> None:
        self._names = tuple(names)
        self._boxes = {index: tuple(rows) for index, rows in boxes.items()}
        self._model_id = model_id
        for row in (row for rows in self._boxes.values() for row in rows):
            if row.category not in self._names:
                msg = f"the category {row.category} is not one of {self._names}"
                raise InputError(msg)

    @property
    def model_id(self) -> str:
        """Name@version as given."""
        return self._model_id

    @property
    def device(self) -> str:
        """Always `cpu`."""
        return "cpu"

    @property
    def names(self) -> tuple[str, ...]:
        """Category ids by class id."""
        return self._names

    def detect(self, frame: Frame) -> Detections:
        """Return the boxes of this frame's index, clipped, most confident first."""
        rows = sorted(
            self._boxes.get(frame.index, ()), key=lambda r: r.confidence, reverse=True
        )
        height_px, width_px = frame.image.shape[:2]
        boxes = clip_boxes(
            Boxes(
                np.array([r.xyxy for r in rows], np.float32).reshape(-1, 4),
                np.array([r.confidence for r in rows], np.float32),
                np.array([self._names.index(r.category) for r in rows], np.int32),
            ),
            width_px,
            height_px,
        )
        return Detections(
            frame_index=frame.index,
            xyxy=boxes.xyxy,
            confidence=boxes.confidence,
            class_id=boxes.class_id,
            names=self._names,
            model_id=self._model_id,
        )
