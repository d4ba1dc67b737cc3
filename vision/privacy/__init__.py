"""Faces and plates masked before anything is stored or shown."""

from vision.privacy.base import PrivacyDetector, Progress
from vision.privacy.file import mask_file
from vision.privacy.mask import mask_regions
from vision.privacy.output import Masked
from vision.privacy.people import head_regions
from vision.privacy.photo import is_photo, mask_photo
from vision.privacy.regions import PrivacyRule, Region, private_regions
from vision.privacy.sight import find_regions
from vision.privacy.video import mask_video

__all__ = [
    "Masked",
    "PrivacyDetector",
    "PrivacyRule",
    "Progress",
    "Region",
    "find_regions",
    "head_regions",
    "is_photo",
    "mask_file",
    "mask_photo",
    "mask_regions",
    "mask_video",
    "private_regions",
]
