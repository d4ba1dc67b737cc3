"""check(): all that can be wrong with an input, said before a frame is decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from service.audit.outing import (
    Outing,
    driven_lonlat,
    driven_m,
    filmed_path_s,
    footage_duration_s,
    footage_hashes,
)
from service.audit.walls import usual_wall_m
from service.city import ContextKind, near_drive, with_files
from service.device_clock import DeviceClock, Footage, tie_clock
from service.roads import RoadNetwork, check_near, lay_segments, load_roads
from service.scoring import Area, Calendar, Standard, load_standard
from vision.camera import assume_camera, load_camera
from vision.catalogue import load_card, load_layout_card
from vision.detect import load_detector
from vision.errors import (
    CameraError,
    NotFoundError,
    OutputError,
    TelemetryError,
)
from vision.footage import (
    FootageSource,
    PhotoSource,
    VideoSource,
    activity,
    open_footage,
)
from vision.geo import LocalFrame, heading_vectors
from vision.inspect import Eyes, InspectOptions
from vision.locate import LocateOptions
from vision.scene import LayoutReader, load_layout
from vision.taxonomy import Taxonomy, load_taxonomy
from vision.telemetry import (
    CleanedFixes,
    FoundTelemetry,
    Track,
    build_track,
    clean_fixes,
    convert_datum,
    find_telemetry,
    tie_to_pictures,
)
from vision.types import Camera, MotionSignal

DEFAULT_LAYOUT = "layout@1"
"""Its absence is stated in the report; that of another is an error."""
ROADS_BESIDE = "roads.geojson"
CAMERA_BESIDE = "camera.toml"
STANDING_M = 5.0
"""A track shorter than this stood still."""
LOOK_AHEAD_M = 30.0
SHAPE_TOLERANCE = 0.02
LEAST_PROBABILITY = 0.3
"""Less likely sightings are no finds. Not higher: a find counts by its probability, so
leaving out the doubtful ones would make every street look cleaner than it is."""


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What a user asks for.

    Attributes:
        footage: video files, photos, or folders of either; one drive together.
        out: folder of the report.
        track: telemetry file; None looks inside and beside the footage.
        roads: road file; None takes `roads.geojson` in the footage's folder, else lays
            segments along the driven path.
        camera: camera file; None takes `camera.toml` in the footage's folder, else
            states assumptions.
        standard: `name@version`.
        model: `name@version`.
        layout: `name@version` of the network that reads the street's layout; None
            leaves zones to geometry.
        models: folder of model cards; None finds the installed ones.
        confidence: class -> where a box counts instead of the card's own point.
        device: `auto`, `cpu` or `cuda`.
        datum: of the telemetry, `wgs84` or `gcj02`.
        clock_offset_s: seconds to add to the footage's wall clock; None estimates.
        device_clock: as the service measured it; None where the footage is of no
            device. Counts where the track has no better clock.
        inspect: sampling and evidence options.
        areas: of the layers of context that the city keeps.
        calendar: the city's clock and abnormal days.
        layers: more of them, kind and file each.
    """

    footage: tuple[Path, ...]
    out: Path
    track: Path | None = None
    roads: Path | None = None
    camera: Path | None = None
    standard: str = "xuchang@1"
    model: str = "street@2"
    layout: str | None = DEFAULT_LAYOUT
    models: Path | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)
    device: str = "auto"
    datum: str = "wgs84"
    clock_offset_s: float | None = None
    device_clock: DeviceClock | None = None
    inspect: InspectOptions = field(default_factory=InspectOptions)
    areas: tuple[Area, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    layers: tuple[tuple[ContextKind, Path], ...] = ()


@dataclass(frozen=True, slots=True)
class CityGiven:
    """What a city gives to the drives in it.

    Attributes:
        standard: `name@version`.
        roads: road file; None lays segments along the driven path.
        areas: of the layers of context that the city keeps.
        calendar: the city's clock and abnormal days.
        layers: more of them, kind and file each.
    """

    standard: str
    roads: Path | None = None
    areas: tuple[Area, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    layers: tuple[tuple[ContextKind, Path], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A drive and the city it was driven in, found usable.

    Attributes:
        outing: the drive, without its pictures.
        areas: of the layers of context, those near the drive.
        calendar: the city's clock and abnormal days.
        assumptions: what was assumed because it was not given: `roads`, `camera`,
            `layout`.
    """

    outing: Outing
    network: RoadNetwork
    standard: Standard
    taxonomy: Taxonomy
    areas: tuple[Area, ...]
    calendar: Calendar
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A drive that can be looked at.

    Attributes:
        sources: the footage, in driving order.
        eyes: what looks.
        checked: what is known beside the pictures.
    """

    request: AuditRequest
    sources: tuple[FootageSource, ...]
    eyes: Eyes
    checked: Checked


@dataclass(frozen=True, slots=True, eq=False)
class _City:
    """What a city gives to one drive."""

    standard: Standard
    network: RoadNetwork
    roads_assumed: bool
    areas: tuple[Area, ...]
    calendar: Calendar


def check(request: AuditRequest) -> Opened:
    """Open everything a drive needs.

    Raises:
        AuditError: the first thing that makes the whole drive unusable.
    """
    _refuse_out_over_footage(request)
    standard = load_standard(request.standard)
    card = load_card(request.model, request.models).counting_at(request.confidence)
    opened = open_footage(request.footage)
    footage = tuple(source.info for source in opened.sources)
    found = _telemetry(request, opened.sources)
    cleaned = clean_fixes(convert_datum(found.telemetry.fixes, datum=request.datum))
    _refuse_no_fixes(found, cleaned)
    duration_s = footage_duration_s(footage)
    device_clock = request.device_clock
    clock = tie_clock(
        cleaned.fixes,
        Footage(
            duration_s,
            footage[0].epoch_at_start_s,
            _motion(opened.sources),
            photos=footage[0].kind == "photos",
        ),
        given_offset_s=request.clock_offset_s,
        device=device_clock,
    )
    track = build_track(cleaned.fixes, clock, duration_s=duration_s)
    camera = _camera(request, opened.sources)
    path_s = filmed_path_s(track, duration_s)
    lonlat = _looked_along(track, path_s)
    city = _city(_given(request), lonlat, standard)
    wall_m = usual_wall_m(city.network, lonlat) or LocateOptions().wall_lateral_m
    eyes = Eyes(
        detector=load_detector(card, device=request.device),
        card=card,
        taxonomy=load_taxonomy(),
        camera=camera,
        locate=LocateOptions(min_probability=LEAST_PROBABILITY, wall_lateral_m=wall_m),
        layout=_layout(request),
    )
    outing = Outing(
        footage=footage,
        hashes=partial(footage_hashes, opened.sources),
        track=track,
        path_s=path_s,
        clock=clock,
        telemetry_format=found.telemetry.format,
        telemetry_source=found.telemetry.source,
        datum=request.datum,
        dropped_fixes=cleaned.dropped,
        camera=camera,
        card=card,
        layout_id=None if eyes.layout is None else eyes.layout.model_id,
        device=eyes.detector.device,
        spacing_m=request.inspect.spacing_m,
        wall_m=wall_m,
        failures=opened.failures,
        clock_offset_s=None if device_clock is None else device_clock.offset_s,
    )
    return Opened(request, opened.sources, eyes, _checked(outing, city))


def in_city(outing: Outing, given: CityGiven) -> Checked:
    """Put a drive that was inspected elsewhere into a city.

    Raises:
        AuditError: the road file, the standard or a layer cannot be used, or the road
            file is of another place.
    """
    lonlat = _looked_along(outing.track, outing.path_s)
    standard = load_standard(given.standard)
    return _checked(outing, _city(given, lonlat, standard))


def _given(request: AuditRequest) -> CityGiven:
    beside = _folder(request) / ROADS_BESIDE
    return CityGiven(
        standard=request.standard,
        roads=request.roads or (beside if beside.is_file() else None),
        areas=request.areas,
        calendar=request.calendar,
        layers=request.layers,
    )


def _city(
    given: CityGiven, lonlat: list[tuple[float, float]], standard: Standard
) -> _City:
    network, assumed = _network(given.roads, lonlat)
    areas, calendar = with_files(
        given.areas, given.calendar, given.layers, network.segments
    )
    near = near_drive(areas, lonlat, standard)
    return _City(standard, network, assumed, near, calendar)


def _checked(outing: Outing, city: _City) -> Checked:
    assumed = {
        "roads": city.roads_assumed,
        "camera": outing.camera.origin == "assumed",
        "layout": outing.layout_id is None,
    }
    return Checked(
        outing=outing,
        network=city.network,
        standard=city.standard,
        taxonomy=load_taxonomy(),
        areas=city.areas,
        calendar=city.calendar,
        assumptions=tuple(name for name, is_so in assumed.items() if is_so),
    )


def _layout(request: AuditRequest) -> LayoutReader | None:
    """Return the reader of layouts, or None where that model is not installed."""
    if request.layout is None:
        return None
    try:
        card = load_layout_card(request.layout, request.models)
    except NotFoundError:
        if request.layout != DEFAULT_LAYOUT:
            raise
        return None
    return load_layout(card, device=request.device)


def _telemetry(
    request: AuditRequest, sources: tuple[FootageSource, ...]
) -> FoundTelemetry:
    """Find the fixes; those of photos are tied to their own photo."""
    videos = [source for source in sources if isinstance(source, VideoSource)]
    found = find_telemetry(
        [video.path for video in videos] or request.footage,
        track=request.track,
        start_drive_s=[video.info.start_drive_s for video in videos] or None,
    )
    times = {
        photo.path.name: photo.drive_s
        for source in sources
        if isinstance(source, PhotoSource)
        for photo in source.photos
    }
    return tie_to_pictures(found, times)


def _motion(
    sources: tuple[FootageSource, ...],
) -> MotionSignal | None:
    """Measure motion on a lone video: enough to check the clock, and cheap."""
    first = sources[0]
    if len(sources) != 1 or not isinstance(first, VideoSource):
        return None
    return activity(first.path, first.info.start_drive_s)


def _folder(request: AuditRequest) -> Path:
    first = request.footage[0]
    return first if first.is_dir() else first.parent


def _refuse_no_fixes(found: FoundTelemetry, cleaned: CleanedFixes) -> None:
    """Say why none of the fixes can be used."""
    if cleaned.fixes:
        return
    why = ", ".join(f"{name} {count}" for name, count in cleaned.dropped.items())
    msg = (
        f"none of the {len(found.telemetry.fixes)} fixes of {found.telemetry.source} "
        f"can be used ({why or 'none given'}); give another track with --track FILE"
    )
    raise TelemetryError(msg)


def _refuse_out_over_footage(request: AuditRequest) -> None:
    """Keep the evidence folder, which is tidied, away from the user's own files."""
    out = request.out.resolve()
    for path in request.footage:
        if out == path.resolve() or out in path.resolve().parents:
            msg = f"--out {request.out} holds the footage {path}; give another folder"
            raise OutputError(msg)


def _camera(request: AuditRequest, sources: tuple[FootageSource, ...]) -> Camera:
    beside = _folder(request) / CAMERA_BESIDE
    path = request.camera or (beside if beside.is_file() else None)
    first = sources[0].info
    if path is None:
        return assume_camera(first.width_px, first.height_px)
    camera = load_camera(path)
    for source in sources:
        _refuse_other_shape(path, camera, source)
    return camera


def _refuse_other_shape(path: Path, camera: Camera, source: FootageSource) -> None:
    """A camera file may be scaled to other sizes, not to another shape of picture."""
    info = source.info
    given, seen = camera.width_px / camera.height_px, info.width_px / info.height_px
    if abs(given / seen - 1) > SHAPE_TOLERANCE:
        msg = (
            f"camera file {path} is for {camera.width_px}x{camera.height_px} pictures, "
            f"but {info.name} has {info.width_px}x{info.height_px}; give its own file"
        )
        raise CameraError(msg)


def _network(
    roads: Path | None, lonlat: list[tuple[float, float]]
) -> tuple[RoadNetwork, bool]:
    if roads is None:
        return lay_segments(lonlat), True
    if not roads.is_file():
        msg = f"road file {roads} does not exist; check the path given to --roads"
        raise NotFoundError(msg)
    network = load_roads(roads)
    check_near(network, lonlat)
    return network, False


def _looked_along(
    track: Track, path_s: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return the driven path, or what lies before a camera that stood still."""
    if driven_m(track, path_s) >= STANDING_M:
        return driven_lonlat(track, path_s)
    pose = track.pose_at(path_s[0])
    forward, _ = heading_vectors(pose.heading_deg)
    ahead = LocalFrame(pose.lon, pose.lat).to_lonlat(forward * LOOK_AHEAD_M)
    return [(pose.lon, pose.lat), (float(ahead[0]), float(ahead[1]))]
