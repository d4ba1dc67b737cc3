"""Our service as it is started by people, for the tests: stopped and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.keys import make_key
from service.store import Store
from tests.e2e.studio import ROOT, free_port, wait_for

_END_S = 60.0


@dataclass(slots=True)
class Service:
    """The service over a data folder.

    Attributes:
        data: the folder; its city is there.
        environ: settings besides.
    """

    data: Path
    environ: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _key: str | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment of its processes."""
        ours = {
            "LIUJING_DATA": str(self.data),
            "LIUJING_SERVER__PORT": str(self.port),
            "LIUJING_SERVER__PUBLIC_URL": self.url,
            "LIUJING_SERVER__ROOM_MB": "0",
        }
        return {**os.environ, **ours, **self.environ}

    def start(self) -> None:
        """Start it with its worker and wait until it answers."""
        command = [sys.executable, "-m", "service.cli", "serve"]
        with (self.data / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.settings, stdout=log, stderr=log
            )
        wait_for(f"{self.url}/health/live", self.process)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(_END_S)
            self.process = None

    def run(self, *verb: str) -> subprocess.CompletedProcess[str]:
        """Run a verb of the command with the same settings."""
        return subprocess.run(
            [sys.executable, "-m", "service.cli", *verb],
            cwd=ROOT,
            env=self.settings,
            capture_output=True,
            text=True,
            check=False,
        )

    def ask(self, path: str) -> Any:
        """Return what the service answers to a key of the centre."""
        if self._key is None:
            store = Store(str(self.data / "city"))
            self._key = make_key(store, name="tests", role="centre")[1]
            store.close()
        asked = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path, headers={"Authorization": f"Bearer {self._key}"}
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read())
