"""When raw footage may leave the vehicle: never, on the depot's network, or always."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.vehicle.hours import Hours

RawMode = Literal["never", "wifi", "always"]
_NETWORKS = Path("/sys/class/net")


@dataclass(frozen=True, slots=True)
class RawRule:
    """The rule for raw footage; what was worked out on board always goes first.

    On `wifi` every test that is given must hold: the box itself cannot know which
    network costs money.

    Attributes:
        mode: never, wifi or always.
        interface: a network interface that must be up, like `wlan0`.
        hours: when the vehicle stands in the depot.
        networks: where Linux shows its interfaces.
    """

    mode: RawMode = "always"
    interface: str | None = None
    hours: Hours | None = None
    networks: Path = _NETWORKS

    def may_go(self, epoch_s: float) -> bool:
        """Say if raw footage may be sent at a moment."""
        if self.mode != "wifi":
            return self.mode == "always"
        if self.hours is not None and not self.hours.open_at(epoch_s):
            return False
        return self.interface is None or self._is_up(self.interface)

    def _is_up(self, interface: str) -> bool:
        try:
            said = (self.networks / interface / "operstate").read_text("ascii")
        except (OSError, UnicodeError):
            return False  # unplugged, or not there yet
        return said.strip() == "up"
