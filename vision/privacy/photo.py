"""Mask one photo."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from vision.encode import encode_masked
from vision.errors import FootageError, OutputError
from vision.privacy.base import PrivacyDetector
from vision.privacy.mask import mask_regions
from vision.privacy.output import Masked, check_output, written_whole
from vision.privacy.sight import find_regions
from vision.types import Frame, Image

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def is_photo(path: Path) -> bool:
    """Say, from the content and not the name, if a file is one still picture."""
    try:
        with Pillow.open(path) as picture:
            return not getattr(picture, "is_animated", False)
    except (OSError, UnidentifiedImageError, Pillow.DecompressionBombError):
        return False


def mask_photo(
    path: Path,
    out: Path,
    *,
    detector: PrivacyDetector,
    also: tuple[PrivacyDetector, ...] = (),
) -> Masked:
    """Write a masked copy of a photo, upright, without EXIF and other metadata.

    Args:
        path: the photo.
        out: the copy; an older file of that name is replaced. JPEG, PNG or WebP by its
            suffix.
        detector: finds what is private.
        also: further ones; what they find is masked as well.

    Raises:
        NotFoundError: there is no such photo.
        FootageError: it is no photo, or is damaged.
        OutputError: `out` is the original or cannot be written.
    """
    check_output(path, out, suffixes=PHOTO_SUFFIXES)
    image = _read_upright(path)
    frame = Frame(index=0, pts_s=0.0, drive_s=0.0, image=image, source=path.name)
    regions = find_regions(frame, (detector, *also))
    data = encode_masked(mask_regions(image, regions), out.suffix.lower())
    with written_whole(out) as part:
        try:
            part.write_bytes(data)
        except OSError as error:
            msg = f"{out} cannot be written: {error.strerror}"
            raise OutputError(msg) from error
    return Masked(frames=1, regions=len(regions), failure=None)


def _read_upright(path: Path) -> Image:
    """Return uint8 `(H, W, 3)`, BGR, turned as the EXIF orientation says."""
    try:
        with warnings.catch_warnings():
            # Above 90 megapixels Pillow warns; above 180 it refuses, and so do we.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(path) as picture:
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        msg = f"{path.name} in {path.parent} is not a photo that can be read: {error}"
        raise FootageError(msg) from error
    return np.ascontiguousarray(np.asarray(upright, np.uint8)[:, :, ::-1])
