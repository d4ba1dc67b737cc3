"""Webhooks: what changed is posted, signed, in order, until it has come through.

Deliveries follow the Standard Webhooks specification, so that its libraries can check
them: `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`, which is
`v1,` and the base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY`; the key is what follows
`whsec_` in the secret, in base64. A delivery that failed comes again with the same id
and body and a new time, so a receiver can leave out what it has.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from service.outward import Answer, Request, Send
from service.store import Store
from service.told import Change, Hook, HookTurn
from service.types import DAY_S

logger = logging.getLogger(__name__)

SECRET = "whsec_"  # noqa: S105 - what every secret begins with
HOLD_S = 300.0
"""A delivery whose worker died is tried again after so long."""
GIVE_UP_S = 7 * DAY_S
_SECRET_BYTES = 32
_ID_BYTES = 6
_FIRST_WAIT_S, _LONGEST_WAIT_S = 10.0, 3600.0


def make_hook(
    store: Store,
    *,
    url: str,
    kinds: Sequence[str],
    district: str | None,
    key_id: str | None,
    since: int | None = None,
) -> Hook:
    """Add a webhook; its secret is to be shown once.

    Args:
        store: the city's memory.
        url: checked by `outward.check_url`.
        kinds: of changes; empty for all.
        district: only changes there; None for the whole city.
        key_id: who wants it.
        since: it is told of changes after this number; None for those from now on.
    """
    if since is None:
        _, since = store.changes(limit=1)
    key = secrets.token_bytes(_SECRET_BYTES)
    hook = Hook(
        id=f"wh{secrets.token_hex(_ID_BYTES)}",
        url=url,
        kinds=tuple(dict.fromkeys(kinds)),
        district=district,
        secret=SECRET + base64.b64encode(key).decode(),
        key_id=key_id,
        known_s=time.time(),
    )
    store.add_hook(hook, sent=since)
    return hook


def deliver_once(
    store: Store, now_s: float, send: Send, *, give_up_s: float = GIVE_UP_S
) -> bool:
    """Make the one delivery that waits longest; False if none waits.

    Call it until it returns False, each time with the time of then. Any number of
    workers may: a webhook is one's alone while it delivers, so that changes arrive in
    their order. What came through before its worker died comes again.

    Args:
        store: the city's memory.
        now_s: Unix seconds.
        send: posts it, see `outward.sender`; must end well within `HOLD_S`.
        give_up_s: a webhook that has failed for so long is sent nothing more.
    """
    while (turn := store.take_hook(now_s=now_s, hold_s=HOLD_S)) is not None:
        if turn.changes:
            _deliver(store, turn, now_s, send, give_up_s)
            return True
    return False


def signature(secret: str, name: str, at_s: int, body: bytes) -> str:
    """Return the signature of a delivery.

    Source:
        Standard Webhooks specification 1.0, "Signature scheme", symmetric.
    """
    key = base64.b64decode(secret.removeprefix(SECRET))
    said = f"{name}.{at_s}.".encode() + body
    digest = hmac.new(key, said, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def change_json(change: Change) -> dict[str, Any]:
    """Return a change as it is sent, like an item of `/changes`."""
    at = datetime.fromtimestamp(change.at_s, UTC).isoformat()
    return {
        "number": change.number,
        "at": at.replace("+00:00", "Z"),
        "kind": change.kind,
        "id": change.id,
        "segment_id": change.segment_id,
    }


def wait_s(failures: int) -> float:
    """Return how long to wait after so many failures: 10 s, twice that, up to 1 h."""
    return min(_FIRST_WAIT_S * 2.0 ** min(failures - 1, 20), _LONGEST_WAIT_S)


def _deliver(
    store: Store, turn: HookTurn, now_s: float, send: Send, give_up_s: float
) -> None:
    answer = send(_request(turn, now_s))
    if answer.reason is None:
        store.told(turn, now_s=now_s)
        return
    failures = turn.state.failures + 1
    next_s = now_s + wait_s(failures)
    hook_id = turn.state.hook.id
    facts = {"hook": hook_id, "failures": failures, "status": answer.status}
    logger.warning("delivery failed", extra=facts)
    if not store.not_told(turn, now_s=now_s, next_s=next_s, reason=answer.reason):
        return
    reason = _given_up(turn, answer, now_s, give_up_s)
    if reason is not None:
        store.end_hook(hook_id, cause="failed", reason=reason, known_s=now_s)
        logger.error("webhook given up", extra={"hook": hook_id})


def _request(turn: HookTurn, now_s: float) -> Request:
    hook, last = turn.state.hook, turn.changes[-1].number
    items = [change_json(change) for change in turn.changes]
    said = {"hook": hook.id, "items": items, "next": last}
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    name, at_s = f"{hook.id}-{last}", int(now_s)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "liujing",
        "webhook-id": name,
        "webhook-timestamp": str(at_s),
        "webhook-signature": signature(hook.secret, name, at_s, body),
    }
    return Request(hook.url, headers, body)


def _given_up(
    turn: HookTurn, answer: Answer, now_s: float, give_up_s: float
) -> str | None:
    """Return why a webhook is given up; None if it is not."""
    if answer.gone:
        return "the receiver answered 410: it wants nothing more"
    since_s = turn.state.failed_since_s
    if since_s is None or now_s - since_s < give_up_s:
        return None
    days = give_up_s / DAY_S
    return f"all deliveries failed for {days:g} days, the last one: {answer.reason}"
