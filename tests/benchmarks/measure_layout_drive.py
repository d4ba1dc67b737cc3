"""What the layout network tells of the sample drive's street, against exact layouts.

    python -m training.synth masks --drive 4 --out build/synth/drive-masks
    python -m tests.benchmarks.measure_layout_drive

(the first by the Python of `.venv-synth`).
Puts both on the ground from the true poses and prints, side by side, how many metres of
each zone were seen, how far kerbs and walls lie from where they are, the zones of the
drive's objects, and how vehicles are judged. The audit's own poses and finds are
measured by `measure_sample_drive`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from training.layout.labels import read_layout_labels
from vision.camera import load_camera
from vision.catalogue import load_layout_card
from vision.footage import open_video
from vision.scene import Layout, LayoutReader, StreetWatch, load_layout
from vision.scene.watch import StreetSeen
from vision.types import Image, Pose, Sighting

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"
RATE_HZ = 10.0
LINES = ("carriageway", "kerb_strip", "pavement", "wall_base")
ZONES = (*LINES, "tree_pit", "corner")


class Exact:
    """A layout reader that has the rendered layouts, in turn."""

    model_id = "exact@1"

    def __init__(self, files: list[Path], names: tuple[str, ...]) -> None:
        self.names = names
        self._files = iter(files)

    def read(self, pixels: Image) -> Layout:
        """Return the next layout at half the picture's size."""
        rows = cv2.imread(str(next(self._files)), cv2.IMREAD_GRAYSCALE)
        size = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        small = cv2.resize(rows, size, interpolation=cv2.INTER_NEAREST)
        return Layout(small, np.ones(small.shape, np.float32), self.names)


def seen(reader: LayoutReader, numbers: list[int], truth: dict) -> StreetSeen:  # type: ignore[type-arg]
    """Follow the drive with true poses."""
    source = open_video(SAMPLE / "drive.mp4")
    camera = load_camera(SAMPLE / "camera.toml")
    watch = StreetWatch(reader)
    times = [number / RATE_HZ for number in numbers]
    for number, frame in zip(numbers, source.frames(times, 0), strict=True):
        row = truth["cameras"][number]
        pose = Pose(row["pts_s"], row["lon"], row["lat"], row["heading_deg"], 8.0, 0.01)
        watch.look(frame.image, camera, pose)
    return watch.finish()


def metres_seen(street: StreetSeen) -> Counter[tuple[str, str]]:
    """Return how many metres of each zone and side were seen."""
    return Counter(
        (zone, side)
        for metre in street.zones
        for side, zones in metre.seen.items()
        for zone in zones
    )


def zone_of(street: StreetSeen, row: dict) -> tuple[str | None, str | None]:  # type: ignore[type-arg]
    """Return the likeliest zone and surface of an object of the truth."""
    place = Sighting(
        id=row["id"],
        category=row["category"],
        probability=1.0,
        lon=row["lon"],
        lat=row["lat"],
        sigma_m=0.1,
        lateral_m=0.0,
        lateral_sigma_m=0.1,
        heading_deg=0.0,
        first_drive_s=0.0,
        last_drive_s=0.0,
        frames=1,
        width_m=None,
        stationary_probability=1.0,
        zone_belief=None,
        evidence=(),
        model_id="truth@1",
    )
    told = street.with_zone(place)
    beliefs = (told.zone_belief, told.surface_belief)
    zone, surface = (max(b, key=b.__getitem__) if b else None for b in beliefs)
    return zone, surface


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--masks", type=Path, default=ROOT / "build/synth/drive-masks")
    parser.add_argument("--model", default="layout@1")
    args = parser.parse_args()
    files = sorted(args.masks.glob("*.png"))
    numbers = [int(file.stem) for file in files]
    truth = json.loads((SAMPLE / "truth.json").read_text("utf-8"))
    names = read_layout_labels(ROOT / "datasets" / "layout.toml").names
    network = load_layout(load_layout_card(args.model), device="cpu")
    streets = {
        "exact": seen(Exact(files, names), numbers, truth),
        args.model: seen(network, numbers, truth),
    }
    for zone in LINES:
        for side in ("left", "right"):
            counts = [metres_seen(street)[zone, side] for street in streets.values()]
            print(f"{zone:12} {side:6} {counts[0]:5d} m exact, {counts[1]:5d} m read")
    exact, read = streets.values()
    for line in ("kerb", "wall"):
        gaps = [
            getattr(read.sections[k].sides[side], line).outward_m
            - getattr(exact.sections[k].sides[side], line).outward_m
            for k in exact.sections
            if k in read.sections
            for side in ("left", "right")
            if getattr(exact.sections[k].sides[side], line)
            and getattr(read.sections[k].sides[side], line)
        ]
        size = np.abs(gaps)
        middle, most = np.median(size), np.percentile(size, 95)
        print(f"{line}: {len(gaps)} m, off by {middle:.2f} m, 95 % within {most:.2f} m")
    for name, street in streets.items():
        views = [
            view
            for section in street.sections.values()
            for view in section.sides.values()
            if view.kerb is not None
        ]
        told = [view for view in views if view.tactile_m]
        beyond = [
            sum(span) / 2 - view.kerb.outward_m
            for view in told
            for span in view.tactile_m
        ]
        print(
            f"{name}: tactile paving beside {len(told)} of {len(views)} m of kerb, "
            f"{np.median(beyond):.2f} m beyond it"
        )
    rows = [r for r in truth["objects"] if r["frames_visible"]]
    for name, street in streets.items():
        told = [(r["zone"], zone_of(street, r)[0]) for r in rows if r["zone"] in ZONES]
        known = [(a, b) for a, b in told if b is not None]
        right = sum(a == b for a, b in known)
        wrong = Counter(f"{a} as {b}" for a, b in known if a != b)
        print(
            f"{name}: {right} of {len(known)} zones right ({len(told)} asked) {wrong}"
        )


if __name__ == "__main__":
    main()
