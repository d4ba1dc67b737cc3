"""Encodes frames as H.264 MP4 with PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType

CRF_RANGE = (18, 36)
"""Constant rate factors that `encode_to_fit` tries, best quality first."""


def encode(
    pictures: Sequence[Path],
    out: Path,
    *,
    rate_hz: int,
    start_utc: datetime,
    crf: int = 24,
) -> None:
    """Write pictures as H.264, yuv420p, a key frame every 20; replace `out` at once.

    Args:
        pictures: JPEG files of one size, in order.
        out: the MP4 file.
        rate_hz: frames a second.
        start_utc: time of the first frame, written as `creation_time`.
        crf: constant rate factor; higher is smaller.
    """
    part = out.with_name(f".{out.name}.part")
    with av.open(
        str(part), "w", format="mp4", options={"movflags": "+faststart"}
    ) as container:
        container.metadata["creation_time"] = start_utc.strftime(
            "%Y-%m-%dT%H:%M:%S.000000Z"
        )
        options = {"crf": str(crf), "preset": "slower", "g": "20", "bf": "2"}
        stream = container.add_stream("libx264", rate=rate_hz, options=options)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate_hz)
        for k, path in enumerate(pictures):
            with av.open(str(path)) as picture:
                frame = next(picture.decode(video=0))
            if not stream.width or frame.width != stream.width:
                stream.width, stream.height = frame.width, frame.height
            plain = frame.reformat(format="yuv420p", dst_color_range="MPEG")
            plain.pts, plain.time_base = k, Fraction(1, rate_hz)
            plain.pict_type = PictureType.NONE
            container.mux(stream.encode(plain))
        container.mux(stream.encode())
    part.replace(out)


def encode_to_fit(
    pictures: Sequence[Path],
    out: Path,
    *,
    rate_hz: int,
    start_utc: datetime,
    max_bytes: int,
) -> int:
    """Encode with the best quality that fits; return its constant rate factor.

    Raises:
        ValueError: even the coarsest quality is larger than `max_bytes`.
    """
    low, high = CRF_RANGE
    while low < high:
        crf = (low + high) // 2
        encode(pictures, out, rate_hz=rate_hz, start_utc=start_utc, crf=crf)
        if out.stat().st_size <= max_bytes:
            high = crf
        else:
            low = crf + 1
    encode(pictures, out, rate_hz=rate_hz, start_utc=start_utc, crf=high)
    size = out.stat().st_size
    if size > max_bytes:
        msg = f"expected at most {max_bytes} bytes of video, got {size} at crf {high}"
        raise ValueError(msg)
    return high
