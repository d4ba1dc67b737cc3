"""Videos with known frames: made, not checked in."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from vision.types import Image

MS = Fraction(1, 1000)


def write_video(
    path: Path,
    images: Sequence[Image],
    times_ms: Sequence[int],
    *,
    sound_s: float = 0.0,
) -> Path:
    """Write pictures at the given times, with metadata and, if wanted, a tone."""
    with av.open(str(path), "w") as target:
        target.metadata["title"] = "patrol of Mr. Li"
        target.metadata["location"] = "+34.0000+113.8000/"
        stream = target.add_stream("libx264", rate=25)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv444p"
        stream.time_base = stream.codec_context.time_base = MS
        stream.options = {"crf": "4"}
        sound = target.add_stream("aac", rate=16_000) if sound_s else None
        for image, time_ms in zip(images, times_ms, strict=True):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = time_ms, MS
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
        if sound is not None:
            wave = np.sin(np.arange(int(16_000 * sound_s)) / 6).astype(np.float32)
            tone = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            tone.sample_rate, tone.pts = 16_000, 0
            target.mux(sound.encode(tone))
            target.mux(sound.encode(None))
    return path


def read_video(path: Path) -> tuple[list[Image], list[float]]:
    """Return the pictures (BGR) and their times in seconds."""
    images, times = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            images.append(frame.to_ndarray(format="bgr24"))
            times.append(float(frame.time or 0.0))
    return images, times
