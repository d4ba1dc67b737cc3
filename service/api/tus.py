"""What all answers of `/uploads` have in common, refusals too."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.asked import UPLOADS
from service.api.problems import CHECKSUM_MISMATCH, problem
from service.intake.refused import (
    ChecksumError,
    HeldError,
    OffsetError,
    TooLargeError,
    UnreadableError,
    UploadError,
)
from service.intake.tus import VERSION

STATUS: dict[type[UploadError], int] = {
    OffsetError: HTTPStatus.CONFLICT,
    HeldError: HTTPStatus.LOCKED,
    TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ChecksumError: CHECKSUM_MISMATCH,
    UnreadableError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
_OVERRIDE = frozenset({"PATCH", "DELETE"})
_DRAINED = 8 << 20
_DRAIN_S = 2.0


class Tus:
    """Says the protocol's version in every answer of `/uploads`.

    A sender that is refused while it still sends would often see its connection cut
    and not the answer; so a little of what is on its way is read first.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ours = scope["type"] == "http" and (
            scope["path"] == UPLOADS or scope["path"].startswith(f"{UPLOADS}/")
        )
        if not ours:
            await self._app(scope, receive, send)
            return
        _take_override(scope)
        body = _Body(receive)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Tus-Resumable"] = VERSION
                headers["Cache-Control"] = "no-store"
                if message["status"] >= HTTPStatus.BAD_REQUEST:
                    await body.drain()
            await send(message)

        await self._app(scope, body.receive, answer)


class _Body:
    """The body of a request, and whether it was read to its end."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
        self._ended = not more
        return message

    async def drain(self) -> None:
        """Read what is still on its way, if that is little."""
        drained = 0
        try:
            async with asyncio.timeout(_DRAIN_S):
                while not self._ended and drained < _DRAINED:
                    drained += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return


def add_upload_problems(app: FastAPI) -> None:
    """Let an app answer what is wrong with an upload with the protocol's statuses."""

    async def ours(_: Request, error: Exception) -> Response:
        status = next(
            (int(STATUS[kind]) for kind in type(error).__mro__ if kind in STATUS),
            int(HTTPStatus.BAD_REQUEST),
        )
        return problem(status, str(error))

    app.add_exception_handler(UploadError, ours)


def _take_override(scope: Scope) -> None:
    """Take a method from its header: some proxies let no PATCH and no DELETE pass."""
    wanted = Headers(scope=scope).get("x-http-method-override", "").upper()
    if scope["method"] == "POST" and wanted in _OVERRIDE:
        scope["method"] = wanted
