"""Detections, poses and a camera -> one sighting per object, placed on the earth."""

from vision.locate.belief import Belief
from vision.locate.kinds import KINDS, Kind, kind_of
from vision.locate.locator import Locator
from vision.locate.options import LocateOptions
from vision.locate.steer import Steerer
from vision.locate.track import EvidenceFactory, Shown

__all__ = [
    "KINDS",
    "Belief",
    "EvidenceFactory",
    "Kind",
    "LocateOptions",
    "Locator",
    "Shown",
    "Steerer",
    "kind_of",
]
