"""Somebody who is told of changes over HTTP: well, badly, late, or not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """What came, and how it is answered.

    Attributes:
        mood: status to answer with, or `silent`: no answer at all; `drip`: one that
            never ends.
        came: headers and body of each request.
    """

    def __init__(self) -> None:
        self.mood: int | str = 204
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.enough = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=city"

    def numbers(self) -> list[int]:
        """Return the numbers of the changes that came, in the order of coming."""
        return [
            item["number"]
            for _, body in self.came
            for item in json.loads(body)["items"]
        ]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen at a port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.came.append(
                ({k.lower(): v for k, v in self.headers.items()}, body)
            )
            if receiver.mood == "silent":
                receiver.enough.wait(20)
                return
            if receiver.mood == "drip":
                self._drip()
                return
            self.send_response(int(receiver.mood))
            if int(receiver.mood) == 302:
                self.send_header("Location", f"http://127.0.0.1:{receiver.port}/other")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            try:
                while not receiver.enough.wait(0.1):
                    self.wfile.write(b"H")
                    self.wfile.flush()
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.enough.set()
        server.shutdown()
        server.server_close()
        thread.join()
