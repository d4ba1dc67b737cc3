"""The service put together: settings and a store in, an ASGI app out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from service.api import (
    cameras,
    changes,
    coverage,
    covers,
    device_roads,
    devices,
    drives_read,
    evidence,
    findings,
    health,
    jobs,
    manifests,
    models,
    months,
    ogc,
    review,
    reviews,
    rollups,
    scores,
    segments,
    standards,
    uploads,
    webhooks,
)
from service.api.accesses import AccessLog
from service.api.described import describe
from service.api.limits import Limits
from service.api.metrics import Metrics
from service.api.middleware import Guard
from service.api.paging import add_tags
from service.api.problems import add_problems
from service.api.tus import Tus, add_upload_problems
from service.intake.uploads import Uploads
from service.settings import Settings
from service.store import FolderBlobs, Store
from service.web import router as page

ROUTERS: tuple[APIRouter, ...] = (
    scores.router,
    segments.router,
    findings.router,
    reviews.router,
    evidence.router,
    manifests.router,
    drives_read.router,
    device_roads.router,
    devices.router,
    jobs.router,
    uploads.router,
    cameras.router,
    coverage.router,
    covers.router,
    rollups.router,
    months.router,
    standards.router,
    models.router,
    ogc.router,
    health.router,
    page,
    changes.router,
    webhooks.router,
    review.router,
)
"""One for each noun, in the order of the documents."""
_ZIP_FROM = 1000
_ZIP_LEVEL = 4
"""Higher levels take twice the time for a tenth less."""

_KB = 1024
_PROBES = 2
"""How many questions about health may wait for a silent store."""


class City(FastAPI):
    """An app with its guard around everything, answers to surprises too."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the guard outside of what the framework puts together."""
        return Guard(
            super().build_middleware_stack(),
            accesses=self.state.accesses,
            limits=self.state.limits,
            metrics=self.state.metrics,
            https=self.state.https,
        )


def open_city(settings: Settings) -> Store:
    """Open the store that the settings name.

    Raises:
        StoreError: damaged, newer than this program, unreachable, not writable.
    """
    blobs = None if settings.store.blobs is None else FolderBlobs(settings.store.blobs)
    return Store(settings.store_where, blobs)


@asynccontextmanager
async def _until_the_end(app: FastAPI) -> AsyncIterator[None]:
    """Let go of what the app holds when it ends."""
    yield
    await to_thread.run_sync(app.state.uploads.looking.close)


def build_app(settings: Settings, store: Store) -> FastAPI:
    """Put the routes together over a store.

    A route whose body may be larger than `limits.body_kb`, as footage is, says so with
    `max_body_size`.
    """
    app = City(
        title="六净 Liujing",
        version=metadata.version("liujing"),
        docs_url=None,
        redoc_url=None,
        lifespan=_until_the_end,
        max_body_size=settings.limits.body_kb * _KB,
    )
    limits = settings.limits
    accesses = AccessLog(store.log_access)
    app.state.settings = settings
    app.state.store = store
    app.add_middleware(GZipMiddleware, minimum_size=_ZIP_FROM, compresslevel=_ZIP_LEVEL)
    app.add_middleware(Tus)
    app.state.accesses = accesses
    app.state.uploads = Uploads(settings, store)
    app.state.limits = Limits(
        limits.requests_per_minute,
        limits.failures_per_minute,
        uploads_per_minute=limits.uploads_per_minute,
    )
    app.state.probes = CapacityLimiter(_PROBES)
    app.state.metrics = Metrics(
        store, lambda: accesses.waiting, silent_h=settings.intake.silent_h
    )
    app.state.https = (settings.server.public_url or "").startswith("https://")
    add_problems(app)
    add_upload_problems(app)
    add_tags(app)
    for router in ROUTERS:
        app.include_router(router)
    describe(app)
    return app
