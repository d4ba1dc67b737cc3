"""Who asks, and what they may see: the dependencies of every route.

What does not wait for anything is `async`: it need not go to another thread.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from service.api.limits import NOWHERE, Limits, told_to_wait
from service.intake.uploads import Uploads
from service.keys import hash_of, key_of
from service.records import Role
from service.settings import Settings
from service.store import Store

UPLOADS = "/uploads"
"""Pieces of files come here, more often than anything else is asked."""
_BEARER = HTTPBearer(auto_error=False, description="`Authorization: Bearer KEY`")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        key_id: name of the key.
        role: what it may do.
        district: all that it may see; None for the whole city.
    """

    key_id: str
    role: Role
    district: str | None

    def sees(self, district: str | None) -> bool:
        """Say if something of a district may be shown."""
        return self.district is None or self.district == district


async def the_store(request: Request) -> Store:
    """Return the city's memory."""
    store: Store = request.app.state.store
    return store


async def the_settings(request: Request) -> Settings:
    """Return the settings."""
    settings: Settings = request.app.state.settings
    return settings


async def the_uploads(request: Request) -> Uploads:
    """Return all uploads."""
    uploads: Uploads = request.app.state.uploads
    return uploads


def the_caller(
    request: Request,
    store: Annotated[Store, Depends(the_store)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    header: Annotated[str | None, Depends(_HEADER)],
) -> Caller:
    """Return who asks; without a key that holds, 401; who asks too often, 429."""
    limits: Limits = request.app.state.limits
    secret = bearer.credentials if bearer is not None else header
    if secret is not None and not limits.was_good(hash_of(secret)):
        _not_too_often(limits.failures.wait_s(_address(request)))
    key = None if secret is None else key_of(store, secret, time.time())
    if key is None:
        raise HTTPException(
            401,
            "give a key that holds: Authorization: Bearer KEY",
            {"WWW-Authenticate": "Bearer"},
        )
    caller = Caller(key.id, key.role, key.district)
    request.state.caller = caller
    limits.note_good(key.hash)
    sends = request.url.path.startswith(UPLOADS)
    _not_too_often((limits.uploads if sends else limits.keys).take(key.id))
    return caller


def _not_too_often(wait_s: float) -> None:
    if wait_s > 0:
        raise HTTPException(429, *told_to_wait(wait_s))


def _address(request: Request) -> str:
    return NOWHERE if request.client is None else request.client.host


def only(*roles: Role) -> Callable[[Caller], Awaitable[Caller]]:
    """Return a dependency that lets these roles pass, and admin; others get 403."""

    async def check(caller: Annotated[Caller, Depends(the_caller)]) -> Caller:
        if caller.role != "admin" and caller.role not in roles:
            allowed = ", ".join((*roles, "admin"))
            raise HTTPException(
                403, f"a key of role {caller.role} may not; {allowed} may"
            )
        return caller

    return check


TheStore = Annotated[Store, Depends(the_store)]
TheSettings = Annotated[Settings, Depends(the_settings)]
TheUploads = Annotated[Uploads, Depends(the_uploads)]
Reader = Annotated[Caller, Depends(only("reviewer", "centre"))]
"""Whoever may read scores."""
Admin = Annotated[Caller, Depends(only())]
