"""Cameras that stand: their ground, their zones, and how long things stay."""

from vision.fixed.camera_file import (
    FixedCamera,
    FixedZone,
    load_fixed_camera,
    parse_fixed_camera,
)
from vision.fixed.dwell import Dwell, DwellOptions, DwellWatch, Stretch
from vision.fixed.homography import GroundView, fit_ground

__all__ = [
    "Dwell",
    "DwellOptions",
    "DwellWatch",
    "FixedCamera",
    "FixedZone",
    "GroundView",
    "Stretch",
    "fit_ground",
    "load_fixed_camera",
    "parse_fixed_camera",
]
