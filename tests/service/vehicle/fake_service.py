"""The contract between vehicle and service in memory, with moods the real one lacks.

It is for what a real service seldom does on request: a full disk, a limit, a login
page, an answer that goes elsewhere. The tests of lost and late bytes use the real one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ljdevice.of-tests"  # noqa: S105 - of a server that lives for one test
Mood = tuple[int, dict[str, str], bytes]
Rule = tuple[str, str, int, Mood]


@dataclass
class Upload:
    """One upload: what came of it, and what was said of it."""

    size: int
    meta: dict[str, str]
    data: bytearray = field(default_factory=bytearray)


class FakeService:
    """Keeps uploads and manifests.

    Attributes:
        moods: (method, pattern of the path, times, answer): the first that fits and is
            not used up answers instead of the service.
        asked: method and path of every request, in order.
        begun: every upload that was ever begun, in order.
        files: SHA-256 -> content of what is whole.
        aside: SHA-256 -> why the service cannot read it.
        lost: SHA-256s that it says it does not have, whatever it said before.
        offset_s: by which the device's clock seems to be ahead.
        raw_wanted: said at each contact.
        remark: likewise.
        refused: likewise, packages that it could not use.
        largest: bytes of a file that is taken.
    """

    def __init__(self) -> None:
        self.moods: list[Rule] = []
        self.acts: list[tuple[str, Callable[[], object]]] = []
        self.asked: list[tuple[str, str]] = []
        self.uploads: dict[str, Upload] = {}
        self.begun: list[Upload] = []
        self.files: dict[str, bytes] = {}
        self.aside: dict[str, str] = {}
        self.lost: set[str] = set()
        self.manifests: dict[str, dict[str, Any]] = {}
        self.contacts: list[dict[str, Any]] = []
        self.offset_s = 0.0
        self.raw_wanted = True
        self.remark: str | None = None
        self.refused: list[dict[str, str]] = []
        self.largest = 1 << 40
        self.token = TOKEN
        self.port = 0
        self.scheme = "http"
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def answer_with(
        self,
        status: int,
        *,
        method: str = ".*",
        path: str = ".*",
        times: int = 1,
        headers: dict[str, str] | None = None,
        body: bytes = b"{}",
    ) -> None:
        """Answer the next fitting requests so, instead of what is right."""
        self.moods.append((method, path, times, (status, headers or {}, body)))

    def before(self, method: str, act: Callable[[], object]) -> None:
        """Do something just before the next request of a method."""
        self.acts.append((method, act))

    def count(self, method: str, path: str = ".*") -> int:
        """Return how often something was asked."""
        return sum(
            m == method and re.fullmatch(path, p) is not None for m, p in self.asked
        )

    def names(self) -> dict[str, str]:
        """Return name -> SHA-256 over all manifests."""
        return {
            f["name"]: f["sha256"] for m in self.manifests.values() for f in m["files"]
        }

    def mood_of(self, method: str, path: str) -> Mood | None:
        for index, (of, where, times, mood) in enumerate(self.moods):
            if times and re.fullmatch(of, method) and re.fullmatch(where, path):
                self.moods[index] = (of, where, times - 1, mood)
                return mood
        return None

    def state_of(self, sha256: str) -> dict[str, Any]:
        said: dict[str, Any] = {
            "sha256": sha256,
            "state": "unknown",
            "offset": None,
            "size": None,
            "upload": None,
            "reason": None,
        }
        if sha256 in self.lost:
            return said
        if sha256 in self.aside:
            return {**said, "state": "aside", "reason": self.aside[sha256]}
        if sha256 in self.files:
            return {**said, "state": "whole"}
        for name, upload in self.uploads.items():
            if upload.meta.get("sha256") == sha256:
                return {
                    **said,
                    "state": "partial",
                    "offset": len(upload.data),
                    "size": upload.size,
                    "upload": f"/uploads/{name}",
                }
        return said


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    service: FakeService

    def answer(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def tell(self, status: int, said: object) -> None:
        self.answer(status, {"Content-Type": "application/json"}, _json(said))

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = urlsplit(self.path).path
        with self.service.lock:
            self.service.asked.append((self.command, path))
            due = [a for a in self.service.acts if a[0] == self.command]
            self.service.acts = [a for a in self.service.acts if a not in due]
            for _, act in due:
                act()
            mood = self.service.mood_of(self.command, path)
            if mood is not None:
                self.answer(*mood)
            elif self.headers["Authorization"] != f"Bearer {self.service.token}":
                self.tell(401, {"detail": "no such key"})
            else:
                self.route(path, body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

    def route(self, path: str, body: bytes) -> None:
        if path == "/devices/me/contact":
            self.contact(json.loads(body))
        elif path.startswith("/drives/manifests/"):
            self.manifest(path.rpartition("/")[2], body)
        elif path == "/uploads/received":
            hashes = parse_qs(urlsplit(self.path).query)["sha256"]
            items = [self.service.state_of(sha256) for sha256 in hashes]
            self.tell(200, {"items": items})
        elif path == "/uploads":
            self.create()
        else:
            self.upload(path.rpartition("/")[2], body)

    def contact(self, said: dict[str, Any]) -> None:
        self.service.contacts.append(said)
        offset_s = self.service.offset_s
        self.tell(
            200,
            {
                "server_time": said["device_time"] - offset_s,
                "clock_offset_s": offset_s,
                "device": "dv1",
                "name": "巡查车7",
                "raw_wanted": self.service.raw_wanted,
                "remark": self.service.remark,
                "refused_packages": self.service.refused,
            },
        )

    def manifest(self, name: str, body: bytes) -> None:
        known = self.service.manifests.get(name)
        if self.command == "GET":
            if known is None:
                self.tell(404, {"detail": "no such manifest"})
            else:
                self.tell(200, known)
            return
        said = json.loads(body)
        files = {f["name"]: f for f in (known or {"files": []})["files"]}
        for file in said["files"]:
            if files.setdefault(file["name"], file)["sha256"] != file["sha256"]:
                self.tell(409, {"detail": f"{file['name']} is another file"})
                return
        self.service.manifests[name] = {**said, "files": list(files.values())}
        self.tell(200, self.service.manifests[name])

    def create(self) -> None:
        if int(self.headers["Upload-Length"]) > self.service.largest:
            self.tell(413, {"detail": "too large"})
            return
        pairs = self.headers["Upload-Metadata"].split(",")
        meta = {
            key: base64.b64decode(value).decode()
            for key, value in (pair.split(" ") for pair in pairs)
        }
        name = f"{len(self.service.begun):032x}"
        upload = Upload(int(self.headers["Upload-Length"]), meta)
        self.service.begun.append(upload)
        self.service.uploads[name] = upload
        self.answer(201, {"Location": f"/uploads/{name}", "Upload-Offset": "0"})

    def upload(self, name: str, body: bytes) -> None:
        upload = self.service.uploads.get(name)
        if upload is None:
            self.tell(404, {"detail": "no such upload"})
        elif self.command == "HEAD":
            self.answer(200, {"Upload-Offset": str(len(upload.data))})
        elif self.command == "DELETE":
            del self.service.uploads[name]
            self.answer(204)
        elif int(self.headers["Upload-Offset"]) != len(upload.data):
            self.tell(409, {"detail": "not the offset"})
        else:
            self.patch(name, upload, body)

    def patch(self, name: str, upload: Upload, body: bytes) -> None:
        algorithm, _, digest = self.headers["Upload-Checksum"].partition(" ")
        assert algorithm == "sha256"
        if base64.b64decode(digest) != hashlib.sha256(body).digest():
            self.tell(460, {"detail": "damaged"})
            return
        upload.data += body
        if len(upload.data) == upload.size:
            sha256 = hashlib.sha256(upload.data).hexdigest()
            assert sha256 == upload.meta["sha256"]
            self.service.files[sha256] = bytes(upload.data)
            self.service.lost.discard(sha256)
            del self.service.uploads[name]
        self.answer(204, {"Upload-Offset": str(len(upload.data))})

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[FakeService]:
    """Listen at a port of this machine."""
    service = FakeService()
    service.scheme = "http" if tls is None else "https"
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _json(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()
