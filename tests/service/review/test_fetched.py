"""Pictures of tasks are fetched from where they may be, and from nowhere else."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from service.links import link_secret, signed_link
from service.review.fetched import Fetcher
from service.store import Store
from tests.service.review.desk import settings_for
from vision.errors import InputError, NotFoundError

PERSONAL = "eyJh.eyJi.c2ln"
LEGACY = "0123456789abcdef0123456789abcdef01234567"
UNKNOWN = "x.y.z"


class Desk(BaseHTTPRequestHandler):
    """Stands in for the few answers of a real one that matter here."""

    opened: frozenset[str] = frozenset({"Bearer access-1", f"Token {LEGACY}"})

    def do_GET(self) -> None:
        shown = self.headers["Authorization"]
        code = 200 if shown in self.opened else 401
        self._answer(302 if "moved" in self.path else code, b"a picture")

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        good = given == {"refresh": PERSONAL}
        self._answer(200 if good else 401, b'{"access": "access-1"}')

    def _answer(self, code: int, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


@pytest.mark.parametrize("token", [PERSONAL, LEGACY], ids=["personal", "legacy"])
@pytest.mark.parametrize("form", ["/data/upload/1/a.jpg", "{desk}/data/upload/1/a.jpg"])
def test_uploads_are_opened_by_our_token(
    desk: str, store: Store, tmp_path: Path, token: str, form: str
) -> None:
    fetch = Fetcher(settings_for(tmp_path, url=desk, token=token), store)

    assert fetch(form.format(desk=desk)) == b"a picture"


def test_our_own_link_needs_no_network(store: Store, tmp_path: Path) -> None:
    name = store.blobs.put(b"masked", ".jpg")
    fetch = Fetcher(settings_for(tmp_path), store)
    secret, now_s = link_secret(store), time.time()
    link = signed_link(secret, name, now_s=now_s, life_s=60)
    old = signed_link(secret, name, now_s=now_s - 900, life_s=60)
    gone = signed_link(secret, "ab" * 32 + ".jpg", now_s=now_s, life_s=60)

    assert fetch("https://city.example" + link) == b"masked"
    for bad in (old, link.replace("sig=", "sig=0"), link.replace("until=", "until=x")):
        with pytest.raises(InputError, match="is not ours or has expired"):
            fetch(bad)
    with pytest.raises(NotFoundError):
        fetch(gone)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("http://127.0.0.1:1/a.jpg", "private address", id="loopback"),
        pytest.param("http://10.0.0.1/a.jpg", "private address", id="an inner machine"),
        pytest.param("http://169.254.169.254/", "private address", id="cloud's own"),
        pytest.param("file:///etc/passwd", "must be http", id="a file"),
        pytest.param("{desk}.evil.example/a", "url", id="only begins like the desk"),
        pytest.param("{desk}/data/moved.jpg", "it answers 302", id="a redirect"),
    ],
)
def test_nothing_is_fetched_from_elsewhere(
    desk: str, store: Store, tmp_path: Path, url: str, said: str
) -> None:
    fetch = Fetcher(settings_for(tmp_path, url=desk, token=LEGACY), store)

    with pytest.raises(InputError, match=said) as refused:
        fetch(url.format(desk=desk))

    assert LEGACY not in str(refused.value)


def test_a_token_that_opens_nothing_is_told_without_it(
    desk: str, store: Store, tmp_path: Path
) -> None:
    fetch = Fetcher(settings_for(tmp_path, url=desk, token=UNKNOWN), store)

    with pytest.raises(InputError, match="it answers 401") as refused:
        fetch("/data/upload/1/a.jpg")

    assert UNKNOWN not in str(refused.value)
