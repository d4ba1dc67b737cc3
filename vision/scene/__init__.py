"""The street's layout: which zone a place belongs to, which ground a picture shows."""

from vision.scene.base import StreetShape, ZoneReader
from vision.scene.fake import FixedZones
from vision.scene.footprint import footprint, observable_range_m
from vision.scene.geometry import GeometryZones, StreetDefaults
from vision.scene.layout import Layout, LayoutReader
from vision.scene.network import OnnxLayout, load_layout
from vision.scene.paint import paint_layout
from vision.scene.street_zones import SeenZones
from vision.scene.watch import StreetWatch

__all__ = [
    "FixedZones",
    "GeometryZones",
    "Layout",
    "LayoutReader",
    "OnnxLayout",
    "SeenZones",
    "StreetDefaults",
    "StreetShape",
    "StreetWatch",
    "ZoneReader",
    "footprint",
    "load_layout",
    "observable_range_m",
    "paint_layout",
]
