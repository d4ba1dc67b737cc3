"""The sample drive's files that need no Blender: tracks, roads, camera."""

from __future__ import annotations

import json
from pathlib import Path

from training.synth import receivers, roads
from training.synth.drive_setup import CAMERA_TOML, DURATION_S, GEO, PATH, START_UTC

_LEAD_S = 2.0
_SEEDS = {"good": 71, "cheap": 72}


def _xy(time_s: float) -> tuple[float, float]:
    point = PATH.at(time_s)
    return point.x_m, point.y_m


def observed(receiver: receivers.Receiver, seed: int) -> list[receivers.Fix]:
    """Return one receiver's fixes along the drive, two seconds more at either end."""
    return receivers.observe(
        receiver, _xy, span_s=(-_LEAD_S, DURATION_S + _LEAD_S), seed=seed
    )


def write_tracks(out: Path) -> list[Path]:
    """Write both GPX files, the road file and the camera file; return their paths."""
    (out / "cheap").mkdir(parents=True, exist_ok=True)
    good = receivers.gpx(
        "sample drive, good receiver",
        observed(receivers.GOOD, _SEEDS["good"]),
        lonlat=GEO.lonlat,
        start_utc=START_UTC,
        hdop=0.7,
    )
    cheap = receivers.gpx(
        "sample drive, cheap receiver",
        observed(receivers.CHEAP, _SEEDS["cheap"]),
        lonlat=GEO.lonlat,
        start_utc=START_UTC,
        hdop=2.8,
    )
    road_file = json.dumps(roads.geojson(GEO), ensure_ascii=False, indent=1)
    texts = {
        "track.gpx": good,
        "cheap/track-cheap.gpx": cheap,
        "roads.geojson": road_file + "\n",
        "camera.toml": CAMERA_TOML,
    }
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    return [out / name for name in texts]
