"""An app on a port of its own, and what its page is compared with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import uvicorn
from fastapi import FastAPI

from service.store import Store

_START_S = 30.0


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an app on a free port and give its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until = monotonic() + _START_S
    while not server.started and monotonic() < until:
        sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(_START_S)


def score_bodies(data: Path) -> dict[str, Any]:
    """Return the newest score of each street, to compare the page with."""
    store = Store(str(data / "city"))
    return {
        one.id: json.loads(json.dumps(store.scores(one.id)[0]["body"]))
        for one in store.segments()
    }
