"""Errors become problem+json (RFC 9457); this table is the only one who knows codes."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from vision.errors import (
    AuditError,
    ConflictError,
    GoneError,
    InputError,
    NotFoundError,
    OutputError,
    StoreError,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[AuditError], HTTPStatus] = {
    ConflictError: HTTPStatus.CONFLICT,
    GoneError: HTTPStatus.GONE,
    NotFoundError: HTTPStatus.NOT_FOUND,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    OutputError: HTTPStatus.INSUFFICIENT_STORAGE,
    InputError: HTTPStatus.BAD_REQUEST,
    AuditError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="类型 kind of problem, a URI")
    title: str = Field(description="状态名 name of the status")
    status: int = Field(description="HTTP 状态码 status")
    detail: str = Field(description="说明 what, where, what to do")


CHECKSUM_MISMATCH = 460
"""Of tus; HTTP itself does not know it."""


def phrase_of(status: int) -> str:
    """Return the name of a status."""
    if status == CHECKSUM_MISMATCH:
        return "Checksum Mismatch"
    return HTTPStatus(status).phrase


_BODY = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "请求不对、没有密钥、无权或不存在 "
        "bad request (400), no key (401), not allowed (403), not there (404), ...",
        "content": _BODY,
    },
    "5XX": {
        "description": "服务端故障 the service or its store failed",
        "content": _BODY,
    },
}
"""Of every router: how its routes refuse."""


def problem(
    status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """Return one problem: status, its name, and one sentence."""
    body = {
        "type": "about:blank",
        "title": phrase_of(status),
        "status": status,
        "detail": detail,
        **more,
    }
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def add_problems(app: FastAPI) -> None:
    """Let an app answer every error with a problem."""

    async def ours(_: Request, error: Exception) -> Response:
        status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
        if isinstance(error, StoreError):  # it names the database's address
            logger.error("store failed", exc_info=error)
            return problem(status, "the store cannot be used now; the log says why")
        return problem(status, str(error))

    async def http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        headers = dict(error.headers) if error.headers else None
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers = {"Allow": _allowed(app, request.url.path)}
        return problem(error.status_code, str(error.detail), headers=headers)

    async def wrong(_: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"] if step != "body")
        text = str(first["msg"]).removeprefix("Value error, ")
        return problem(HTTPStatus.BAD_REQUEST, f"{place}: {text}; correct it")

    async def surprise(request: Request, error: Exception) -> Response:
        logger.error("request failed", exc_info=error, extra={"path": request.url.path})
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "the service failed at this request; its log says why",
        )

    app.add_exception_handler(AuditError, ours)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, wrong)
    app.add_exception_handler(Exception, surprise)


def _allowed(app: FastAPI, path: str) -> str:
    """Return the methods of a path; the framework knows but those of one route.

    What stands for itself, as `/uploads/received`, is no `/uploads/{upload_id}`.
    """
    exact: set[str] = set()
    methods: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.methods and compile_path(route.path or "/")[0].match(path):
            methods |= route.methods
            exact |= route.methods if route.path == path else set()
    return ", ".join(sorted(exact or methods))
