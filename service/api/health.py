"""Is the service alive, can it work, and what does it count."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Literal

from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field

from service.api.asked import Reader, TheSettings, TheStore
from service.api.metrics import MEDIA_TYPE, Metrics
from service.api.problems import problem
from service.settings import Settings
from service.store import Store
from vision.errors import StoreError

logger = logging.getLogger(__name__)
router = APIRouter(tags=["运行 Operations"])

_PATIENCE_S = 5.0
_MB = 1_000_000


class Alive(BaseModel):
    """The process runs."""

    status: Literal["alive"] = Field(description="存活 always `alive`")


class Check(BaseModel):
    """One thing that the service needs."""

    name: Literal["store", "disk"] = Field(description="检查项 what was looked at")
    ok: bool = Field(description="是否正常 whether it is as it should be")
    says: str = Field(description="说明 one sentence")


class Ready(BaseModel):
    """Everything that the service needs is there."""

    status: Literal["ready"] = Field(description="就绪 always `ready`")
    checks: list[Check] = Field(description="各项检查 what was looked at")


@router.get("/health/live", summary="存活 Alive")
async def live() -> Alive:
    """The process answers; nothing else is looked at."""
    return Alive(status="alive")


@router.get("/health/ready", summary="就绪 Ready", response_model=Ready)
async def ready(
    request: Request, store: TheStore, settings: TheSettings
) -> Ready | Response:
    """Whether requests can be answered: 503 says what is wrong."""
    probes: CapacityLimiter = request.app.state.probes
    checks = [await _store(store, probes), _disk(settings)]
    if all(check.ok for check in checks):
        return Ready(status="ready", checks=checks)
    wrong = "; ".join(check.says for check in checks if not check.ok)
    return problem(503, wrong, checks=[check.model_dump() for check in checks])


@router.get(
    "/metrics",
    summary="指标 Measures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def measures(request: Request, caller: Reader) -> Response:
    """Measures as Prometheus reads them; for keys of the whole city."""
    if caller.district is not None:
        raise HTTPException(403, "measures are for keys of the whole city")
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=MEDIA_TYPE)


async def _store(store: Store, probes: CapacityLimiter) -> Check:
    """Ask the store, but do not wait for one that is silent."""
    try:
        with fail_after(_PATIENCE_S):
            await to_thread.run_sync(store.ask, abandon_on_cancel=True, limiter=probes)
    except StoreError as error:
        logger.warning("store cannot be used", extra={"reason": str(error)})
        says = "the store cannot be used; the service's log says why"
        return Check(name="store", ok=False, says=says)
    except TimeoutError:
        says = f"the store did not answer within {_PATIENCE_S:g} s"
        return Check(name="store", ok=False, says=says)
    return Check(name="store", ok=True, says="the store answers")


def _disk(settings: Settings) -> Check:
    """See how much room is left where the service writes."""
    needed_mb = settings.server.room_mb
    free_mb = min(shutil.disk_usage(place).free for place in _places(settings)) // _MB
    says = f"{free_mb} MB are free on the disk"
    if free_mb < needed_mb:
        says += f", {needed_mb} MB are needed; make room"
    return Check(name="disk", ok=free_mb >= needed_mb, says=says)


def _places(settings: Settings) -> set[Path]:
    """Return folders that are there, on every disk that the service writes to."""
    named = [settings.data, settings.raw_folder, settings.store.blobs]
    if "://" not in settings.store_where:
        named.append(Path(settings.store_where))
    return {_there(place.absolute()) for place in named if place is not None}


def _there(place: Path) -> Path:
    return next(one for one in (place, *place.parents) if one.is_dir())
