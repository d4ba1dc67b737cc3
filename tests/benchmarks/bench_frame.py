"""What one sampled frame costs: detector alone, and with layout and mask beside it.

    python -m tests.benchmarks.bench_frame [--rounds 5]

Every n-th frame of the sample drive (1280 x 720) is decoded first; then each way looks
at all of them, in turn, round by round. Prints the processor time of all cores for each
frame, the median over the rounds, and the ratio. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vision.camera import load_camera
from vision.catalogue import load_card, load_layout_card
from vision.detect import load_detector
from vision.footage import open_video
from vision.privacy import head_regions, mask_regions, private_regions
from vision.scene import load_layout
from vision.scene.rays import GroundRays
from vision.types import Frame

SAMPLE = Path(__file__).resolve().parents[2] / "datasets" / "sample-drive"
STEP_S = 0.8


def spent(work: Callable[[Frame], None], frames: list[Frame]) -> float:
    """Return the processor time a frame, milliseconds over all cores."""
    began = time.process_time()
    for frame in frames:
        work(frame)
    return (time.process_time() - began) * 1000 / len(frames)


def main() -> None:
    """Print the costs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    source = open_video(SAMPLE / "drive.mp4")
    times = np.arange(0.0, source.info.duration_s - 0.1, STEP_S).tolist()
    frames = list(source.frames(times, 0))
    detector = load_detector(load_card("street@2"), device="cpu")
    reader = load_layout(load_layout_card("layout@1"), device="cpu")
    rays = GroundRays(load_camera(SAMPLE / "camera.toml"))

    def detect(frame: Frame) -> None:
        detector.detect(frame)

    def layout(frame: Frame) -> None:
        rays.scan(reader.read(frame.image))

    def everything(frame: Frame) -> None:
        found = detector.detect(frame)
        layout = reader.read(frame.image)
        rays.scan(layout)
        shape = frame.image.shape
        heads = head_regions(layout.people(), shape)
        mask_regions(frame.image, [*private_regions(found, shape), *heads])

    ways = {"detector": detect, "layout": layout, "all three": everything}
    for work in ways.values():
        work(frames[0])
    rows = {name: [] for name in ways}  # type: dict[str, list[float]]
    for _ in range(args.rounds):
        for name, work in ways.items():
            rows[name].append(spent(work, frames))
    print(f"{len(frames)} frames of 1280 x 720, {platform.machine()}")
    for name, costs in rows.items():
        print(f"  {name}: {np.median(costs):.1f} core-ms")
    ratios = np.array(rows["all three"]) / np.array(rows["detector"])
    print(f"  all three against the detector alone: {np.median(ratios):.2f} x")


if __name__ == "__main__":
    main()
