"""A network between a vehicle and the service that does what bad networks do.

It is a TCP proxy that knows where a request begins and ends, so that it can lose, delay
and repeat just what it wants to. What it does to each request is a `Trick`.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self

Trick = Literal[
    "pass",  # as it should be
    "cut",  # the line is cut in the middle of the request
    "deaf",  # the request arrives, the line is cut before its answer
    "slow",  # it arrives in drips
    "repeat",  # it arrives, is answered, and arrives once more
    "late",  # the line is cut; the request arrives long after, behind younger ones
    "hole",  # the line stays open and nothing arrives
    "half",  # the line stays open, the request arrives, its answer does not
    "damage",  # one byte of it is another one
]
TRICKS: tuple[Trick, ...] = (
    "cut", "deaf", "slow", "repeat", "late", "hole", "half", "damage"
)  # fmt: skip
_DRIP, _DRIP_S = 4 << 10, 0.01
_LATE_S = 0.4
_PIECE = 64 << 10
_SILENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came over the line."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    @property
    def raw(self) -> bytes:
        return self.head + self.body


Choose = Callable[[Request], Trick]


def at_random(share: float, seed: int, tricks: tuple[Trick, ...] = TRICKS) -> Choose:
    """Return what plays a trick on a share of all requests."""
    chance = random.Random(seed)  # noqa: S311 - of a test
    lock = threading.Lock()

    def choose(_: Request) -> Trick:
        with lock:
            return chance.choice(tricks) if chance.random() < share else "pass"

    return choose


def first_patches(tricks: Iterable[Trick]) -> Choose:
    """Return what plays one trick after the other, each on one PATCH."""
    left = list(tricks)
    lock = threading.Lock()

    def choose(request: Request) -> Trick:
        with lock:
            return left.pop(0) if left and request.method == "PATCH" else "pass"

    return choose


class BadNetwork:
    """Listens at a port of this machine and leads to another one.

    Args:
        target: port of the service.
        choose: the trick for each request.

    Attributes:
        port: to connect to.
        played: how often each trick was played.
        seen: method and path of each request.
    """

    def __init__(self, target: int, choose: Choose) -> None:
        self._target = target
        self._choose = choose
        self._ends = threading.Event()
        self._late: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port: int = self._listener.getsockname()[1]
        self.played: Counter[Trick] = Counter()
        self.seen: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._listener.close()
        for thread in self._late:
            thread.join(_SILENCE_S)

    def _accept(self) -> None:
        while not self._ends.is_set():
            with suppress(TimeoutError):
                line, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        """Take request after request off a vehicle's line until it ends."""
        with line, suppress(OSError):
            line.settimeout(_SILENCE_S)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            buffer = bytearray()
            while not self._ends.is_set():
                request = _request(line, buffer)
                if request is None:
                    return
                trick = self._choose(request)
                self.played[trick] += 1
                self.seen.append((request.method, request.path))
                if not self._play(trick, line, request):
                    return

    def _play(self, trick: Trick, line: socket.socket, request: Request) -> bool:
        """Do what the trick wants; say if the line goes on."""
        answer = b""
        if trick == "cut":
            self._deliver(request.raw[: len(request.head) + len(request.body) // 2])
        elif trick == "late":
            late = threading.Thread(target=self._deliver_late, args=(request,))
            self._late.append(late)
            late.start()
        elif trick != "hole":
            answer = self._deliver(_changed(trick, request), slowly=trick == "slow")
        if trick in ("hole", "half"):
            _wait_for_end(line)
        elif trick in ("cut", "late", "deaf") or not answer:
            _reset(line)
        else:
            line.sendall(answer)
            if trick == "repeat":
                self._deliver(request.raw)
            return True
        return False

    def _deliver_late(self, request: Request) -> None:
        self._ends.wait(_LATE_S)
        self._deliver(request.raw)

    def _deliver(self, raw: bytes, *, slowly: bool = False) -> bytes:
        """Bring bytes to the service; return its answer, empty if there is none."""
        try:
            target = socket.create_connection(("127.0.0.1", self._target), _SILENCE_S)
        except OSError:
            return b""
        with target, suppress(OSError):
            step = _DRIP if slowly else _PIECE
            for start in range(0, len(raw), step):
                target.sendall(raw[start : start + step])
                if slowly:
                    time.sleep(_DRIP_S)
            return _answer(target, with_body=not raw.startswith(b"HEAD "))
        return b""


def _changed(trick: Trick, request: Request) -> bytes:
    if trick != "damage" or not request.body:
        return request.raw
    at = len(request.body) // 2
    body = bytearray(request.body)
    body[at] ^= 0xFF
    return request.head + bytes(body)


def _request(line: socket.socket, buffer: bytearray) -> Request | None:
    """Return the next request of a line; None at its end."""
    head = _until_blank(line, buffer)
    if head is None:
        return None
    size = _length(head)
    while len(buffer) < size:
        more = line.recv(_PIECE)
        if not more:
            return None
        buffer += more
    body = bytes(buffer[:size])
    del buffer[:size]
    return Request(head, body)


def _answer(line: socket.socket, *, with_body: bool) -> bytes:
    buffer = bytearray()
    head = _until_blank(line, buffer)
    if head is None:
        return b""
    size = _length(head) if with_body else 0
    while len(buffer) < size:
        more = line.recv(_PIECE)
        if not more:
            return b""
        buffer += more
    return head + bytes(buffer)


def _until_blank(line: socket.socket, buffer: bytearray) -> bytes | None:
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        more = line.recv(_PIECE)
        if not more:
            return None
        buffer += more
    head = bytes(buffer[: end + 4])
    del buffer[: end + 4]
    return head


def _length(head: bytes) -> int:
    for row in head.split(b"\r\n")[1:]:
        name, _, value = row.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _reset(line: socket.socket) -> None:
    """End a line with a reset, as a router that lost it does."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.close()


def _wait_for_end(line: socket.socket) -> None:
    """Leave a line open, and read nothing into it, until the other side gives up."""
    with suppress(OSError):
        while line.recv(_PIECE):
            pass
