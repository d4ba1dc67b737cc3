"""Mask every frame of a video."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from vision.errors import Failure, FootageError, OutputError
from vision.privacy.base import PrivacyDetector, Progress
from vision.privacy.mask import mask_regions
from vision.privacy.output import Masked, check_output, written_whole
from vision.privacy.regions import Region
from vision.privacy.sight import find_regions
from vision.types import Frame, Image, MaskedImage

VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv")

_MISSING_S = 1.0
"""A file whose frames end this much before its own length has lost its end."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """One upright frame with its private regions."""

    image: Image
    pts: int
    regions: list[Region]


def mask_video(
    path: Path,
    out: Path,
    *,
    detector: PrivacyDetector,
    also: tuple[PrivacyDetector, ...] = (),
    progress: Progress | None = None,
) -> Masked:
    """Write a masked copy of a video: H.264, upright, same times, pictures only.

    Every frame is looked at. A frame also keeps the regions of the frame before and of
    the one after, so a face that is missed once does not flash up. Sound, subtitles,
    positions and all other metadata are left out. Three frames are in memory.

    Args:
        path: the video.
        out: the copy, .mp4, .mov or .mkv; an older file of that name is replaced.
        detector: finds what is private.
        also: further ones; what they find is masked as well.
        progress: told after every frame; None for silence.

    Raises:
        NotFoundError: there is no such video.
        FootageError: it is no video, or holds not one frame.
        OutputError: `out` is the original or cannot be written.
    """
    check_output(path, out, suffixes=VIDEO_SUFFIXES)
    try:
        container = av.open(str(path))
    except av.FFmpegError as error:
        raise _no_video(path) from error
    with container, written_whole(out) as part:
        if not container.streams.video:
            raise _no_video(path)
        run = _Run(path, container, (detector, *also), progress)
        try:
            with av.open(str(part), "w") as target:
                return run.write(target)
        except (av.FFmpegError, OSError) as error:
            msg = f"{out} cannot be written: {error.strerror}"
            raise OutputError(msg) from error


class _Run:
    """One video on its way from decoder to encoder."""

    def __init__(
        self,
        path: Path,
        container: InputContainer,
        detectors: tuple[PrivacyDetector, ...],
        progress: Progress | None,
    ) -> None:
        self._path = path
        self._container = container
        self._stream = container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._detectors = detectors
        self._progress = progress
        self._failure: Failure | None = None
        self._time_base = self._stream.time_base or Fraction(1, 90_000)
        self._rate = self._stream.average_rate or Fraction(25)

    def write(self, target: OutputContainer) -> Masked:
        encoder: VideoStream | None = None
        frames = regions = 0
        expected = self._expected_frames()
        for seen, private in _with_neighbours(self._look()):
            image = _even(mask_regions(seen.image, private))
            encoder = encoder or self._encoder(target, image)
            picture = _encodable(image)
            picture.pts, picture.time_base = seen.pts, self._time_base
            target.mux(encoder.encode(picture))
            frames, regions = frames + 1, regions + len(seen.regions)
            if self._progress is not None:
                self._progress(frames, max(frames, expected))
        if encoder is None:
            raise _no_video(self._path)
        target.mux(encoder.encode(None))
        return Masked(frames=frames, regions=regions, failure=self._failure)

    def _encoder(self, target: OutputContainer, image: Image) -> VideoStream:
        encoder = target.add_stream("libx264", rate=self._rate)
        encoder.height, encoder.width = image.shape[:2]
        encoder.pix_fmt = "yuv420p"
        encoder.codec_context.colorspace = Colorspace.ITU709
        encoder.codec_context.color_primaries = encoder.codec_context.color_trc = 1
        encoder.codec_context.color_range = ColorRange.MPEG
        encoder.time_base = encoder.codec_context.time_base = self._time_base
        encoder.options = {"crf": "21", "preset": "veryfast"}
        return encoder

    def _look(self) -> Iterator[_Seen]:
        last_pts: int | None = None
        for index, decoded in enumerate(self._decode()):
            pts = self._ascending(decoded.pts, last_pts)
            time_s = float(pts * self._time_base)
            image = _upright(decoded)
            frame = Frame(index, time_s, time_s, image, self._path.name)
            yield _Seen(image, pts, find_regions(frame, self._detectors))
            last_pts = pts

    def _ascending(self, pts: int | None, last_pts: int | None) -> int:
        """Return a time later than the last one; broken files repeat or lack theirs."""
        step = max(1, math.floor(1 / (self._rate * self._time_base)))
        if pts is None:
            return 0 if last_pts is None else last_pts + step
        return pts if last_pts is None or pts > last_pts else last_pts + 1

    def _decode(self) -> Iterator[VideoFrame]:
        last_s = 0.0
        try:
            for decoded in self._container.decode(self._stream):
                yield decoded
                last_s = decoded.time or last_s
        except av.FFmpegError as error:
            self._record_break(last_s, str(error.strerror))
            return
        if last_s < self._end_s() - _MISSING_S:
            self._record_break(last_s, f"of {self._end_s():.1f} s")

    def _record_break(self, last_s: float, why: str) -> None:
        broken = FootageError(
            f"{self._path.name} breaks off after {last_s:.1f} s ({why}); "
            "what came before is masked and written"
        )
        self._failure = Failure.of(self._path.name, broken)

    def _end_s(self) -> float:
        """Return when the last frame ends by the container's word; 0 if it has none."""
        stream, base_s = self._stream, float(self._time_base)
        if stream.duration is not None:
            return ((stream.start_time or 0) + stream.duration) * base_s
        if self._container.duration is not None:
            start_us = self._container.start_time or 0
            return (start_us + self._container.duration) / 1e6
        return 0.0

    def _expected_frames(self) -> int:
        if self._stream.frames:
            return int(self._stream.frames)
        return int((self._container.duration or 0) / 1e6 * self._rate)


def _with_neighbours(seen: Iterator[_Seen]) -> Iterator[tuple[_Seen, list[Region]]]:
    """Yield each frame with its regions and those of the frames beside it."""
    before: list[Region] = []
    here = next(seen, None)
    while here is not None:
        after = next(seen, None)
        later = after.regions if after is not None else []
        yield here, [*before, *later, *here.regions]
        before, here = here.regions, after


def _upright(decoded: VideoFrame) -> Image:
    """Return BGR, turned as the display matrix says (counter-clockwise degrees)."""
    image = decoded.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    turns = round(decoded.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _encodable(image: MaskedImage) -> VideoFrame:
    """Return 4:2:0 in the colours that players expect of H.264 (BT.709, limited)."""
    return VideoFrame.from_ndarray(image, format="bgr24").reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
    )


def _even(image: MaskedImage) -> MaskedImage:
    """Repeat the last row and column where H.264 needs an even size."""
    height, width = image.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return image
    padded = cv2.copyMakeBorder(
        image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE
    )
    return MaskedImage(padded.astype(np.uint8, copy=False))


def _no_video(path: Path) -> FootageError:
    return FootageError(f"{path.name} in {path.parent} is not a video that can be read")
