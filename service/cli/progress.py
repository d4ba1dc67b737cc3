"""How far long work has come: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TextIO

_BAR_CELLS = 30
_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 5.0


class ProgressLine:
    """Writes progress to standard error."""

    def __init__(self, label: str, stream: TextIO | None = None) -> None:
        self._label = label
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._began_s = self._last_s = monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` pieces are finished."""
        now_s = monotonic()
        finished = done >= total
        every_s = _BAR_EVERY_S if self._terminal else _LINE_EVERY_S
        if not finished and now_s - self._last_s < every_s:
            return
        self._last_s = now_s
        left_s = (now_s - self._began_s) / max(done, 1) * (total - done)
        if self._terminal:
            cells = round(_BAR_CELLS * done / max(total, 1))
            bar = "#" * cells + "-" * (_BAR_CELLS - cells)
            end = "\n" if finished else ""
            text = f"\r{self._label} [{bar}] {done}/{total}, {left_s:.0f} s left {end}"
        else:
            text = f"{self._label}: {done}/{total}, {left_s:.0f} s left\n"
        self._stream.write(text)
        self._stream.flush()
