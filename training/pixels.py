"""Decode a labelled picture, and tell a whole file from a cut one."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from training.types import LabelledImage
from vision.errors import FootageError
from vision.types import Image

WHOLE = {b"\xff\xd8": b"\xff\xd9", b"\x89P": b"IEND\xaeB`\x82"}
"""How a JPEG and a PNG begin, and how they end where nothing is missing."""


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


def picture_fault(path: Path) -> str | None:
    """Return what is wrong with a picture's file, or None where it seems whole.

    A JPEG or PNG that ends as it should is taken for whole unread. Any other is decoded
    by Pillow, which, unlike OpenCV, refuses a cut picture instead of filling it with
    grey.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(2)
            file.seek(0, 2)
            size = file.tell()
            file.seek(max(0, size - 8))
            tail = file.read()
    except OSError as error:
        return f"the picture cannot be read ({error.strerror})"
    if not size:
        return "the picture is empty"
    end = WHOLE.get(begin)
    if end is not None and tail.endswith(end):
        return None
    return _decoding_fault(path)


def _decoding_fault(path: Path) -> str | None:
    try:
        with Pillow.open(path) as picture:
            picture.load()
    except UnidentifiedImageError:
        return "the file is no picture"
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        return f"the picture is cut or damaged ({error})"
    return None
