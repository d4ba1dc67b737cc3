"""Makes videos whose pictures carry their own number, so that times can be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
WIDTH, HEIGHT, BITS, BLOCK = 192, 128, 8, 24
X264 = {"preset": "fast", "threads": "1"}
X265 = "log-level=none:pools=1:frame-threads=1"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a test video is made."""

    name: str
    codec: str = "libx264"
    options: dict[str, str] = field(default_factory=dict)
    container: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    pix_fmt: str = "yuv420p"
    rotation: int = 0


RECIPES = {
    "H.264 with B-frames in MP4": Recipe("a.mp4", options={"g": "12", "bf": "3"}),
    "H.264 open groups, B-pyramid, MP4": Recipe(
        "b.mp4",
        options={
            "g": "12",
            "bf": "3",
            "x264-params": "open-gop=1:b-pyramid=normal:b-adapt=0:scenecut=0",
        },
    ),
    "H.264 open groups in TS": Recipe(
        "c.ts",
        options={"g": "12", "bf": "3", "x264-params": "open-gop=1:scenecut=0"},
    ),
    "H.264 in MKV": Recipe("d.mkv", options={"g": "15", "bf": "2"}),
    "H.264 with B-frames in AVI": Recipe("e.avi", options={"g": "12", "bf": "3"}),
    "H.264 gradual refresh in TS": Recipe(
        "f.ts", options={"g": "15", "x264-params": "intra-refresh=1:bframes=0"}
    ),
    "H.264 one group for all": Recipe("g.mov", options={"g": "600", "bf": "2"}),
    "H.265 open groups in MP4": Recipe(
        "h.mp4",
        "libx265",
        {"x265-params": f"keyint=12:min-keyint=4:open-gop=1:bframes=4:{X265}"},
    ),
    "H.265 closed groups in TS": Recipe(
        "i.ts",
        "libx265",
        {"x265-params": f"keyint=12:min-keyint=4:open-gop=0:bframes=3:{X265}"},
    ),
    "H.265 temporal layers in MKV": Recipe(
        "j.mkv",
        "libx265",
        {"x265-params": f"keyint=16:temporal-layers=3:b-adapt=0:bframes=3:{X265}"},
    ),
    "MJPEG in AVI": Recipe("k.avi", "mjpeg", pix_fmt="yuvj420p"),
    "MJPEG in MOV": Recipe("l.mov", "mjpeg", pix_fmt="yuvj420p"),
    "MPEG-4 with B-frames in AVI": Recipe("m.avi", "mpeg4", {"g": "12", "bf": "2"}),
}


def numbered(number: int) -> Picture:
    """Return a textured, moving picture with its number as eight black/white blocks."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    waves = np.sin((columns + 3 * number) / 7) * np.cos((rows - 2 * number) / 5)
    grey = np.clip(128 + 60 * waves, 0, 255)
    for bit in range(BITS):
        grey[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 235 if number >> bit & 1 else 20
    picture: Picture = np.stack([grey, 0.8 * grey + 20, 255 - grey], axis=2).astype(
        np.uint8
    )
    return picture


def number_of(picture: Picture) -> int:
    """Read the number back."""
    centres = [bit * BLOCK + BLOCK // 2 for bit in range(BITS)]
    return sum(
        int(picture[BLOCK // 2, centre, 0] > 128) << bit
        for bit, centre in enumerate(centres)
    )


def regular(count: int, interval_ms: int = 40) -> list[int]:
    """Return times in milliseconds."""
    return [n * interval_ms for n in range(count)]


def make_video(folder: Path, recipe: Recipe, times_ms: Sequence[int]) -> Path:
    """Encode one numbered picture at each time; return the file."""
    path = folder / recipe.name
    with av.open(str(path), "w", options=recipe.container) as container:
        container.metadata.update(recipe.metadata)
        by_frame = recipe.codec in {"mjpeg", "mpeg4"} or path.suffix == ".avi"
        base = Fraction(1, 25) if by_frame else Fraction(1, 1000)
        stream = container.add_stream(recipe.codec, rate=25)
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = recipe.pix_fmt
        stream.options = {
            **(X264 if recipe.codec == "libx264" else {}),
            **recipe.options,
        }
        stream.codec_context.time_base = base
        if recipe.rotation:
            stream.set_display_rotation(recipe.rotation)
        for number, time_ms in enumerate(times_ms):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="bgr24")
            frame = frame.reformat(format=recipe.pix_fmt)
            frame.pts = round(Fraction(time_ms, 1000) / base)
            frame.time_base = base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decode_all(path: Path) -> list[Picture]:
    """Return every picture of a video as a plain full decode gives it."""
    with av.open(str(path)) as container:
        return [
            np.array(frame.to_ndarray(format="bgr24"))
            for frame in container.decode(video=0)
        ]
