"""What the steps of all kinds of jobs share: tries, stopping, states, scores."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from service.intake.quarantine import Quarantine
from service.intake.sealed import sealed, unsealed
from service.job_records import JobRecord
from service.logs import telling
from service.memory.current import terms_now, window_now
from service.memory.rescore import rescore
from service.settings import Settings
from service.store import Store
from vision.errors import AuditError, InputError, NotFoundError

Result = TypeVar("Result")


class CancelledError(AuditError):
    """Somebody cancelled the job while it ran."""

    code = "cancelled"


class PauseError(AuditError):
    """The worker was asked to stop; the job goes on elsewhere."""

    code = "paused"


class Do(Protocol):
    """Does one step of a job, unless it was done: then its result is remembered."""

    def __call__(self, name: str, act: Callable[[JobRecord], Result]) -> Result:
        """Return what the step came to; that is kept as JSON."""


class Steps(Protocol):
    """The steps of one kind of job; each can be repeated."""

    def run(self, do: Do) -> dict[str, Any]:
        """Do all steps in their order; return the job's result."""

    def begin(self, job_id: str, step: str) -> JobRecord:
        """Count a try of a step and return its job."""

    def ended(self) -> None:
        """Note that a step came to its end."""

    def close(self, job_id: str) -> None:
        """Take away what an ended job needed."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a worker gives to the steps of its jobs.

    Attributes:
        settings: of the service.
        store: the city's memory.
        worker: name of the worker.
        stopping: says if the worker was asked to stop.
        lost: called where a job turns out to be another worker's; does not return.
    """

    settings: Settings
    store: Store
    worker: str
    stopping: Callable[[], bool]
    lost: Callable[[], None]


class JobSteps:
    """What every kind of steps can do, as one worker does them."""

    def __init__(self, place: Workplace) -> None:
        self._settings = place.settings
        self._store = place.store
        self._worker = place.worker
        self._stopping = place.stopping
        self._lost = place.lost
        self._quarantine = Quarantine(place.settings, place.store)

    def begin(self, job_id: str, step: str) -> JobRecord:
        """Count a try of a step and return its job.

        Raises:
            PauseError: the worker is stopping.
            CancelledError: the job was cancelled.
            InputError: the step was begun often enough; it kills whoever tries.
        """
        self._refuse_stopping()
        tries = self._store.begin_step(job_id, self._worker, step, now_s=time.time())
        if not tries:
            self._refuse_ended(job_id)
        if tries > self._settings.jobs.deaths:
            msg = (
                f"step {step} was begun {tries - 1} times and its worker died each "
                "time at the same place; look into the footage with liujing audit"
            )
            raise InputError(msg)
        return self._job(job_id)

    def ended(self) -> None:
        """Note that a step came to its end."""

    def close(self, job_id: str) -> None:
        """Take away what an ended job needed."""
        self._quarantine.drop_work(job_id)

    def scored(self, do: Do, kept: dict[str, Any]) -> dict[str, Any]:
        """Score what was kept, and return the job's result."""
        segments = kept["segments"]
        with telling(drive_id=kept["drive_id"]):
            count = do("score", lambda _: self.score(segments))
        return {**kept, "segments": len(segments), "scored": count}

    def score(self, segment_ids: list[str]) -> int:
        """Score the streets that were driven; return how many."""
        if not segment_ids:
            return 0
        terms = terms_now(self._store, self._settings)
        window = window_now(self._store, self._settings)
        streets = rescore(self._store, terms, window, segment_ids=segment_ids)
        return len(streets)

    def _job(self, job_id: str) -> JobRecord:
        job = self._store.job(job_id)
        if job is None:
            msg = f"there is no job {job_id}"
            raise NotFoundError(msg)
        return job

    def _refuse_ended(self, job_id: str) -> None:
        """Say why a job is not this worker's: it ended, or another one took it."""
        if self._job(job_id).is_open:
            self._lost()
        msg = "the job was cancelled"
        raise CancelledError(msg)

    def _refuse_stopping(self) -> None:
        if self._stopping():
            msg = "the worker stops"
            raise PauseError(msg)

    def _note(self, job_id: str, **values: Any) -> None:
        """Note how far a job has come; find out if it is another's."""
        now_s = time.time()
        if not self._store.note_progress(job_id, self._worker, now_s=now_s, **values):
            self._refuse_ended(job_id)

    def _write_state_file(self, target: Path, data: bytes) -> None:
        """Write a state in one step, sealed like the footage."""
        if self._quarantine.secret is not None:
            file = io.BytesIO()
            sealed(data, self._quarantine.secret, file)
            data = file.getvalue()
        part = target.with_name(f".{target.name}.{self._worker}")
        part.write_bytes(data)
        part.replace(target)

    def _read_state_file(self, path: Path, name: bytes) -> bytes:
        """Return a state.

        Raises:
            InputError: it does not begin with its name, or cannot be unsealed.
        """
        data = path.read_bytes()
        if self._quarantine.secret is not None:
            data = b"".join(unsealed(io.BytesIO(data), self._quarantine.secret))
        if not data.startswith(name):
            msg = f"{path.name} was written by other eyes or another version"
            raise InputError(msg)
        return data[len(name) :]
