"""Everything that goes wrong on the way, done to real clients and a real server."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx2 as httpx
from tusclient.client import TusClient as Tuspy
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from service.intake.quarantine import Quarantine
from service.keys import make_key
from tests.service.api.tus_client import TusClient, checksum, metadata
from tests.service.intake.upload_server import CutLine, Server
from tests.service.jobs.short_drive import ROOT, SAMPLE

MB = 1 << 20
TUS_JS = ROOT / "tests" / "e2e" / "tus-js"


@dataclass(frozen=True, slots=True)
class Faults:
    """What is done to one upload.

    Attributes:
        size_mb: of the file.
        cuts: of the client's connections.
        kills: of the server, in mid-write.
        seed: of chance.
    """

    size_mb: int
    cuts: int
    kills: int
    seed: int


@dataclass(slots=True)
class Outcome:
    """What became of an upload.

    Attributes:
        name: of what was tried.
        right: the file in the quarantine has the SHA-256 of the file that was sent.
        took_s: seconds from the first byte to the last answer.
        more: what else is worth knowing.
    """

    name: str
    right: bool
    took_s: float
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        more = ", ".join(f"{key} {value}" for key, value in self.more.items())
        return f"{self.name}: {'right' if self.right else 'WRONG'}, " + (
            f"{self.took_s:.1f} s" + (f" ({more})" if more else "")
        )


def video_of(path: Path, size_mb: float, seed: int = 1) -> Path:
    """Write a video of a size: the sample drive, and noise that no player looks at."""
    drive = (SAMPLE / "drive.mp4").read_bytes()
    left = max(int(size_mb * MB) - len(drive), 16)
    chance = random.Random(seed)  # noqa: S311 - noise, no secrets
    with path.open("wb") as file:
        file.write(drive + left.to_bytes(4, "big") + b"free")
        left -= 8
        while left > 0:
            noise = chance.randbytes(min(left, MB))
            file.write(noise)
            left -= len(noise)
    return path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_kept(server: Server, path: Path) -> bool:
    """Say if the quarantine has a file, byte by byte, and the device is told so."""
    digest = sha256_of(path)
    with device_of(server) as device:
        (item,) = device.received(digest)
    found = server.store.raw_files([digest]).get(digest)
    if item["state"] != "whole" or found is None:
        return False
    kept = Quarantine(server.settings, server.store).place_of(found.id)
    return found.size == path.stat().st_size and sha256_of(kept) == digest


@contextmanager
def device_of(server: Server) -> Iterator[TusClient]:
    """Give a plain client of the server's device."""
    with httpx.Client(base_url=server.url, timeout=60) as http:
        yield TusClient(http, {"Authorization": f"Bearer {server.secret}"})


