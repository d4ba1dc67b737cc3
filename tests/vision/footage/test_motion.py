"""Activity follows the vehicle without decoding a picture."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vision.errors import FootageError, NotFoundError
from vision.footage import activity

FPS = 25


def drive(folder: Path, speeds_px: list[float]) -> Path:
    """Encode one second of a street moving sideways for each speed in px a frame."""
    random = np.random.default_rng(1)
    street = random.integers(0, 255, (96, 4000), dtype=np.uint8)
    street = np.repeat(np.repeat(street, 4, axis=0), 4, axis=1)[:96]
    path = folder / "drive.mp4"
    with av.open(str(path), "w") as container:
        options = {"g": "25", "threads": "1", "preset": "fast"}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        at_px = 0.0
        for number in range(len(speeds_px) * FPS):
            at_px += speeds_px[number // FPS]
            noise = random.integers(0, 12, (96, 160), dtype=np.uint8)
            view = street[:, int(at_px) : int(at_px) + 160] // 2 + noise
            frame = av.VideoFrame.from_ndarray(view, format="gray")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_activity_rises_and_falls_with_the_speed(tmp_path: Path) -> None:
    path = drive(tmp_path, [0, 0, 0, 5, 5, 5, 0, 0, 0])

    signal = activity(path, 50.0)

    assert signal is not None
    standing = (signal.drive_s < 52.4) | (signal.drive_s > 56.6)
    moving = (signal.drive_s > 53.6) & (signal.drive_s < 55.4)
    assert signal.activity[moving].min() > signal.activity[standing].max()


def test_activity_is_on_the_drive_clock(tmp_path: Path) -> None:
    signal = activity(drive(tmp_path, [1.0] * 4), 50.0)

    assert signal is not None
    assert signal.drive_s[0] == pytest.approx(50.5)
    assert 53.2 < signal.drive_s[-1] <= 53.5
    assert np.allclose(np.diff(signal.drive_s), 0.2)
    assert np.median(signal.activity) == pytest.approx(1.0)


def test_no_signal_where_sizes_say_nothing(
    recipe_video: Callable[[str], Path], shared: Path, tmp_path: Path
) -> None:
    photos = shared / "data" / "drives" / "larochelle_photos"

    assert activity(recipe_video("MJPEG in AVI"), 0.0) is None
    assert activity(drive(tmp_path, [1.0]), 0.0) is None
    assert activity(photos, 0.0) is None
    assert activity(photos / "img_test_panoramx_1.jpg", 0.0) is None


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "a.mp4"
    text.write_text("no video")

    with pytest.raises(FootageError, match="is not a video"):
        activity(text, 0.0)
    with pytest.raises(NotFoundError, match="does not exist"):
        activity(tmp_path / "gone.mp4", 0.0)
