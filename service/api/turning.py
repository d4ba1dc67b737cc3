"""Where a list goes on: a cursor holds the key of the last row that was sent."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from service.settings import Settings
from vision.errors import InputError


class Turn(BaseModel):
    """Which page of a list is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(
        default=100, ge=1, le=100_000, description="每页最多几条 most items on a page"
    )
    cursor: str | None = Field(
        default=None,
        max_length=1000,
        description="上一页的 next；第一页不填 `next` of the page before",
    )

    def rows(self, settings: Settings) -> int:
        """Return how many items the page may have."""
        return min(self.limit, settings.limits.page)

    def after(self, of: str, *kinds: type) -> tuple[Any, ...] | None:
        """Return the key of the last item that was read; None for the beginning."""
        return None if self.cursor is None else read_cursor(of, self.cursor, *kinds)


def write_cursor(of: str, *key: str | float) -> str:
    """Return the cursor after a row of a list."""
    text = json.dumps([of, *key], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(of: str, cursor: str, *kinds: type) -> tuple[Any, ...]:
    """Return the key that a cursor of a list holds.

    Raises:
        InputError: it is none of this list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if isinstance(found, list) and len(found) == len(kinds) + 1 and found[0] == of:
        key = tuple(found[1:])
        if all(map(_fits, key, kinds)):
            return key
    msg = "cursor: this is none of this list; take `next` of its last page, or none"
    raise InputError(msg)


def _fits(part: object, kind: type) -> bool:
    if kind is str:
        return isinstance(part, str) and "\0" not in part and part.isprintable()
    return isinstance(part, float) and kind is float and abs(part) < 1e12
