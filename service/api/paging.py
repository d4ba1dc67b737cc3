"""Pages and their cursors, and tags that spare the sending of what has not changed.

A list is read from a key on (keyset), never by counting rows: what is added meanwhile
neither doubles nor hides a row. A cursor is the key of the last row that was sent.
"""

from __future__ import annotations

import hashlib
import json
import math
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel, Field

from service.api.asked import Reader, TheSettings, TheStore
from vision.errors import InputError

USUAL = 100
"""Rows on a page where nobody asks for another number."""
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "未变化 you have the newest (If-None-Match)"}
}
"""Of routes with a tag: what they may answer as well."""
_MOST_INT = 2**63
_LONGEST = 2000

Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item] = Field(description="本页各行 rows of this page")
    next: str | None = Field(
        description="下一页的游标，末页为 null "
        "cursor of the next page, null on the last"
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page is asked for.

    Attributes:
        limit: rows on it, within the settings' bound.
        cursor: as it was given; None for the first page.
    """

    limit: int
    cursor: str | None

    def after(self, of: str, *kinds: type) -> tuple[Any, ...] | None:
        """Return the key after which the page begins, see `read_cursor`."""
        return None if self.cursor is None else read_cursor(of, self.cursor, *kinds)


async def the_page(
    settings: TheSettings,
    limit: Annotated[
        int,
        Query(
            ge=1,
            description="每页行数，超过上限按上限 "
            "rows on a page; more than the service allows is as many as it allows",
        ),
    ] = USUAL,
    cursor: Annotated[
        str | None,
        Query(
            max_length=_LONGEST,
            description="上一页的 next `next` of the page before",
        ),
    ] = None,
) -> Wanted:
    """Return which page is asked for."""
    return Wanted(min(limit, settings.limits.page), cursor)


ThePage = Annotated[Wanted, Depends(the_page)]


def write_cursor(of: str, *key: str | float) -> str:
    """Return the cursor after a row.

    Args:
        of: the list, e.g. `scores`; a cursor of one list is none of another.
        key: what the list is ordered by, of that row: text, whole numbers, or floats.
    """
    text = json.dumps([of, *key], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_cursor(of: str, cursor: str, *kinds: type) -> tuple[Any, ...]:
    """Return the key in a cursor.

    Args:
        of: the list.
        cursor: as it was given.
        kinds: `str`, `int` or `float` of each part of the key.

    Raises:
        InputError: it is no cursor of this list.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(b64decode(padded, b"-_", validate=True).decode())
        good = isinstance(found, list) and found[:1] == [of] and _fit(found[1:], kinds)
    except (ValueError, RecursionError):
        good = False
    if not good:
        msg = f"cursor: this is no cursor of {of}; take `next` of the page before"
        raise InputError(msg)
    return tuple(found[1:])


def _fit(key: Sequence[Any], kinds: Sequence[type]) -> bool:
    """Say if every part is of its kind, and nothing that a database would refuse."""
    return len(key) == len(kinds) and all(map(_fits, key, kinds))


def _fits(part: Any, kind: type) -> bool:
    if type(part) is not kind:
        return False
    if isinstance(part, str):
        part.encode()  # half a character is a ValueError
        return "\0" not in part
    if isinstance(part, int):
        return abs(part) < _MOST_INT
    return isinstance(part, float) and math.isfinite(part)


def cut(
    of: str,
    rows: Sequence[Row],
    wanted: Wanted,
    key: Callable[[Row], tuple[str | float, ...]],
) -> tuple[Sequence[Row], str | None]:
    """Return the rows of a page and the cursor of the next one.

    Args:
        of: the list.
        rows: one more than wanted, where there are more.
        wanted: which page.
        key: of a row, what the list is ordered by.
    """
    page = rows[: wanted.limit]
    if len(rows) <= wanted.limit:
        return page, None
    return page, write_cursor(of, *key(page[-1]))


def tag_of(*parts: object) -> str:
    """Return a weak entity tag that changes with any of the parts."""
    text = json.dumps(parts, ensure_ascii=False, default=str)
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def tagged(tag: str) -> dict[str, str]:
    """Return the headers of an answer that its reader may keep, but must ask about."""
    return {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, X-API-Key",
    }


def not_modified(request: Request, tag: str) -> Response | None:
    """Return 304 if the caller has what the tag stands for; else None."""
    given = request.headers.get("if-none-match", "")
    had = {one.strip().removeprefix("W/") for one in given.split(",")}
    if "*" in had or tag.removeprefix("W/") in had:
        return Response(status_code=304, headers=tagged(tag))
    return None


class KnownError(Exception):
    """The caller has the newest: nothing is worked out, and 304 is the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__("not modified")
        self.answer = answer


def unless_known(request: Request, response: Response, tag: str) -> str:
    """Let an answer carry its tag, unless the caller has it.

    Raises:
        KnownError: it has.
    """
    answer = not_modified(request, tag)
    if answer is not None:
        raise KnownError(answer)
    response.headers.update(tagged(tag))
    return tag


def city_tag(
    caller: Reader,
    request: Request,
    response: Response,
    store: TheStore,
    settings: TheSettings,
) -> str:
    """Return the tag of a question about the city: it changes when anything does.

    It is made before rows are read: what is added in between is sent again, not missed.
    The standard of the settings is part of it, since who names none is answered by it.

    Raises:
        KnownError: the caller has what the tag stands for.
    """
    asked = request.url.path, request.url.query, caller.district
    usual = settings.score.standard
    return unless_known(
        request, response, tag_of(*asked, usual, *store.newest_change())
    )


CityTag = Annotated[str, Depends(city_tag)]
TAGGED = Depends(city_tag)
"""Of routes whose answer changes only when the city does."""


def add_tags(app: FastAPI) -> None:
    """Let an app answer 304 to who has the newest."""

    async def known(_: Request, error: Exception) -> Response:
        if not isinstance(error, KnownError):
            raise error
        return error.answer

    app.add_exception_handler(KnownError, known)
