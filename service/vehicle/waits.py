"""How long to wait before the next try: longer each time, and never all at once."""

from __future__ import annotations

import random

FIRST_S = 1.0
_MOST_DOUBLINGS = 20
LONGEST_ASKED_S = 3600.0
"""A server that asks for a longer rest is asked again after this."""


class Backoff:
    """Waits that double up to a limit, each drawn from its upper half.

    The chance keeps a fleet that lost the same server from coming back as one.

    Args:
        longest_s: limit of one wait.
        chance: of this process.
    """

    def __init__(self, longest_s: float, chance: random.Random) -> None:
        self._longest_s = longest_s
        self._chance = chance
        self._failures = 0

    def next_s(self) -> float:
        """Return the next wait."""
        doubled = FIRST_S * 2.0 ** min(self._failures, _MOST_DOUBLINGS)
        self._failures += 1
        return min(self._longest_s, doubled) * self._chance.uniform(0.5, 1.0)

    def asked_s(self, seconds: float) -> float:
        """Return a wait that the server asked for, with a little chance on top."""
        asked = min(max(seconds, 0.0), LONGEST_ASKED_S)
        return asked + self._chance.uniform(0.0, min(1.0, 0.1 * asked))

    def reset(self) -> None:
        """It went well."""
        self._failures = 0
