"""What is done again and again beside the desk: apply, poll, push."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

from service.review.apply import apply_review
from service.review.base import ReviewDesk, ReviewIn
from service.review.desks import desk_name, page_words
from service.review.push import Pushed, push
from service.review.queue import worth
from service.review.sync import Polled, apply_waiting, poll
from service.settings import Settings
from service.store import Store
from vision.errors import AuditError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to.

    Attributes:
        polled: answers that were asked for.
        pushed: tasks that went and came back.
        applied: answers that count now.
        failed: answers that cannot.
    """

    polled: Polled
    pushed: Pushed
    applied: int
    failed: int


def apply_all(store: Store, settings: Settings) -> tuple[int, int]:
    """Apply every answer that waits; return how many count and how many cannot."""
    applied = failed = 0
    while True:
        done = apply_waiting(store, settings, _apply, now_s=time.time())
        if done == (0, 0):
            return applied, failed
        applied, failed = applied + done[0], failed + done[1]


def go_round(
    store: Store, settings: Settings, desk: ReviewDesk, *, whole: bool
) -> Round:
    """Ask for answers, let them count, and bring the desk up to date.

    What goes wrong is noted where `liujing review status` finds it.

    Args:
        store: the city's memory.
        settings: of the service.
        desk: where people review.
        whole: look at every task, not only at those that changed.

    Raises:
        DeskError: the desk cannot be reached, refuses us, or is not what we made.
    """
    name = desk_name(settings)
    try:
        polled = poll(
            store,
            page_words(settings),
            desk,
            name=name,
            now_s=time.time(),
            whole=whole,
        )
        applied, failed = apply_all(store, settings)
        now_s = time.time()
        pushed = push(store, settings, desk, worth(store, settings, now_s), now_s=now_s)
    except AuditError as error:
        note_trouble(store, settings, error)
        raise
    return Round(polled, pushed, applied, failed)


def note_trouble(store: Store, settings: Settings, error: AuditError) -> None:
    """Note what is wrong with the desk, for `liujing review status`."""
    state = store.desk_state(desk_name(settings))
    store.note_desk(replace(state, error=str(error)))


def _apply(store: Store, settings: Settings, said: ReviewIn) -> None:
    done = apply_review(store, settings, said)
    facts = {"finding": said.finding_id, "verdict": said.verdict, "new": done.new}
    logger.info("review applied", extra=facts)
