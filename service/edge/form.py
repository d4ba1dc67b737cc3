"""The wire form of an inspection: what `inspection.json` and `package.json` may hold.

Numbers keep every digit, so what is read is what was written. A value that no drive
has (NaN, a place off the earth, a probability of 2) is refused here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FORM: Literal["liujing-edge@1"] = "liujing-edge@1"
MOST_SIGHTINGS = 50_000
MOST_PICTURES = 20_000
MOST_FRAMES = 500_000
MOST_METRES = 2_000_000

Number = Annotated[float, Field(ge=-1e9, le=1e9)]
Seconds = Annotated[float, Field(ge=-1e6, le=1e6)]
Length = Annotated[float, Field(ge=0, le=1e6)]
Degrees = Annotated[float, Field(ge=-720, le=720)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Share = Annotated[float, Field(ge=0, le=1 + 1e-9)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
ModelName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]*@[0-9]+([.][0-9]+)*$")]
Text = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[
    str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Zone = Literal[
    "carriageway",
    "kerb_strip",
    "pavement",
    "wall_base",
    "tree_pit",
    "corner",
    "cover",
]
Surface = Literal["lane", "kerb_lane", "crossing", "pavement", "tactile_paving"]
Reason = Literal["dark", "blurred", "glare", "covered"]
Picture = Annotated[str, Field(pattern=r"^evidence/[0-9-]{1,60}\.jpg$")]


class Form(BaseModel):
    """One object; a name that nobody reads is a mistake."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )


