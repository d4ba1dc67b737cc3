"""The sample drive's constants: clock, place on the earth, camera."""

from __future__ import annotations

from datetime import UTC, datetime

from training.synth.camera import Lens, Pose
from training.synth.camera_path import LANE_OFFSET_M, CameraPath
from training.synth.geodesy import GeoFrame

FRAME_RATE_HZ = 10
FRAME_COUNT = 310
DURATION_S = FRAME_COUNT / FRAME_RATE_HZ
START_UTC = datetime(2026, 9, 15, 2, 10, 0, tzinfo=UTC)
GEO = GeoFrame(113.852, 34.036, 12.0)
LENS = Lens(1280, 720, 914.0)
CAMERA_HEIGHT_M = 2.0
PITCH_DEG = -7.0

PATH = CameraPath(DURATION_S)

CAMERA_TOML = f"""# Camera of the sample drive: rendered, so these are exact.
width_px = {LENS.width_px}
height_px = {LENS.height_px}
fx_px = {LENS.fx_px}
fy_px = {LENS.fx_px}
cx_px = {LENS.width_px / 2}
cy_px = {LENS.height_px / 2}
distortion = []
height_m = {CAMERA_HEIGHT_M}
pitch_deg = {PITCH_DEG}  # negative looks down
yaw_deg = 0.0  # 0 = forward, positive = clockwise
roll_deg = 0.0
lane_offset_m = {LANE_OFFSET_M}  # right of the road's centre line
"""


def pose_at(time_s: float) -> Pose:
    """Return the camera's pose at a time since the first frame."""
    point = PATH.at(time_s)
    return Pose((point.x_m, point.y_m, CAMERA_HEIGHT_M), point.heading_deg, PITCH_DEG)
