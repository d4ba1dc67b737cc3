"""A worker lets answers of the review desk count, and asks the desk for more."""

from __future__ import annotations

import logging
import threading
import time
from functools import partial

from service.review.base import ReviewDesk
from service.review.desks import desk_name, open_desk
from service.review.measures import keep_measures, measures
from service.review.rounds import apply_all, go_round, note_trouble
from service.settings import Settings
from service.store import Store
from vision.errors import AuditError

logger = logging.getLogger(__name__)

_APPLY_EVERY_S = 0.5
_LOOK_EVERY_S = 1.0
_MEASURE_FIRST_S = 60.0
"""A worker that was just started has other things to do."""


def keep_applying(store: Store, settings: Settings, stop: threading.Event) -> None:
    """Let answers count as they come in, until `stop` is set."""
    while not stop.wait(_APPLY_EVERY_S):
        try:
            apply_all(store, settings)
        except AuditError as error:
            logger.warning("answers cannot be applied", exc_info=error)


def keep_reviewing(store: Store, settings: Settings, stop: threading.Event) -> None:
    """Go round the desk every `review.poll_s` until `stop` is set.

    Of many workers one goes round at a time: who comes when it is not yet due does
    nothing.
    """
    desk: ReviewDesk | None = None
    next_s = 0.0
    while not stop.wait(_LOOK_EVERY_S):
        if time.time() < next_s:
            continue
        next_s = time.time() + settings.review.poll_s
        try:
            if not _is_due(store, settings):
                continue
            desk = desk or open_desk(settings, store)
            go_round(store, settings, desk, whole=False)
        except AuditError as error:
            logger.warning("review desk not gone round", extra={"said": str(error)})
            note_trouble(store, settings, error)


def keep_measuring(store: Store, settings: Settings, stop: threading.Event) -> None:
    """Let what reviews say of the eyes count, once in `review.measure_h`."""
    next_s = time.monotonic() + _MEASURE_FIRST_S
    while not stop.wait(_LOOK_EVERY_S):
        if time.monotonic() < next_s:
            continue
        next_s = time.monotonic() + settings.review.measure_h * 3600
        try:
            kept = keep_measures(store, measures(store, settings), known_s=time.time())
        except AuditError as error:
            logger.warning("eyes cannot be measured", exc_info=error)
        else:
            logger.info("eyes measured by reviews", extra={"rows": kept})


class Reviewers:
    """The threads of a worker that look after reviews, begun again where one ended.

    What none of them foresaw ends a thread, with its trace in the log; answers would
    wait for ever if nobody looked after it.

    Args:
        store: the city's memory.
        settings: of the service.
        stop: set when the worker stops.
    """

    def __init__(self, store: Store, settings: Settings, stop: threading.Event) -> None:
        works = [keep_applying, keep_measuring]
        if settings.review.url is not None:
            works.append(keep_reviewing)
        self._begin = {
            work.__name__: partial(work, store, settings, stop) for work in works
        }
        self._stop = stop
        self._threads: dict[str, threading.Thread] = {}

    def look(self) -> None:
        """Start every thread that does not run."""
        for name, work in self._begin.items():
            known = self._threads.get(name)
            if self._stop.is_set() or (known is not None and known.is_alive()):
                continue
            if known is not None:
                logger.error("thread of reviews begun again", extra={"of": name})
            self._threads[name] = threading.Thread(target=work, name=name, daemon=True)
            self._threads[name].start()


def _is_due(store: Store, settings: Settings) -> bool:
    polled_s = store.desk_state(desk_name(settings)).polled_s
    return time.time() >= polled_s + settings.review.poll_s / 2
