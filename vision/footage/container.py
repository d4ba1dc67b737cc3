"""Opens a video container and says in one sentence what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from vision.errors import FootageError, NotFoundError
from vision.probe import top_boxes

_EARLIEST = datetime(2000, 1, 2, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@contextmanager
def open_container(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Give the open container and its main video stream; close it afterwards.

    The main stream is the largest picture that is not a cover image.

    Raises:
        NotFoundError: there is no such file.
        FootageError: it is empty, no video, or has no picture stream we can decode.
    """
    _check_file(path)
    try:
        container = av.open(str(path), mode="r", metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise FootageError(_why_unreadable(path)) from error
    with container:
        if _is_picture_or_text(container):
            raise FootageError(_why_unreadable(path))
        yield container, _main_stream(container, path)


def read_packets(
    container: InputContainer, stream: VideoStream
) -> Iterator[Packet[VideoStream]]:
    """Yield the stream's packets that hold data, in decode order.

    Stops quietly where the file becomes unreadable. Two passes over one file give the
    same packets, so a packet's position in this sequence names it.
    """
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        if packet.size > 0:
            yield packet


def creation_epoch_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Return the UTC the container says it was made at; None if not believable.

    Cameras without a set clock write the zero of their format (1904, 1970 or 2000).
    """
    for metadata in (stream.metadata, container.metadata):
        for key in ("creation_time", "com.apple.quicktime.creationdate"):
            try:
                made = datetime.fromisoformat(metadata.get(key, ""))
            except ValueError:
                continue
            made = made.replace(tzinfo=made.tzinfo or UTC)
            if _EARLIEST < made < _LATEST:
                return made.timestamp()
    return None


def _check_file(path: Path) -> None:
    if not path.exists():
        msg = f"footage {path} does not exist; check the path"
        raise NotFoundError(msg)
    if not path.is_file():
        msg = f"footage {path} is not a file; give a video, a photo or a folder of them"
        raise FootageError(msg)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        msg = f"footage {path} cannot be read ({error.strerror}); check its permissions"
        raise FootageError(msg) from error
    if size == 0:
        msg = f"footage {path} is empty (0 bytes); copy it from the camera again"
        raise FootageError(msg)


def _is_picture_or_text(container: InputContainer) -> bool:
    """Say if the library took a lone picture or a text file for a video."""
    name = container.format.name
    return name in {"image2", "tty", "gif", "apng"} or name.endswith("_pipe")


def _main_stream(container: InputContainer, path: Path) -> VideoStream:
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if not streams:
        msg = f"{path.name} holds no video stream; give the camera's video file"
        raise FootageError(msg)
    decodable = [stream for stream in streams if stream.codec_context is not None]
    if not decodable:
        msg = f"{path.name} uses a video codec that cannot be decoded; convert it first"
        raise FootageError(msg)
    return max(decodable, key=lambda stream: stream.width * stream.height)


def _why_unreadable(path: Path) -> str:
    with path.open("rb") as file:
        boxes = top_boxes(file)
    if "ftyp" in boxes and "moov" not in boxes:
        return (
            f"{path.name} has no index (moov box), the camera was cut off before it "
            "closed the file; repair it with the camera or a recovery tool"
        )
    return (
        f"{path.name} is not a video or photo that can be read; "
        "give MP4, MOV, MKV, AVI, TS, JPEG or PNG"
    )
