"""A picture's layout: what every pixel belongs to, as a network reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vision.types import Image

Classes = npt.NDArray[np.uint8]

PEOPLE = ("person", "two_wheeler")
PEOPLE_SURE = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """What one picture shows.

    Attributes:
        classes: uint8 `(h, w)`, rows of `names`; pixel (x, y) covers the same part of
            the frame as of any other size.
        sure: float32 `(h, w)`, the probability of that class.
        names: the classes.
    """

    classes: Classes
    sure: npt.NDArray[np.float32]
    names: tuple[str, ...]

    def people(self) -> npt.NDArray[np.bool_]:
        """Return bool `(h, w)`: persons and riders of which the reader is sure.

        Of less sure ones too many are heaps; decision 0014 has the trade.
        """
        rows = [row for row, name in enumerate(self.names) if name in PEOPLE]
        out: npt.NDArray[np.bool_] = np.isin(self.classes, rows)
        return out & (self.sure >= PEOPLE_SURE)


class LayoutReader(Protocol):
    """Reads the layout of pictures."""

    @property
    def model_id(self) -> str:
        """name@version of what reads."""

    @property
    def names(self) -> tuple[str, ...]:
        """The classes that it can tell apart."""

    def read(self, pixels: Image) -> Layout:
        """Return the layout of a uint8 `(H, W, 3)` BGR picture."""
