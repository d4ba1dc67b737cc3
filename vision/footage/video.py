"""Video files as a footage source: decodes the wanted pictures and nothing more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vision.errors import FootageError, InputError
from vision.footage.base import FootageInfo
from vision.footage.container import open_container, read_packets
from vision.footage.gop import plan_decoding
from vision.footage.nal import NalFormat, is_disposable
from vision.footage.scan import VideoScan, scan_video
from vision.types import Frame, Image

DECODER_THREADS = 2
_TURNS = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


@dataclass(frozen=True, slots=True, eq=False)
class VideoSource:
    """One video file; a `FootageSource`.

    Attributes:
        path: the file.
        info: what it says of itself.
        scan: its packets and times.
    """

    path: Path
    info: FootageInfo
    scan: VideoScan

    def all_drive_s(self) -> npt.NDArray[np.float64]:
        """Return the drive times of all good pictures, ascending."""
        table = self.scan.table
        ticks = np.sort(table.pts[table.shown]).astype(np.float64)
        pts_s = ticks * float(self.scan.time_base_s)
        return pts_s - self.scan.first_pts_s + self.info.start_drive_s

    def starting_at(self, start_drive_s: float) -> VideoSource:
        """Return the same file placed elsewhere on the drive clock."""
        shift_s = start_drive_s - self.info.start_drive_s
        keys = tuple(t + shift_s for t in self.info.picture_drive_s)
        info = replace(self.info, start_drive_s=start_drive_s, picture_drive_s=keys)
        return replace(self, info=info)

    def frames(self, at_drive_s: Sequence[float], first_index: int) -> Iterator[Frame]:
        """Yield the picture nearest to each wanted time, decoding no more than needed.

        A picture that is the nearest to several wanted times is yielded once. Times
        past the last good picture of a file that was cut short yield nothing.

        Args:
            at_drive_s: ascending times on the drive clock within this source.
            first_index: `Frame.index` of the first one yielded.

        Raises:
            InputError: a wanted time is not a number.
            FootageError: the file was cut short, or some wanted pictures could not be
                decoded; raised after all that could be were yielded. The message names
                the last good second of the file's own time from its first picture.
        """
        scan = self.scan
        wanted = self._wanted(at_drive_s)
        index = first_index
        last_good_s = 0.0
        for row, picture in decode_pictures(self.path, scan, wanted):
            pts_s = float(scan.table.pts[row] * scan.time_base_s)
            last_good_s = pts_s - scan.first_pts_s
            yield Frame(
                index=index,
                pts_s=pts_s,
                drive_s=self.info.start_drive_s + last_good_s,
                image=_upright_bgr(picture),
                source=self.info.name,
            )
            index += 1
        self._report(int(wanted.sum()), index - first_index, last_good_s)

    def _wanted(self, at_drive_s: Sequence[float]) -> npt.NDArray[np.bool_]:
        """Return which packets are nearest to the wanted times."""
        table = self.scan.table
        times = np.asarray(at_drive_s, dtype=np.float64)
        if not np.isfinite(times).all():
            msg = f"every wanted time of {self.info.name} must be a finite number"
            raise InputError(msg)
        pts_s = times - self.info.start_drive_s + self.scan.first_pts_s
        if self.scan.cut:
            pts_s = pts_s[pts_s <= self.scan.last_pts_s + self.scan.interval_s]
        rows = np.flatnonzero(table.shown)
        rows = rows[np.argsort(table.pts[rows], kind="stable")]
        shown_s = table.pts[rows] * float(self.scan.time_base_s)
        after = np.clip(np.searchsorted(shown_s, pts_s), 0, len(rows) - 1)
        before = np.maximum(after - 1, 0)
        earlier = pts_s - shown_s[before] <= shown_s[after] - pts_s
        wanted = np.zeros(len(table), dtype=np.bool_)
        wanted[rows[np.where(earlier, before, after)]] = True
        return wanted

    def _report(self, asked: int, got: int, last_good_s: float) -> None:
        """Raise the one sentence about what the file did not give."""
        name = self.info.name
        if self.scan.cut:
            last_s = self.scan.last_pts_s - self.scan.first_pts_s
            whole = ""
            if self.scan.declared_end_s is not None:
                whole_s = self.scan.declared_end_s - self.scan.first_pts_s
                whole = f" of {whole_s:.1f} s"
            msg = (
                f"{name} is cut short: its last good second is {last_s:.1f} s{whole}; "
                "copy it from the camera again"
            )
            raise FootageError(msg)
        if got < asked:
            msg = (
                f"{name} is damaged: {asked - got} of {asked} wanted pictures could "
                f"not be decoded and its last good second is {last_good_s:.1f} s; "
                "copy it from the camera again"
            )
            raise FootageError(msg)


def open_video(path: Path, *, start_drive_s: float = 0.0) -> VideoSource:
    """Open a video file: one pass over its packets and one decoded picture.

    Raises:
        NotFoundError: there is no such file.
        FootageError: it is empty, no video, or nothing in it can be decoded.
    """
    scan = scan_video(path)
    first = np.zeros(len(scan.table), dtype=np.bool_)
    first[np.flatnonzero(scan.table.shown)[0]] = True
    picture = next((picture for _, picture in decode_pictures(path, scan, first)), None)
    if picture is None:
        msg = f"no picture of {path.name} can be decoded; copy it from the camera again"
        raise FootageError(msg)
    width_px, height_px = picture.width, picture.height
    if picture.rotation % 180 == 90:
        width_px, height_px = height_px, width_px
    end_s = scan.last_pts_s + scan.interval_s
    if scan.cut and scan.declared_end_s is not None:
        end_s = max(end_s, scan.declared_end_s)
    keys = np.sort(scan.table.pts[scan.table.key & scan.table.shown])
    keys_s = keys * float(scan.time_base_s) - scan.first_pts_s
    info = FootageInfo(
        name=path.name,
        kind="video",
        width_px=width_px,
        height_px=height_px,
        start_drive_s=start_drive_s,
        duration_s=end_s - scan.first_pts_s,
        epoch_at_start_s=scan.epoch_s,
        picture_drive_s=tuple((keys_s + start_drive_s).tolist()),
        codec=scan.codec,
    )
    return VideoSource(path=path, info=info, scan=scan)


def decode_pictures(
    path: Path, scan: VideoScan, wanted: npt.NDArray[np.bool_]
) -> Iterator[tuple[int, VideoFrame]]:
    """Yield `(row, picture)` of the wanted rows of the table, in the order shown.

    A wanted picture that cannot be decoded without damage is left out.
    """
    plan = plan_decoding(scan.table, wanted)
    with open_container(path) as (container, stream):
        context = stream.codec_context
        form = NalFormat.of(context.name, context.extradata)
        decoder = _Decoder(context, scan, wanted)
        for row, packet in enumerate(read_packets(container, stream)):
            if row >= plan.stop:
                break
            if not plan.feed[row]:
                continue
            if plan.fresh[row]:
                yield from decoder.restart(row)
            if wanted[row] or scan.table.counted or not _droppable(packet, form):
                yield from decoder.feed(packet)
        yield from decoder.restart(len(wanted))


class _Decoder:
    """The codec and the rows that its pictures belong to."""

    def __init__(
        self,
        context: VideoCodecContext,
        scan: VideoScan,
        wanted: npt.NDArray[np.bool_],
    ) -> None:
        context.thread_type = "AUTO"
        context.thread_count = DECODER_THREADS
        self._context = context
        self._counted = scan.table.counted
        self._wanted = wanted
        self._row_of_pts = {
            int(scan.table.pts[row]): int(row) for row in np.flatnonzero(wanted)
        }
        self._next_row = 0

    def feed(
        self, packet: Packet[VideoStream] | None
    ) -> Iterator[tuple[int, VideoFrame]]:
        """Decode a packet (None: what is still inside) and yield what is wanted."""
        try:
            pictures = self._context.decode(packet)
        except av.FFmpegError:
            return
        for picture in pictures:
            row = self._row(picture)
            if row is not None and not picture.is_corrupt:
                yield row, picture

    def restart(self, next_row: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yield what is still inside, then forget everything; `next_row` comes next."""
        yield from self.feed(None)
        self._context.flush_buffers()
        self._next_row = next_row

    def _row(self, picture: VideoFrame) -> int | None:
        if self._counted:
            row = self._next_row
            self._next_row += 1
            return row if row < len(self._wanted) and self._wanted[row] else None
        return None if picture.pts is None else self._row_of_pts.pop(picture.pts, None)


def _droppable(packet: Packet[VideoStream], form: NalFormat) -> bool:
    return packet.is_disposable or is_disposable(bytes(packet), form)


def _upright_bgr(picture: VideoFrame) -> Image:
    """Return the picture as BGR `(H, W, 3)`, turned as the container says."""
    bgr = picture.to_ndarray(format="bgr24", threads=1).astype(np.uint8, copy=False)
    turn = _TURNS.get(picture.rotation % 360)
    if turn is None:
        return np.ascontiguousarray(bgr)
    return cv2.rotate(bgr, turn).astype(np.uint8, copy=False)
