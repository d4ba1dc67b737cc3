"""A few things kept in memory by name; what was not used for long is forgotten."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

_MOST = 1000
Thing = TypeVar("Thing")


class Remembered(Generic[Thing]):
    """What saves work if it is still there; safe in threads.

    Args:
        most: so many things are kept.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._things: OrderedDict[str, Thing] = OrderedDict()

    def put(self, name: str, thing: Thing) -> None:
        """Keep a thing."""
        with self._lock:
            self._things[name] = thing
            self._things.move_to_end(name)
            if len(self._things) > self._most:
                self._things.popitem(last=False)

    def take(self, name: str) -> Thing | None:
        """Return a thing and forget it; None if it is not here."""
        with self._lock:
            return self._things.pop(name, None)
