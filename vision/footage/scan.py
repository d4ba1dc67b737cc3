"""One quick pass over a video file without decoding: what is in it, and until when."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from vision.errors import FootageError
from vision.footage.container import creation_epoch_s, open_container, read_packets
from vision.footage.gop import PacketTable, good_pictures
from vision.footage.nal import NalFormat, is_clean_entry, is_closed_entry

_CUT_TOLERANCE_S = 0.5
_TS_PACKET_BYTES = 188
_DEEPEST_REORDERING = 4
_INTER_CODECS_IN_AVI = frozenset({"h264", "hevc", "mpeg4", "msmpeg4v2", "msmpeg4v3"})


@dataclass(frozen=True, slots=True, eq=False)
class VideoScan:
    """What one pass over a video file found.

    Attributes:
        table: its packets.
        time_base_s: seconds of one tick.
        codec: e.g. `h264`.
        epoch_s: UTC of its start as the container says; None if not believable.
        first_pts_s: time of the first good picture in the container's clock.
        last_pts_s: time of the last good picture.
        interval_s: median time between pictures.
        declared_end_s: end that the container declares; None if it declares none.
        cut: the file ends before it should.
    """

    table: PacketTable
    time_base_s: Fraction
    codec: str
    epoch_s: float | None
    first_pts_s: float
    last_pts_s: float
    interval_s: float
    declared_end_s: float | None
    cut: bool


@dataclass(slots=True)
class _Rows:
    """The packets' columns while they are read; `None` times are the lowest int64."""

    pts: array[int] = field(default_factory=lambda: array("q"))
    dts: array[int] = field(default_factory=lambda: array("q"))
    size: array[int] = field(default_factory=lambda: array("i"))
    key: array[int] = field(default_factory=lambda: array("b"))
    clean: array[int] = field(default_factory=lambda: array("b"))
    closed: array[int] = field(default_factory=lambda: array("b"))
    damaged: array[int] = field(default_factory=lambda: array("b"))
    hidden: array[int] = field(default_factory=lambda: array("b"))

    def add(self, packet: Packet[VideoStream], form: NalFormat) -> None:
        """Add one packet's row."""
        key = packet.is_keyframe
        data = bytes(packet) if key and form.codec in {"h264", "hevc"} else b""
        self.pts.append(_NO_TIME if packet.pts is None else packet.pts)
        self.dts.append(_NO_TIME if packet.dts is None else packet.dts)
        self.size.append(packet.size)
        self.key.append(key)
        self.clean.append(key and is_clean_entry(data, form))
        self.closed.append(key and is_closed_entry(data, form))
        self.damaged.append(packet.is_corrupt)
        self.hidden.append(packet.is_discard)


_NO_TIME = int(np.iinfo(np.int64).min)


def scan_video(path: Path) -> VideoScan:
    """Read all packets of the main video stream, without decoding any.

    Raises:
        NotFoundError: there is no such file.
        FootageError: it is no video, or no picture in it could be decoded.
    """
    with open_container(path) as (container, stream):
        rows = _Rows()
        context = stream.codec_context
        form = NalFormat.of(context.name, context.extradata)
        for packet in read_packets(container, stream):
            rows.add(packet, form)
        if len(rows.damaged) and _partial_ts(container, path):
            rows.damaged[-1] = 1
        time_base = stream.time_base or Fraction(1, 90000)
        table = _table(rows, _is_counted(container, stream, rows), _frame_ticks(stream))
        if not table.shown.any():
            msg = f"{path.name} holds no whole picture; copy it from the camera again"
            raise FootageError(msg)
        pts_s = np.sort(table.pts[table.shown]) * float(time_base)
        interval_s = float(np.median(np.diff(pts_s))) if len(pts_s) > 1 else 0.04
        declared_end_s = _declared_end_s(container, stream, float(pts_s[0]))
        end_s = float(pts_s[-1]) + interval_s
        return VideoScan(
            table=table,
            time_base_s=time_base,
            codec=context.name,
            epoch_s=creation_epoch_s(container, stream),
            first_pts_s=float(pts_s[0]),
            last_pts_s=float(pts_s[-1]),
            interval_s=interval_s,
            declared_end_s=declared_end_s,
            cut=any(rows.damaged[-1:])
            or (declared_end_s or end_s) - end_s
            > max(_CUT_TOLERANCE_S, 3 * interval_s),
        )


def _table(rows: _Rows, counted: bool, frame_ticks: int) -> PacketTable:  # noqa: FBT001 - a fact of the file
    pts = np.array(rows.pts, dtype=np.int64)
    entry = np.array(rows.clean, dtype=np.bool_)
    if counted:
        first = np.cumsum(entry) == 1
        entry &= first | np.array(rows.closed, dtype=np.bool_)
        pts = _counted_times(np.array(rows.dts, dtype=np.int64), frame_ticks)
    damaged = np.array(rows.damaged, dtype=np.bool_)
    if counted:  # a picture may be shown this many places before its packet
        for row in np.flatnonzero(damaged):
            damaged[max(0, row - _DEEPEST_REORDERING) : row] = True
    shown = good_pictures(pts, entry, damaged)
    shown &= ~np.array(rows.hidden, dtype=np.bool_)
    return PacketTable(
        pts=pts,
        size=np.array(rows.size, dtype=np.int32),
        key=np.array(rows.key, dtype=np.bool_),
        entry=entry,
        shown=shown,
        counted=counted,
    )


def _is_counted(container: InputContainer, stream: VideoStream, rows: _Rows) -> bool:
    """Say if presentation times are missing or, as in AVI, guessed by the reader."""
    in_avi = "avi" in container.format.name.split(",")
    guessed = in_avi and stream.codec_context.name in _INTER_CODECS_IN_AVI
    return guessed or _NO_TIME in rows.pts


def _counted_times(
    dts: npt.NDArray[np.int64], frame_ticks: int
) -> npt.NDArray[np.int64]:
    if len(dts) and dts.min() > _NO_TIME:
        return np.sort(dts)
    return np.arange(len(dts), dtype=np.int64) * frame_ticks


def _frame_ticks(stream: VideoStream) -> int:
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    return max(1, round(1 / (rate * (stream.time_base or Fraction(1, 90000)))))


def _declared_end_s(
    container: InputContainer, stream: VideoStream, first_pts_s: float
) -> float | None:
    """Return where the container's header says that the pictures end."""
    formats = container.format.name.split(",")
    base = float(stream.time_base or 0)
    if "avi" in formats:  # the header's frame count, in ticks
        return stream.frames * base if stream.frames else None
    if "mpegts" in formats:  # has no header: a duration is the reader's own estimate
        return None
    if stream.duration:
        return first_pts_s + stream.duration * base
    tag = stream.metadata.get("DURATION", "")
    hours, _, rest = tag.partition(":")
    minutes, _, seconds = rest.partition(":")
    try:
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        pass
    return container.duration / 1e6 if container.duration else None


def _partial_ts(container: InputContainer, path: Path) -> bool:
    """Say if a transport stream ends in the middle of one of its packets."""
    if container.format.name != "mpegts":
        return False
    size = path.stat().st_size
    return size % _TS_PACKET_BYTES != 0 and size % (_TS_PACKET_BYTES + 4) != 0
