"""The plug point of privacy: whatever finds faces, plates, persons and vehicles."""

from __future__ import annotations

from typing import Protocol

from vision.types import Detections, Frame


class PrivacyDetector(Protocol):
    """Finds what must not be shown.

    Any `Detector` is one; so is a network that finds faces alone. Understood are the
    categories `face`, `licence_plate`, `person`, `car`, `truck`, `bus`, `motorcycle`
    and `bicycle`; others are ignored. What several of them find is masked together.
    """

    def detect(self, frame: Frame) -> Detections:
        """Return the boxes in pixels of `frame.image`."""


class Progress(Protocol):
    """Told how far a long piece of work has come."""

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` frames are finished; `total` may be an estimate."""
