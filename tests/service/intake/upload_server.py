"""A server for uploads as a process of its own, and a line to it that is cut."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import httpx2 as httpx

from service.keys import make_key
from service.settings import Settings
from service.store import Store
from tests.service.intake.process_tree import TreeMemory
from tests.service.jobs.short_drive import ROOT

PATIENCE_S = 120.0
HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


class Server:
    """The service without a worker.

    Args:
        folder: everything lies below.
        settings: more of the environment, `SECTION__NAME` -> value.
        disk_mb: the quarantine lies on a file system of this size; None for none.

    Attributes:
        port: where it listens, after each start again.
        secret: of a key of role `device`.
        peak_mb: most memory that it and all that it started took together, what they
            share counted once; see `TreeMemory`.
        peak_rss_mb: likewise, what they share counted in each.
        peak_alone_mb: most that the server itself took, without what it started.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: dict[str, str] | None = None,
        disk_mb: int | None = None,
    ) -> None:
        self.folder, self.port = folder, free_port()
        self.raw = folder / "data" / "raw"
        self.raw.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = Store(str(folder / "data" / "city"))
        _, self.secret = make_key(self.store, name="car", role="device")
        self.peak_mb = self.peak_rss_mb = self.peak_alone_mb = 0.0
        self._settings = {
            "DATA": str(folder / "data"),
            "RAW__LEAST_FREE_MB": "1",
            "SERVER__ROOM_MB": "0",
            **(settings or {}),
        }
        self._disk_mb = disk_mb
        self._log: IO[bytes] = (folder / "server.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self._memory: TreeMemory | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    @property
    def settings(self) -> Settings:
        """Settings of those who look at its quarantine from outside."""
        return Settings(data=self.folder / "data")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        python = [sys.executable, "-m", "service.cli", "serve", "--no-worker"]
        command = [*python, "--port", str(self.port)]
        if self._disk_mb is not None:
            command = _on_small_disk(command, self.raw, self._disk_mb)
        ours = {f"LIUJING_{name}": value for name, value in self._settings.items()}
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **ours, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._memory = TreeMemory(self._process.pid)
        self._wait()

    @property
    def cpu_s(self) -> float:
        """Seconds of a processor that it took since its start."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def inside(self, path: Path) -> Path:
        """Return a path as this server sees it: its small disk is nobody else's."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/root") / path.relative_to("/")

    def kill(self) -> None:
        """Kill it with -9."""
        self._note_memory()
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it, and forget its store."""
        self._note_memory()
        if self._process is not None and self._process.poll() is None:
            self._end(signal.SIGTERM)
        self._log.close()
        self.store.close()

    def _end(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _note_memory(self) -> None:
        seen, self._memory = self._memory, None
        if seen is None:
            return
        seen.close()
        self.peak_mb = max(self.peak_mb, seen.tree_mb)
        self.peak_rss_mb = max(self.peak_rss_mb, seen.rss_mb)
        self.peak_alone_mb = max(self.peak_alone_mb, seen.root_mb)

    def _wait(self) -> None:
        assert self._process is not None
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health/live").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        log = (self.folder / "server.log").read_text("utf-8", "replace")
        msg = f"the server did not start:\n{log[-3000:]}"
        raise AssertionError(msg)


def _on_small_disk(command: list[str], at: Path, size_mb: int) -> list[str]:
    """Return a command that runs with a small file system of its own at a folder."""
    alone = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    mount = (
        f'mount -t tmpfs -o size={size_mb}m,mode=700 tmpfs "$1" && shift && exec "$@"'
    )
    return [*alone, "sh", "-c", mount, "sh", str(at), *command]


class CutLine:
    """Passes what clients send on to a server, and cuts connections at random.

    Args:
        port: of the server.
        cuts: so many connections are cut in all.
        each: least and most bytes after which one is.
        seed: of chance.
        passed: is told of all bytes that went to the server; may wait.

    Attributes:
        cut: so many were cut.
        port: where it listens.
    """

    def __init__(
        self,
        port: int,
        *,
        cuts: int,
        each: tuple[int, int],
        seed: int,
        passed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._to, self._left, self._each = port, cuts, each
        self._chance = random.Random(seed)  # noqa: S311 - moments, no secrets
        self._passed = passed
        self._total = 0
        self.cut = 0
        self._lock = threading.Lock()
        self._listening = socket.create_server((HOST, 0))
        self.port: int = self._listening.getsockname()[1]
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    def close(self) -> None:
        """Take no more connections."""
        self._closed = True
        self._listening.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection((HOST, self._to), timeout=30)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        back = threading.Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        self._forward(client, server)
        back.join(timeout=30)
        client.close()
        server.close()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with self._lock:
            cuts = self._left > 0
            limit = self._chance.randint(*self._each)
        sent = 0
        try:
            while data := client.recv(1 << 16):
                server.sendall(data)
                sent += len(data)
                with self._lock:
                    self._total += len(data)
                    total = self._total
                self._passed(total)
                if cuts and sent >= limit:
                    self._cut(client, server)
                    return
            server.shutdown(socket.SHUT_WR)
        except OSError:
            _close(client, server)

    def _cut(self, client: socket.socket, server: socket.socket) -> None:
        with self._lock:
            if self._left > 0:
                self._left -= 1
                self.cut += 1
        _close(client, server)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        _close(source)
    finally:
        # Whoever waits for the answer of a server that was killed hears of it.
        _close(target)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
        finally:
            end.close()
