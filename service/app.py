"""The service put together: settings and a store in, an ASGI app out."""

from __future__ import annotations

from importlib import metadata

from fastapi import APIRouter, FastAPI

from service.api import jobs
from service.api.problems import add_problems
from service.settings import Settings
from service.store import FolderBlobs, Store

ROUTERS: tuple[APIRouter, ...] = (jobs.router,)
"""One for each noun, in the order of the documents."""


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
    add_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
