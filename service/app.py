"""The service put together: settings and a store in, an ASGI app out."""

from __future__ import annotations

from importlib import metadata

from fastapi import APIRouter, FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from service.api import (
    coverage,
    covers,
    models,
    ogc,
    rollups,
    scores,
    segments,
    standards,
)
from service.api.paging import add_tags
from service.api.problems import add_problems
from service.settings import Settings
from service.store import FolderBlobs, Store

ROUTERS: tuple[APIRouter, ...] = (
    scores.router,
    segments.router,
    coverage.router,
    covers.router,
    rollups.router,
    standards.router,
    models.router,
    ogc.router,
)
"""One for each noun, in the order of the documents."""
_ZIP_FROM = 1000
_ZIP_LEVEL = 4
"""Higher levels take twice the time for a tenth less."""


def open_city(settings: Settings) -> Store:
    """Open the store that the settings name.

    Raises:
        StoreError: damaged, newer than this program, unreachable, not writable.
    """
    blobs = None if settings.store.blobs is None else FolderBlobs(settings.store.blobs)
    return Store(settings.store_where, blobs)


def build_app(settings: Settings, store: Store) -> FastAPI:
    """Put the routes together over a store."""
    app = FastAPI(
        title="六净 Liujing",
        version=metadata.version("liujing"),
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.store = store
    app.add_middleware(GZipMiddleware, minimum_size=_ZIP_FROM, compresslevel=_ZIP_LEVEL)
    add_problems(app)
    add_tags(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
