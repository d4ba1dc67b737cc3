"""One drive as it is known beside its pictures: path, clocks, camera, who looks.

What an inspection saw and its `Outing` are all that place, find, score and keep need
of a drive. Where it was inspected, here or on the vehicle, makes no difference to them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vision.catalogue import ModelCard
from vision.errors import Failure
from vision.footage import FootageInfo, FootageSource, PhotoSource, VideoSource
from vision.telemetry import Track
from vision.types import Camera, ClockOffset

AROUND_FOOTAGE_S = 0.5
"""The path is followed so long before and after the footage. A track may be hours
longer; that was not filmed."""
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Outing:
    """One drive without its pictures.

    Attributes:
        footage: what its sources say of themselves, in driving order.
        hashes: returns name -> SHA-256 of every footage file; may have to read them.
        track: where the vehicle was.
        path_s: drive seconds of the path that counts: the track while there is footage.
        clock: how the footage was tied to UTC.
        telemetry_format: of the fixes, e.g. `gpx`.
        telemetry_source: file they came from.
        datum: they were given in.
        dropped_fixes: reason -> fixes the cleaning threw away.
        camera: it was looked through.
        card: of the detector.
        layout_id: reads the street's layout; None where geometry stands in.
        device: the detector runs on.
        spacing_m: metres driven between two frames.
        wall_m: distance of walls from the road's middle that was reckoned with.
        failures: items that failed while the rest goes on.
        aboard: version of the program that inspected it on the vehicle; None where it
            is inspected here.
        clock_offset_s: seconds that were to be added to the clock that dated the
            footage, as measured; None where nothing was.
    """

    footage: tuple[FootageInfo, ...]
    hashes: Callable[[], Mapping[str, str]]
    track: Track
    path_s: tuple[float, float]
    clock: ClockOffset
    telemetry_format: str
    telemetry_source: str
    datum: str
    dropped_fixes: Mapping[str, int]
    camera: Camera
    card: ModelCard
    layout_id: str | None
    device: str
    spacing_m: float
    wall_m: float
    failures: tuple[Failure, ...]
    aboard: str | None = None
    clock_offset_s: float | None = None

    @property
    def duration_s(self) -> float:
        """Seconds from the drive's start to the end of its last source."""
        return footage_duration_s(self.footage)


def footage_duration_s(footage: Iterable[FootageInfo]) -> float:
    """Return the seconds from the drive's start to the end of its last source."""
    return max(info.start_drive_s + info.duration_s for info in footage)


def footage_hashes(sources: Iterable[FootageSource]) -> dict[str, str]:
    """Return name -> SHA-256 of every footage file, in order.

    Cameras number their files from the start again in every folder: the second file of
    a name is called `name (2)`.
    """
    hashes: dict[str, str] = {}
    for path in (path for source in sources for path in _files(source)):
        name, turn = path.name, 1
        while name in hashes:
            turn += 1
            name = f"{path.name} ({turn})"
        hashes[name] = _sha256(path)
    return hashes


def _files(source: FootageSource) -> Iterator[Path]:
    if isinstance(source, VideoSource):
        yield source.path
    elif isinstance(source, PhotoSource):
        yield from (photo.path for photo in source.photos)


def _sha256(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_READ_BYTES):
            total.update(part)
    return total.hexdigest()


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
