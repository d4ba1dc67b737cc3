"""Renders the sample drive, resumably, and writes video and truth. Needs `bpy`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

from training.synth import render, scene
from training.synth.drive_files import write_tracks
from training.synth.drive_setup import (
    FRAME_COUNT,
    FRAME_RATE_HZ,
    LENS,
    START_UTC,
    pose_at,
)
from training.synth.drive_truth import truth
from training.synth.sample_plan import sample_plan
from training.synth.truth import Box, keep_label, yolo_lines
from training.synth.video import encode_to_fit
from training.synth.visibility import Viewer

MAX_VIDEO_BYTES = 11_700_000


def strided(count: int) -> list[int]:
    """Return 0..count-1, every fourth first, so that a part of it is of use."""
    return [i for start in (0, 2, 1, 3) for i in range(start, count, 4)]


def render_drive(
    out: Path, frames_dir: Path, *, only: int | None = None
) -> Iterator[str]:
    """Render the missing frames, then write truth, tracks and video.

    Args:
        out: the drive's folder.
        frames_dir: keeps the single frames and their labels; may be thrown away.
        only: render this frame alone and write nothing else.

    Yields:
        Lines of progress.
    """
    plan = sample_plan()
    images = frames_dir / "images"
    images.mkdir(parents=True, exist_ok=True)
    wanted = [only] if only is not None else strided(FRAME_COUNT)
    missing = [
        i for i in wanted if only is not None or not (images / f"{i:04d}.jpg").exists()
    ]
    if only is None:
        boxes = _all_boxes(frames_dir)
        out.mkdir(parents=True, exist_ok=True)
        write_tracks(out)
        document = json.dumps(truth(plan, boxes), ensure_ascii=False, indent=1)
        (out / "truth.json").write_text(document + "\n", encoding="utf-8")
        yield "truth, tracks, roads and camera written"
    if missing:
        stage = scene.build(plan)
        render.configure(LENS, plan.look.exposure)
    for done, i in enumerate(missing):
        started = time.monotonic()
        scene.move_actors(stage, i / FRAME_RATE_HZ)
        render.place_camera(stage.camera, pose_at(i / FRAME_RATE_HZ))
        render.render_to(images / f"{i:04d}.jpg", seed=i)
        took_s = time.monotonic() - started
        yield f"frame {i:04d}, {done + 1}/{len(missing)}, {took_s:.1f} s"
    if only is None:
        pictures = [images / f"{i:04d}.jpg" for i in range(FRAME_COUNT)]
        encode_to_fit(
            pictures,
            out / "drive.mp4",
            rate_hz=FRAME_RATE_HZ,
            start_utc=START_UTC,
            max_bytes=MAX_VIDEO_BYTES,
        )
        yield f"video written, {(out / 'drive.mp4').stat().st_size / 1e6:.1f} MB"


def _all_boxes(frames_dir: Path) -> dict[int, list[Box]]:
    """Compute the boxes of all frames and write them as YOLO labels."""
    (frames_dir / "labels").mkdir(parents=True, exist_ok=True)
    viewer = Viewer(sample_plan())
    boxes: dict[int, list[Box]] = {}
    for i in range(FRAME_COUNT):
        boxes[i] = viewer.boxes(LENS, pose_at(i / FRAME_RATE_HZ), i / FRAME_RATE_HZ)
        lines = yolo_lines([b for b in boxes[i] if keep_label(b)], LENS)
        (frames_dir / "labels" / f"{i:04d}.txt").write_text(lines, encoding="utf-8")
    return boxes
