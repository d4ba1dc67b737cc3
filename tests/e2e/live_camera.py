"""A camera that films without end: a film served by a real RTSP server."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILM = ROOT / "datasets" / "sample-drive" / "drive.mp4"
SERVER = Path(__file__).with_name("rtsp_server.py")


@pytest.fixture(scope="module")
def port() -> int:
    script = str(SERVER.with_name("install-rtsp-server.sh"))
    subprocess.run(["sh", script], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(port: int) -> Iterator[None]:
    with subprocess.Popen(
        ["/usr/bin/python3", str(SERVER), str(FILM), str(port)],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            server.kill()
