"""The media of a GB/T 28181 camera, from a film: MPEG-PS over RTP, without end.

Source:
    ISO/IEC 13818-1, 2.5 (pack, system header, PES) and 2.5.4 (program stream map);
    GB/T 28181-2016, annex C (payload type 96, 90 kHz; RFC 4571 over TCP).
"""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import av
from av.bitstream import BitStreamFilterContext

CLOCK_HZ = 90_000
H264 = 0x1B
VIDEO = 0xE0
PAYLOAD = 96
PACKET = 1400
MOST_PES = 60_000
SSRC = 100_000_001


def packs(film: Path) -> Iterator[tuple[float, bytes]]:
    """Yield seconds and program stream of each picture of an H.264 film."""
    with av.open(str(film)) as source:
        stream = source.streams.video[0]
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
        begin: float | None = None
        for packet in source.demux(stream):
            for unit in to_annex_b.filter(packet):
                if unit.pts is None or unit.dts is None:
                    continue
                at_s = float(unit.dts * unit.time_base)
                begin = at_s if begin is None else begin
                shown_s = float(unit.pts * unit.time_base) - begin
                yield (
                    at_s - begin,
                    pack(bytes(unit), at_s - begin, shown_s, key=unit.is_keyframe),
                )


def pack(unit: bytes, at_s: float, shown_s: float, *, key: bool) -> bytes:
    """Return one access unit as a pack; a key picture has the maps before it."""
    clock = round(at_s * CLOCK_HZ) + CLOCK_HZ
    out = pack_header(clock)
    if key:
        out += system_header() + stream_map()
    for begin in range(0, len(unit), MOST_PES):
        part = unit[begin : begin + MOST_PES]
        pts = round(shown_s * CLOCK_HZ) + CLOCK_HZ if begin == 0 else None
        out += pes(part, pts)
    return out


def pack_header(clock: int) -> bytes:
    """Return the header of a pack at a time of the system clock, 90 kHz."""
    base = clock & (1 << 33) - 1
    bits = 0b01 << 46 | (base >> 30) << 43 | 1 << 42
    bits |= (base >> 15 & 0x7FFF) << 27 | 1 << 26
    bits |= (base & 0x7FFF) << 11 | 1 << 10 | 1  # the extension is 0
    rate = 50_000 << 2 | 0b11
    return (
        b"\x00\x00\x01\xba"
        + bits.to_bytes(6, "big")
        + rate.to_bytes(3, "big")
        + b"\xf8"
    )


def system_header() -> bytes:
    """Return a system header that names one video stream."""
    bound = (1 << 23 | 50_000 << 1 | 1).to_bytes(3, "big")
    body = bound + b"\x00\xe1\x7f" + bytes([VIDEO, 0xE0, 0x80])
    return b"\x00\x00\x01\xbb" + struct.pack("!H", len(body)) + body


def stream_map() -> bytes:
    """Return a program stream map that says that the video is H.264."""
    streams = struct.pack("!BBH", H264, VIDEO, 0)
    body = b"\xe0\xff" + struct.pack("!HH", 0, len(streams)) + streams
    whole = b"\x00\x00\x01\xbc" + struct.pack("!H", len(body) + 4) + body
    return whole + crc32(whole).to_bytes(4, "big")


def crc32(data: bytes) -> int:
    """Return the CRC of MPEG: polynomial 0x04C11DB7, begun with ones."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


def pes(part: bytes, pts: int | None) -> bytes:
    """Return a PES packet, with a time if one is given."""
    head = b"\x80\x00\x00"
    if pts is not None:
        bits = 0b0010 << 36 | (pts >> 30 & 7) << 33 | 1 << 32
        bits |= (pts >> 15 & 0x7FFF) << 17 | 1 << 16 | (pts & 0x7FFF) << 1 | 1
        head = b"\x80\x80\x05" + bits.to_bytes(5, "big")
    length = struct.pack("!H", len(head) + len(part))
    return bytes([0, 0, 1, VIDEO]) + length + head + part


class Device:
    """Sends a film again and again, as fast as it plays.

    Args:
        film: H.264.
        port: of 127.0.0.1.
        tcp: media goes over TCP.
        shuffled: a few datagrams come out of order.
    """

    def __init__(
        self, film: Path, port: int, *, tcp: bool = False, shuffled: bool = False
    ) -> None:
        self._film = film
        self._tcp = tcp
        self._number = 65_000  # soon over its end
        self._stop = threading.Event()
        kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.connect(("127.0.0.1", port))
        self._shuffle = random.Random(1) if shuffled else None  # noqa: S311
        self._thread = threading.Thread(target=self._send, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def _send(self) -> None:
        shift_s = 0.0
        begun_s = time.monotonic()
        while not self._stop.is_set():
            at_s = 0.0
            for at_s, data in packs(self._film):
                due_s = begun_s + shift_s + at_s
                if self._stop.wait(max(0.0, due_s - time.monotonic())):
                    return
                self._put(data, shift_s + at_s)
            shift_s += at_s + 0.1

    def _put(self, data: bytes, at_s: float) -> None:
        packets = []
        for begin in range(0, len(data), PACKET):
            is_last = begin + PACKET >= len(data)
            head = struct.pack(
                "!BBHII",
                0x80,
                PAYLOAD | (0x80 if is_last else 0),
                self._number & 0xFFFF,
                round(at_s * CLOCK_HZ) & 0xFFFFFFFF,
                SSRC,
            )
            self._number += 1
            packets.append(head + data[begin : begin + PACKET])
        if self._shuffle is not None and len(packets) > 3:
            k = self._shuffle.randrange(len(packets) - 1)
            packets[k], packets[k + 1] = packets[k + 1], packets[k]
        for packet in packets:
            framed = struct.pack("!H", len(packet)) + packet if self._tcp else packet
            try:
                self._socket.sendall(framed)
            except ConnectionError:
                return
