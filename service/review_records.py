"""How far tasks and answers of the review desk have come.

Times are Unix seconds (UTC).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

PushState = Literal["sending", "open", "withdrawn", "lost"]
"""Being put before people; there; taken back as moot; gone from the desk by hand."""
AnswerState = Literal["waiting", "applied", "failed", "overtaken"]
"""To be applied; applied; of no use; a later version of it came first."""
Came = Literal["webhook", "poll"]


@dataclass(frozen=True, slots=True)
class PushedTask:
    """One task as we know it.

    Attributes:
        key: finding and turn, unique.
        finding_id: what is asked about.
        why: it was chosen.
        value: that an answer had when it was chosen.
        image: blob of the masked frame that boxes are drawn in.
        width_px: of that frame.
        height_px: of that frame.
        task_id: the desk's own number; None before that is known.
        state: how far it is.
        reason: why it was taken back or is gone; None while it is there.
        links_until_s: when its pictures' links end.
        pushed_s: when it was put there.
        ended_s: when it was taken back or found gone.
    """

    key: str
    finding_id: str
    why: str
    value: float
    image: str
    width_px: int
    height_px: int
    task_id: int | None
    state: PushState
    reason: str | None
    links_until_s: float
    pushed_s: float
    ended_s: float | None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One version of an answer that came in.

    Attributes:
        source: its unique name.
        annotation: name of the answer over all its versions.
        number: the desk's own number of the answer.
        key: of the task.
        came: in which way it came first.
        said: the answer as JSON; None where it cannot be used.
        at_s: when it was said.
        received_s: when it came in.
        state: how far it is.
        error: why it failed; None otherwise.
        done_s: when it was applied, or will not be.
    """

    source: str
    annotation: str
    number: int
    key: str
    came: Came
    said: Mapping[str, Any] | None
    at_s: float
    received_s: float
    state: AnswerState
    error: str | None = None
    done_s: float | None = None


@dataclass(frozen=True, slots=True)
class DeskState:
    """When a desk was looked over.

    Attributes:
        desk: its address and project.
        polled_s: start of the last look at what changed there.
        swept_s: start of the last look at all of it.
        error: what was wrong the last time; None if nothing was.
    """

    desk: str
    polled_s: float = 0.0
    swept_s: float = 0.0
    error: str | None = None
