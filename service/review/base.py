"""What a review desk is: findings go out as tasks, people's answers come back.

`queue.py` says what is worth asking, a `ReviewDesk` puts it before people, `apply.py`
lets an answer change findings and scores. They meet in the nouns of this file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from vision.errors import AuditError

Why = Literal["value", "audit", "gold", "second", "appeal"]
"""Why a finding is asked about: its worth, chance, a known answer, a second opinion, an
objection of the responsible unit."""
ReviewVerdict = Literal[
    "real", "false", "permitted", "duplicate", "unclear", "withdrawn"
]
"""真, 误报, 合法许可, 重复, 看不清; `withdrawn`: the reviewer took it back."""


@dataclass(frozen=True, slots=True)
class Queued:
    """One finding that is worth a reviewer's minute.

    Attributes:
        finding_id: what is asked about.
        value: what an answer is worth, >= 0; the larger is asked first.
        why: it was chosen. People at the desk are never told.
        turn: 1 for the first task about this finding, 2 for the next (a second
            opinion, an appeal, gold); one finding and turn is one task, ever.
    """

    finding_id: str
    value: float
    why: Why
    turn: int = 1

    @property
    def key(self) -> str:
        """The task's name, unique in a store."""
        return f"{self.finding_id}#{self.turn}"

    @property
    def token(self) -> str:
        """The task's name at the desk, see `token_of`."""
        return token_of(self.key)


@dataclass(frozen=True, slots=True)
class View:
    """One look at the thing in question.

    Attributes:
        image: blob of the masked frame.
        crop: blob of the masked crop around the box.
        xyxy: the box in pixels of `image`.
        at_s: Unix seconds.
        inspection_id: the pass that took it.
    """

    image: str
    crop: str
    xyxy: tuple[float, float, float, float]
    at_s: float
    inspection_id: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """What a reviewer is shown of one finding.

    Attributes:
        queued: what is asked about, and why.
        category: taxonomy id that it seems to be.
        zone: zone it seems to lie in; None if unknown.
        severity: level of its rule; None is the rule's first.
        probability: chance that it is real.
        best: the best look; its frame is the picture that boxes are drawn in.
        others: more looks of the same pass, the best first.
        previous: the best look of the pass before; None where there is none.
        place: street, side and metres, for people.
        costs: which points it costs and under which rule, for people.
        map_svg: a small drawing of the street and the thing on it.
    """

    queued: Queued
    category: str
    zone: str | None
    severity: str | None
    probability: float
    best: View
    others: tuple[View, ...]
    previous: View | None
    place: str
    costs: str
    map_svg: str

    @property
    def key(self) -> str:
        """The task's name, unique in a store."""
        return self.queued.key

    @property
    def token(self) -> str:
        """The task's name at the desk, see `token_of`."""
        return self.queued.token


@dataclass(frozen=True, slots=True)
class AddedBox:
    """A thing that we had missed and a reviewer drew.

    Attributes:
        category: taxonomy id.
        xyxy: box in pixels of `image`, `x1 < x2`, `y1 < y2`, inside of it.
        image: blob of the masked frame.
    """

    category: str
    xyxy: tuple[float, float, float, float]
    image: str


@dataclass(frozen=True, slots=True)
class ReviewIn:
    """One version of one reviewer's answer to one task.

    Attributes:
        source: unique name of this version of the annotation; the same version comes
            by webhook and by poll under one name.
        finding_id: what was asked about.
        reviewer: who answered, a name that stays the same.
        verdict: what the finding is.
        reason: required where the verdict is not `real`; None where none was given.
        category: what it is if it is not what it seemed; None where nothing was said.
        zone: likewise.
        severity: likewise, a level such as `light`.
        added: things we had missed.
        at_s: Unix seconds at which it was said.
        turn: of the task, see `Queued`.
        annotation: name of the answer over all its versions; a later version, or
            `withdrawn`, takes the place of an earlier.
        box: the thing itself as the reviewer left its box, pixels of the best look's
            frame; None where it was taken away or never shown.
    """

    source: str
    finding_id: str
    reviewer: str
    verdict: ReviewVerdict
    reason: str | None
    category: str | None
    zone: str | None
    severity: str | None
    added: tuple[AddedBox, ...]
    at_s: float
    turn: int = 1
    annotation: str = ""
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DeskTask:
    """One task as it is at the desk.

    Attributes:
        id: the desk's own number.
        token: see `token_of`; None for a task that is not ours.
        annotations: answers as the desk has them, see `answers.read_answer`.
        drafted: somebody began an answer.
    """

    id: int
    token: str | None
    annotations: tuple[Mapping[str, Any], ...]
    drafted: bool


def token_of(key: str) -> str:
    """Return a task's name as the desk has it: it tells nobody which turn it is."""
    return hashlib.sha256(f"liujing task {key}".encode()).hexdigest()[:20]


class DeskError(AuditError):
    """The desk cannot be reached, refuses us, or is not what we made."""

    code = "desk_error"


class ReviewDesk(Protocol):
    """Where people review. What goes wrong there is a `DeskError`."""

    def problems(self) -> tuple[str, ...]:
        """Say what is wrong with the project, a sentence each; empty if nothing is."""

    def repair(self) -> tuple[str, ...]:
        """Make the project, or put it right; say what was done, a sentence each."""

    def add(self, tasks: Sequence[TaskView]) -> Mapping[str, int]:
        """Put tasks before people, all or none; return key -> the desk's number."""

    def find(self, token: str) -> int | None:
        """Return the desk's number of a task; None if there is none."""

    def renew(self, task_id: int, task: TaskView) -> None:
        """Give a task new links to its pictures; what people drew stays.

        Another task that has its number is left alone: that is a `DeskError`.
        """

    def withdraw(self, task_id: int, token: str) -> bool:
        """Take a task back; False if somebody began to answer it, then it stays.

        Another task that has its number is left alone: then ours is gone already.
        """

    def changed(self, since_s: float | None) -> Iterator[DeskTask]:
        """Return the tasks that changed since a time; all of them for None."""

    def numbers(self) -> frozenset[int]:
        """Return the numbers of all tasks that are there."""
