"""Vehicles' boxes for tests: folders, films that are MP4, and a clock that is told."""

from __future__ import annotations

import hashlib
import json
import os
import random
import struct
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from service.vehicle.clock import Clock
from service.vehicle.lying import Stillness
from service.vehicle.shown import Board
from service.vehicle.talk import Address, Talk
from service.vehicle.terms import Terms
from service.vehicle.uploader import Uploader
from tests.service.vehicle.fake_service import TOKEN, FakeService

NOON_S = 1_790_000_000.0
OLD_S = 3600.0
_EPOCH_1904_S = 2_082_844_800


class ToldClock(Clock):
    """Runs only when somebody sleeps; `events` happen at their times on the way."""

    def __init__(self, wall_s: float = NOON_S) -> None:
        self.began_s = wall_s
        self.passed_s = 0.0
        self.slept: list[float] = []
        self.events: list[tuple[float, Callable[[], None]]] = []

    def wall_s(self) -> float:
        return self.began_s + self.passed_s

    def steady_s(self) -> float:
        return self.passed_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed_s += seconds
        due = [e for e in self.events if e[0] <= self.passed_s]
        self.events = [e for e in self.events if e[0] > self.passed_s]
        for _, act in due:
            act()


def film(
    seed: int = 0, size: int = 40_000, *, start_s: float = 0, long_s: float = 60
) -> bytes:
    """Return bytes that are an MP4 by their boxes; what is in it is noise."""
    made = int(start_s) + _EPOCH_1904_S if start_s else 0
    mvhd = struct.pack(">xxxxIIII", made, made, 1000, int(long_s * 1000)) + bytes(80)
    noise = random.Random(seed).randbytes(size)  # noqa: S311 - content, no secret
    return (
        box(b"ftyp", b"isom" + bytes(8))
        + box(b"mdat", noise)
        + box(b"moov", box(b"mvhd", mvhd))
    )


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def put(path: Path, content: bytes, *, changed_s: float = NOON_S - OLD_S) -> Path:
    """Write a file that was last changed at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (changed_s, changed_s))
    return path


def token_file(folder: Path) -> Path:
    path = folder / "token"
    path.write_text(TOKEN, "ascii")
    path.chmod(0o600)
    return path


class Box:
    """A vehicle's box with an uploader that runs until all is sent.

    Attributes:
        folder: watched.
        clock: told.
        said: what was printed.
    """

    def __init__(self, tmp_path: Path, service: FakeService, **terms: Any) -> None:
        self.folder = tmp_path / "recordings"
        (self.folder / ".liujing").mkdir(parents=True, exist_ok=True)
        self.clock = ToldClock()
        self.said = StringIO()
        given = Terms(
            folder=self.folder,
            address=Address.of(service.url, insecure=False),
            token_file=token_file(tmp_path),
            status=self.folder / ".liujing" / "status.json",
            once=True,
            stillness=Stillness(still_s=5.0, quiet_s=60.0, broken_s=600.0),
            timeout_s=5.0,
        )
        self.terms = replace(given, **terms)

    def start(self) -> Uploader:
        """Return a new uploader, as after a power cut."""
        talk = Talk(
            self.terms.address,
            self.terms.token_file,
            ca=None,
            timeout_s=self.terms.timeout_s,
        )
        board = Board(self.terms.status, self.said, self.clock, "")
        return Uploader(self.terms, talk, board, self.clock, random.Random(1))  # noqa: S311

    def run(self) -> int:
        """Run until everything is sent."""
        return self.start().run()

    @property
    def left(self) -> list[str]:
        """Paths that still lie in the folder."""
        return sorted(
            p.relative_to(self.folder).as_posix()
            for p in self.folder.rglob("*")
            if p.is_file() and ".liujing" not in p.parts
        )


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def filled(folder: Path, drive: str = "night", films: int = 2) -> dict[str, bytes]:
    """Put one drive into a sub-folder; return name -> content."""
    begun_s = NOON_S - OLD_S
    files = {
        f"f{n}.mp4": film(n, start_s=begun_s + 60 * n, size=300_000)
        for n in range(films)
    }
    files |= {"track.gpx": b"<gpx/>" + drive.encode(), "camera.toml": b"width_px = 1"}
    for name, content in files.items():
        put(folder / drive / name, content)
    return files


def status(box: Box) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(box.terms.status.read_text("utf-8"))
    return read
