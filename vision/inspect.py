"""inspect_drive(): frames -> masked pictures, sightings, observed ground.

A long drive can be looked at in pieces: `DriveInspection` goes on from frame to frame,
and what it knows between two frames is a state that another process takes up.
"""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Protocol

import numpy as np

from vision.camera import scale_camera
from vision.catalogue import ModelCard
from vision.checkpoint import pack_state, unpack_state
from vision.detect import Detector, probabilities
from vision.errors import AuditError, Failure, InputError
from vision.evidence import EvidenceSink, PictureOptions, Pictures
from vision.footage import FootageSource, judge_frame, plan_samples
from vision.geo import LocalFrame, heading_vectors
from vision.locate import LocateOptions, Locator, Shown, Steerer
from vision.privacy import Region, head_regions
from vision.scene import LayoutReader, SeenZones, StreetWatch, footprint
from vision.taxonomy import Taxonomy
from vision.telemetry import Track
from vision.types import (
    Camera,
    FloatArray,
    Frame,
    Observed,
    Pose,
    Sighting,
    Standpoint,
)

logger = logging.getLogger(__name__)

_GIVEN = frozenset({"_track", "_eyes", "_sink", "_options"})
"""Of a run, what it is given each time; the rest is its state."""
VEHICLES = frozenset({"car", "truck", "bus", "motorcycle", "bicycle"})
"""Context that is located: it may turn out to be parked where it must not be."""


