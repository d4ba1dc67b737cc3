"""The nouns of seeing: what a camera and a receiver give, and what is made of it.

Imports numpy and nothing else. Angles are degrees; headings and bearings run clockwise
from true north. Lon/lat are WGS-84 degrees (CGCS2000 agrees to centimetres).

Clocks, never mixed:
    `pts_s`    seconds of one file's own container clock (its first frame may not be 0).
    `drive_s`  seconds since the start of the drive, one clock over all its files.
    `epoch_s`  Unix seconds, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NewType

import numpy as np
import numpy.typing as npt

from vision.errors import CameraError, InputError

FloatArray = npt.NDArray[np.float64]
Image = npt.NDArray[np.uint8]
MaskedImage = NewType("MaskedImage", npt.NDArray[np.uint8])
"""A picture without readable faces and plates; only these are stored or shown."""

ZONES = (
    "carriageway",
    "kerb_strip",
    "pavement",
    "wall_base",
    "tree_pit",
    "corner",
    "cover",
)
"""Zones of 六净, as ids. Where a thing lies decides which element it dirties."""

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera and how it sits on the vehicle.

    Vehicle frame: x forward along the heading, y to the right, z up, origin on the
    ground below the camera.

    Attributes:
        width_px: image width the intrinsics hold for.
        height_px: image height the intrinsics hold for.
        fx_px: focal length along x.
        fy_px: focal length along y.
        cx_px: principal point, x.
        cy_px: principal point, y.
        distortion: OpenCV coefficients k1, k2, p1, p2[, k3]; empty for none.
        height_m: lens above the road, > 0.
        pitch_deg: up is positive, so a camera that looks down has a negative pitch.
        yaw_deg: right is positive; 0 looks along the heading.
        roll_deg: clockwise as seen from behind the camera is positive.
        lane_offset_m: camera's place right of the road's centre line in the driving
            direction; negative is left. None if unknown.
        origin: where the numbers come from: "file", "assumed", "self-calibrated".

    Raises:
        CameraError: a size, focal length or height that no camera has.
    """

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    height_m: float
    pitch_deg: float
    distortion: tuple[float, ...] = ()
    yaw_deg: float = 0.0
    roll_deg: float = 0.0
    lane_offset_m: float | None = None
    origin: str = "file"

    def __post_init__(self) -> None:
        """Refuse numbers that no camera has."""
        for name, low, high in (
            ("width_px", 16, 20000),
            ("height_px", 16, 20000),
            ("fx_px", 10, 100000),
            ("fy_px", 10, 100000),
            ("height_m", 0.2, 30),
            ("pitch_deg", -90, 45),
            ("yaw_deg", -180, 180),
            ("roll_deg", -45, 45),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                msg = f"camera {name} must be in [{low}, {high}], got {value}"
                raise CameraError(msg)


@dataclass(frozen=True, slots=True)
class GnssFix:
    """One position as received.

    Attributes:
        epoch_s: Unix seconds UTC; None when the source has no absolute clock.
        lon: degrees east, WGS-84.
        lat: degrees north, WGS-84.
        alt_m: metres above mean sea level.
        speed_mps: ground speed.
        course_deg: direction of travel, clockwise from north.
        hdop: horizontal dilution of precision.
        drive_s: seconds on the footage's own clock, where the telemetry is a stream of
            the footage itself (GPMF, Novatek) or belongs to one photo; else None.
    """

    epoch_s: float | None
    lon: float
    lat: float
    alt_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    hdop: float | None = None
    drive_s: float | None = None


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the vehicle was, cleaned and on the drive clock.

    Attributes:
        drive_s: seconds since the start of the drive.
        lon: degrees east of the camera's ground point.
        lat: degrees north of the camera's ground point.
        heading_deg: direction the vehicle points, clockwise from north.
        speed_mps: ground speed.
        sigma_m: 1-sigma of the horizontal position, per axis.
    """

    drive_s: float
    lon: float
    lat: float
    heading_deg: float
    speed_mps: float
    sigma_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture.

    Attributes:
        index: 0-based position among the sampled frames of the drive.
        pts_s: presentation time in its own file, from the container.
        drive_s: the same instant on the drive clock.
        image: uint8 `(H, W, 3)`, BGR, upright.
        source: name of the file it came from.
    """

    index: int
    pts_s: float
    drive_s: float
    image: Image
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Everything the detector saw in one frame, one row per box.

    Attributes:
        frame_index: `Frame.index` of the picture.
        xyxy: float32 `(N, 4)`, pixels of the decoded frame, `x1 < x2`, `y1 < y2`,
            origin at the top-left corner.
        confidence: float32 `(N,)`, model score in `[0, 1]`; not a calibrated
            probability.
        class_id: int32 `(N,)`, row of `names`.
        names: category ids of the label map, e.g. `("litter", ...)`.
        model_id: e.g. `"street@1"`.

    Raises:
        InputError: the arrays disagree on N, or a box has no area.
    """

    frame_index: int
    xyxy: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]
    class_id: npt.NDArray[np.int32]
    names: tuple[str, ...]
    model_id: str

    def __post_init__(self) -> None:
        """Check the columns against each other."""
        n = len(self.xyxy)
        shapes = (self.xyxy.shape, self.confidence.shape, self.class_id.shape)
        if shapes != ((n, 4), (n,), (n,)):
            msg = f"expected shapes (N, 4), (N,), (N,), got {shapes}"
            raise InputError(msg)
        if not np.all(self.xyxy[:, :2] < self.xyxy[:, 2:]):
            msg = "every box needs x1 < x2 and y1 < y2"
            raise InputError(msg)

    def __len__(self) -> int:
        """Return the number of boxes."""
        return len(self.xyxy)

    def category(self, row: int) -> str:
        """Return the category id of one row."""
        return self.names[int(self.class_id[row])]

    def select(self, keep: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Detections:
        """Return the rows that `keep` (mask or indices) names, in that order."""
        return Detections(
            frame_index=self.frame_index,
            xyxy=self.xyxy[keep],
            confidence=self.confidence[keep],
            class_id=self.class_id[keep],
            names=self.names,
            model_id=self.model_id,
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """One masked picture of one sighting.

    Attributes:
        image: name of the masked frame in the evidence folder, e.g.
            `"evidence/000012.jpg"`.
        crop: name of the masked crop around the box.
        xyxy: the box in pixels of `image`.
        source: footage file the frame came from.
        pts_s: its time in that file.
        drive_s: its time on the drive clock.
    """

    image: str
    crop: str
    xyxy: tuple[float, float, float, float]
    source: str
    pts_s: float
    drive_s: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """One object in one pass, however many frames saw it.

    Attributes:
        id: unique in the drive.
        category: taxonomy id.
        probability: calibrated chance in `[0, 1]` that the object is there and is what
            `category` says.
        lon: degrees east of the object's foot point.
        lat: degrees north of the object's foot point.
        sigma_m: 1-sigma of the horizontal position, per axis.
        lateral_m: distance right of the driven path where the path passes the object;
            negative is left.
        lateral_sigma_m: 1-sigma of `lateral_m` (does not include the receiver's error).
        heading_deg: the path's direction where it passes the object.
        first_drive_s: first frame that saw it.
        last_drive_s: last frame that saw it.
        frames: number of frames that saw it.
        width_m: apparent width on the ground plane; None if not measurable.
        stationary_probability: chance that it stands still; None if not judged (things
            that cannot move).
        zone_belief: zone id -> probability, from a layout reader; None when only
            geometry is known.
        evidence: masked pictures, best first.
        model_id: detector that saw it.
        surface_belief: surface -> probability for a vehicle (`lane`, `kerb_lane`,
            `crossing`, `pavement`, `tactile_paving`), from a layout reader; None when
            not known.
        appearance: how it looks in its best picture, 12 shares in `[0, 1]`
            (`vision/appearance.py`); None where it is too small to say.
    """

    id: str
    category: str
    probability: float
    lon: float
    lat: float
    sigma_m: float
    lateral_m: float
    lateral_sigma_m: float
    heading_deg: float
    first_drive_s: float
    last_drive_s: float
    frames: int
    width_m: float | None
    stationary_probability: float | None
    zone_belief: Mapping[str, float] | None
    evidence: tuple[Evidence, ...]
    model_id: str
    surface_belief: Mapping[str, float] | None = None
    appearance: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Standpoint:
    """Where a camera stood over the ground that it looked at.

    Attributes:
        lon: degrees east of the camera's ground point.
        lat: degrees north of it.
        shape_m: float64 `(M, 2)` ring of the ground, metres forward and right of it;
            the same array for all pictures of one size.
    """

    lon: float
    lat: float
    shape_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What ground one sampled frame looked at.

    Attributes:
        drive_s: time of the frame.
        usable: False when the quality gate dropped it.
        reason: why it was dropped (`dark`, `blurred`, `glare`, `covered`); None if
            usable.
        footprint: float64 `(M, 2)` lon/lat ring of the ground in which a find could
            have been made, counter-clockwise or clockwise, not closed.
        heading_deg: direction of travel.
        stood: what the footprint was made of with the heading, for those who write it
            down in little room; None where it was moved since.
    """

    drive_s: float
    usable: bool
    reason: str | None
    footprint: FloatArray
    heading_deg: float
    stood: Standpoint | None = None


@dataclass(frozen=True, slots=True, eq=False)
class MotionSignal:
    """How much the picture changes over time, without knowing why.

    Attributes:
        drive_s: float64 `(N,)`, ascending, on the drive clock.
        activity: float64 `(N,)`, >= 0, unitless; grows with the vehicle's speed.
    """

    drive_s: FloatArray
    activity: FloatArray


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How the footage clock was tied to UTC.

    Attributes:
        epoch_at_zero_s: Unix seconds UTC at `drive_s == 0`; None where the telemetry
            runs on the footage's own clock and has no absolute time.
        method: `embedded`, `creation_time`, `photo_time`, the latter two also with
            `_local` where the wall clock was local time; `motion`, `given`,
            `assumed_start`.
        residual_s: 1-sigma of what is left after alignment, seconds; None if it could
            not be measured.
    """

    epoch_at_zero_s: float | None
    method: str
    residual_s: float | None
