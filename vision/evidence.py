"""Masked pictures of finds: the only pictures that ever leave the footage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from vision.appearance import appearance_of, tone_of
from vision.encode import encode_masked
from vision.privacy import Region, mask_regions, private_regions
from vision.types import Detections, Evidence, FloatArray, Frame, MaskedImage

Box = tuple[float, float, float, float]


class EvidenceSink(Protocol):
    """Where masked pictures go. Nothing unmasked is ever handed to it."""

    def save(self, name: str, jpeg: bytes) -> str:
        """Store one JPEG and return the name under which a report finds it."""

    def keep_only(self, names: set[str]) -> None:
        """Drop every stored picture that is not in `names`."""


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """How evidence is stored.

    Attributes:
        jpeg_quality: 1-100.
        max_width_px: whole frames are stored no wider than this.
        whole: store the whole frame too; False: what is around the box is all.
        max_crop_px: what is around a box is stored no wider and higher than this; None
            stores it as it was seen.
    """

    jpeg_quality: int = 82
    max_width_px: int = 1600
    whole: bool = True
    max_crop_px: int | None = None


class Pictures:
    """Masked pictures of one frame, made only when an object asks for them."""

    def __init__(
        self,
        frame: Frame,
        detections: Detections,
        sink: EvidenceSink,
        options: PictureOptions,
        also: Sequence[Region] = (),
    ) -> None:
        self._also = also
        self._frame = frame
        self._detections = detections
        self._sink = sink
        self._options = options
        self._masked: MaskedImage | None = None
        self._tone: FloatArray | None = None
        self._name: str | None = None
        self._scale = 1.0

    def evidence(self, box: npt.NDArray[np.float32]) -> Evidence:
        """Store the masked frame (once) and a crop around `box` `(4,)`, pixels.

        Where whole frames are not stored, the crop stands in.
        """
        masked = self._mask()
        x1, y1, x2, y2 = (float(v) for v in box)
        left, top, right, bottom = _window(masked, (x1, y1, x2, y2))
        most_px = self._options.max_crop_px or masked.shape[0] + masked.shape[1]
        scale = min(1.0, most_px / max(right - left, bottom - top))
        around = _smaller(MaskedImage(masked[top:bottom, left:right]), scale)
        crop = self._sink.save(
            f"{self._frame.index:06d}-{int(x1)}-{int(y1)}-{int(x2)}-{int(y2)}.jpg",
            self._jpeg(around),
        )
        if not self._options.whole:
            x1, x2 = (x1 - left) * scale, (x2 - left) * scale
            y1, y2 = (y1 - top) * scale, (y2 - top) * scale
            return self._shown(crop, crop, (x1, y1, x2, y2))
        image = self._whole(masked)
        scale = self._scale
        return self._shown(
            image, crop, (x1 * scale, y1 * scale, x2 * scale, y2 * scale)
        )

    def appearance(self, box: npt.NDArray[np.float32]) -> tuple[float, ...] | None:
        """Return how the thing in `box` `(4,)` looks under the mask; None if small."""
        masked = self._mask()
        if self._tone is None:
            self._tone = tone_of(masked)
        return appearance_of(masked, box.tolist(), self._tone)

    def _whole(self, masked: MaskedImage) -> str:
        if self._name is None:
            width_px = masked.shape[1]
            self._scale = min(1.0, self._options.max_width_px / width_px)
            whole = _smaller(masked, self._scale)
            self._name = self._sink.save(
                f"{self._frame.index:06d}.jpg", self._jpeg(whole)
            )
        return self._name

    def _shown(self, image: str, crop: str, xyxy: Box) -> Evidence:
        return Evidence(
            image=image,
            crop=crop,
            xyxy=xyxy,
            source=self._frame.source,
            pts_s=self._frame.pts_s,
            drive_s=self._frame.drive_s,
        )

    def _mask(self) -> MaskedImage:
        if self._masked is None:
            shape = self._frame.image.shape
            regions = private_regions(self._detections, (shape[0], shape[1]))
            self._masked = mask_regions(self._frame.image, [*regions, *self._also])
        return self._masked

    def _jpeg(self, image: MaskedImage) -> bytes:
        return encode_masked(image, quality=self._options.jpeg_quality)


def _smaller(image: MaskedImage, scale: float) -> MaskedImage:
    """Return a picture shrunk by a factor of at most 1."""
    if scale >= 1.0:
        return image
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return MaskedImage(np.asarray(small, np.uint8))


def _window(image: MaskedImage, box: Box) -> tuple[int, int, int, int]:
    """Return the box with half its size around it, at least 96 px wide."""
    x1, y1, x2, y2 = box
    reach = max(48.0, 0.9 * max(x2 - x1, y2 - y1))
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    height_px, width_px = image.shape[:2]
    left, right = int(max(0, cx - reach * 1.3)), int(min(width_px, cx + reach * 1.3))
    top, bottom = int(max(0, cy - reach)), int(min(height_px, cy + reach))
    return left, top, right, bottom


def crop_masked(image: MaskedImage, box: Box) -> MaskedImage:
    """Cut the box with half its size around it, at least 96 px wide."""
    left, top, right, bottom = _window(image, box)
    return MaskedImage(image[top:bottom, left:right])
