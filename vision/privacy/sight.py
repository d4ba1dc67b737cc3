"""Ask every privacy detector about one picture."""

from __future__ import annotations

from collections.abc import Sequence

from vision.privacy.base import PrivacyDetector
from vision.privacy.regions import Region, private_regions
from vision.types import Frame


def find_regions(frame: Frame, detectors: Sequence[PrivacyDetector]) -> list[Region]:
    """Return everything that any of the detectors finds private in a picture.

    What one finds never takes back what another one found.
    """
    return [
        region
        for detector in detectors
        for region in private_regions(detector.detect(frame), frame.image.shape)
    ]
