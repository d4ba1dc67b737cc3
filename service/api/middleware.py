"""Around every request: its id, its limits, its headers, and what is noted of it."""

from __future__ import annotations

import logging
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.accesses import AccessLog
from service.api.limits import NOWHERE, Limits, told_to_wait
from service.api.metrics import Metrics
from service.api.problems import problem
from service.logs import REQUEST_ID, without_secrets

logger = logging.getLogger(__name__)

QUIET = ("/health/live", "/health/ready", "/metrics")
"""Asked every few seconds by machines: never limited, and in the access log
only where they were refused."""

_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
"""No dot: a key put there by mistake is no id."""

_FAILED = frozenset({401, 403, 404})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TARGET = 500
_UNKNOWN = "(none)"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self' blob:; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""A map page that asks no other origin; its worker may be made in the page."""

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_STRICT_TRANSPORT = "max-age=31536000"


@dataclass(slots=True)
class _Exchange:
    """One request and its answer, as far as it has come."""

    scope: Scope
    request_id: str
    started_s: float = field(default_factory=time.perf_counter)
    status: int = 500
    noted: bool = False
    replaced: bool = False

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def address(self) -> str:
        client = self.scope.get("client")
        return NOWHERE if client is None else str(client[0])

    @property
    def caller(self) -> Any:
        return self.scope.get("state", {}).get("caller")

    @property
    def route(self) -> str:
        """The route's template, so that ids do not make names of their own."""
        return str(getattr(self.scope.get("route"), "path", None) or _UNKNOWN)

    @property
    def target(self) -> str:
        query = self.scope.get("query_string", b"").decode("latin-1")
        whole = self.scope["path"] + ("?" + query if query else "")
        return without_secrets(whole)[:_TARGET]


class Guard:
    """The outermost of the service: nothing is answered that does not pass here.

    Args:
        app: what answers.
        accesses: keeps who asked for what.
        limits: how often somebody may ask.
        metrics: counts requests.
        https: the service is reached by https, whatever this request says.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        accesses: AccessLog,
        limits: Limits,
        metrics: Metrics,
        https: bool,
    ) -> None:
        self._app = app
        self._accesses = accesses
        self._limits = limits
        self._metrics = metrics
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, self._until_the_end(send))
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, _request_id(scope))
        scope.setdefault("state", {})["request_id"] = exchange.request_id
        token = REQUEST_ID.set(exchange.request_id)
        try:
            await self._answer(exchange, receive, self._watching(exchange, send))
        finally:
            self._note(exchange)
            self._report(exchange)
            REQUEST_ID.reset(token)

    async def _answer(self, exchange: _Exchange, receive: Receive, send: Send) -> None:
        wait_s = self._must_wait_s(exchange)
        if wait_s <= 0:
            await self._app(exchange.scope, receive, send)
            return
        said, headers = told_to_wait(wait_s)
        response = problem(429, said, headers=headers)
        await response(exchange.scope, receive, send)

    def _must_wait_s(self, exchange: _Exchange) -> float:
        """Return how long one who shows no key has to wait; keys are judged later."""
        if exchange.scope["path"] in QUIET:
            return 0.0
        headers = Headers(scope=exchange.scope)
        if "authorization" in headers or "x-api-key" in headers:
            return 0.0
        return self._limits.failures.wait_s(exchange.address)

    def _watching(self, exchange: _Exchange, send: Send) -> Send:
        async def watch(message: Message) -> None:
            if exchange.replaced:
                return
            if _is_plain_413(message):  # the framework's own, and no problem+json
                response = problem(413, "the body is too large; send less at once")
                await response(exchange.scope, _nothing, watch)
                exchange.replaced = True
                return
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                self._add_headers(exchange, MutableHeaders(scope=message))
                if exchange.method not in _SAFE:
                    self._note(exchange)
                    await to_thread.run_sync(self._accesses.flush)
            await send(message)

        return watch

    def _add_headers(self, exchange: _Exchange, headers: MutableHeaders) -> None:
        headers["X-Request-Id"] = exchange.request_id
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        if self._https or exchange.scope.get("scheme") == "https":
            headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)

    def _note(self, exchange: _Exchange) -> None:
        """Take down who asked for what; once for each request."""
        path, caller = exchange.scope["path"], exchange.caller
        unknown_again = exchange.status == 429 and caller is None
        quiet = path in QUIET and exchange.status not in _FAILED
        if exchange.noted or quiet or unknown_again:
            return
        exchange.noted = True
        self._accesses.add(
            {
                "at_s": time.time(),
                "key_id": None if caller is None else caller.key_id,
                "role": None if caller is None else caller.role,
                "method": exchange.method,
                "route": exchange.route,
                "target": exchange.target,
                "status": exchange.status,
                "request_id": exchange.request_id,
            }
        )

    def _report(self, exchange: _Exchange) -> None:
        """Count the request and write one line about it."""
        took_s = time.perf_counter() - exchange.started_s
        self._metrics.answered(exchange.method, exchange.route, exchange.status, took_s)
        caller = exchange.caller
        if caller is None and exchange.status in _FAILED:
            self._limits.failures.take(exchange.address)
            if self._limits.failures.wait_s(exchange.address) > 0:
                logger.warning(
                    "address fails too often", extra={"address": exchange.address}
                )
        level = logging.DEBUG if exchange.scope["path"] in QUIET else logging.INFO
        logger.log(
            level,
            "request answered",
            extra={
                "method": exchange.method,
                "route": exchange.route,
                "target": exchange.target,
                "status": exchange.status,
                "took_s": round(took_s, 4),
                "key_id": None if caller is None else caller.key_id,
                "role": None if caller is None else caller.role,
            },
        )

    def _until_the_end(self, send: Send) -> Send:
        async def closing(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                await to_thread.run_sync(self._accesses.close)
            await send(message)

        return closing


def _request_id(scope: Scope) -> str:
    """Return the request's own id if it is one, else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


def _is_plain_413(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != 413:
        return False
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return kind.startswith("text/plain")


async def _nothing() -> Message:
    """Stand in for a request whose body nobody reads any more."""
    return {"type": "http.disconnect"}
