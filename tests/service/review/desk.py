"""A desk in memory, and a street whose findings have real pictures."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from service.review.base import DeskError, DeskTask, Queued, TaskView
from service.settings import Settings, load_settings
from service.store import Store
from service.types import PlacedSighting
from tests.service.review.answered import fill, states
from tests.service.store.records import PICTURE, seen

URL = "http://127.0.0.1:1"
SIZE = (640, 360)
BOX = (100.0, 90.0, 228.0, 180.0)


def settings_for(folder: Path, **review: Any) -> Settings:
    """Return settings with a desk."""
    wanted = {"url": URL, "token": "a-token-that-nobody-may-see", **review}
    public = {"public_url": "https://city.example", "room_mb": 0}
    return load_settings(data=folder, server=public, review=wanted)


def shown(store: Store, number: int, **changes: Any) -> PlacedSighting:
    """Return a sighting with a frame and a crop of its own, both real pictures."""
    evidence = replace(
        PICTURE,
        image=store.blobs.put(_jpeg(SIZE, number), ".jpg"),
        crop=store.blobs.put(_jpeg((96, 96), number), ".jpg"),
        xyxy=BOX,
        pts_s=float(number),
        drive_s=float(number),
    )
    values = {"offset_m": 30.0 * number, "evidence": (evidence,), **changes}
    return seen(**values)


def street(store: Store) -> None:
    """Keep a heap, a poster and a piece of litter, and score the street."""
    fill(
        store,
        shown(store, 1, category="garbage_pile", probability=0.6),
        shown(store, 3, category="poster", probability=0.7),
        shown(store, 5, category="litter", probability=0.5),
    )


def state(store: Store, finding_id: str) -> str:
    """Return the state of a finding of the street."""
    return states(store)[finding_id]


def queue(store: Store) -> list[Queued]:
    """Return all findings of the street, the last the least."""
    rows = store.findings("s1")
    return [
        Queued(one.finding.id, 9.0 - number, "value") for number, one in enumerate(rows)
    ]


def _jpeg(size: tuple[int, int], number: int) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", size, (number * 20 % 256, 90, 120)).save(picture, "JPEG")
    return picture.getvalue()


@dataclass(slots=True)
class MemoryDesk:
    """A desk that forgets nothing and never sleeps.

    Attributes:
        rows: number -> key, its view, answers, drafted, when it changed.
        down: says why nobody answers; None while somebody does.
        dies_after: it fails once it has taken tasks in, as if its answer were lost.
    """

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    down: str | None = None
    dies_after: bool = False
    next_id: int = 1
    calls: list[str] = field(default_factory=list)
    now_s: float = 1_790_001_000.0

    def problems(self) -> tuple[str, ...]:
        self._called("problems")
        return ()

    def repair(self) -> tuple[str, ...]:
        self._called("repair")
        return ()

    def add(self, tasks: Sequence[TaskView]) -> Mapping[str, int]:
        self._called("add")
        found = {}
        for task in tasks:
            found[task.key] = self.next_id
            self.rows[self.next_id] = {
                "view": task, "answers": [], "drafted": False, "changed_s": self.now_s,
            }  # fmt: skip
            self.next_id += 1
        if self.dies_after:
            self.dies_after = False
            said = "the connection was cut"
            raise DeskError(said)
        return found

    def find(self, token: str) -> int | None:
        self._called("find")
        return min(
            (n for n, r in self.rows.items() if r["view"].token == token), default=None
        )

    def renew(self, task_id: int, task: TaskView) -> None:
        self._called("renew")
        if self.rows[task_id]["view"].key != task.key:
            said = f"task {task_id} is another than {task.key}"
            raise DeskError(said)
        self.rows[task_id]["view"] = task

    def withdraw(self, task_id: int, token: str) -> bool:
        self._called("withdraw")
        row = self.rows.get(task_id)
        if row is None or row["view"].token != token:
            return True
        if row["answers"] or row["drafted"]:
            return False
        del self.rows[task_id]
        return True

    def changed(self, since_s: float | None) -> Iterator[DeskTask]:
        self._called("changed")
        for number, row in self.rows.items():
            if since_s is None or row["changed_s"] > since_s:
                yield DeskTask(
                    number, row["view"].token, tuple(row["answers"]), row["drafted"]
                )

    def numbers(self) -> frozenset[int]:
        self._called("numbers")
        return frozenset(self.rows)

    def say(self, task_id: int, result: list[dict[str, Any]]) -> dict[str, Any]:
        """Let a reviewer answer; return the annotation."""
        made = annotation(task_id * 100, task_id, result, at_s=self.now_s)
        self.rows[task_id]["answers"].append(made)
        self.rows[task_id]["changed_s"] = self.now_s
        return made

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.down is not None:
            raise DeskError(self.down)


def annotation(
    number: int,
    task_id: int,
    result: list[dict[str, Any]],
    *,
    at_s: float = 1_790_001_000.0,
    changed_s: float | None = None,
) -> dict[str, Any]:
    """Return an annotation as Label Studio sends it."""
    return {
        "id": number,
        "result": result,
        "was_cancelled": False,
        "created_at": _time(at_s),
        "updated_at": _time(at_s if changed_s is None else changed_s),
        "completed_by": 7,
        "task": task_id,
    }


def _time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def choice(name: str, *values: str) -> dict[str, Any]:
    """Return a row of a result: what is chosen."""
    return {
        "from_name": name,
        "to_name": "picture",
        "type": "choices",
        "value": {"choices": list(values)},
    }


def note(text: str) -> dict[str, Any]:
    """Return a row of a result: the note."""
    return {
        "from_name": "note",
        "to_name": "picture",
        "type": "textarea",
        "value": {"text": [text]},
    }


def box(label: str = "litter", **changes: Any) -> dict[str, Any]:
    """Return a row of a result: a box, in percent of the picture."""
    value = {"x": 10.0, "y": 20.0, "width": 5.0, "height": 10.0, "rotation": 0}
    return {
        "id": f"r{label}",
        "from_name": "box",
        "to_name": "picture",
        "type": "rectanglelabels",
        "original_width": SIZE[0],
        "original_height": SIZE[1],
        "value": {**value, "rectanglelabels": [label], **changes},
    }


REAL = [choice("verdict", "real")]
FALSE = [choice("verdict", "false_alarm"), choice("reason_false", "shadow")]
