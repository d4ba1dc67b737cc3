"""How long others have said nothing new, by this process's own clock."""

from __future__ import annotations

from collections.abc import Mapping


class Unchanged:
    """Watches values that others write, whatever their clocks say.

    Time counts only while it was watched: where the looks themselves broke off (the
    database was away, this process was frozen), it begins anew, for then nobody could
    be heard.

    Args:
        break_s: looks that are further apart are no watching.
    """

    def __init__(self, break_s: float) -> None:
        self._break_s = break_s
        self._since: dict[str, tuple[float, float]] = {}
        self._looked_s = 0.0

    def look(self, values: Mapping[str, float], at_s: float) -> dict[str, float]:
        """Return for how many seconds each value has been seen as it is now.

        Args:
            values: what each of them says; who is not among them is forgotten.
            at_s: when, by a clock that never jumps.
        """
        if at_s - self._looked_s > self._break_s:
            self._since = {}
        self._looked_s = at_s
        fresh = {name: (value, at_s) for name, value in values.items()}
        self._since = {
            name: old if (old := self._since.get(name, now))[0] == now[0] else now
            for name, now in fresh.items()
        }
        return {name: at_s - since_s for name, (_, since_s) in self._since.items()}
