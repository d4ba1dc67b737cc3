"""Footage of a few kilobytes that can be read, made in memory."""

from __future__ import annotations

import io

import av
import numpy as np
from PIL import Image

GPX = b"""<?xml version="1.0"?><gpx version="1.1"><trk><trkseg>
<trkpt lat="34.02" lon="113.85"><time>2026-05-01T00:00:00Z</time></trkpt>
<trkpt lat="34.03" lon="113.85"><time>2026-05-01T00:00:01Z</time></trkpt>
</trkseg></trk></gpx>"""


def small_video(shade: int = 90) -> bytes:
    """Return an MP4 of five grey pictures; another shade is another file."""
    into = io.BytesIO()
    with av.open(into, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=5)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            grey = np.full((48, 64, 3), shade, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return into.getvalue()


def small_photo(shade: int = 90) -> bytes:
    """Return a JPEG of one grey; another shade is another file."""
    into = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, shade, shade)).save(into, "JPEG")
    return into.getvalue()
