"""The whole audit beside what a user would write instead, on one 1080p clip.

    python tests/benchmarks/bench_audit.py --peer-python .venv-train/bin/python \
        --weights build/train/fit/weights/best.pt [--repeat 3]

The peer is `YOLO(weights)(clip, vid_stride=N, imgsz=M, stream=True)`: boxes only. Ours
is `liujing audit`: the same network (its ONNX export) at the same input size, the same
number of frames, plus telemetry, matching, locating, masking, scoring and the report.
Runs alternate; the medians and their ratio are printed, with the machine's name.
Not a timed test: run it by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"
FPS = 30
WIDTH_PX, HEIGHT_PX = 1920, 1080
OWN_PEAK = """
import re, sys
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
print("peak_kb", peak.group(1), file=sys.stderr)
"""
OURS = """
import sys
from service.cli import main
code = main(sys.argv[1:])
"""
PEER = """
import sys
import torch
from ultralytics import YOLO
torch.set_num_threads(2)
weights, clip, stride, size = sys.argv[1:5]
boxes = 0
frames = 0
for result in YOLO(weights)(clip, vid_stride=int(stride), imgsz=int(size),
                            stream=True, verbose=False):
    frames += 1
    boxes += len(result.boxes)
print(frames, boxes)
"""


def make_clip(folder: Path) -> Path:
    """Write the sample drive as 1080p at 30 frames/s and 10 Mbit/s, sampled alike."""
    clip = folder / "clip.mp4"
    with av.open(str(SAMPLE / "drive.mp4")) as source, av.open(str(clip), "w") as sink:
        sink.metadata["creation_time"] = source.metadata.get("creation_time", "")
        stream = sink.add_stream("libx264", rate=FPS, options={"g": str(FPS)})
        stream.width, stream.height = WIDTH_PX, HEIGHT_PX
        stream.bit_rate, stream.pix_fmt = 10_000_000, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        number = 0
        for frame in source.decode(video=0):
            image = cv2.resize(frame.to_ndarray(format="bgr24"), (WIDTH_PX, HEIGHT_PX))
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            for _ in range(3):
                picture.pts, picture.time_base = number, Fraction(1, FPS)
                number += 1
                sink.mux(stream.encode(picture))
        sink.mux(stream.encode(None))
    for name in ("track.gpx", "roads.geojson", "camera.toml"):
        (folder / name).write_bytes((SAMPLE / name).read_bytes())
    return clip


def measure(command: list[str], env: dict[str, str]) -> tuple[float, float, str]:
    """Run a program alone; return wall seconds, peak memory in MB, its output.

    The peak is the process's own VmHWM: `ru_maxrss` would count what this process held
    when it forked.
    """
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    wall_s = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr)
    peak_kb = int(done.stderr.rsplit("peak_kb", 1)[1].split()[0])
    return wall_s, peak_kb / 1024, done.stdout


def main() -> None:
    """Alternate the two and print medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    env = {**os.environ, "YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = make_clip(folder)
        liujing = [sys.executable, "-c", OURS + OWN_PEAK, "audit", str(clip)]
        ours_command = [*liujing, "--json", "--device", "cpu", "--out", f"{name}/out"]
        _, _, first = measure(ours_command, env)
        run = json.loads(first)["run"]
        frames = run["frames_sampled"]
        duration_s = run["footage"][0]["duration_s"]
        stride = max(1, round(duration_s * FPS / frames))
        peer_command = [
            str(options.peer_python),
            "-c",
            PEER + OWN_PEAK,
            str(options.weights),
        ]
        peer_command += [str(clip), str(stride), str(run["input_long_side_px"])]
        ours, peers = [], []
        for _ in range(options.repeat):
            ours.append(measure(ours_command, env))
            peers.append(measure(peer_command, env))
    ours_s, peer_s = (statistics.median(r[0] for r in rows) for rows in (ours, peers))
    print(
        f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    )
    print(f"clip: {duration_s:.0f} s of 1080p30 H.264, {frames} frames looked at")
    print(f"peer frames and boxes: {peers[-1][2].strip()}")
    print(f"audit {ours_s:.1f} s, {max(r[1] for r in ours):.0f} MB at its peak")
    print(f"peer  {peer_s:.1f} s, {max(r[1] for r in peers):.0f} MB at its peak")
    print(f"audit is {peer_s / ours_s:.2f} x as fast as the peer")


if __name__ == "__main__":
    main()
