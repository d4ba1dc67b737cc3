"""What every review desk does: the double and a real Label Studio."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.keys import key_of
from service.review.base import DeskError, Queued, ReviewDesk, TaskView
from service.review.desks import open_desk
from service.review.views import task_view
from service.settings import Settings
from service.store import Store
from tests.e2e.studio import Session, Studio
from tests.service.review.desk import FALSE, MemoryDesk, settings_for, street

TITLE = "契约 contract"


@dataclass(slots=True)
class Table:
    """A desk under test, and a reviewer at it."""

    desk: ReviewDesk
    say: Callable[[int], None]
    draft: Callable[[int], None]
    delete: Callable[[int], None]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    street(made)
    yield made
    made.close()


@pytest.fixture
def reviewer(studio: Studio) -> Session:
    return studio.session()


@pytest.fixture(params=["memory", "label studio"])
def table(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Table:
    if request.param == "memory":
        return _in_memory()
    studio = request.getfixturevalue("studio")
    session: Session = request.getfixturevalue("reviewer")
    title = f"{TITLE} {request.node.name[:30]}"
    settings = settings_for(
        tmp_path, url=studio.url, token=studio.token(), project=title[:50]
    )
    desk = open_desk(settings, store)
    desk.repair()

    def draft(number: int) -> None:
        session.ask("POST", f"/api/tasks/{number}/drafts", {"result": FALSE})

    return Table(
        desk,
        lambda number: session.say(number, FALSE) and None,
        draft,
        lambda number: session.ask("DELETE", f"/api/tasks/{number}/"),
    )


def _in_memory() -> Table:
    desk = MemoryDesk(now_s=time.time())

    def say(number: int) -> None:
        desk.now_s = time.time()
        desk.say(number, FALSE)

    def draft(number: int) -> None:
        desk.rows[number]["drafted"] = True

    return Table(desk, say, draft, lambda number: desk.rows.pop(number) and None)


def views(store: Store) -> list[TaskView]:
    return [
        task_view(store, Settings(), Queued(one.finding.id, 1.0, "value"))
        for one in store.findings("s1")
    ]


def test_a_desk_keeps_its_contract(table: Table, store: Store) -> None:
    """One walk: a real server takes seconds for each step of it."""
    desk, tasks = table.desk, views(store)
    began_s = time.time()
    assert desk.problems() == ()
    assert desk.find(tasks[0].token) is None

    numbers = desk.add(tasks)

    assert list(numbers) == [task.key for task in tasks]
    assert desk.numbers() == frozenset(numbers.values())
    assert [desk.find(task.token) for task in tasks] == list(numbers.values())
    first, second, third = numbers.values()
    assert {t.token: t.annotations for t in desk.changed(None)} == {
        task.token: () for task in tasks
    }

    table.say(first)
    table.draft(second)
    desk.renew(third, tasks[2])

    there = {task.id: task for task in desk.changed(began_s - 60)}
    (said,) = there[first].annotations
    assert said["result"] == FALSE
    assert (there[second].drafted, there[third].drafted) == (True, False)
    assert list(desk.changed(time.time() + 3600)) == []
    names = [task.token for task in tasks]
    assert desk.withdraw(third, names[0]), "ours is gone where its number is another's"
    with pytest.raises(DeskError, match="is another"):
        desk.renew(third, tasks[0])
    assert desk.numbers() == {first, second, third}
    taken = [
        desk.withdraw(n, name) for n, name in zip(numbers.values(), names, strict=True)
    ]
    assert taken == [False, False, True]
    assert desk.numbers() == {first, second}
    assert desk.withdraw(third, names[2]), "it is gone already, as was wanted"
    table.delete(second)
    assert desk.numbers() == {first}


@pytest.fixture
def opened(studio: Studio, store: Store, tmp_path: Path) -> Callable[..., ReviewDesk]:
    def opener(title: str, **more: Any) -> ReviewDesk:
        wanted = {"url": studio.url, "token": studio.token(), **more}
        settings = settings_for(tmp_path, project=title, **wanted)
        return open_desk(settings, store)

    return opener


def test_a_label_deleted_by_hand_is_named_and_setup_puts_it_back(
    opened: Callable[..., ReviewDesk], reviewer: Session
) -> None:
    desk = opened("标签 label")
    desk.repair()
    path = f"/api/projects/{reviewer.project('标签 label')}/"
    page = reviewer.ask("GET", path)["label_config"]
    cut = re.sub(r'<Label value="路面坑槽"[^>]*/>', "", page)
    reviewer.ask("PATCH", path, {"label_config": cut, "sampling": "Uniform sampling"})

    wrong = desk.problems()
    desk.repair()

    assert wrong[0].startswith("the labelling page lacks pothole (路面坑槽) in box")
    assert "not given out by their value" in wrong[1]
    assert desk.problems() == ()


def test_the_webhook_has_a_key_of_its_own_and_a_dead_one_is_replaced(
    opened: Callable[..., ReviewDesk], reviewer: Session, store: Store
) -> None:
    desk = opened("钩子 hook")
    desk.repair()
    path = f"/api/webhooks/?project={reviewer.project('钩子 hook')}"
    (hook,) = reviewer.ask("GET", path)
    key = key_of(store, hook["headers"]["Authorization"].split()[1], time.time())
    assert key is not None
    assert key.role == "reviewer"

    store.end_key(key.id, reason="lost", known_s=time.time())
    (wrong,) = desk.problems()
    desk.repair()

    assert "its webhook is off, tells too little or shows an old key" in wrong
    assert len(reviewer.ask("GET", path)) == 1
    assert desk.problems() == ()


def test_a_project_of_the_wrong_shape_is_left_alone(
    opened: Callable[..., ReviewDesk], reviewer: Session
) -> None:
    title = "别人的 somebody's"
    page = '<View><Image name="i" value="$image"/></View>'
    made = reviewer.ask(
        "POST", "/api/projects/", {"title": title, "label_config": page}
    )
    body = [{"data": {"image": "http://127.0.0.1:1/x.jpg"}}]
    reviewer.ask("POST", f"/api/projects/{made['id']}/import", body)
    desk = opened(title)

    assert len(desk.problems()) > 3
    with pytest.raises(DeskError, match="holds tasks that are not Liujing's"):
        desk.repair()
    assert reviewer.ask("GET", f"/api/projects/{made['id']}/")["label_config"] == page


def test_what_ails_a_desk_is_one_sentence_without_a_token(
    opened: Callable[..., ReviewDesk], studio: Studio
) -> None:
    guest = studio.session("guest@liujing.test")
    token = guest.token()
    expired = studio.expired(token)
    with pytest.raises(DeskError, match="refuses our token") as too_old:
        opened("令牌 token", token=expired).problems()
    guest.ask("POST", "/api/token/blacklist/", {"refresh": token})

    with pytest.raises(DeskError, match="refuses our token") as taken_back:
        opened("令牌 token", token=token).problems()
    with pytest.raises(DeskError, match="does not answer"):
        opened("令牌 token", url="http://127.0.0.1:9").problems()
    with pytest.raises(DeskError, match="has no project called 没有 none"):
        opened("没有 none").numbers()
    with pytest.raises(DeskError, match="refuses our token"):
        opened("令牌 token", token="0" * 40).problems()

    assert token not in str(taken_back.value)
    assert expired not in str(too_old.value)
    assert opened("没有 none").problems() == (
        "there is no project called 没有 none; run liujing review setup",
    )
