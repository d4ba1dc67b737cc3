from __future__ import annotations

import base64
import json
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient

from service.api.paging import (
    Page,
    ThePage,
    Wanted,
    cut,
    not_modified,
    read_cursor,
    tag_of,
    tagged,
    write_cursor,
)
from service.api.problems import add_problems
from service.settings import LimitSettings, Settings
from vision.errors import InputError


def raw(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_a_cursor_gives_back_the_key_it_was_made_of() -> None:
    cursor = write_cursor("scores", "许由路/1", 0.1 + 0.2, 5.0, 2**62)

    assert read_cursor("scores", cursor, str, float, float, int) == (
        "许由路/1", 0.1 + 0.2, 5.0, 2**62,
    )  # fmt: skip
    assert set(cursor) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="empty"),
        pytest.param("%%%", id="no base64"),
        pytest.param("许", id="no ASCII"),
        pytest.param(raw("[["), id="no JSON"),
        pytest.param(raw("[" * 1400), id="nested without end"),
        pytest.param(raw({"scores": "a"}), id="no list"),
        pytest.param(raw([]), id="nothing in it"),
        pytest.param(raw(["segments", "a", 1.0]), id="of another list"),
        pytest.param(raw(["scores", "a"]), id="too short"),
        pytest.param(raw(["scores", "a", 1.0, 2.0]), id="too long"),
        pytest.param(raw(["scores", 1.0, "a"]), id="parts of the wrong kind"),
        pytest.param(raw(["scores", "a", True]), id="a truth is no number"),
        pytest.param(raw('["scores","a",NaN]'), id="not a number"),
        pytest.param(raw('["scores","a",1e999]'), id="no finite number"),
        pytest.param(raw(["scores", "a\0", 1.0]), id="a zero byte"),
        pytest.param(raw('["scores","\\ud800",1.0]'), id="half a character"),
        pytest.param("_w", id="no UTF-8"),
    ],
)
def test_what_is_no_cursor_is_said_to_be_none(cursor: str) -> None:
    with pytest.raises(InputError, match="no cursor of scores; take `next`"):
        read_cursor("scores", cursor, str, float)


def test_a_number_that_no_database_holds_is_no_cursor() -> None:
    with pytest.raises(InputError, match="no cursor of changes"):
        read_cursor("changes", raw(["changes", 2**63]), int)


def test_pages_follow_each_other_until_nothing_is_left() -> None:
    rows = [f"s{n}" for n in range(7)]
    seen: list[str] = []
    wanted = Wanted(3, None)
    for _ in range(3):
        (after,) = wanted.after("rows", str) or ("",)
        found = [row for row in rows if row > after][: wanted.limit + 1]
        page, cursor = cut("rows", found, wanted, lambda row: (row,))
        seen += page
        wanted = Wanted(3, cursor)

    assert seen == rows
    assert wanted.cursor is None


def client() -> TestClient:
    app = FastAPI()
    app.state.settings = Settings(limits=LimitSettings(page=5))
    add_problems(app)

    @app.get("/rows")
    def rows(wanted: ThePage) -> Page[int]:
        return Page(items=list(range(wanted.limit)), next=wanted.cursor)

    @app.get("/tagged")
    def kept(request: Request, tag: Annotated[str, "of what is sent"]) -> Response:
        mark = tag_of(tag)
        return not_modified(request, mark) or Response("x", headers=tagged(mark))

    return TestClient(app)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        pytest.param("", 5, id="the usual number, bound by the settings"),
        pytest.param("?limit=2", 2, id="fewer"),
        pytest.param("?limit=99999999999999999999", 5, id="more than is allowed"),
    ],
)
def test_a_page_has_as_many_rows_as_asked_for_and_allowed(
    asked: str, rows: int
) -> None:
    assert len(client().get(f"/rows{asked}").json()["items"]) == rows


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", ""])
def test_a_number_of_rows_that_cannot_be_is_a_bad_request(limit: str) -> None:
    answer = client().get(f"/rows?limit={limit}")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("query.limit: ")


def test_who_has_the_newest_is_sent_nothing() -> None:
    first = client().get("/tagged?tag=1")
    tag = first.headers["etag"]

    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = client().get("/tagged?tag=1", headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    newer = client().get("/tagged?tag=2", headers={"If-None-Match": tag})
    assert newer.status_code == 200
    assert newer.headers["etag"] != tag
