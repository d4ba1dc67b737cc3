"""What the review desk tells, and who may tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.review.base import token_of
from service.review.push import push
from service.store import Store
from tests.service.api.guarded import Asked, asked, heard
from tests.service.review.desk import (
    FALSE,
    MemoryDesk,
    annotation,
    queue,
    settings_for,
    street,
)

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2lnbmF0dXJl"  # noqa: S105
HOOK = "/review/webhook"


@pytest.fixture
def city(tmp_path: Path) -> Asked:
    store = Store(str(tmp_path / "city"))
    street(store)
    push(store, settings_for(tmp_path), MemoryDesk(), queue(store), now_s=1.0)
    return asked(store, tmp_path)


def body(city: Asked, **more: object) -> dict[str, object]:
    (row,) = city.store.pushed_tasks(task_ids=[1])
    return {
        "action": "ANNOTATION_CREATED",
        "task": {"id": 1, "data": {"liujing": token_of(row.key)}},
        "annotation": annotation(1, 1, FALSE),
        "project": {"token": TOKEN},
        **more,
    }


def test_an_answer_is_noted_and_waits_for_a_worker(city: Asked) -> None:
    key = city.key("reviewer")

    answers = [city.client().post(HOOK, json=body(city), headers=key) for _ in range(2)]

    assert [a.status_code for a in answers] == [202, 202]
    assert [a.json() for a in answers] == [{"received": 1}, {"received": 0}]
    (row,) = city.store.answers()
    assert (row.state, row.came) == ("waiting", "webhook")


@pytest.mark.parametrize("role", ["device", "centre"])
def test_only_a_reviewers_key_may_tell(city: Asked, role: str) -> None:
    key = city.key(role)  # type: ignore[arg-type]

    assert city.client().post(HOOK, json=body(city), headers=key).status_code == 403
    assert city.client().post(HOOK, json=body(city)).status_code == 401
    assert city.store.answers() == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"annotation": None}, id="no annotation"),
        pytest.param({"annotation": {"task": "four"}}, id="a task that is no number"),
        pytest.param({"annotation": {"task": 1}}, id="an annotation without a number"),
    ],
)
def test_what_is_no_message_is_refused(city: Asked, wrong: dict[str, object]) -> None:
    answer = city.client().post(
        HOOK, json=body(city, **wrong), headers=city.key("reviewer")
    )

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_tokens_of_messages_reach_neither_log_nor_store(city: Asked) -> None:
    with heard() as log:
        for one in (body(city), body(city, annotation={"task": 1, "token": TOKEN})):
            city.client().post(HOOK, json=one, headers=city.key("reviewer"))
        city.client().get(f"/findings?token={TOKEN}", headers=city.key())

    assert log.getvalue()
    assert TOKEN not in log.getvalue()
    assert TOKEN not in repr(city.log())
    assert TOKEN not in repr(city.store.answers())


def test_the_desks_page_may_read_pictures_of_another_origin(city: Asked) -> None:
    (finding, *_) = city.client().get("/findings", headers=city.key()).json()["items"]

    picture = city.client().get(finding["evidence"][0]["image"])
    others = city.client().get("/findings", headers=city.key())

    assert picture.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in others.headers
