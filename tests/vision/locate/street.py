"""A street made of numbers: objects, a path, a camera, noise; boxes by projection."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from vision.camera import ground_to_pixel
from vision.geo import LocalFrame
from vision.locate import LocateOptions, Locator, Shown
from vision.types import (
    Camera,
    Detections,
    Evidence,
    FloatArray,
    Frame,
    Pose,
    Sighting,
)

CAMERA = Camera(1280, 720, 914.0, 914.0, 640.0, 360.0, height_m=1.6, pitch_deg=-4.0)
NAMES = ("litter", "manhole_ok", "manhole_damaged", "poster", "car", "person", "stall")
ORIGIN = LocalFrame(113.8, 34.0)
BLANK = np.zeros((720, 1280, 3), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Thing:
    """One true object: middle of its base east/north, size along its own heading."""

    category: str
    x: float
    y: float
    size: tuple[float, float, float]
    heading_deg: float = 0.0
    base_m: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)

    def at(self, drive_s: float) -> FloatArray:
        """Return the base's middle at a time."""
        vx, vy = self.velocity
        return np.array([self.x + vx * drive_s, self.y + vy * drive_s])

    def corners(self, drive_s: float) -> FloatArray:
        """Return the eight corners `(8, 3)`."""
        along, across, tall = self.size
        h = math.radians(self.heading_deg)
        forward = np.array([math.sin(h), math.cos(h)])
        right = np.array([math.cos(h), -math.sin(h)])
        xy = self.at(drive_s)
        return np.array(
            [
                [
                    *(xy + a * along * forward + b * across * right),
                    self.base_m + z * tall,
                ]
                for a in (-0.5, 0.5)
                for b in (-0.5, 0.5)
                for z in (0.0, 1.0)
            ]
        )


SIZES = {
    "litter": (0.15, 0.25, 0.12),
    "manhole_ok": (0.66, 0.66, 0.0),
    "manhole_damaged": (0.66, 0.66, 0.0),
    "poster": (0.6, 0.02, 0.8),
    "car": (4.2, 1.8, 1.5),
    "person": (0.4, 0.5, 1.7),
    "stall": (1.2, 1.8, 1.3),
}


@dataclass(frozen=True, slots=True)
class Noise:
    """What goes wrong. All zero: a perfect world.

    Attributes:
        pitch_bias_deg: mount error, the same in every frame.
        pitch_jitter_deg: 1-sigma of the suspension, per frame.
        heading_deg: 1-sigma of the heading, per frame.
        drift_m: 1-sigma per axis of the receiver's slow drift.
        box_px: 1-sigma of each box edge, plus 1 % of the box.
        miss: chance that a visible object is not detected, near; far is worse.
        false_per_frame: mean number of false boxes in a frame.
    """

    pitch_bias_deg: float = 0.0
    pitch_jitter_deg: float = 0.0
    heading_deg: float = 0.0
    drift_m: float = 0.0
    box_px: float = 0.0
    miss: float = 0.0
    false_per_frame: float = 0.0


@dataclass(slots=True)
class Street:
    """Objects and the true path `(K, 3)`: east, north, heading; one row per frame."""

    things: list[Thing]
    path: FloatArray
    speed_mps: float = 9.0
    step_m: float = 3.0
    rotated_deg: float = 0.0
    visible: set[int] = field(default_factory=set)

    def frames(
        self, noise: Noise, seed: int
    ) -> Iterator[tuple[Frame, Pose, Detections, FloatArray]]:
        """Yield what a vehicle would record."""
        rng = np.random.default_rng(seed)
        drift = rng.normal(0, noise.drift_m, 2)
        keep = math.exp(-self.step_m / 600.0)
        for index, (x, y, heading) in enumerate(self.path):
            drift = keep * drift + rng.normal(
                0, noise.drift_m * math.sqrt(1 - keep**2), 2
            )
            drive_s = index * self.step_m / self.speed_mps
            camera = replace(
                CAMERA,
                pitch_deg=CAMERA.pitch_deg
                + noise.pitch_bias_deg
                + rng.normal(0, noise.pitch_jitter_deg),
            )
            boxes, classes, chance = self._boxes(
                camera, (x, y, heading), drive_s, noise=noise, rng=rng
            )
            lon, lat = ORIGIN.to_lonlat(self._turned(np.array([x, y]) + drift))
            yield (
                Frame(index, drive_s, drive_s, BLANK, "street.mp4"),
                Pose(
                    drive_s,
                    float(lon),
                    float(lat),
                    (heading + self.rotated_deg + rng.normal(0, noise.heading_deg))
                    % 360,
                    self.speed_mps,
                    max(noise.drift_m, 0.05),
                ),
                Detections(
                    index,
                    np.array(boxes, dtype=np.float32).reshape(-1, 4),
                    np.array(chance, dtype=np.float32),
                    np.array(classes, dtype=np.int32),
                    NAMES,
                    "street@1",
                ),
                np.array(chance),
            )

    def place_of(self, thing: Thing, drive_s: float = 0.0) -> tuple[float, float]:
        """Return true lon/lat."""
        lon, lat = ORIGIN.to_lonlat(self._turned(thing.at(drive_s)))
        return float(lon), float(lat)

    def _turned(self, xy: FloatArray) -> FloatArray:
        a = math.radians(self.rotated_deg)
        c, s = math.cos(a), math.sin(a)
        return np.array([c * xy[0] + s * xy[1], -s * xy[0] + c * xy[1]])

    def _boxes(
        self,
        camera: Camera,
        pose: tuple[float, float, float],
        drive_s: float,
        *,
        noise: Noise,
        rng: np.random.Generator,
    ) -> tuple[list[FloatArray], list[int], list[float]]:
        x, y, heading = pose
        h = math.radians(heading)
        axes = np.array([[math.sin(h), math.cos(h)], [math.cos(h), -math.sin(h)]])
        boxes, classes, chance = [], [], []
        for number, thing in enumerate(self.things):
            corners = thing.corners(drive_s)
            vehicle = np.column_stack(
                [(corners[:, :2] - (x, y)) @ axes.T, corners[:, 2]]
            )
            lucky, sure = rng.random(), rng.uniform(0.55, 0.9)
            edges = rng.normal(0, 1, 4)
            range_m = float(np.hypot(*vehicle[:, :2].mean(axis=0)))
            reach_m = {"car": 30.0, "poster": 34.0}.get(thing.category, 22.0)
            if vehicle[:, 0].min() < 0.5 or range_m > reach_m:
                continue
            uv = ground_to_pixel(camera, vehicle)
            x1, y1, x2, y2 = *uv.min(axis=0), *uv.max(axis=0)
            whole = max((x2 - x1) * (y2 - y1), 1e-9)
            x1, x2 = np.clip([x1, x2], 0, 1280)
            y1, y2 = np.clip([y1, y2], 0, 720)
            if (x2 - x1) * (y2 - y1) < 0.3 * whole or min(x2 - x1, y2 - y1) < 3:
                continue
            self.visible.add(number)
            if lucky < noise.miss * (1 + range_m / 15):
                continue
            box = np.array([x1, y1, x2, y2])
            spread = noise.box_px + 0.01 * (noise.box_px > 0) * (y2 - y1)
            moved = box + edges * spread
            cut = (box <= 0) | (box >= (1280, 720, 1280, 720))
            box = np.clip(np.where(cut, box, moved), 0, (1280, 720, 1280, 720))
            if box[2] - box[0] < 2 or box[3] - box[1] < 2:
                continue
            boxes.append(box)
            classes.append(NAMES.index(thing.category))
            chance.append(sure)
        for _ in range(rng.poisson(noise.false_per_frame)):
            u, v, w = rng.uniform(50, 1180), rng.uniform(380, 660), rng.uniform(15, 60)
            boxes.append(np.array([u, v, u + w, v + w * 0.7]))
            classes.append(int(rng.integers(len(NAMES))))
            chance.append(rng.uniform(0.05, 0.3))
        return boxes, classes, chance