class AnyForm(BaseModel):
    """As much of `package.json` as every version of the form has."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    form: str


class NetworkForm(Form):
    """A network that looked."""

    id: ModelName
    sha256: Sha256


class MemberForm(Form):
    """One file of a package."""

    sha256: Sha256
    bytes: Annotated[int, Field(ge=0, le=1 << 31)]


class PackageForm(Form):
    """`package.json`: who made it, with which networks, of what.

    `drive` is the name under which the vehicle announces the drive's footage: packages
    and footage of one name are one outing. Null for a drive of its own.
    """

    form: Literal["liujing-edge@1"]
    liujing: Annotated[str, Field(min_length=1, max_length=40)]
    model: NetworkForm
    layout: NetworkForm | None
    drive: Annotated[str, Field(pattern="^[A-Za-z0-9._-]{1,80}$")] | None = None
    members: Annotated[dict[str, MemberForm], Field(max_length=MOST_PICTURES + 1)]


class FootageForm(Form):
    """One source of footage."""

    name: Name
    kind: Literal["video", "photos"]
    codec: Annotated[str, Field(max_length=40)]
    width_px: Annotated[int, Field(ge=1, le=20_000)]
    height_px: Annotated[int, Field(ge=1, le=20_000)]
    start_drive_s: Seconds
    duration_s: Annotated[float, Field(ge=0, le=1e6)]


class TrackForm(Form):
    """The driven path; columns of one length, `standing` one shorter."""

    origin_lon: Lon
    origin_lat: Lat
    t_s: Annotated[list[Seconds], Field(min_length=1, max_length=MOST_FRAMES)]
    x_m: list[Number]
    y_m: list[Number]
    east_mps: list[Annotated[float, Field(ge=-200, le=200)]]
    north_mps: list[Annotated[float, Field(ge=-200, le=200)]]
    heading_deg: list[Degrees]
    variance_m2: list[Annotated[float, Field(ge=0, le=1e12)]]
    velocity_variance: list[Annotated[float, Field(ge=0, le=1e12)]]
    acceleration_psd: Annotated[float, Field(ge=0, le=1e6)]
    standing: list[bool]
    gaps_s: list[tuple[Seconds, Seconds]]
    look_offset_deg: Degrees | None
    travelled_at_s: Annotated[list[Seconds], Field(min_length=1)]
    travelled_m: list[Number]


class ClockForm(Form):
    """How the footage was tied to UTC."""

    epoch_at_zero_s: Annotated[float, Field(ge=0, le=4.2e9)] | None
    method: Annotated[str, Field(pattern="^[a-z_]{1,40}$")]
    residual_s: Annotated[float, Field(ge=0, le=1e9)] | None


class CameraForm(Form):
    """Camera and mount; as `camera.toml`."""

    width_px: int
    height_px: int
    fx_px: Number
    fy_px: Number
    cx_px: Number
    cy_px: Number
    height_m: Number
    pitch_deg: Number
    distortion: Annotated[tuple[Number, ...], Field(max_length=14)]
    yaw_deg: Number
    roll_deg: Number
    lane_offset_m: Annotated[float, Field(ge=-50, le=50)] | None
    origin: Literal["file", "assumed", "self-calibrated"]


class FailureForm(Form):
    """An item that failed aboard."""

    item: Name
    code: Annotated[str, Field(pattern="^[a-z_]{1,40}$")]
    message: Text


class OutingForm(Form):
    """A drive beside its pictures."""

    footage: Annotated[list[FootageForm], Field(min_length=1, max_length=5000)]
    files: Annotated[dict[Name, Sha256], Field(min_length=1, max_length=50_000)]
    track: TrackForm
    path_s: tuple[Seconds, Seconds]
    clock: ClockForm
    clock_offset_s: Number | None = None
    telemetry_format: Annotated[str, Field(max_length=40)]
    telemetry_source: Text
    datum: Literal["wgs84", "gcj02"]
    dropped_fixes: dict[Annotated[str, Field(max_length=40)], Count]
    camera: CameraForm
    device: Literal["cpu", "cuda"]
    spacing_m: Annotated[float, Field(gt=0, le=100)]
    wall_m: Annotated[float, Field(gt=0, le=200)]
    failures: Annotated[list[FailureForm], Field(max_length=5000)]


class EvidenceForm(Form):
    """One masked picture of one sighting."""

    image: Picture
    crop: Picture
    xyxy: tuple[Number, Number, Number, Number]
    source: Name
    pts_s: Annotated[float, Field(ge=-1e9, le=1e9)]
    drive_s: Seconds


class SightingForm(Form):
    """One object in one pass."""

    id: Annotated[str, Field(pattern="^s[0-9]{1,9}$")]
    category: Annotated[str, Field(max_length=40)]
    probability: Share
    lon: Lon
    lat: Lat
    sigma_m: Length
    lateral_m: Number
    lateral_sigma_m: Length
    heading_deg: Degrees
    first_drive_s: Seconds
    last_drive_s: Seconds
    frames: Count
    width_m: Length | None
    stationary_probability: Share | None
    zone_belief: dict[Zone, Share] | None
    surface_belief: dict[Surface, Share] | None
    appearance: Annotated[tuple[Share, ...], Field(min_length=12, max_length=12)] | None
    evidence: Annotated[list[EvidenceForm], Field(max_length=3)]


class ObservedForm(Form):
    """What ground one frame looked at."""

    drive_s: Seconds
    lon: Lon
    lat: Lat
    heading_deg: Degrees
    shape: Annotated[int, Field(ge=0)]
    reason: Reason | None


class MetreForm(Form):
    """What of the zones beside one metre of the path was seen."""

    lon: Lon
    lat: Lat
    heading_deg: Degrees
    seen: dict[Literal["left", "right"], list[Zone]]
    there: dict[Literal["left", "right"], list[Zone]]


class SeenForm(Form):
    """What one pass saw."""

    sightings: Annotated[list[SightingForm], Field(max_length=MOST_SIGHTINGS)]
    shapes_m: Annotated[
        list[Annotated[list[tuple[Number, Number]], Field(max_length=2000)]],
        Field(max_length=1000),
    ]
    observed: Annotated[list[ObservedForm], Field(max_length=MOST_FRAMES)]
    street: Annotated[list[MetreForm], Field(max_length=MOST_METRES)]
    dropped: dict[Reason, Count]
    frames: Count
    detections: dict[Annotated[str, Field(max_length=40)], Count]
    failures: Annotated[list[FailureForm], Field(max_length=5000)]


class InspectionForm(Form):
    """`inspection.json`."""

    outing: OutingForm
    seen: SeenForm
