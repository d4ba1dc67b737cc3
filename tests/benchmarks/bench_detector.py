"""What a look costs: our detector beside ultralytics with the same ONNX, by network.

    .venv-train/bin/python tests/benchmarks/bench_detector.py [ONNX ...]
        [--long-side 640 960] [--repeat 3] [--picture FILE]

Each way looks at the same picture in a process of its own, from pixels to boxes
(letterbox, network, suppression), with 1 and 2 threads; the ways alternate, medians of
processor time and of the clock are printed with the ratio to ours. Without ONNX the
shipped networks are taken. Not a timed test: run it by hand, on a machine at rest.
"""

# ruff: noqa: PLC0415 - each way loads only what it needs, in its own process.
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

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
WAYS = ("ours", "ultralytics")
CONFIDENCE = 0.25
IOU = 0.6


def open_ours(onnx: Path, long_side_px: int, threads: int) -> Callable[[], int]:
    """Return a look through the run time's own letterbox and decoding."""
    import onnx as onnx_package

    from training.export.engines import onnx_engine
    from vision.detect.decode import Suppression, decode_yolo
    from vision.detect.letterbox import fit_rectangle, make_blob

    shape = onnx_package.load(str(onnx)).graph.output[0].type.tensor_type.shape
    floors = np.full(shape.dim[1].dim_value - 4, CONFIDENCE, np.float32)
    engine = onnx_engine(onnx, threads=threads)
    picture = cv2.imread(os.environ["BENCH_PICTURE"])
    height_px, width_px = picture.shape[:2]

    def look() -> int:
        box = fit_rectangle(width_px, height_px, long_side_px=long_side_px, stride=32)
        output = engine(make_blob(picture, box))
        found = decode_yolo(output, floors, Suppression(iou=IOU))
        box.to_picture(found.xyxy)
        return len(found)

    return look


def open_theirs(onnx: Path, long_side_px: int, threads: int) -> Callable[[], int]:
    """Return a look through ultralytics' predict."""
    import onnxruntime as ort

    from training.yolo_env import import_ultralytics

    # Their backend opens its own session; it gets our threads, and does not spin.
    plain = ort.InferenceSession

    def session(*args: object, **kwargs: object) -> object:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return plain(args[0], options, providers=["CPUExecutionProvider"])

    ort.InferenceSession = session
    ultralytics = import_ultralytics()
    import torch

    torch.set_num_threads(threads)
    network = ultralytics.YOLO(str(_with_their_metadata(onnx)), task="detect")
    picture = cv2.imread(os.environ["BENCH_PICTURE"])
    height_px, width_px = picture.shape[:2]
    scale = long_side_px / max(height_px, width_px)
    size = [int(np.ceil(s * scale / 32) * 32) for s in (height_px, width_px)]

    def look() -> int:
        found = network.predict(
            picture, imgsz=size, conf=CONFIDENCE, iou=IOU, device="cpu", verbose=False
        )
        return len(found[0].boxes)

    return look


def _with_their_metadata(onnx: Path) -> Path:
    """Copy a network, with the notes that ultralytics reads."""
    import onnx as onnx_package

    model = onnx_package.load(str(onnx))
    kept = {row.key: row.value for row in model.metadata_props}
    names = dict(enumerate(kept["names"].split(",")))
    del model.metadata_props[:]
    notes = {"names": str(names), "stride": "32", "task": "detect", "batch": "1"}
    onnx_package.helper.set_model_props(model, {**notes, "dynamic": "True"})
    target = Path(os.environ["BENCH_FOLDER"]) / f"theirs-{onnx.name}"
    onnx_package.save(model, str(target))
    return target


def run_one(way: str, onnx: Path, long_side_px: int, threads: int) -> None:
    """Look 2 + 5 times in one way; print boxes and medians of core and wall ms."""
    opener = open_ours if way == "ours" else open_theirs
    look = opener(onnx, long_side_px, threads)
    boxes = [look() for _ in range(2)][-1]
    core_ms, wall_ms = [], []
    for _ in range(5):
        core_s, wall_s = time.process_time(), time.perf_counter()
        look()
        core_ms.append((time.process_time() - core_s) * 1000)
        wall_ms.append((time.perf_counter() - wall_s) * 1000)
    print(boxes, statistics.median(core_ms), statistics.median(wall_ms))


def measure(way: str, onnx: Path, long_side_px: int, threads: int) -> list[float]:
    """Run one way in its own process."""
    command = [sys.executable, __file__, str(onnx), "--one", way]
    command += ["--long-side", str(long_side_px), "--threads", str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


def print_network(onnx: Path, long_side_px: int, repeat: int) -> None:
    """Alternate the ways and print medians and ratios."""
    for threads in (1, 2):
        rows: dict[str, list[list[float]]] = {way: [] for way in WAYS}
        for number in range(repeat):
            for way in WAYS if number % 2 == 0 else reversed(WAYS):
                rows[way].append(measure(way, onnx, long_side_px, threads))
        ours_ms = 0.0
        for way, runs in rows.items():
            boxes, core_ms, wall_ms = (
                statistics.median(column) for column in zip(*runs, strict=True)
            )
            ours_ms = ours_ms or core_ms
            print(
                f"{onnx.name:20} {long_side_px:5} px {threads} threads {way:12}"
                f"{core_ms:8.1f} core-ms {wall_ms:8.1f} ms {boxes:4.0f} boxes "
                f"{core_ms / ours_ms:5.2f} x ours",
                flush=True,
            )


def machine() -> str:
    """Return processor, number of processors and how busy they are."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    names = [line.split(":")[1].strip() for line in lines if "model name" in line]
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"


def _make_picture(folder: Path) -> Path:
    """Draw a smooth picture; costs hardly depend on what is seen."""
    small = np.random.default_rng(1).integers(0, 255, (9, 16, 3), np.uint8)
    target = folder / "picture.png"
    cv2.imwrite(str(target), cv2.resize(small, (1920, 1080)))
    return target


def main() -> None:
    """Compare the ways for every network and size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("onnx", type=Path, nargs="*")
    parser.add_argument("--long-side", type=int, nargs="+", default=[640, 960])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        size, threads = options.long_side[0], options.threads
        run_one(options.one, options.onnx[0], size, threads)
        return
    networks = options.onnx or sorted((ROOT / "models").glob("*.onnx"))
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        picture = options.picture or _make_picture(Path(folder))
        os.environ["BENCH_FOLDER"] = folder
        os.environ["BENCH_PICTURE"] = str(picture.resolve())
        for onnx in networks:
            for long_side_px in options.long_side:
                print_network(onnx.resolve(), long_side_px, options.repeat)


if __name__ == "__main__":
    main()
