"""The street's layout: which zone a place belongs to, which ground a picture shows."""

from vision.scene.base import StreetShape, ZoneReader
from vision.scene.fake import FixedZones
from vision.scene.footprint import footprint, observable_range_m
from vision.scene.geometry import GeometryZones, StreetDefaults

__all__ = [
    "FixedZones",
    "GeometryZones",
    "StreetDefaults",
    "StreetShape",
    "ZoneReader",
    "footprint",
    "observable_range_m",
]
