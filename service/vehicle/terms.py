"""How one vehicle's uploader is to work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from service.vehicle.announced import Who
from service.vehicle.drives import GAP_S
from service.vehicle.eyes import EdgeOptions
from service.vehicle.hours import Hours
from service.vehicle.lying import Stillness
from service.vehicle.raw import RawRule
from service.vehicle.talk import Address

TIMEOUT_S = 30.0
LONGEST_WAIT_S = 300.0
_MBIT_BYTES = 1e6 / 8


def no_models() -> list[str] | None:
    """Say that no model looks on board."""
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the person who installs the box decides.

    Attributes:
        folder: watched.
        address: of the service.
        token_file: holds the vehicle's key.
        status: where the state is written as JSON.
        who: vehicle and camera, for the manifests.
        delete: files that the service acknowledged are deleted here.
        once: end when everything is sent.
        ca: authorities to trust; None for the system's.
        limit_mbit: megabits a second at most; None for no limit.
        hours: in which anything is sent; None for always.
        raw: when raw footage is sent.
        stillness: when a file is finished.
        gap_s: between two files of one drive in the flat folder.
        timeout_s: silence after which a connection is dead.
        longest_wait_s: between two tries.
        models: tells the eyes on board, for the word with the service.
        eyes: how drives are inspected on board before anything of them is sent; None
            where the server does it.
    """

    folder: Path
    address: Address
    token_file: Path
    status: Path
    who: Who = field(default_factory=Who)
    delete: bool = False
    once: bool = False
    ca: Path | None = None
    limit_mbit: float | None = None
    hours: Hours | None = None
    raw: RawRule = field(default_factory=RawRule)
    stillness: Stillness = field(default_factory=Stillness)
    gap_s: float = GAP_S
    timeout_s: float = TIMEOUT_S
    longest_wait_s: float = LONGEST_WAIT_S
    models: Callable[[], list[str] | None] = no_models
    eyes: EdgeOptions | None = None

    @property
    def bytes_per_s(self) -> float | None:
        """The limit."""
        return None if self.limit_mbit is None else self.limit_mbit * _MBIT_BYTES
