"""A real Label Studio on loopback, for the tests; it can be stopped and started.

`python -m tests.e2e.studio` makes the empty data that tests begin with, once: the
first start of all makes hundreds of tables and takes most of a minute.
"""

from __future__ import annotations

import base64
import hmac
import http.cookiejar
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".venv-studio" / "bin" / "label-studio"
ADMIN, PASSWORD = "admin@liujing.test", "a-password-of-tests"
SIGNED_WITH = "what-sessions-and-tokens-of-tests-are-signed-with"
SEED = PROGRAM.parents[1] / "seed"
_PATIENCE_S = 300.0
_STEP_S = 0.2


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@dataclass(slots=True)
class Studio:
    """One Label Studio and its data.

    Attributes:
        folder: of its data.
        port: of loopback.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _token: str | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is healthy."""
        if not PROGRAM.exists():
            pytest.fail("Label Studio is missing: sh tests/e2e/install-label-studio.sh")
        if SEED.is_dir() and not any(self.folder.iterdir()):
            shutil.copytree(SEED, self.folder, dirs_exist_ok=True)
        environ = {
            **os.environ,
            "LABEL_STUDIO_BASE_DATA_DIR": str(self.folder),
            # One that it makes itself may not be what it reads again: it may hold #.
            "SECRET_KEY": SIGNED_WITH,
            "LABEL_STUDIO_USERNAME": ADMIN,
            "LABEL_STUDIO_PASSWORD": PASSWORD,
            "LATEST_VERSION_CHECK": "false",
            "COLLECT_ANALYTICS": "false",
            "SENTRY_DSN": "",
            "FRONTEND_SENTRY_DSN": "",
            # Our service stands on loopback too.
            "SSRF_PROTECTION_ENABLED": "false",
            "ML_BLOCK_LOCAL_IP": "false",
        }
        command = [
            str(PROGRAM), "start", "--no-browser", "--internal-host", "127.0.0.1",
            "--port", str(self.port),
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environ, stdout=log, stderr=log, cwd=self.folder
            )
        wait_for(f"{self.url}/health", self.process)

    def stop(self) -> None:
        """Stop it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def session(self, email: str = ADMIN) -> Session:
        """Sign in; one who is not known signs up."""
        return Session(self.url, email)

    def token(self) -> str:
        """Return the personal token of its administrator, who may have one alone."""
        if self._token is None:
            self._token = self.session().token()
        return self._token

    def expired(self, token: str) -> str:
        """Return a personal token as it is once its time is over, signed by theirs."""
        head, body, signature = token.split(".")
        assert _signed(f"{head}.{body}") == signature
        said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        said |= {"iat": 1_600_000_000, "exp": 1_600_000_060}
        old = f"{head}.{_base64(json.dumps(said).encode())}"
        return f"{old}.{_signed(old)}"


def _signed(text: str) -> str:
    return _base64(hmac.digest(SIGNED_WITH.encode(), text.encode(), "sha256"))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class Session:
    """Somebody who is signed in.

    Args:
        url: of Label Studio.
        email: whose; all have the same password.
    """

    def __init__(self, url: str, email: str) -> None:
        self._url = url
        self._cookies = http.cookiejar.CookieJar()
        handler = urllib.request.HTTPCookieProcessor(self._cookies)
        self._opener = urllib.request.build_opener(handler)
        path = "/user/login/" if email == ADMIN else "/user/signup/"
        with self._opener.open(url + path) as page:
            found = re.search(
                r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode()
            )
        assert found is not None
        form = {
            "csrfmiddlewaretoken": found[1], "email": email, "password": PASSWORD,
        }  # fmt: skip
        asked = urllib.request.Request(  # noqa: S310 - loopback
            url + path, urlencode(form).encode(), {"Referer": url + path}
        )
        with self._opener.open(asked) as answer:
            assert "/login" not in answer.url, answer.url
            assert "/signup" not in answer.url, answer.url

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of an answer; None where it is empty."""
        csrf = next(c.value for c in self._cookies if c.name == "csrftoken")
        asked = urllib.request.Request(  # noqa: S310 - loopback
            self._url + path,
            None if body is None else json.dumps(body).encode(),
            {
                "Content-Type": "application/json",
                "X-CSRFToken": csrf or "",
                "Referer": self._url,
            },
            method=method,
        )
        with self._opener.open(asked) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def upload(self, path: str, file: Path) -> None:
        """Send one file as a browser does."""
        edge = "----liujing"
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{file.name}"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        body = head.encode() + file.read_bytes() + f"\r\n--{edge}--\r\n".encode()
        csrf = next(c.value for c in self._cookies if c.name == "csrftoken")
        asked = urllib.request.Request(  # noqa: S310 - loopback
            self._url + path,
            body,
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "X-CSRFToken": csrf or "",
                "Referer": self._url,
            },
        )
        with self._opener.open(asked) as answer:
            answer.read()

    def token(self) -> str:
        """Return a new personal token."""
        made: str = self.ask("POST", "/api/token/", {})["token"]
        return made

    def tasks(self, project: int) -> list[dict[str, Any]]:
        """Return all tasks of a project with their annotations, by number."""
        path = f"/api/tasks?project={project}&fields=all&page_size=1000"
        rows: list[dict[str, Any]] = self.ask("GET", path)["tasks"]
        return sorted(rows, key=lambda row: row["id"])

    def project(self, title: str) -> int:
        """Return the number of a project."""
        found = self.ask("GET", "/api/projects?page_size=100")["results"]
        (number,) = [row["id"] for row in found if row["title"] == title]
        assert isinstance(number, int)
        return number

    def say(self, task_id: int, result: list[dict[str, Any]]) -> dict[str, Any]:
        """Answer a task."""
        path = f"/api/tasks/{task_id}/annotations/"
        made: dict[str, Any] = self.ask("POST", path, {"result": result})
        return made


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers; fail where its process ended."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}; see its log")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(_STEP_S)
    pytest.fail(f"{url} does not answer")


def make_seed() -> None:
    """Make the data that tests begin with, if they are not there."""
    if SEED.is_dir():
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Studio(Path(folder))
        made.start()
        made.stop()
        shutil.copytree(folder, SEED.with_name("seed.part"))
        SEED.with_name("seed.part").rename(SEED)


if __name__ == "__main__":
    make_seed()
    sys.exit(0 if SEED.is_dir() else 1)
