"""A worker tells webhooks what changed."""

from __future__ import annotations

import logging
import threading
import time

from service.outward import sender
from service.settings import HookSettings
from service.store import Store
from service.types import DAY_S
from service.webhooks import deliver_once
from vision.errors import AuditError

logger = logging.getLogger(__name__)

_EVERY_S = 2.0


def tell(store: Store, hooks: HookSettings, stop: threading.Event) -> None:
    """Make every delivery that is due; a slow receiver keeps no drive waiting."""
    send = sender(private=hooks.private, timeout_s=hooks.timeout_s)
    give_up_s = hooks.give_up_days * DAY_S
    while not stop.is_set() and deliver_once(
        store, time.time(), send, give_up_s=give_up_s
    ):
        pass


def keep_telling(store: Store, hooks: HookSettings, stop: threading.Event) -> None:
    """Tell webhooks what changed until `stop` is set."""
    while not stop.wait(_EVERY_S):
        try:
            tell(store, hooks, stop)
        except AuditError as error:
            logger.warning("webhooks cannot be told", exc_info=error)