class Progress(Protocol):
    """Told how far a long piece of work has come."""

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` frames are finished."""


@dataclass(frozen=True, slots=True)
class InspectOptions:
    """How closely a drive is looked at.

    Attributes:
        spacing_m: metres driven between two sampled frames, > 0.
        find_range_m: how far ahead ground counts as observed.
        pictures: how evidence is stored.
    """

    spacing_m: float = 3.0
    find_range_m: float = 22.0
    pictures: PictureOptions = field(default_factory=PictureOptions)


@dataclass(frozen=True, slots=True, eq=False)
class Eyes:
    """What looks: detector, its card, the taxonomy and the camera it looks through.

    Attributes:
        layout: reads the street's layout; None leaves zones to geometry.
    """

    detector: Detector
    card: ModelCard
    taxonomy: Taxonomy
    camera: Camera
    locate: LocateOptions = field(default_factory=LocateOptions)
    layout: LayoutReader | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """What one pass saw.

    Attributes:
        sightings: one per object, in order of first sight.
        observed: one per sampled frame.
        dropped: reason -> frames the quality gate dropped.
        frames: sampled frames, dropped ones included.
        detections: category -> boxes over all frames.
        failures: sources that broke; what they held before is included.
        seconds: stage -> time spent.
        street: which zones were truly seen, metre by metre along the path; empty
            without a layout reader.
    """

    sightings: tuple[Sighting, ...]
    observed: tuple[Observed, ...]
    dropped: dict[str, int]
    frames: int
    detections: dict[str, int]
    failures: tuple[Failure, ...]
    seconds: dict[str, float]
    street: tuple[SeenZones, ...] = ()


def inspect_drive(
    sources: Sequence[FootageSource],
    track: Track,
    *,
    eyes: Eyes,
    sink: EvidenceSink,
    options: InspectOptions,
    progress: Progress,
) -> Inspection:
    """Look at a drive once and return what was seen, with masked evidence in `sink`.

    Frames are planned from the track before anything is decoded and handled one at a
    time, so memory does not grow with the drive.
    """
    drive = DriveInspection(sources, track, eyes=eyes, sink=sink, options=options)
    drive.go_on(drive.total, progress)
    return drive.result()


class DriveInspection:
    """One drive, looked at from frame to frame; it can stop and go on anywhere.

    The same frames give the same sightings, however often the work was cut between
    two of them: what is cut is a state, not the street.

    Args:
        sources: the footage, in driving order.
        track: where the vehicle was.
        eyes: what looks.
        sink: takes the masked pictures; those of earlier pieces must be in it.
        options: how closely to look.
        state: to go on from; None begins.

    Attributes:
        total: frames to look at.

    Raises:
        InputError: the state is damaged or that of another drive.
    """

    def __init__(
        self,
        sources: Sequence[FootageSource],
        track: Track,
        *,
        eyes: Eyes,
        sink: EvidenceSink,
        options: InspectOptions,
        state: bytes | None = None,
    ) -> None:
        self._sources = tuple(sources)
        self._track = track
        self._plans = [_plan(source, track, options.spacing_m) for source in sources]
        self._ends = np.cumsum([len(plan) for plan in self._plans]).tolist()
        self.total = int(self._ends[-1]) if self._ends else 0
        self._run = _Run(track, eyes, sink, options)
        if state is not None:
            self._run.take_up(state, self._name())

    @property
    def done(self) -> int:
        """Frames of the plan that need no more looking."""
        return self._run.done

    def pieces(self, piece_m: float) -> list[int]:
        """Return how many frames are done after each piece of so many metres driven.

        The last one is `total`; a drive without frames has one piece.
        """
        at_s = [time_s for plan in self._plans for time_s in plan]
        ends = []
        next_m = None
        for number, time_s in enumerate(at_s):
            here_m = self._track.travelled_m(time_s)
            next_m = here_m + piece_m if next_m is None else next_m
            if here_m >= next_m:
                ends.append(number)
                next_m = here_m + piece_m
        return [*ends, self.total]

    def go_on(self, until: int, progress: Progress) -> None:
        """Look at the next frames, until so many of the plan are done.

        Args:
            until: frames of the plan.
            progress: told after every frame; may raise to stop: the frame counts.
        """
        for number, end in enumerate(self._ends):
            start = end - len(self._plans[number])
            last = min(end, until)
            if self._run.done < last:
                wanted = self._plans[number][self._run.done - start : last - start]
                self._run.watch(
                    self._sources[number], wanted, lambda n: progress(n, self.total)
                )
                self._run.done = last

    def state(self) -> bytes:
        """Return what is known so far, to go on from."""
        return self._run.state(self._name())

    def _name(self) -> list[object]:
        """Return what a state must have been made of to be taken up here."""
        return [self.total, *(s.info.name for s in self._sources)]

    def result(self) -> Inspection:
        """Close every open object and drop pictures nobody refers to; only once."""
        return self._run.result()


def _plan(source: FootageSource, track: Track, spacing_m: float) -> list[float]:
    info = source.info
    start_s = max(info.start_drive_s, track.start_s)
    end_s = min(info.start_drive_s + info.duration_s, track.end_s)
    if info.kind == "photos":
        return [t for t in info.picture_drive_s if start_s - 0.5 <= t <= end_s + 0.5]
    if end_s <= start_s:
        return []
    return plan_samples(
        track.travelled_m,
        start_s=start_s,
        end_s=end_s,
        spacing_m=spacing_m,
        key_drive_s=info.picture_drive_s,
    )


class _Run:
    """State of one inspection: the locator, the counters, the clock per stage."""

    def __init__(
        self, track: Track, eyes: Eyes, sink: EvidenceSink, options: InspectOptions
    ) -> None:
        self._track = track
        self._eyes = eyes
        self._sink = sink
        self._options = options
        self._size_px: tuple[int, int] | None = None
        self._shape: FloatArray = np.empty((0, 2))
        self._locator: Locator | None = None
        self._steerer: Steerer | None = None
        layout = eyes.layout
        self._street = None if layout is None else StreetWatch(layout)
        self._sightings: list[Sighting] = []
        self._observed: list[Observed] = []
        self._dropped: Counter[str] = Counter()
        self._boxes: Counter[str] = Counter()
        self._failures: list[Failure] = []
        self._frames = 0
        self._last: tuple[str, float] | None = None
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.done = 0

    def watch(
        self, source: FootageSource, plan: Sequence[float], told: Callable[[int], None]
    ) -> None:
        """Go through the wanted frames of one source; a break is recorded."""
        frames = source.frames(plan, self._frames)
        began_at = self.done
        while True:
            began = perf_counter()
            try:
                frame = next(frames, None)
            except AuditError as error:
                self._fail(Failure.of(source.info.name, error))
                return
            self._seconds["decode"] += perf_counter() - began
            if frame is None:
                return
            # The last one of a plan counts when the source has nothing more to say.
            passed = min(bisect_right(plan, frame.drive_s), len(plan) - 1)
            self.done = began_at + passed
            if self._last == (frame.source, frame.pts_s):
                continue  # of two pieces' times this one picture is the nearest
            self._last = frame.source, frame.pts_s
            frame = replace(frame, index=self._frames)
            self._frames += 1
            self._look(frame)
            told(self.done)

    def state(self, name: object) -> bytes:
        """Return all that this run knows."""
        known = {k: v for k, v in vars(self).items() if k not in _GIVEN}
        return pack_state((name, known), self._outside())

    def take_up(self, state: bytes, name: object) -> None:
        """Know what another run knew.

        Raises:
            InputError: see `unpack_state`, or it is of another drive.
        """
        whose, known = unpack_state(state, self._outside())
        if whose != name or set(known) != vars(self).keys() - _GIVEN:
            msg = "the state of the work is that of another drive; begin it again"
            raise InputError(msg)
        vars(self).update(known)

    def _outside(self) -> dict[str, object]:
        layout = self._eyes.layout
        return {} if layout is None else {"layout": layout}

    def _fail(self, failure: Failure) -> None:
        """Record what broke; pieces of one file say the same."""
        if failure not in self._failures:
            self._failures.append(failure)

    def _look(self, frame: Frame) -> None:
        locator = self._through(frame)
        pose = self._track.pose_at(frame.drive_s)
        quality = judge_frame(frame.image)
        if quality.reason is None:
            pose = self._steady(frame, pose)
        self._observed.append(self._ground(frame, pose, quality.reason))
        if quality.reason is not None:
            self._dropped[quality.reason] += 1
            if self._street is not None:
                self._street.skip(pose)
            return
        heads = self._lay_out(frame, pose)
        began = perf_counter()
        detections = self._eyes.detector.detect(frame)
        self._seconds["detect"] += perf_counter() - began
        began = perf_counter()
        chances = probabilities(detections, self._eyes.card)
        for row in range(len(detections)):
            self._boxes[detections.category(row)] += 1
        wanted = np.array(
            [
                self._located(
                    detections.category(row), float(detections.confidence[row])
                )
                for row in range(len(detections))
            ],
            dtype=np.bool_,
        )
        pictures = Pictures(
            frame, detections, self._sink, self._options.pictures, also=heads
        )
        kept = detections.select(wanted)
        locator.update(
            frame,
            pose,
            kept,
            chances[wanted],
            lambda row: Shown(
                pictures.evidence(kept.xyxy[row]), pictures.appearance(kept.xyxy[row])
            ),
        )
        self._sightings.extend(locator.closed())
        self._seconds["locate"] += perf_counter() - began

    def _steady(self, frame: Frame, pose: Pose) -> Pose:
        began = perf_counter()
        if self._steerer is not None:
            pose = self._steerer.steady(frame.image, pose)
        self._seconds["steer"] += perf_counter() - began
        return pose

    def _lay_out(self, frame: Frame, pose: Pose) -> list[Region]:
        """Read the layout; return the heads of the people whom it shows."""
        if self._street is None:
            return []
        began = perf_counter()
        height_px, width_px = frame.image.shape[:2]
        camera = scale_camera(self._eyes.camera, width_px, height_px)
        layout = self._street.look(frame.image, camera, pose)
        heads = head_regions(layout.people(), frame.image.shape)
        self._seconds["layout"] += perf_counter() - began
        return heads

    def _located(self, category: str, confidence: float) -> bool:
        role = self._eyes.taxonomy.category(category).role
        if role not in {"problem", "state"} and category not in VEHICLES:
            return False
        return confidence >= self._eyes.card.operating[category].confidence

    def _through(self, frame: Frame) -> Locator:
        """Return the locator for pictures of this size; another size starts afresh."""
        height_px, width_px = frame.image.shape[:2]
        if self._locator is None or self._size_px != (width_px, height_px):
            self._close()
            camera = scale_camera(self._eyes.camera, width_px, height_px)
            self._size_px = width_px, height_px
            self._shape = footprint(camera, far_m=self._options.find_range_m)
            self._locator = Locator(camera, options=self._eyes.locate)
            self._steerer = Steerer(camera)
        return self._locator

    def _ground(self, frame: Frame, pose: Pose, reason: str | None) -> Observed:
        stood = Standpoint(pose.lon, pose.lat, self._shape)
        return observed_from(
            stood, drive_s=frame.drive_s, heading_deg=pose.heading_deg, reason=reason
        )

    def _close(self) -> None:
        if self._locator is not None:
            self._sightings.extend(self._locator.finish())

    def result(self) -> Inspection:
        """Close every open object and drop pictures nobody refers to."""
        self._close()
        street = None if self._street is None else self._street.finish()
        if street is not None:
            self._sightings = [street.with_zone(s) for s in self._sightings]
        self._sightings.sort(key=lambda s: (s.first_drive_s, s.id))
        self._sightings = [
            replace(sighting, id=f"s{number:05d}")
            for number, sighting in enumerate(self._sightings, start=1)
        ]
        self._sink.keep_only(
            {
                name
                for sighting in self._sightings
                for evidence in sighting.evidence
                for name in (evidence.image, evidence.crop)
            }
        )
        logger.info("drive inspected", extra={"frames": self._frames})
        return Inspection(
            sightings=tuple(self._sightings),
            observed=tuple(self._observed),
            dropped=dict(self._dropped),
            frames=self._frames,
            detections=dict(self._boxes),
            failures=tuple(self._failures),
            seconds={k: round(v, 3) for k, v in self._seconds.items()},
            street=() if street is None else street.zones,
        )


def observed_from(
    stood: Standpoint, *, drive_s: float, heading_deg: float, reason: str | None
) -> Observed:
    """Return what ground a picture looked at from where it was taken.

    Args:
        stood: where the camera stood, and the ring of the ground before it.
        drive_s: time of the picture.
        heading_deg: direction of travel.
        reason: why the quality gate dropped it; None if usable.
    """
    forward, right = heading_vectors(heading_deg)
    shape_m = stood.shape_m
    ring = LocalFrame(stood.lon, stood.lat).to_lonlat(
        shape_m[:, :1] * forward + shape_m[:, 1:] * right
    )
    return Observed(drive_s, reason is None, reason, ring, heading_deg, stood)
