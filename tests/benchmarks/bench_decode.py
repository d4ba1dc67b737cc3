"""What GOP pruning saves: wanted pictures a second beside plain full decodes.

    python tests/benchmarks/bench_decode.py [CLIP] [--repeat 3]

Without CLIP one is made: 1080p30 H.264 with B-frames, 10 Mbit/s, 20 s. Each way gives
the same BGR pictures in a process of its own with two decoder threads; medians of CPU
time for one wanted picture, wall time and peak memory are printed, and the ratios to
the full decode. Not a timed test: run it by hand.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from vision.footage import open_video, plan_samples

ROOT = Path(__file__).resolve().parents[2]
STREET = ROOT / ".." / "shared" / "data" / "drives" / "gopro_pavement"
WIDTH_PX, HEIGHT_PX, FPS, SECONDS = 1920, 1080, 30, 20
OPTIONS = {"preset": "veryfast", "sc_threshold": "0"}  # fixed groups, as cameras
WAYS = ("full decode, PyAV", "full decode, OpenCV", "pruned", "pruned, key pictures")
RATES = (1.0, 3.0)


def make_clip(folder: Path) -> Path:
    """Encode real street pictures at 1080p30 and 10 Mbit/s."""
    with av.open(str(STREET / "max-heromode.mp4")) as street:
        stills = [f.to_ndarray(format="bgr24") for f in street.decode(video=0)]
    clip = folder / "clip.mp4"
    with av.open(str(clip), "w") as sink:
        stream = sink.add_stream("libx264", rate=FPS, options=OPTIONS)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.bit_rate, stream.gop_size, stream.max_b_frames = 10_000_000, FPS, 2
        for number in range(SECONDS * FPS):
            turn = number % (2 * len(stills) - 2)
            still = stills[min(turn, 2 * len(stills) - 2 - turn)]
            large = cv2.resize(still, (WIDTH_PX, HEIGHT_PX))
            frame = av.VideoFrame.from_ndarray(large, format="bgr24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))
    return clip


def wanted_times(clip: Path, rate: float, way: str) -> list[float]:
    """Plan samples at 10 m/s, so many a second."""
    info = open_video(clip).info
    keys = info.picture_drive_s if way.endswith("key pictures") else ()
    return plan_samples(
        lambda t: 10.0 * t,
        start_s=0.0,
        end_s=info.duration_s,
        spacing_m=10.0 / rate,
        key_drive_s=keys,
    )


def run_one(clip: Path, rate: float, way: str) -> None:
    """Give all wanted pictures in one way; print count, CPU s, wall s, peak MB."""
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    times = wanted_times(clip, rate, way)
    if way.startswith("pruned"):
        count = sum(1 for _ in open_video(clip).frames(times, 0))
    elif way.endswith("PyAV"):
        count = _by_pyav(clip, times)
    else:
        count = _by_opencv(clip, times)
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    peak_mb = _peak_mb()
    sys.stdout.write(f"{count} {cpu_s} {wall_s} {peak_mb}\n")


def _peak_mb() -> float:
    """Return this program's own peak (ru_maxrss would include the parent's)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _by_pyav(clip: Path, times: list[float]) -> int:
    left = list(times)
    count = 0
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 2
        for frame in container.decode(stream):
            if left and frame.time >= left[0] - 0.5 / FPS:
                np.ascontiguousarray(frame.to_ndarray(format="bgr24"))
                left.pop(0)
                count += 1
    return count


def _by_opencv(clip: Path, times: list[float]) -> int:
    left = list(times)
    count = 0
    capture = cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 2])
    while left and capture.grab():
        if capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 >= left[0] - 0.5 / FPS:
            capture.retrieve()
            left.pop(0)
            count += 1
    return count


def measure(clip: Path, rate: float, way: str) -> list[float]:
    """Run one way in its own process."""
    command = [sys.executable, __file__, str(clip), "--one", way, "--rate", str(rate)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    """Alternate the ways and print medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path, nargs="?")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--rate", type=float, default=1.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options.clip, options.rate, options.one)
        return
    with tempfile.TemporaryDirectory() as folder:
        clip = options.clip or make_clip(Path(folder))
        for rate in RATES:
            _print_rate(clip, rate, options.repeat)


def _print_rate(clip: Path, rate: float, repeat: int) -> None:
    rows: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    for _ in range(repeat):
        for way in WAYS:
            rows[way].append(measure(clip, rate, way))
    sys.stdout.write(f"{rate:g} pictures wanted a second of {clip.name}\n")
    base_ms = 0.0
    for way, runs in rows.items():
        count, cpu_s, wall_s, peak_mb = (statistics.median(r) for r in zip(*runs))  # noqa: B905 - equal by construction
        cost_ms = 1000 * cpu_s / max(count, 1)
        base_ms = base_ms or cost_ms
        sys.stdout.write(
            f"  {way:22} {count:4.0f} pictures {cost_ms:7.1f} CPU ms each, "
            f"{count / wall_s:6.1f} a second, {peak_mb:4.0f} MB, "
            f"{base_ms / cost_ms:5.2f} x\n"
        )


if __name__ == "__main__":
    main()
