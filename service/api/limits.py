"""How often one key may ask, and how often one address may fail without a key."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

NOWHERE = "(none)"
"""Address of those who have none: a socket of this machine."""

_NAMES = 10_000


class Buckets:
    """Token buckets by name: so many a minute, and a minute's worth at once.

    The state is this process's own. Names that were not used for long are forgotten,
    which only ever gives somebody a full bucket.

    Args:
        per_minute: what flows in, and what a bucket holds, >= 1.
        clock: seconds that only grow.
    """

    def __init__(
        self, per_minute: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._holds = float(per_minute)
        self._per_s = per_minute / 60
        self._clock = clock
        self._lock = threading.Lock()
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Take one token; return 0, or the seconds until there is one to take."""
        with self._lock:
            level = self._level(name)
            taken = level >= 1
            self._filled[name] = (level - 1 if taken else level, self._clock())
            self._filled.move_to_end(name)
            if len(self._filled) > _NAMES:
                self._filled.popitem(last=False)
        return 0.0 if taken else (1 - level) / self._per_s

    def wait_s(self, name: str) -> float:
        """Return the seconds until there is a token to take, 0 if there is one."""
        with self._lock:
            return max(0.0, 1 - self._level(name)) / self._per_s

    def _level(self, name: str) -> float:
        level, at_s = self._filled.get(name, (self._holds, 0.0))
        return min(self._holds, level + (self._clock() - at_s) * self._per_s)


class Limits:
    """The limits of one service.

    An address that failed too often without a good key has to wait, but those who come
    from it with a key that was good lately do not: many sit behind one address.

    Args:
        per_minute: requests of one key.
        failures_per_minute: of one address.
        uploads_per_minute: requests of one key that send pieces of files; None for as
            many as others.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        per_minute: int,
        failures_per_minute: int,
        *,
        uploads_per_minute: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.keys = Buckets(per_minute, clock=clock)
        self.uploads = Buckets(uploads_per_minute or per_minute, clock=clock)
        self.failures = Buckets(failures_per_minute, clock=clock)
        self._lock = threading.Lock()
        self._good: OrderedDict[str, None] = OrderedDict()

    def was_good(self, hashed: str) -> bool:
        """Say if a secret of this hash opened lately."""
        return hashed in self._good

    def note_good(self, hashed: str) -> None:
        """Remember that a secret of this hash opened."""
        with self._lock:
            self._good[hashed] = None
            self._good.move_to_end(hashed)
            if len(self._good) > _NAMES:
                self._good.popitem(last=False)


def told_to_wait(wait_s: float) -> tuple[str, dict[str, str]]:
    """Return what one who asks too often is told, and the headers that say it too."""
    after_s = max(1, math.ceil(wait_s))
    return f"too many requests; ask again in {after_s} s", {"Retry-After": str(after_s)}
