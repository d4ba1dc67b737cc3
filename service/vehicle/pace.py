"""How fast bytes may go, and how many go in one request."""

from __future__ import annotations

from collections.abc import Iterator

from service.vehicle.clock import Clock

PIECE = 16 << 10
LEAST, MOST = 64 << 10, 16 << 20
_SHORT_S, _LONG_S = 2.0, 8.0
_BEHIND_S = 0.5
"""So far behind its rate may a sender catch up at once."""


class Pace:
    """Cuts a body into pieces and lets them go no faster than allowed.

    Args:
        bytes_per_s: None for as fast as it goes.
        clock: steady time.
    """

    def __init__(self, bytes_per_s: float | None, clock: Clock) -> None:
        self._rate = bytes_per_s
        self._clock = clock
        self._free_s = clock.steady_s()

    def pieces(self, body: bytes) -> Iterator[bytes]:
        """Yield the body in pieces, each when its time has come."""
        view = memoryview(body)
        for start in range(0, len(body), PIECE):
            piece = view[start : start + PIECE]
            self._wait(len(piece))
            yield bytes(piece)

    def _wait(self, size: int) -> None:
        if self._rate is None:
            return
        now_s = self._clock.steady_s()
        self._free_s = max(self._free_s, now_s - _BEHIND_S) + size / self._rate
        if self._free_s > now_s:
            self._clock.sleep(self._free_s - now_s)


class Chunk:
    """How many bytes one request carries: some seconds' worth of the network.

    A request that is cut loses at most itself, because the service takes no byte whose
    checksum it has not seen; so bad networks get small ones.

    Attributes:
        size: bytes of the next request.
    """

    def __init__(self) -> None:
        self.size = LEAST * 4

    def went(self, took_s: float) -> None:
        """A request of this size came through."""
        if took_s < _SHORT_S:
            self.size = min(MOST, self.size * 2)
        elif took_s > _LONG_S:
            self.cut()

    def cut(self) -> None:
        """A request of this size was lost."""
        self.size = max(LEAST, self.size // 2)
