"""A camera's GB/T 28181 media (MPEG-PS over RTP) in, RTSP out; no signalling.

For platforms that send a stream to a fixed port. Run by the Python of the system, with
GStreamer from the distribution (see docs/gb28181.md):

    /usr/bin/python3 ps_to_rtsp.py --rtp-port 30000 --rtsp-port 8554 --name gate

gives rtsp://127.0.0.1:8554/gate. Says `ready` when it listens.

Source:
    GB/T 28181-2016, annex C: PS has payload type 96; RFC 4571: over TCP each packet has
    its length before it.
"""

from __future__ import annotations

import argparse
import socket
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PACK, STREAM_MAP = b"\x00\x00\x01\xba", b"\x00\x00\x01\xbc"
MOST_WAITING = 64
"""Packets that may come before the one that is missing is given up."""
RTP_HEAD = 12
SILENT_S = 10.0


def payload_of(packet: bytes) -> tuple[int, int, bytes] | None:
    """Return number, sender and payload of an RTP packet; None if it is none."""
    if len(packet) < RTP_HEAD or packet[0] >> 6 != 2:
        return None
    number, _, sender = struct.unpack("!HII", packet[2:RTP_HEAD])
    begin = RTP_HEAD + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10 and len(packet) >= begin + 4:
        begin += 4 + 4 * struct.unpack("!H", packet[begin + 2 : begin + 4])[0]
    end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
    return (number, sender, packet[begin:end]) if begin < end else None


class InOrder:
    """Puts packets back into their order; what is lost is left out.

    Args:
        feed: takes the bytes of the program stream.
    """

    def __init__(self, feed: Callable[[bytes], None]) -> None:
        self.feed = feed
        self.sender: int | None = None
        self.next = 0
        self.waiting: dict[int, bytes] = {}

    def take(self, packet: bytes) -> None:
        """Take one RTP packet as it came."""
        found = payload_of(packet)
        if found is None:
            return
        number, sender, payload = found
        if sender != self.sender:
            self.sender, self.next, self.waiting = sender, number, {}
        if (number - self.next) & 0xFFFF < 0x8000:
            self.waiting[number] = payload
        if self.next not in self.waiting and len(self.waiting) > MOST_WAITING:
            self.next = min(self.waiting, key=lambda n: (n - self.next) & 0xFFFF)
        while self.next in self.waiting:
            self.feed(self.waiting.pop(self.next))
            self.next = (self.next + 1) & 0xFFFF


class Tap:
    """Hands the stream to whoever plays it; from a pack with a map of its streams on.

    Before that nobody knows how the video is coded; cameras send it with key pictures.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.source = None
        self.begun = False

    def connect(self, source: Any) -> None:
        """Feed another element from now on; None for nobody."""
        with self.lock:
            self.source, self.begun = source, False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the program stream."""
        with self.lock:
            self.begun = self.begun or (data.startswith(PACK) and STREAM_MAP in data)
            if self.source is None or not self.begun:
                return
            self.source.emit("push-buffer", Gst.Buffer.new_wrapped(data))


def over_udp(bind: str, port: int, take: Callable[[bytes], None]) -> None:
    """Give every datagram to `take`, for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        here.bind((bind, port))
        while True:
            take(here.recv(65535))


def over_tcp(bind: str, port: int, take: Callable[[bytes], None]) -> None:
    """Give every framed packet of one sender after the other to `take`, for ever."""
    with socket.create_server((bind, port)) as here:
        while True:
            there, _ = here.accept()
            there.settimeout(SILENT_S)
            try:
                with there, there.makefile("rb") as stream:
                    while len(head := stream.read(2)) == 2:
                        take(stream.read(struct.unpack("!H", head)[0]))
            except OSError as error:
                sys.stderr.write(f"the sender went away: {error}\n")


def serve(options: argparse.Namespace, tap: Tap) -> Any:
    """Serve what the tap gives by RTSP."""
    codec = options.codec
    server = GstRtspServer.RTSPServer()
    server.set_address(options.bind)
    server.set_service(str(options.rtsp_port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    factory.set_launch(
        "( appsrc name=ps is-live=true do-timestamp=true format=time "
        "caps=video/mpeg,systemstream=true,mpegversion=2 ! mpegpsdemux "
        f"! {codec}parse config-interval=-1 ! rtp{codec}pay name=pay0 pt=96 )"
    )

    def begins(_: object, media: Any) -> None:
        tap.connect(media.get_element().get_by_name("ps"))
        media.connect("unprepared", lambda _: tap.connect(None))

    factory.connect("media-configure", begins)
    server.get_mount_points().add_factory(f"/{options.name}", factory)
    server.attach(None)
    return server


def main() -> None:
    """Run until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rtp-port", type=int, required=True)
    parser.add_argument("--rtsp-port", type=int, required=True)
    parser.add_argument("--name", default="gate", help="path of the RTSP address")
    parser.add_argument("--bind", default="127.0.0.1", help="address it listens at")
    parser.add_argument("--codec", choices=("h264", "h265"), default="h264")
    parser.add_argument("--tcp", action="store_true", help="media comes over TCP")
    options = parser.parse_args()
    Gst.init(None)
    tap = Tap()
    receive = over_tcp if options.tcp else over_udp
    arguments = (options.bind, options.rtp_port, InOrder(tap.feed).take)
    threading.Thread(target=receive, args=arguments, daemon=True).start()
    _server = serve(options, tap)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
