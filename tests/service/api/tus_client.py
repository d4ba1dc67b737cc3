"""Speaks tus to an app or a server, as the protocol says and as it does not."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

PIECES = "application/offset+octet-stream"
RESUMABLE = {"Tus-Resumable": "1.0.0"}


def metadata(**values: str) -> str:
    """Return `Upload-Metadata`."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in values.items()
    )


def checksum(data: bytes, name: str = "sha1") -> str:
    """Return `Upload-Checksum` of some bytes."""
    digest = hashlib.new(name, data, usedforsecurity=False).digest()
    return f"{name} {base64.b64encode(digest).decode()}"


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


class TusClient:
    """One device that sends files.

    Args:
        http: a client with `request`.
        key: the header that shows its key.
    """

    def __init__(self, http: Any, key: dict[str, str]) -> None:
        self.http = http
        self.headers = {**RESUMABLE, **key}

    def ask(self, method: str, path: str, **headers: str | None) -> Any:
        """Send a request without a body; underscores of headers are hyphens."""
        return self.send(method, path, None, **headers)

    def send(
        self, method: str, path: str, body: bytes | None, **headers: str | None
    ) -> Any:
        """Send a request; a header that is None is left out."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        whole = {**self.headers, **given}
        shown = {name: value for name, value in whole.items() if value is not None}
        return self.http.request(method, path, content=body, headers=shown)

    def begin(self, data: bytes, name: str = "a.mp4", **more: str) -> str:
        """Begin an upload of some bytes; return its path."""
        more = {"sha256": sha256(data), **more}
        made = self.ask(
            "POST",
            "/uploads",
            Upload_Length=str(len(data)),
            Upload_Metadata=metadata(filename=name, **more),
        )
        assert made.status_code == 201, made.text
        return str(made.headers["Location"])

    def patch(self, path: str, data: bytes, at: int, **headers: str | None) -> Any:
        """Send a piece."""
        given = {"Content_Type": PIECES, "Upload_Offset": str(at), **headers}
        return self.send("PATCH", path, data, **given)

    def offset(self, path: str) -> int:
        """Return where an upload stands."""
        answer = self.ask("HEAD", path)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def received(self, *hashes: str) -> list[dict[str, Any]]:
        """Return what the service has of files."""
        query = "&".join(f"sha256={one}" for one in hashes)
        answer = self.ask("GET", f"/uploads/received?{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items
