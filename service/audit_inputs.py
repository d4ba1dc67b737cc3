"""check(): all that can be wrong with an input, said before a frame is decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from service.city import ContextKind, near_drive, with_files
from service.device_clock import DeviceClock, Footage, tie_clock
from service.roads import RoadNetwork, check_near, lay_segments, load_roads
from service.scoring import Area, Calendar, Standard, load_standard
from service.walls import usual_wall_m
from vision.camera import assume_camera, load_camera
from vision.catalogue import load_card, load_layout_card
from vision.detect import load_detector
from vision.errors import (
    CameraError,
    Failure,
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
from vision.types import Camera, ClockOffset, MotionSignal

DEFAULT_LAYOUT = "layout@1"
"""Its absence is stated in the report; that of another is an error."""
ROADS_BESIDE = "roads.geojson"
CAMERA_BESIDE = "camera.toml"
STANDING_M = 5.0
"""A track shorter than this stood still."""
LOOK_AHEAD_M = 30.0
SHAPE_TOLERANCE = 0.02
AROUND_FOOTAGE_S = 0.5
"""The path is followed so long before and after the footage. A track may be hours
longer; that was not filmed."""
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
    device: str = "auto"
    datum: str = "wgs84"
    clock_offset_s: float | None = None
    device_clock: DeviceClock | None = None
    inspect: InspectOptions = field(default_factory=InspectOptions)
    areas: tuple[Area, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    layers: tuple[tuple[ContextKind, Path], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Inputs opened and found usable.

    Attributes:
        path_s: drive seconds of the path that counts: the track while there is footage.
        dropped_fixes: reason -> fixes the cleaning threw away.
        areas: of the layers of context, those near the drive.
        calendar: the city's clock and abnormal days.
        assumptions: what was assumed because it was not given: `roads`, `camera`,
            `layout`.
        failures: items that failed while the rest goes on.
    """

    request: AuditRequest
    sources: tuple[FootageSource, ...]
    track: Track
    path_s: tuple[float, float]
    clock: ClockOffset
    telemetry_format: str
    telemetry_source: str
    dropped_fixes: Mapping[str, int]
    network: RoadNetwork
    standard: Standard
    taxonomy: Taxonomy
    eyes: Eyes
    areas: tuple[Area, ...]
    calendar: Calendar
    assumptions: tuple[str, ...]
    failures: tuple[Failure, ...]


def check(request: AuditRequest) -> Checked:
    """Open everything a drive needs.

    Raises:
        AuditError: the first thing that makes the whole drive unusable.
    """
    _refuse_out_over_footage(request)
    standard = load_standard(request.standard)
    card = load_card(request.model, request.models)
    opened = open_footage(request.footage)
    found = _telemetry(request, opened.sources)
    cleaned = clean_fixes(convert_datum(found.telemetry.fixes, datum=request.datum))
    _refuse_no_fixes(found, cleaned)
    first = opened.sources[0].info
    duration_s = footage_duration_s(opened.sources)
    clock = tie_clock(
        cleaned.fixes,
        Footage(
            duration_s,
            first.epoch_at_start_s,
            _motion(opened.sources),
            photos=first.kind == "photos",
        ),
        given_offset_s=request.clock_offset_s,
        device=request.device_clock,
    )
    track = build_track(cleaned.fixes, clock, duration_s=duration_s)
    camera, camera_assumed = _camera(request, opened.sources)
    path_s = filmed_path_s(track, duration_s)
    lonlat = _looked_along(track, path_s)
    network, roads_assumed = _network(request, lonlat)
    areas, calendar = _context(request, network, lonlat, standard)
    wall_m = usual_wall_m(network, lonlat) or LocateOptions().wall_lateral_m
    taxonomy = load_taxonomy()
    eyes = Eyes(
        detector=load_detector(card, device=request.device),
        card=card,
        taxonomy=taxonomy,
        camera=camera,
        locate=LocateOptions(min_probability=LEAST_PROBABILITY, wall_lateral_m=wall_m),
        layout=_layout(request),
    )
    given = {
        "roads": not roads_assumed,
        "camera": not camera_assumed,
        "layout": eyes.layout is not None,
    }
    assumptions = [name for name, there in given.items() if not there]
    return Checked(
        request=request,
        sources=opened.sources,
        track=track,
        path_s=path_s,
        clock=clock,
        telemetry_format=found.telemetry.format,
        telemetry_source=found.telemetry.source,
        dropped_fixes=cleaned.dropped,
        network=network,
        standard=standard,
        taxonomy=taxonomy,
        eyes=eyes,
        areas=areas,
        calendar=calendar,
        assumptions=tuple(assumptions),
        failures=opened.failures,
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


def footage_duration_s(sources: tuple[FootageSource, ...]) -> float:
    """Return the seconds from the drive's start to the end of its last source."""
    return max(s.info.start_drive_s + s.info.duration_s for s in sources)


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


def _camera(
    request: AuditRequest, sources: tuple[FootageSource, ...]
) -> tuple[Camera, bool]:
    beside = _folder(request) / CAMERA_BESIDE
    path = request.camera or (beside if beside.is_file() else None)
    first = sources[0].info
    if path is None:
        return assume_camera(first.width_px, first.height_px), True
    camera = load_camera(path)
    for source in sources:
        _refuse_other_shape(path, camera, source)
    return camera, False


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
    request: AuditRequest, lonlat: list[tuple[float, float]]
) -> tuple[RoadNetwork, bool]:
    beside = _folder(request) / ROADS_BESIDE
    path = request.roads or (beside if beside.is_file() else None)
    if path is None:
        return lay_segments(lonlat), True
    if not path.is_file():
        msg = f"road file {path} does not exist; check the path given to --roads"
        raise NotFoundError(msg)
    network = load_roads(path)
    check_near(network, lonlat)
    return network, False


def _context(
    request: AuditRequest,
    network: RoadNetwork,
    lonlat: Sequence[tuple[float, float]],
    standard: Standard,
) -> tuple[tuple[Area, ...], Calendar]:
    areas, calendar = with_files(
        request.areas, request.calendar, request.layers, network.segments
    )
    return near_drive(areas, lonlat, standard), calendar


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


def filmed_path_s(track: Track, duration_s: float) -> tuple[float, float]:
    """Return from when to when the path counts, drive seconds within the track.

    Args:
        track: may reach beyond the footage.
        duration_s: length of the footage, from drive second 0.
    """
    start_s = max(track.start_s, -AROUND_FOOTAGE_S)
    end_s = min(track.end_s, duration_s + AROUND_FOOTAGE_S)
    if end_s < start_s:
        return track.start_s, track.end_s
    return start_s, end_s


def driven_m(track: Track, path_s: tuple[float, float]) -> float:
    """Return the metres driven along the path that counts."""
    return track.travelled_m(path_s[1]) - track.travelled_m(path_s[0])


def driven_lonlat(
    track: Track, path_s: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return the path that counts, two points a second."""
    return [(p.lon, p.lat) for p in track.poses(path_times(path_s))]


def path_times(path_s: tuple[float, float], step_s: float = 0.5) -> list[float]:
    """Return drive times from the path's start to its end, `step_s` apart."""
    start_s, end_s = path_s
    steps = max(1, round((end_s - start_s) / step_s))
    return [start_s + (end_s - start_s) * i / steps for i in range(steps + 1)]
