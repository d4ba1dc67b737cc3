"""`liujing serve`: two processes, a drive over HTTP, an end in good order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx

from service.keys import make_key
from tests.service.jobs.short_drive import ROOT, cut_drive
from tests.service.jobs.workers import Lab, in_environment, settings_at

PATIENCE_S = 120.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def workers_of(pid: int) -> list[int]:
    """Return its children that work; those that look at files live for a moment."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    children = [child for file in threads for child in file.read_text("ascii").split()]
    return [int(child) for child in children if "worker" in _command_of(child)]


def _command_of(pid: str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8").split("\0")
    except OSError:
        return []


def test_a_drive_sent_over_http_is_scored_though_its_worker_is_killed(
    tmp_path: Path,
) -> None:
    lab = Lab.at(settings_at(tmp_path))
    _, secret = make_key(lab.store, name="car", role="device")
    drive, port = cut_drive(tmp_path / "in", seconds=4.0), free_port()
    log = (tmp_path / "log").open("w+")
    server = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve", "--port", str(port)],
        env=in_environment(lab.settings),
        cwd=ROOT,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    headers = {"Authorization": f"Bearer {secret}"}
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30
    )
    try:
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            try:
                if client.get("/jobs").status_code == 200:
                    break
            except httpx.ConnectError:
                time.sleep(0.1)
        files = [("file", (p.name, p.read_bytes())) for p in sorted(drive.iterdir())]
        sent = client.post("/drives", files=files)
        assert sent.status_code == 202, sent.text
        job_id = sent.json()["id"]
        lab.wait(job_id, lambda job: job.done > 0)
        (worker,) = workers_of(server.pid)
        os.kill(worker, signal.SIGKILL)

        job = lab.finished(job_id)

        shown = client.get(f"/jobs/{job_id}").json()
        assert job.state == shown["state"] == "done", shown
        assert shown["progress"] == 1
        assert shown["result"]["scored"] > 0
        (again,) = workers_of(server.pid)
        assert again != worker
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
        assert not Path(f"/proc/{again}").exists()
        log.seek(0)
        assert f"http://127.0.0.1:{port}/" in log.read()
    finally:
        client.close()
        if server.poll() is None:
            server.kill()
            server.wait()
        log.close()
        lab.close()
