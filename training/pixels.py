"""Decode a labelled picture."""

from __future__ import annotations

import cv2
import numpy as np

from training.types import LabelledImage
from vision.errors import FootageError
from vision.types import Image


def read_pixels(image: LabelledImage) -> Image:
    """Return the picture, uint8 `(H, W, 3)`, BGR.

    Raises:
        FootageError: it cannot be decoded.
    """
    pixels = cv2.imread(str(image.path))
    if pixels is None:
        msg = f"{image.path} cannot be decoded; remove it from the set"
        raise FootageError(msg)
    return np.asarray(pixels, np.uint8)
