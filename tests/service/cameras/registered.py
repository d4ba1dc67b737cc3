"""Registered cameras for tests: records without a service around them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from service.camera_records import CameraRecord, Schedule

ROOT = Path(__file__).resolve().parents[3]
GATE = ROOT / "datasets" / "fixed-view"
FILE = (GATE / "camera.toml").read_text("utf-8")
CAMERA_ID = "cam0123456789ab"
ADDRESS = "rtsp://warden:geheim@127.0.0.1:9/gate?user=a&password=geheim2"
SCHEDULE = Schedule(60, 15, 7, 22, (1, 2, 3, 4, 5, 6, 7))
ALWAYS = Schedule(1440, 1440, 0, 24, (1, 2, 3, 4, 5, 6, 7))

CAMERA = CameraRecord(
    id=CAMERA_ID,
    version=1,
    name="许由路卡口",
    district=None,
    kind="rtsp",
    address=ADDRESS,
    is_sealed=False,
    shown="rtsp://127.0.0.1:9/...",
    file=FILE,
    schedule=SCHEDULE,
    interval_s=5.0,
    enabled=True,
    by=None,
    known_s=1000.0,
)


def camera(**changes: Any) -> CameraRecord:
    """Return the camera with changes."""
    return replace(CAMERA, **changes)
