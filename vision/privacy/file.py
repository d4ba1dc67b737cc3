"""Mask one file, whatever it is."""

from __future__ import annotations

from pathlib import Path

from vision.privacy.base import PrivacyDetector, Progress
from vision.privacy.output import Masked
from vision.privacy.photo import PHOTO_SUFFIXES, is_photo, mask_photo
from vision.privacy.video import mask_video


def mask_file(
    path: Path,
    out: Path,
    *,
    detector: PrivacyDetector,
    also: tuple[PrivacyDetector, ...] = (),
    progress: Progress | None = None,
) -> Masked:
    """Write a masked copy of a photo or a video; see `mask_photo` and `mask_video`.

    Raises:
        NotFoundError: there is no such file.
        FootageError: it is neither a photo nor a video, or is damaged.
        OutputError: `out` is the original or cannot be written.
    """
    if is_photo(path) or path.suffix.lower() in PHOTO_SUFFIXES:
        masked = mask_photo(path, out, detector=detector, also=also)
        if progress is not None:
            progress(1, 1)
        return masked
    return mask_video(path, out, detector=detector, also=also, progress=progress)
