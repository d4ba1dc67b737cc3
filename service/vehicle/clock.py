"""The two clocks of a vehicle: the one it believes, and one that only runs forward."""

from __future__ import annotations

import time


class Clock:
    """Tells times and waits; tests put another in its place."""

    def wall_s(self) -> float:
        """Return Unix seconds as this machine believes; may jump, may be years off."""
        return time.time()

    def steady_s(self) -> float:
        """Return seconds that never jump; only differences mean something."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
