"""Who asked for what goes into the store in batches, so that nobody waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from vision.errors import StoreError

logger = logging.getLogger(__name__)

_ROWS = 500
_HELD = 50_000
_TRIES_AT_END = 3


class AccessLog:
    """Takes rows at once and writes them a moment later, in their order.

    What was taken is written before `close` returns; a process that is killed loses no
    more than `every_s` seconds of it. While the store cannot be written, rows wait.

    Args:
        write: keeps rows for good, see `Store.log_access`; may raise `StoreError`.
        every_s: how long a row may wait for others.
        retry_s: how long to wait after the store failed.
    """

    def __init__(
        self,
        write: Callable[[Sequence[dict[str, Any]]], None],
        *,
        every_s: float = 0.5,
        retry_s: float = 1.0,
    ) -> None:
        self._write = write
        self._every_s = every_s
        self._retry_s = retry_s
        self._changed = threading.Condition()
        self._rows: list[dict[str, Any]] = []
        self._taken = 0
        self._written = 0
        self._hurry = False
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """How many rows are not yet written."""
        return len(self._rows)

    def add(self, row: dict[str, Any]) -> None:
        """Take a row; never waits for the store."""
        with self._changed:
            if len(self._rows) >= _HELD:
                logger.error("access not logged in the store", extra={"access": row})
                return
            self._rows.append(row)
            self._taken += 1
            if self._thread is None:
                self._closing = False
                self._thread = threading.Thread(
                    target=self._run, name="access-log", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def flush(self, *, within_s: float = 10.0) -> bool:
        """Wait until all taken so far is written; False if that took too long."""
        with self._changed:
            target = self._taken
            self._hurry = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._written >= target, within_s)

    def close(self) -> None:
        """Write what is left, and stop; what cannot be written goes to the log."""
        with self._changed:
            self._closing = True
            thread = self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        failed = 0
        while True:
            batch = self._next()
            if not batch:
                return
            try:
                self._write(batch)
            except StoreError as error:
                failed += 1
                logger.warning(
                    "access log waits for the store", extra={"reason": str(error)}
                )
                if self._closing and failed >= _TRIES_AT_END:
                    self._give_up()
                    return
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, self._retry_s)
                continue
            failed = 0
            self._wrote(len(batch))

    def _next(self) -> list[dict[str, Any]]:
        """Return the rows to write next; none when there are none left at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._rows or self._closing)
            self._changed.wait_for(
                lambda: self._hurry or self._closing or len(self._rows) >= _ROWS,
                self._every_s,
            )
            if not self._rows:
                self._thread = None
            return self._rows[:_ROWS]

    def _wrote(self, count: int) -> None:
        with self._changed:
            del self._rows[:count]
            self._written += count
            self._hurry = self._hurry and bool(self._rows)
            self._changed.notify_all()

    def _give_up(self) -> None:
        with self._changed:
            for row in self._rows:
                logger.error("access not logged in the store", extra={"access": row})
            self._rows.clear()
            self._thread = None
            self._changed.notify_all()
