"""The plug point of detection."""

from __future__ import annotations

from typing import Protocol

from vision.types import Detections, Frame


class Detector(Protocol):
    """Boxes of one frame."""

    @property
    def model_id(self) -> str:
        """Return name@version of the model, e.g. `street@1`."""

    @property
    def device(self) -> str:
        """Return what it really runs on: `cpu` or `cuda`."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return category ids by class id."""

    def detect(self, frame: Frame) -> Detections:
        """Return the boxes in pixels of `frame.image`, most confident first."""
