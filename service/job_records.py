"""The nouns of drives that are worked on: jobs, workers, raw footage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JobKind = Literal["drive", "edge", "watch"]
"""Raw footage of an outing; what a vehicle saw by itself; a camera that stands."""
EDGE_SUFFIX = ".edge.zip"
"""Of a package: what a vehicle saw by itself."""
OPEN_STATES: tuple[JobState, ...] = ("queued", "running")
KEEPING_STEPS = ("keep", "score")
"""Of every kind of job: from here on it is in the store, and no more cancelled."""


def is_package(name: str) -> bool:
    """Say if a file is called as packages are."""
    return name.lower().endswith(EDGE_SUFFIX)


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What somebody wants to be worked on.

    Attributes:
        files: name -> SHA-256 of the footage and what belongs to it.
        model: `name@version` that looks.
        layout: `name@version` that reads the layout; None leaves zones to geometry.
        spacing_m: metres driven between two frames.
        vehicle: None if unknown.
        district: of the key that sent it; None for the whole city.
        priority: 1 comes first, 100 last.
        by: name of the key that sent it; None for the command line.
        drive_id: of the drive if it is in the store already; None for a new one.
        kind: what is worked on.
        given: what else is known of it, by its kind; plain JSON.
    """

    files: Mapping[str, str]
    model: str
    layout: str | None
    spacing_m: float
    vehicle: str | None = None
    district: str | None = None
    priority: int = 50
    by: str | None = None
    drive_id: str | None = None
    kind: JobKind = "drive"
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One piece of work and how far it has come; times are Unix seconds.

    Attributes:
        id: its name, of the workflow too.
        order: what is wanted.
        state: `queued`, `running`, or how it ended.
        step: what is being done, or was last; None before the first.
        done: frames that were looked at.
        total: frames to look at; 0 while unknown.
        left_s: seconds it will still take, as far as can be told.
        error: why it failed, one sentence; None otherwise.
        worker: who is at it; None for nobody.
        tries: of the step at hand, begun so often.
        submitted_s: when it was sent.
        started_s: when it was begun first; None before.
        touched_s: when it was last heard of.
        finished_s: when it ended; None before.
        result: what came out of it; empty before.
    """

    id: str
    order: JobOrder
    state: JobState
    step: str | None
    done: int
    total: int
    left_s: float | None
    error: str | None
    worker: str | None
    tries: int
    submitted_s: float
    started_s: float | None
    touched_s: float
    finished_s: float | None
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """One process that works on drives.

    Attributes:
        id: its name.
        host: the machine, as far as processes of one machine see each other.
        process: number and start of the process, that no other one has.
        started_s: since when.
        seen_s: last sign of life, by its own clock; others only see that it changes.
        ended_s: when it stopped or was found dead; None while it lives.
    """

    id: str
    host: str
    process: str
    started_s: float
    seen_s: float
    ended_s: float | None = None


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file in the quarantine.

    Attributes:
        id: of this copy; its file is called so.
        sha256: of the file as it was taken, before any encryption.
        size: bytes, likewise.
        sealed: encrypted at rest.
        received_s: when it came in.
        deleted_s: when it was deleted; None while it is there.
    """

    id: str
    sha256: str
    size: int
    sealed: bool
    received_s: float
    deleted_s: float | None = None
