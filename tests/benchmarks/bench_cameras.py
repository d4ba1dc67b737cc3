"""What a watched camera costs: CPU time of its stream, and of one looked-at picture.

    python -m tests.benchmarks.bench_cameras

Needs the RTSP server of `tests/e2e/install-rtsp-server.sh`. CPU time of this process is
counted, not the clock, so other programs on the machine matter little.
"""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from service.cameras.recorded import snapshots
from tests.e2e.live_camera import FILM, SERVER
from tests.service.cameras.registered import FILE, GATE
from vision.catalogue import load_card
from vision.detect import load_detector
from vision.fixed import parse_fixed_camera
from vision.footage import LiveOptions, LiveSource
from vision.watch import CameraWatch

WATCHED_S = 20.0


class Nowhere:
    """Keeps no picture."""

    def save(self, name: str, jpeg: bytes) -> str:
        """Return the name."""
        del jpeg
        return name

    def keep_only(self, names: set[str]) -> None:
        """Keep none."""


def stream_cost(every_s: float) -> tuple[float, int]:
    """Return CPU seconds for a second of the stream, and pictures."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = ["/usr/bin/python3", str(SERVER), str(FILM), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        source = LiveSource(
            f"rtsp://127.0.0.1:{port}/gate", LiveOptions(every_s=every_s)
        )
        begun_s, cpu_s = time.time(), time.process_time()
        pictures = sum(1 for _ in source.watch(begun_s + WATCHED_S))
        cpu_s = time.process_time() - cpu_s
        server.kill()
    return cpu_s / WATCHED_S, pictures


def look_cost() -> tuple[float, int, int]:
    """Return CPU seconds for a picture, pictures, and the largest state in bytes."""
    card = load_card("street@2")
    watch = CameraWatch(
        camera=parse_fixed_camera(FILE, "camera.toml"),
        detector=load_detector(card, device="cpu"),
        card=card,
        sink=Nowhere(),
    )
    paths = sorted((GATE / "snapshots").iterdir())
    timed = [(Path(path), 20.0 * k) for k, path in enumerate(paths)]
    cpu_s, largest = time.process_time(), 0
    for event in snapshots(timed, 0.0, []):
        watch.see(event)
        largest = max(largest, len(watch.state()))
    return (time.process_time() - cpu_s) / len(paths), len(paths), largest


def main() -> None:
    """Print the costs."""
    for every_s in (1.0, 5.0):
        share, pictures = stream_cost(every_s)
        print(
            f"stream 1280x720, 10 pictures/s, one in {every_s:g} s kept: "
            f"{share:.3f} CPU s per s ({pictures} pictures)"
        )
    each_s, count, largest = look_cost()
    print(f"look street@2, 960x540: {each_s:.2f} CPU s per picture ({count} pictures)")
    print(f"largest state: {largest} bytes")


if __name__ == "__main__":
    main()
