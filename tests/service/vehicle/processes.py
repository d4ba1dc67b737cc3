"""The service and the vehicles as processes that can be killed like a lost supply."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from service.intake.devices import NewDevice, register
from tests.service.jobs.short_drive import ROOT
from tests.service.jobs.workers import Lab, in_environment

PATIENCE_S = 120.0
LIUJING = (sys.executable, "-m", "service.cli")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass(slots=True)
class Service:
    """`liujing serve` at one port, started again after each kill.

    Attributes:
        lab: settings and store.
        more: options of the verb.
        environment: settings besides those of the lab.
    """

    lab: Lab
    more: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may take some seconds until it answers."""
        with (self.lab.settings.data / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*LIUJING, "serve", "--port", str(self.port), *self.more],
                env=in_environment(self.lab.settings) | self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Return when it answers."""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/jobs", timeout=5)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log())

    def kill(self) -> None:
        """Cut the supply: API and worker are gone at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def log(self) -> str:
        return (self.lab.settings.data / "serve.log").read_text("utf-8", "replace")


@dataclass(slots=True)
class Vehicle:
    """`liujing upload` in a folder, started again after each kill.

    Attributes:
        folder: what it records lies there.
        log: what it says.
    """

    folder: Path
    server: str
    token_file: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.log")

    def start(self, *options: str) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(*LIUJING, "upload", str(self.folder), "--server", self.server),
                    *("--token-file", str(self.token_file)),
                    *(*self.options, *options),
                ],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def end(self, patience_s: float = PATIENCE_S) -> int:
        """Wait until it ends by itself; return its exit code."""
        assert self.process is not None
        try:
            return self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(self.log.read_text("utf-8")) from None

    def kill(self) -> None:
        """Cut the supply."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def vehicle_at(
    lab: Lab, folder: Path, server: str, name: str, *options: str
) -> Vehicle:
    """Return a registered vehicle with an empty folder."""
    folder.mkdir(parents=True)
    _, _, secret = register(lab.store, NewDevice(name))
    token = folder.with_name(f"{folder.name}.token")
    token.touch(mode=0o600)
    token.write_text(secret, "ascii")
    return Vehicle(folder, server, token, options)
