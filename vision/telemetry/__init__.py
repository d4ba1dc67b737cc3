"""GPS of every kind -> fixes -> a cleaned track on the footage's clock."""

from vision.telemetry.align import align_clock
from vision.telemetry.base import Telemetry, TelemetryReader
from vision.telemetry.build import build_track
from vision.telemetry.clean import CleanedFixes, clean_fixes
from vision.telemetry.datum import convert_datum
from vision.telemetry.find import FoundTelemetry, find_telemetry, tie_to_pictures
from vision.telemetry.readers import READERS, read_telemetry
from vision.telemetry.track import Track
from vision.telemetry.write import write_csv, write_geojson, write_gpx

__all__ = [
    "READERS",
    "CleanedFixes",
    "FoundTelemetry",
    "Telemetry",
    "TelemetryReader",
    "Track",
    "align_clock",
    "build_track",
    "clean_fixes",
    "convert_datum",
    "find_telemetry",
    "read_telemetry",
    "tie_to_pictures",
    "write_csv",
    "write_geojson",
    "write_gpx",
]
