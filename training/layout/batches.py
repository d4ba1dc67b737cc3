"""Endless batches of windows, so many of each source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from training.layout.examples import Rows, augmented, load, shared_out
from training.layout.sources import SHARES, LayoutSet
from vision.types import Image

if TYPE_CHECKING:
    from training.layout.fit import LayoutSettings


class Batches:
    """An iterable of `(B, 3, H, W)` RGB and `(B, H, W)` rows, both uint8.

    Pictures are kept decoded. Batch `n` is the same in every run of the same settings.
    """

    def __init__(self, data: LayoutSet, settings: LayoutSettings, start: int) -> None:
        self._data = data
        self._settings = settings
        self._start = start
        self._of = {name: data.of(name) for name in SHARES}
        self._kept: dict[str, tuple[Image, Rows]] = {}
        sources = {one.source for one in data.examples}
        shares = {name: part for name, part in SHARES.items() if name in sources}
        self._counts = shared_out(settings.batch, shares)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        """Yield batch after batch without end."""
        number = self._start
        while True:
            yield self._batch(number)
            number += 1

    def _batch(self, number: int) -> tuple[Any, Any]:
        import torch  # noqa: PLC0415

        rng = np.random.default_rng([self._settings.seed, number])
        nothing = self._data.table.rows
        windows = []
        for source, count in self._counts.items():
            mine = self._of[source]
            for row in rng.integers(len(mine), size=count):
                pixels, rows = self._load(source, int(row))
                windows.append(
                    augmented(pixels, rows, self._settings.size_px, nothing, rng)
                )
        pictures = np.stack([p[..., ::-1].transpose(2, 0, 1) for p, _ in windows])
        told = np.stack([rows for _, rows in windows])
        return torch.from_numpy(pictures), torch.from_numpy(told)

    def _load(self, source: str, row: int) -> tuple[Image, Rows]:
        key = f"{source}/{row}"
        if key not in self._kept:
            example = self._of[source][row]
            self._kept[key] = load(example, self._data.table)
        return self._kept[key]
