"""The routes of the map page. It holds no data: its script asks the API with a key."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from service.settings import Settings
from service.web.names import page_names

_ONLY_US = (
    "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; "
    "connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The map draws its symbols from data: pictures and decodes tiles from blob: ones."""
_HEADERS = {
    "Content-Security-Policy": _ONLY_US,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_NEVER_CHANGES = "public, max-age=31536000, immutable"
_VENDORED = "maplibre-gl-"

router = APIRouter(include_in_schema=False)


@cache
def _files() -> StaticFiles:
    return StaticFiles(packages=[("service.web", "files")])


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


@router.api_route("/", methods=["GET", "HEAD"])
async def read_page(request: Request) -> Response:
    """Return the page."""
    return await _file("index.html", request)


@router.get("/web/names.json")
def read_names(settings: Annotated[Settings, Depends(_settings)]) -> Response:
    """Return what things are called, the city's clock, and its standard."""
    city = {
        "standard": settings.score.standard,
        "utc_offset_h": settings.score.utc_offset_h,
    }
    body: dict[str, Any] = {**city, **page_names()}
    return JSONResponse(body, headers=_HEADERS)


@router.api_route("/web/{name:path}", methods=["GET", "HEAD"])
async def read_file(name: str, request: Request) -> Response:
    """Return a script, a style sheet or the licence of what is vendored."""
    return await _file(name, request)


async def _file(name: str, request: Request) -> Response:
    """Return a file of the page; 304 where the browser has it, 404 where none is."""
    response = await _files().get_response(name, request.scope)
    response.headers.update(_HEADERS)
    if name.startswith(_VENDORED):
        response.headers["Cache-Control"] = _NEVER_CHANGES
    return response
