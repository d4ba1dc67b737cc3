"""push(): what is worth asking goes to the desk, once; what is moot comes back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.reports import STATUS_LABELS
from service.review.base import DeskError, Queued, ReviewDesk, TaskView, token_of
from service.review.pictures import size_of
from service.review.views import task_view
from service.review_records import PushedTask
from service.settings import Settings
from service.store import Store
from service.types import DAY_S
from vision.errors import AuditError, Failure

logger = logging.getLogger(__name__)

_AT_ONCE = 50
_RENEWED_AT_ONCE = 50
_RENEW_AT = 0.5
"""Links are made anew when less than this share of their life is left."""
_ASKED_AGAIN = ("second", "appeal")
_OPEN = ("raw", "recurred")
_BY_CHANCE = ("audit", "gold")


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a look over the desk came to.

    Attributes:
        added: tasks put before people.
        adopted: tasks found there that we had not noted before we were stopped.
        withdrawn: tasks taken back as moot.
        renewed: tasks given new links.
        open: tasks that nobody answered yet.
        failures: findings that cannot be shown: most have no picture.
    """

    added: int
    adopted: int
    withdrawn: int
    renewed: int
    open: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class _Pusher:
    store: Store
    settings: Settings
    desk: ReviewDesk
    now_s: float

    @property
    def life_s(self) -> float:
        return self.settings.review.link_days * DAY_S

    def send(self, queued: Sequence[Queued]) -> tuple[int, list[Failure]]:
        """Put tasks before people that never were; the note comes first."""
        views, failures = self.views(queued)
        new = [v for v in views if self.store.push_task(self.row(v))]
        self.note(self.desk.add(new).items())
        return len(new), failures

    def views(self, queued: Sequence[Queued]) -> tuple[list[TaskView], list[Failure]]:
        views, failures = [], []
        for one in queued:
            try:
                view = task_view(self.store, self.settings, one)
                size_of(self.store, view.best.image)
            except AuditError as error:
                failures.append(Failure.of(one.finding_id, error))
            else:
                views.append(view)
        return views, failures

    def row(self, view: TaskView) -> PushedTask:
        wide, high = size_of(self.store, view.best.image)
        return PushedTask(
            key=view.key,
            finding_id=view.queued.finding_id,
            why=view.queued.why,
            value=view.queued.value,
            image=view.best.image,
            width_px=wide,
            height_px=high,
            task_id=None,
            state="sending",
            reason=None,
            links_until_s=self.now_s + self.life_s,
            pushed_s=self.now_s,
            ended_s=None,
        )

    def note(self, numbers: Iterable[tuple[str, int]]) -> None:
        for key, number in numbers:
            self.store.note_task(key, task_id=number, state="open")

    def adopt(self) -> int:
        """Finish what was begun before we were stopped; return how many were there."""
        adopted = 0
        for row in self.store.pushed_tasks(states=("sending",)):
            number = self.desk.find(token_of(row.key))
            if number is not None:
                self.note([(row.key, number)])
                adopted += 1
                continue
            views, _ = self.views([_queued(row)])
            if views:
                self.note(self.desk.add(views).items())
            else:
                self.end(row, "not to be shown any more")
        return adopted

    def withdraw(self, rows: Sequence[PushedTask], wanted: Mapping[str, Queued]) -> int:
        """Take back what nobody needs to answer; return how many."""
        taken = 0
        for row in rows:
            why = self.moot(row, wanted.get(row.finding_id))
            if why is None or row.task_id is None:
                continue
            if self.desk.withdraw(row.task_id, token_of(row.key)):
                self.end(row, why)
                taken += 1
        return taken

    def moot(self, row: PushedTask, now: Queued | None) -> str | None:
        """Say why nobody needs to answer a task; None where somebody does.

        Args:
            row: the task.
            now: what is asked about its find now; None where nothing is.
        """
        if now is not None and now.key != row.key:
            return f"另有新任务 asked anew as turn {now.turn}"
        listed = self.store.listed_finding(row.finding_id)
        if listed is None:
            return "the finding was taken back"
        if row.why == "gold":
            return None
        if row.why in _ASKED_AGAIN and now is None:
            return "已在别处答复 answered elsewhere"
        state = listed.known.finding.state
        if state == "cleared" or (state not in _OPEN and row.why not in _ASKED_AGAIN):
            said = STATUS_LABELS.get(state)
            return f"{state if said is None else said.zh} {state}"
        return None

    def end(self, row: PushedTask, reason: str) -> None:
        self.store.note_task(
            row.key, state="withdrawn", reason=reason, ended_s=self.now_s
        )

    def renew(self, rows: Sequence[PushedTask]) -> int:
        """Give tasks whose links end soon new ones; return how many."""
        until_s = self.now_s + self.life_s * _RENEW_AT
        due = [row for row in rows if row.links_until_s < until_s]
        renewed = 0
        for row in due[:_RENEWED_AT_ONCE]:
            views, _ = self.views([_queued(row)])
            if not views or row.task_id is None:
                continue
            view = views[0]
            if view.best.image != row.image:
                # Boxes are drawn in the picture that was pushed: it must stay.
                view = replace(view, best=replace(view.best, image=row.image))
            try:
                self.desk.renew(row.task_id, view)
            except DeskError as error:
                logger.warning("links not renewed", exc_info=error)
                continue
            self.store.note_task(row.key, links_until_s=self.now_s + self.life_s)
            renewed += 1
        return renewed


