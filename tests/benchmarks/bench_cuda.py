"""What a GPU brings: networks and whole audits on CUDA beside the same on the CPU.

    python -m tests.benchmarks.bench_cuda [--rounds 3]

Frames of the sample drive (1280 x 720) are decoded first. Each way looks at all of them
in turn, round by round; printed are milliseconds a frame by the clock, the median over
the rounds, and the ratio. Then the whole drive is audited on either, in processes of
their own, alternating. Needs a CUDA device and onnxruntime-gpu.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort

from vision.catalogue import load_card, load_layout_card
from vision.detect import load_detector
from vision.footage import open_video
from vision.scene import load_layout
from vision.types import Frame

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"
DEVICES = ("cpu", "cuda")
STEP_S = 0.5


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    source = open_video(SAMPLE / "drive.mp4")
    times = np.arange(0.0, source.info.duration_s - 0.1, STEP_S).tolist()
    frames = list(source.frames(times, 0))
    print(
        f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"onnxruntime {ort.__version__}, {len(frames)} frames"
    )
    for what, ways in (("detector", _detectors()), ("layout", _layouts())):
        _print(what, _alternate(ways, frames, rounds), "ms a frame")
    spent: dict[str, list[float]] = {device: [] for device in DEVICES}
    for _ in range(rounds):
        for device in DEVICES:
            spent[device].append(_audit_s(device))
    _print("whole audit", spent, "s")


def _detectors() -> dict[str, Callable[[Frame], object]]:
    card = load_card("street@2")
    return {d: load_detector(card, device=d).detect for d in DEVICES}


def _layouts() -> dict[str, Callable[[Frame], object]]:
    card = load_layout_card("layout@1")
    readers = {d: load_layout(card, device=d) for d in DEVICES}
    return {
        d: lambda frame, reader=reader: reader.read(frame.image)
        for d, reader in readers.items()
    }


def _alternate(
    ways: dict[str, Callable[[Frame], object]], frames: list[Frame], rounds: int
) -> dict[str, list[float]]:
    for way in ways.values():
        way(frames[0])
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began_s = time.perf_counter()
            for frame in frames:
                way(frame)
            each_ms = (time.perf_counter() - began_s) * 1000 / len(frames)
            spent[name].append(each_ms)
    return spent


def _audit_s(device: str) -> float:
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "service.cli", "audit", str(SAMPLE)]
        began_s = time.perf_counter()
        subprocess.run(
            [*command, "--device", device, "--out", f"{out}/report"],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        return time.perf_counter() - began_s


def _print(what: str, spent: dict[str, list[float]], unit: str) -> None:
    cpu, cuda = (statistics.median(spent[device]) for device in DEVICES)
    print(
        f"{what}: CPU {cpu:.1f}, CUDA {cuda:.1f} {unit} ({cpu / cuda:.2f} times)",
        flush=True,
    )


if __name__ == "__main__":
    main()