def picture(row: int) -> Shown:
    """Return an evidence record that names its row."""
    return Shown(
        Evidence(f"{row}.jpg", f"{row}-crop.jpg", (0, 0, 1, 1), "street.mp4", 0, 0)
    )


def drive(
    street: Street,
    noise: Noise,
    *,
    seed: int = 0,
    options: LocateOptions | None = None,
) -> list[Sighting]:
    """Run a locator over the street and return every sighting."""
    locator = Locator(CAMERA, options=options)
    found = []
    for frame, pose, detections, chance in street.frames(noise, seed):
        locator.update(frame, pose, detections, chance, picture)
        found += locator.closed()
    return found + locator.finish()


def straight_path(length_m: float, *, step_m: float = 3.0) -> FloatArray:
    """Return a path north from the origin."""
    y = np.arange(0.0, length_m, step_m)
    return np.column_stack([np.zeros_like(y), y, np.zeros_like(y)])


def turning_path(*, before_m: float, after_m: float, radius_m: float) -> FloatArray:
    """Return a path north, then a right turn, then east."""
    step_m = 3.0
    arc_m = radius_m * math.pi / 2
    rows = []
    for s in np.arange(0.0, before_m + arc_m + after_m, step_m):
        if s < before_m:
            rows.append((0.0, s, 0.0))
        elif s < before_m + arc_m:
            a = (s - before_m) / radius_m
            rows.append(
                (
                    radius_m * (1 - math.cos(a)),
                    before_m + radius_m * math.sin(a),
                    math.degrees(a),
                )
            )
        else:
            rows.append((radius_m + s - before_m - arc_m, before_m + radius_m, 90.0))
    return np.array(rows)


def busy_street(seed: int, *, length_m: float = 220.0) -> Street:
    """Return a straight street with things on the ground, walls and parked cars."""
    rng = np.random.default_rng(seed)
    things = []

    def add(category: str, x: float, y: float, **more: float) -> None:
        things.append(Thing(category, x, y, SIZES[category], **more))

    for y in np.arange(15.0, length_m - 15, 17.0):
        add("litter", rng.uniform(-5, 3.5), y + rng.uniform(-4, 4))
    for y in np.arange(22.0, length_m - 15, 45.0):
        x = rng.uniform(-3, 2)
        add("litter", x, y)
        add("litter", x + 0.5, y + rng.uniform(2.5, 4.0))
    for y in np.arange(20.0, length_m - 15, 31.0):
        add("manhole_ok", rng.uniform(-4, 1.5), y + rng.uniform(-5, 5))
    for y in np.arange(25.0, length_m - 25, 40.0):
        side = rng.choice([-1.0, 1.0])
        add("poster", side * 6.0 - 1.0 * (side < 0), y, base_m=rng.uniform(0.8, 1.6))
    for y in np.arange(30.0, 90.0, 6.0):
        add("car", 2.9, y)
    for y in np.arange(150.0, 200.0, 7.5):
        add("car", -5.6, y)
    for y in np.arange(35.0, length_m - 15, 60.0):
        add("stall", 4.6, y)
    return Street(things, straight_path(length_m))