class _Killer:
    """Kills a server at random moments while bytes pass, and starts it again."""

    def __init__(self, server: Server, faults: Faults) -> None:
        chance = random.Random(faults.seed)  # noqa: S311 - moments, no secrets
        last = faults.size_mb * MB
        self._server = server
        self._at = sorted(
            chance.randint(last // 20, last * 19 // 20) for _ in range(faults.kills)
        )
        self._due = threading.Event()
        self._over = threading.Event()
        self.kills = 0
        self._thread = threading.Thread(target=self._run)

    def passed(self, total: int) -> None:
        """Take note of bytes that went to the server."""
        if self._at and total >= self._at[0]:
            self._at.pop(0)
            self._due.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            if self._due.wait(0.05):
                self._due.clear()
                self._server.kill()
                self.kills += 1
                self._server.start()


def torture_tuspy(server: Server, path: Path, faults: Faults) -> Outcome:
    """Send a file with tuspy in random pieces; some have a checksum."""
    chance = random.Random(faults.seed)  # noqa: S311 - sizes, no secrets
    killer = _Killer(server, faults)
    line = _line(server, faults, killer)
    client = Tuspy(
        f"{line.url}/uploads", headers={"Authorization": f"Bearer {server.secret}"}
    )
    began_s = time.monotonic()
    with killer, path.open("rb") as stream:
        uploader = client.uploader(
            file_stream=stream,
            metadata={"filename": path.name, "sha256": sha256_of(path)},
            retries=200,
            retry_delay=1,
        )
        # tuspy tries a piece again, but not the beginning.
        uploader.set_url(uploader.create_url())
        pieces = 0
        while uploader.offset < path.stat().st_size:
            uploader.chunk_size = chance.randint(1, 12 * MB)
            uploader.upload_checksum = chance.random() < 0.3
            uploader.upload_chunk()
            pieces += 1
    took_s = time.monotonic() - began_s
    line.close()
    done = {"pieces": pieces, "cuts": line.cut, "kills": killer.kills}
    return Outcome("tuspy", is_kept(server, path), took_s, done)


def torture_tus_js(server: Server, path: Path, faults: Faults) -> Outcome:
    """Send a file with tus-js-client in pieces."""
    killer = _Killer(server, faults)
    line = _line(server, faults, killer)
    began_s = time.monotonic()
    with killer:
        said = send_tus_js(server, path, endpoint=f"{line.url}/uploads", chunk=10 * MB)
    took_s = time.monotonic() - began_s
    line.close()
    right = bool(said["ok"]) and is_kept(server, path)
    done = {"pieces": said["patched"], "cuts": line.cut, "kills": killer.kills}
    return Outcome("tus-js-client", right, took_s, done)


def send_tus_js(
    server: Server,
    path: Path,
    *,
    endpoint: str | None = None,
    chunk: int = 8 * MB,
    during_creation: bool = False,
) -> dict[str, Any]:
    """Send a file with tus-js-client; return what it says of it."""
    if not (TUS_JS / "node_modules").is_dir():
        msg = "tus-js-client is missing: run sh tests/e2e/install-tus-js.sh"
        raise AssertionError(msg)
    asked = {
        "file": str(path),
        "endpoint": endpoint or f"{server.url}/uploads",
        "secret": server.secret,
        "metadata": {"filename": path.name, "sha256": sha256_of(path)},
        "chunk": chunk,
        "retries": 500,
        "delay_ms": 200,
        "during_creation": during_creation,
    }
    done = subprocess.run(
        ["node", "send.mjs", json.dumps(asked)],
        cwd=TUS_JS,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.stdout.strip(), done.stderr
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def two_writers(server: Server, path: Path) -> Outcome:
    """Two clients send the same upload at once; one of them waits."""
    device_headers = {"Authorization": f"Bearer {server.secret}"}
    with device_of(server) as device:
        url = device.begin(path.read_bytes(), path.name)
    refused: list[int] = []

    def write(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - sizes, no secrets
        client = Tuspy(f"{server.url}/uploads", headers=device_headers)
        with path.open("rb") as stream:
            while True:
                try:
                    one = client.uploader(file_stream=stream, url=f"{server.url}{url}")
                    while one.offset < path.stat().st_size:
                        one.chunk_size = chance.randint(MB // 4, 4 * MB)
                        one.upload_chunk()
                except (TusUploadFailed, TusCommunicationError) as error:
                    refused.append(error.status_code)
                    continue
                return

    began_s = time.monotonic()
    writers = [threading.Thread(target=write, args=(seed,)) for seed in (1, 2)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    took_s = time.monotonic() - began_s
    # A refusal whose body was not read to its end may reach its sender as a cut line.
    known = set(refused) <= {409, 423, None}
    told = {status: refused.count(status) for status in sorted(set(refused), key=str)}
    right = known and is_kept(server, path)
    return Outcome("two writers", right, took_s, {"refused": told})


def held_upload(server: Server, path: Path) -> Outcome:
    """While one sender is silent in mid-piece, another one is refused."""
    data = path.read_bytes()
    half = len(data) // 2
    going, enough = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield data[: half // 2]
        going.set()
        enough.wait(30)
        yield data[half // 2 : half]

    began_s = time.monotonic()
    with device_of(server) as device, device_of(server) as other:
        url = device.begin(data, path.name)
        answers: list[int] = []

        def first() -> None:
            body: Any = slowly()
            answers.append(device.patch(url, body, 0).status_code)

        thread = threading.Thread(target=first)
        thread.start()
        going.wait(30)
        refused = _until_held(other, url, data)
        enough.set()
        thread.join()
        rest = other.patch(url, data[half:], half).status_code
    right = [refused, *answers, rest] == [423, 204, 204] and is_kept(server, path)
    return Outcome("held upload", right, time.monotonic() - began_s)


def wrong_checksum(server: Server, path: Path) -> Outcome:
    """A piece was harmed on its way, then a whole file."""
    data = path.read_bytes()
    began_s = time.monotonic()
    with device_of(server) as device:
        url = device.begin(data, path.name)
        sums = {"Upload_Checksum": checksum(data[:MB], "sha256")}
        harmed = device.patch(url, b"?" + data[1:MB], 0, **sums)
        stays = device.offset(url)
        device.patch(url, b"?" + data[1:MB], 0)
        whole = device.patch(url, data[MB:], MB)
        after = device.ask("HEAD", url)
        dropped = device.received(hashlib.sha256(data).hexdigest())[0]["state"]
        again = device.begin(data, path.name)
        last = device.patch(again, data, 0)
    said = [harmed.status_code, stays, whole.status_code, after.status_code, dropped]
    right = said == [460, 0, 460, 410, "unknown"] and last.status_code == 204
    right = right and is_kept(server, path)
    return Outcome("wrong checksum", right, time.monotonic() - began_s)


def expired(server: Server, path: Path) -> Outcome:
    """Nobody went on with an upload for days; it begins again."""
    data = path.read_bytes()
    began_s = time.monotonic()
    with device_of(server) as device:
        url = device.begin(data, path.name)
        device.patch(url, data[:MB], 0)
        record = server.store.upload(url.rsplit("/", 1)[1])
        assert record is not None
        part = server.raw / "uploads" / f"{record.id}.part"
        was_there = part.exists()
        server.store.note_upload(
            record.id, offset=record.offset, stored=record.stored, expires_s=1.0
        )
        over = device.patch(url, data[MB:], MB)
        after = device.ask("HEAD", url)
        again = device.begin(data, path.name)
        last = device.patch(again, data, 0)
    said = [was_there, over.status_code, after.status_code, part.exists()]
    right = said == [True, 410, 410, False] and last.status_code == 204
    right = right and is_kept(server, path)
    return Outcome("expired upload", right, time.monotonic() - began_s)


def full_disk(folder: Path, size_mb: int, *, least_free_mb: int) -> Outcome:
    """A disk of its own fills while a file comes, then there is room.

    Args:
        folder: of a server of its own.
        size_mb: of the file.
        least_free_mb: that the server leaves free; 0 runs into the end of the disk.
    """
    path = video_of(folder / "full.mp4", size_mb)
    data = path.read_bytes()
    disk_mb = size_mb + size_mb // 2 + least_free_mb
    server = Server(
        folder,
        settings={"RAW__LEAST_FREE_MB": str(least_free_mb)},
        disk_mb=disk_mb,
    )
    server.start()
    began_s = time.monotonic()
    try:
        with device_of(server) as device:
            url = device.begin(data, path.name)
            filler = server.inside(server.raw) / "filler"
            filler.write_bytes(bytes((disk_mb - least_free_mb - size_mb // 2) * MB))
            refused, offsets = [], []
            for _ in range(3):
                at = device.offset(url)
                refused.append(device.patch(url, data[at:], at).status_code)
                offsets.append(device.offset(url))
            begun = device.ask(
                "POST",
                "/uploads",
                Upload_Length=str(size_mb * MB),
                Upload_Metadata="filename Yi5tcDQ=",
            )
            filler.unlink()
            at = device.offset(url)
            last = device.patch(url, data[at:], at)
            state = device.received(hashlib.sha256(data).hexdigest())[0]["state"]
            inside = server.inside(server.raw / "files")
            (kept,) = [p for p in inside.rglob("*") if p.is_file()]
            same = sha256_of(kept) == sha256_of(path)
    finally:
        server.stop()
    took_s = time.monotonic() - began_s
    right = set(refused) == {507} and begun.status_code == 507 and at > 0
    right = right and last.status_code == 204 and state == "whole" and same
    name = "full disk" if least_free_mb == 0 else "nearly full disk"
    return Outcome(name, right, took_s, {"resumed at MB": round(at / MB, 1)})


def speed(server: Server, path: Path) -> Outcome:
    """Send a file in one piece over loopback, undisturbed."""
    _, server.secret = make_key(server.store, name="fast", role="device")
    with device_of(server) as device:
        made = device.ask(
            "POST",
            "/uploads",
            Upload_Length=str(path.stat().st_size),
            Upload_Metadata=metadata(filename=path.name),
        )
        url = made.headers["Location"]
        began_cpu_s, began_s = server.cpu_s, time.monotonic()
        with path.open("rb") as file:
            body: Any = iter(lambda: file.read(MB), b"")
            length = str(path.stat().st_size)
            answer = device.patch(url, body, 0, Content_Length=length)
        took_s = time.monotonic() - began_s
        cpu_s = server.cpu_s - began_cpu_s
    right = answer.status_code == 204 and is_kept(server, path)
    rate = path.stat().st_size / 1e6 / took_s
    more = {"MB/s": round(rate), "processor s": round(cpu_s, 2)}
    return Outcome("one piece", right, took_s, more)


def speed_tuspy(server: Server, path: Path, piece_mb: int) -> Outcome:
    """Send a file with tuspy in pieces over loopback, undisturbed."""
    headers = {"Authorization": f"Bearer {server.secret}"}
    client = Tuspy(f"{server.url}/uploads", headers=headers)
    with path.open("rb") as stream:
        uploader = client.uploader(
            file_stream=stream,
            metadata={"filename": path.name},
            chunk_size=piece_mb * MB,
        )
        began_s = time.monotonic()
        uploader.upload()
        took_s = time.monotonic() - began_s
    rate = path.stat().st_size / 1e6 / took_s
    name = f"tuspy, pieces of {piece_mb} MB"
    return Outcome(name, is_kept(server, path), took_s, {"MB/s": round(rate)})


def _line(server: Server, faults: Faults, killer: _Killer) -> CutLine:
    mean = faults.size_mb * MB // max(faults.cuts, 1)
    return CutLine(
        server.port,
        cuts=faults.cuts,
        each=(mean // 8, mean * 3 // 4),
        seed=faults.seed,
        passed=killer.passed,
    )


def _until_held(device: TusClient, url: str, data: bytes) -> int:
    """Ask until the first sender's request is under way; return the answer."""
    until_s = time.monotonic() + 30
    while True:
        status = int(device.patch(url, data[:10], 0).status_code)
        if status != 204 or time.monotonic() > until_s:
            return status
