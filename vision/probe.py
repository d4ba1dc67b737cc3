"""A short look at one file: is it footage, and can a first picture be decoded?

Reads no more than it needs, takes the file's own word for nothing, and opens nothing
that the file names: the container is chosen here by its first bytes, so that a playlist
called `.mp4` is not followed. It lies apart from `vision/footage`, which takes memory
that whoever looks at a file that just came does not need.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from vision.errors import FootageError

_PACKETS = 2000
_BYTES = 128 << 20
"""So much of a video is tried until there is a picture."""
_MOST_PIXELS = 150_000_000
_MOST_BOXES = 100_000
_BOXES = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid"}
)
UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    PillowImage.DecompressionBombError,
)
_TS_PACKET, _TS_SYNC = 188, 0x47


def container_of(head: bytes) -> str | None:
    """Return which container the first bytes of a file begin; None for none of ours.

    Args:
        head: at least 400 bytes of a file that has so many.
    """
    if head[4:8] in _BOXES:
        return "mov"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith(b"\x00\x00\x01\xba"):
        return "mpeg"
    for start, step in ((0, _TS_PACKET), (4, _TS_PACKET + 4)):
        syncs = head[start : start + 2 * step + 1 : step]
        if len(syncs) == 3 and set(syncs) == {_TS_SYNC}:
            return "mpegts"
    return None


def top_boxes(file: BinaryIO) -> set[str]:
    """Return the names of the top-level ISO boxes, as far as they can be walked."""
    names: set[str] = set()
    end = file.seek(0, os.SEEK_END)
    offset = 0
    for _ in range(_MOST_BOXES):
        if offset + 8 > end:
            break
        file.seek(offset)
        header = file.read(16)
        (size,) = struct.unpack(">I", header[:4])
        names.add(header[4:8].decode("latin-1"))
        if size == 1 and len(header) == 16:
            (size,) = struct.unpack(">Q", header[8:])
        if size < 8:
            break
        offset += size
    return names


def probe_video(file: BinaryIO, name: str) -> None:
    """Decode one picture of a video.

    Args:
        file: can be sought.
        name: for messages.

    Raises:
        FootageError: it is no video, or none of its first pictures can be decoded.
    """
    file.seek(0)
    container = container_of(file.read(512))
    if container is None:
        msg = (
            f"{name} is not a video that can be read, whatever its name says; "
            "send MP4, MOV, MKV, AVI or TS"
        )
        raise FootageError(msg)
    if container == "mov":
        _refuse_without_index(file, name)
    file.seek(0)
    try:
        with av.open(
            file, mode="r", format=container, metadata_errors="replace"
        ) as opened:
            found = _has_picture(opened, name)
    except (av.FFmpegError, ValueError, MemoryError) as error:
        msg = f"{name} is damaged and cannot be opened; copy it from the camera again"
        raise FootageError(msg) from error
    if not found:
        msg = f"no picture of {name} can be decoded; copy it from the camera again"
        raise FootageError(msg)


def probe_photo(file: BinaryIO, name: str) -> None:
    """Decode a photo, as coarsely as its format allows.

    Args:
        file: can be sought.
        name: for messages.

    Raises:
        FootageError: it is damaged, or larger than any photo.
    """
    file.seek(0)
    try:
        with PillowImage.open(file, formats=("JPEG", "PNG")) as photo:
            width_px, height_px = photo.size
            if width_px * height_px > _MOST_PIXELS:
                msg = (
                    f"{name} says it has {width_px} x {height_px} pixels: no photo has"
                )
                raise FootageError(msg)
            photo.draft("RGB", (width_px // 8, height_px // 8))
            photo.load()
    except (*UNREADABLE, MemoryError) as error:
        msg = f"photo {name} cannot be decoded; copy it from the camera again"
        raise FootageError(msg) from error


def _refuse_without_index(file: BinaryIO, name: str) -> None:
    boxes = top_boxes(file)
    if "ftyp" in boxes and "moov" not in boxes and "moof" not in boxes:
        msg = (
            f"{name} has no index (moov box), the camera was cut off before it closed "
            "the file; repair it with the camera or a recovery tool"
        )
        raise FootageError(msg)


def _has_picture(container: InputContainer, name: str) -> bool:
    streams: list[VideoStream] = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
        and stream.codec_context is not None
    ]
    if not streams:
        msg = f"{name} holds no video that can be decoded; send the camera's video file"
        raise FootageError(msg)
    main = max(streams, key=lambda stream: stream.width * stream.height)
    if main.width * main.height > _MOST_PIXELS:
        msg = f"{name} says it has {main.width} x {main.height} pixels: no video has"
        raise FootageError(msg)
    main.codec_context.thread_count = 1
    read = 0
    for number, packet in enumerate(container.demux(main)):
        read += packet.size
        if number > _PACKETS or read > _BYTES:
            return False
        try:
            pictures = packet.decode()
        except av.FFmpegError:
            continue
        if any(not picture.is_corrupt for picture in pictures):
            return True
    return False
