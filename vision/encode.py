"""The only place where pictures become files: it takes masked ones alone.

`MaskedImage` is made by `vision.privacy.mask_regions` and by what draws on one, so the
type checker refuses a picture that nobody masked.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.errors import OutputError
from vision.types import MaskedImage

_QUALITY = {
    ".jpg": cv2.IMWRITE_JPEG_QUALITY,
    ".jpeg": cv2.IMWRITE_JPEG_QUALITY,
    ".webp": cv2.IMWRITE_WEBP_QUALITY,
}


def encode_masked(image: MaskedImage, suffix: str = ".jpg", quality: int = 92) -> bytes:
    """Return a masked picture as a file.

    Args:
        image: uint8 `(H, W, 3)`, BGR.
        suffix: `.jpg`, `.jpeg`, `.png` or `.webp`.
        quality: 1-100, of JPEG and WebP.

    Raises:
        OutputError: it cannot be encoded.
    """
    key = _QUALITY.get(suffix)
    return _encoded(suffix, image, [] if key is None else [key, quality])


def encode_classes(classes: npt.NDArray[np.uint8]) -> bytes:
    """Return uint8 `(H, W)` class ids as PNG: numbers, no picture.

    Raises:
        OutputError: it has more than one channel.
    """
    if classes.ndim != 2:
        msg = f"class ids have one channel, got an array of shape {classes.shape}"
        raise OutputError(msg)
    return _encoded(".png", classes, [])


def _encoded(suffix: str, image: npt.NDArray[np.uint8], options: list[int]) -> bytes:
    good, data = cv2.imencode(suffix, image, options)
    if not good:
        msg = f"a picture could not be encoded as {suffix}; choose another suffix"
        raise OutputError(msg)
    return bytes(data)