def push(
    store: Store,
    settings: Settings,
    desk: ReviewDesk,
    queue: Iterable[Queued],
    *,
    now_s: float,
) -> Pushed:
    """Bring the desk up to date with what is worth asking.

    May be stopped at any moment and run again: each task is noted before it is sent,
    and looked for at the desk where it was not noted as sent.

    Args:
        store: the city's memory.
        settings: `review.open_tasks` lie open at once.
        desk: where people review.
        queue: what is worth asking, the most first.
        now_s: Unix seconds.

    Raises:
        DeskError: the desk cannot be reached, refuses us, or is not what we made.
    """
    pusher = _Pusher(store, settings, desk, now_s)
    with store.at_the_desk():
        adopted = pusher.adopt()
        asked = _in_turn(queue)
        now = {one.finding_id: one for one in asked}
        withdrawn = pusher.withdraw(_unanswered(store), now)
        room = settings.review.open_tasks - len(_unanswered(store))
        added, failures = 0, []
        # What somebody began to answer could not be taken back: it is asked already.
        there = {row.finding_id for row in _unanswered(store)}
        wanted = [
            one for one in _never_pushed(store, asked) if one.finding_id not in there
        ]
        while room > 0 and wanted:
            some, wanted = wanted[: min(_AT_ONCE, room)], wanted[min(_AT_ONCE, room) :]
            new, failed = pusher.send(some)
            added, room = added + new, room - new
            failures += failed
        left = _unanswered(store)
        renewed = pusher.renew(left)
    facts = {"added": added, "withdrawn": withdrawn, "renewed": renewed}
    logger.info("review desk brought up to date", extra=facts)
    return Pushed(added, adopted, withdrawn, renewed, len(left), tuple(failures))


def _in_turn(queue: Iterable[Queued]) -> list[Queued]:
    """Return the queue with values that fall: the desk sorts by them.

    What was put between others by chance is as urgent there as what comes before it,
    whatever its own value is; else nobody would ever come to it.
    """
    rows = list(queue)
    now = max((one.value for one in rows if one.why not in _BY_CHANCE), default=0.0)
    found = []
    for one in rows:
        if one.why not in _BY_CHANCE:
            now = min(now, one.value)
        found.append(replace(one, value=now))
    return found


def _unanswered(store: Store) -> list[PushedTask]:
    rows = store.pushed_tasks(states=("open",))
    answered = store.answered_keys(row.key for row in rows)
    return [row for row in rows if row.key not in answered]


def _never_pushed(store: Store, queue: Iterable[Queued]) -> list[Queued]:
    asked = list({one.key: one for one in queue}.values())
    before = {
        row.key: row.state for row in store.pushed_tasks(keys=[q.key for q in asked])
    }
    answered = store.answered_keys(before)
    return [
        one
        for one in asked
        if one.key not in before
        or (before[one.key] == "lost" and one.key not in answered)
    ]


def _queued(row: PushedTask) -> Queued:
    turn = int(row.key.rpartition("#")[2])
    return Queued(row.finding_id, row.value, row.why, turn)  # type: ignore[arg-type]
