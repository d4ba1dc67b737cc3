"""The workflow of a drive: DBOS remembers each step that ended."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NoReturn, TypeVar

from dbos import (
    DBOS,
    DBOSConfig,
    DBOSConfiguredInstance,
    SetEnqueueOptions,
    SetWorkflowID,
    StepOptions,
)
from dbos import error as dbos_error

from service.job_records import JobKind, JobRecord
from service.jobs.steps import PauseError, Steps
from service.logs import telling
from service.store import Store
from vision.errors import AuditError, OutputError, StoreError

logger = logging.getLogger(__name__)

QUEUE = "drives"
WATCHES = "watches"
"""Of cameras: they take hours of waiting and keep no drive from being worked on."""
_QUEUE_OF: dict[JobKind, str] = {"watch": WATCHES}
FORM = "1"
"""Raise it when the steps change: a workflow of another form is not gone on with."""
_LOST = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS")
_POLL_S = 0.5
Result = TypeVar("Result")


@DBOS.dbos_class()
class DriveWorkflow(DBOSConfiguredInstance):
    """Runs the steps of jobs.

    Args:
        kinds: what is done with each kind of job.
        store: knows the jobs.
        worker: name of the worker.
        tries: of a step that fails by surprise.
    """

    def __init__(
        self, kinds: Mapping[JobKind, Steps], store: Store, *, worker: str, tries: int
    ) -> None:
        super().__init__(config_name=QUEUE)
        self._kinds = kinds
        self._store = store
        self._worker = worker
        self._tries = tries
        self._parked: set[str] = set()
        self._some_parked = threading.Event()

    @DBOS.workflow(name="drive")
    def run(self, job_id: str) -> str:
        """Work on a drive from its first step that did not end; return how it went."""
        if not self._store.claim_job(job_id, self._worker, now_s=time.time()):
            return "not ours"
        job = self._store.job(job_id)
        drive_id = None if job is None else job.order.drive_id
        known = {} if drive_id is None else {"drive_id": drive_id}
        with telling(job=job_id, **known):
            return self._run(job_id, job)

    def _run(self, job_id: str, job: JobRecord | None) -> str:
        if job is None or job.order.kind not in self._kinds:
            return self._fail(job_id, "this version of the program knows no such job")
        logger.info("job begins", extra={"kind": job.order.kind})
        steps = self._kinds[job.order.kind]
        try:
            result = steps.run(partial(self._step, steps, job_id))
        except AuditError as error:
            reason = str(error)
        except dbos_error.DBOSMaxStepRetriesExceeded as error:
            reason = reason_of(error)
        else:
            self._store.end_job(
                job_id,
                self._worker,
                "done",
                now_s=time.time(),
                result=result,
                drive_id=result["drive_id"],
            )
            steps.close(job_id)
            logger.info("job done", extra={"drive_id": result["drive_id"]})
            return "done"
        self._fail(job_id, reason)
        steps.close(job_id)
        return reason

    def wait_parked(self, job_ids: Iterable[str], timeout_s: float) -> bool:
        """Wait a while; say if all these jobs have come to where they can be left."""
        if set(job_ids) <= self._parked:
            return True
        self._some_parked.clear()
        self._some_parked.wait(timeout_s)
        return set(job_ids) <= self._parked

    def _step(
        self, steps: Steps, job_id: str, name: str, act: Callable[[JobRecord], Result]
    ) -> Result:
        """Do one step, unless it was done; what fails by surprise is tried again."""

        def whole() -> Result:
            try:
                result = act(steps.begin(job_id, name))
            except PauseError:  # not let out: the engine would remember it
                self._park(job_id)
            steps.ended()
            logger.debug("step done")
            return result

        options = StepOptions(
            name=name,
            retries_allowed=True,
            max_attempts=self._tries,
            should_retry=may_pass,
        )
        with telling(step=name):
            return DBOS.run_step(options, whole)

    def _fail(self, job_id: str, reason: str) -> str:
        """Note why a job failed; one that was cancelled stays cancelled."""
        if self._store.end_job(
            job_id, self._worker, "failed", now_s=time.time(), error=reason
        ):
            job = self._store.job(job_id)
            step = None if job is None else job.step
            logger.error("job failed", extra={"step": step, "reason": reason})
        return reason

    def _park(self, job_id: str) -> NoReturn:
        """Wait for the process to end: another worker goes on with the job."""
        self._parked.add(job_id)
        self._some_parked.set()
        while True:
            time.sleep(3600)


def may_pass(error: BaseException) -> bool:
    """Say if a step that failed so may do better next time."""
    if isinstance(error, AuditError):
        return isinstance(error, StoreError | OutputError)
    return True


def reason_of(error: dbos_error.DBOSMaxStepRetriesExceeded) -> str:
    """Return one sentence about a step that failed at every try."""
    last = error.errors[-1]
    if isinstance(last, AuditError):
        return str(last)
    return (
        f"the program failed {error.max_retries} times at step {error.step_name} "
        f"({type(last).__name__}); the worker's log says more"
    )


def launch(url: str, worker: str, *, watches: int) -> None:
    """Begin to take workflows out of the queues; call after making `DriveWorkflow`.

    Args:
        url: of the engine's database.
        worker: name of the worker.
        watches: cameras that it watches at once, beside the one drive.
    """
    config = DBOSConfig(
        name="liujing",
        system_database_url=url,
        executor_id=worker,
        application_version=FORM,
        log_level="WARNING",
    )
    # Without a handler the engine would write lines of its own form.
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=_POLL_S)
    DBOS.register_queue(
        WATCHES, worker_concurrency=watches, polling_interval_sec=_POLL_S
    )


def enqueue(drives: DriveWorkflow, job: JobRecord) -> None:
    """Put a job into the queue; one that is there stays as it is."""
    with SetWorkflowID(job.id), SetEnqueueOptions(priority=job.order.priority):
        DBOS.enqueue_workflow(_queue_of(job), drives.run, job.id)


def resume(job: JobRecord) -> None:
    """Set a workflow going again whose worker is gone."""
    DBOS.resume_workflow(job.id, queue_name=_queue_of(job))


def _queue_of(job: JobRecord) -> str:
    return _QUEUE_OF.get(job.order.kind, QUEUE)


def ended_badly(job_ids: Iterable[str]) -> dict[str, str]:
    """Return job -> what the engine says of workflows that will not go on."""
    wanted = list(job_ids)
    if not wanted:
        return {}
    found = DBOS.list_workflows(workflow_ids=wanted, load_input=False)
    return {
        one.workflow_id: f"{type(one.error).__name__}: {one.error}"
        if one.error is not None
        else str(one.status)
        for one in found
        if one.status in _LOST
    }


def begun_by(job_ids: Iterable[str]) -> dict[str, str]:
    """Return job -> worker of workflows that were taken out of the queue."""
    wanted = list(job_ids)
    if not wanted:
        return {}
    found = DBOS.list_workflows(workflow_ids=wanted, status="PENDING", load_input=False)
    return {one.workflow_id: one.executor_id or "" for one in found}
