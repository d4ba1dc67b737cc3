"""Reviewers at a real Label Studio, by its page and by its API; nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from service.review.apply import apply_review
from service.review.base import AddedBox, ReviewIn, token_of
from service.review_records import AnswerState
from service.settings import load_settings
from service.store import Store
from tests.e2e.service_process import Service
from tests.e2e.studio import ADMIN, PASSWORD, ROOT, Session, Studio
from tests.service.review.desk import FALSE, REAL, box, choice

TITLE = "六净一洁 复核"
SECOND = "second@liujing.test"
WITHIN_S = 5.0
_PATIENCE_S = 90.0
_PAGE_MS = 60_000
WIDE_PX, HIGH_PX = 1280, 720


@dataclass(slots=True)
class City:
    """The sample drive in a service of its own, with its desk.

    Attributes:
        before: a copy of its data, from before anybody reviewed.
    """

    service: Service
    studio: Studio
    before: Path
    who: Session

    @property
    def project(self) -> int:
        return self.who.project(TITLE)

    def store(self) -> Store:
        return Store(str(self.service.data / "city"))

    def tasks(self) -> list[dict[str, Any]]:
        return self.who.tasks(self.project)

    def task(self, finding_id: str) -> int:
        keys = {row["data"]["liujing"]: row["id"] for row in self.tasks()}
        number: int = keys[token_of(f"{finding_id}#1")]
        return number

    def value(self, street: str) -> float:
        found: float = self.service.ask(f"/segments/{street}/score")["value"]
        return found

    def finding(self, finding_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.service.ask(f"/findings/{finding_id}")
        return found

    def said(self, state: AnswerState) -> list[str | None]:
        store = self.store()
        rows = store.answers(state=state)
        store.close()
        return [row.error for row in rows]

    def score(self, street: str) -> dict[str, Any]:
        store = self.store()
        row = store.score_row(street, "xuchang@1")
        store.close()
        assert row is not None
        score: dict[str, Any] = row["body"]["score"]
        return score


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, studio: Studio) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("reviewed")
    # In a process of its own: to copy a database that is open in the same process takes
    # its locks away.
    command = [sys.executable, "-m", "service.cli", "demo-city", str(folder / "data")]
    subprocess.run([*command, "--device", "cpu"], cwd=ROOT, check=True)
    shutil.copytree(folder / "data", folder / "before")
    environ = {
        "LIUJING_REVIEW__URL": studio.url,
        "LIUJING_REVIEW__TOKEN": studio.token(),
        "LIUJING_REVIEW__POLL_S": "2",
        "LIUJING_REVIEW__SECOND_SHARE": "0",
    }
    service = Service(folder / "data", environ)
    for verb in ("setup", "push"):
        done = service.run("review", verb)
        assert done.returncode == 0, done.stderr
    service.start()
    yield City(service, studio, folder / "before", studio.session())
    service.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("no Chromium: `make test` installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


def signed_in(browser: Browser, studio: Studio) -> Page:
    """Return a page of the administrator, signed in."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(_PAGE_MS)
    page.goto(f"{studio.url}/user/login/")
    page.fill("input[name=email]", ADMIN)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    return page


def open_task(page: Page, url: str, project: int, number: int) -> None:
    """Open one task in the browser and wait until its picture is there."""
    _open(page, f"{url}/projects/{project}/data?task={number}")


def open_tasks(page: Page, url: str, project: int) -> None:
    """Begin to review, as by `Label All Tasks`: the task of the largest value comes."""
    _open(page, f"{url}/projects/{project}/data?labeling=1")


def _open(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("text=结论 Verdict")
    page.wait_for_function(  # the frame, by its link or as Label Studio fetched it
        "[...document.images].some(i => i.complete && i.naturalWidth > 1000)"
    )


def until(what: Callable[[], object], within_s: float = _PATIENCE_S) -> float:
    """Wait until something is so; return how long it took."""
    began_s = time.monotonic()
    while not what():
        assert time.monotonic() - began_s < within_s, "it did not come to be"
        time.sleep(0.1)
    return time.monotonic() - began_s


@pytest.mark.timeout(1800)
def test_the_city_is_reviewed_and_nothing_is_lost_or_doubled(
    city: City, browser: Browser
) -> None:
    """One walk, because each step of it needs what the others did."""
    first = {row["data"]["liujing"] for row in city.tasks()}
    assert len(first) == len(city.tasks()) > 40

    page = signed_in(browser, city.studio)
    _the_most_valuable_comes_first(city, page)
    said = [_reject_by_the_page(city, page), _add_by_the_page(city, page)]
    page.context.close()
    said += [_correct_by_the_api(city), _answer_while_our_door_is_closed(city)]
    said += [_answer_after_a_power_cut(city)]
    done = city.service.run("review", "sync")

    assert done.returncode == 0, done.stderr
    keys = Counter(row["data"]["liujing"] for row in city.tasks())
    assert max(keys.values()) == 1
    assert first <= set(keys)
    store = city.store()
    states = Counter(one.state for one in store.answers())
    assert states == {"applied": 5, "failed": 1}
    assert _scores(store) == _by_hand(city, said)
    store.close()
    log = (city.service.data / "service.log").read_text("utf-8")
    assert city.studio.token() not in log
    assert "csrf" not in log.lower()


def _the_most_valuable_comes_first(city: City, page: Page) -> None:
    store = city.store()
    values = {row.task_id: row.value for row in store.pushed_tasks()}
    store.close()

    with page.expect_response(lambda answer: "id=next_task" in answer.url) as given:
        open_tasks(page, city.studio.url, city.project)

    shown = given.value.json()["id"]
    assert values[shown] == max(values.values())


def _reject_by_the_page(city: City, page: Page) -> ReviewIn:
    """The street wins just what a pothole cost.

    That cost hangs on no other find, and its element is not at its cap.
    """
    street = "xc-ja-02"
    before, score = city.value(street), city.score(street)
    pothole, points = _costliest(score, "road_damage")
    open_task(page, city.studio.url, city.project, city.task(pothole))

    page.keyboard.press("2")
    page.keyboard.press("q")
    page.keyboard.press("Control+Enter")

    until(lambda: _answers(city, pothole) == 1)
    until(lambda: city.finding(pothole)["state"] == "rejected", WITHIN_S)
    until(lambda: city.value(street) != before, WITHIN_S)
    assert city.value(street) == pytest.approx(before + points, abs=2e-6)
    return _said(pothole, "false", reason="shadow")


def _add_by_the_page(city: City, page: Page) -> ReviewIn:
    """Real, with a box around what was missed."""
    overflowing, _ = _costliest(city.score("xc-ja-02"), "bin_overflow")
    open_task(page, city.studio.url, city.project, city.task(overflowing))

    page.keyboard.press("a")
    drawn = _draw(page)
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")

    until(lambda: _answers(city, overflowing) == 1)
    until(lambda: city.finding(overflowing)["state"] == "confirmed", WITHIN_S)
    (answer,) = _answered(city, overflowing)
    (added,) = [
        row
        for row in answer["result"]
        if row.get("value", {}).get("rectanglelabels") == ["litter"]
    ]
    xyxy = _pixels(added["value"])
    assert xyxy == pytest.approx(drawn, abs=12.0)
    return _said(overflowing, "real", added=[("litter", xyxy)], city=city)


def _correct_by_the_api(city: City) -> ReviewIn:
    """Somebody else says that a heap is rubble in a corner."""
    other = city.studio.session(SECOND)
    heap, _ = _costliest(city.score("xc-ja-02"), "heap")
    rows = [*REAL, choice("category", "construction_waste"), choice("zone", "corner")]

    other.say(city.task(heap), rows)

    until(lambda: city.finding(heap)["category"] == "construction_waste", WITHIN_S)
    more = {"category": "construction_waste", "zone": "corner"}
    return _said(heap, "real", who=2, **more)


def _answer_while_our_door_is_closed(city: City) -> ReviewIn:
    """The webhook is lost for good; the answer is not."""
    stall = _of(city, "stall")
    rows = [choice("verdict", "permitted"), choice("reason_permitted", "permit")]
    city.service.stop()
    city.who.say(city.task(stall), rows)

    city.service.start()

    until(lambda: city.finding(stall)["state"] == "permitted")
    return _said(stall, "permitted", reason="permit")


def _answer_after_a_power_cut(city: City) -> ReviewIn:
    """Label Studio is killed and started; an answer of no use is named, then mended."""
    city.studio.stop()
    assert "does not answer" in city.service.run("review", "status").stderr
    city.studio.start()
    city.who = city.studio.session()
    poster = _of(city, "poster")

    bad = city.who.say(city.task(poster), [*REAL, box(rotation=30)])
    until(lambda: city.said("failed"))
    assert "a box is turned" in city.service.run("review", "status").stderr
    city.who.ask("PATCH", f"/api/annotations/{bad['id']}/", {"result": FALSE})

    until(lambda: city.finding(poster)["state"] == "rejected", WITHIN_S)
    return _said(poster, "false", reason="shadow")


def _costliest(score: dict[str, Any], rule: str) -> tuple[str, float]:
    """Return the finding that costs most under a rule, and what it costs."""
    (row,) = [one for one in score["deductions"] if one["rule"] == rule]
    return max(
        zip(row["finding_ids"], row["finding_points"], strict=True),
        key=lambda pair: pair[1],
    )


def _said(
    finding_id: str,
    verdict: Any,
    *,
    who: int = 1,
    added: list[tuple[str, tuple[float, ...]]] | None = None,
    city: City | None = None,
    **more: Any,
) -> ReviewIn:
    """Return a verdict as somebody writes it on paper."""
    values = {"reason": None, "category": None, "zone": None, "severity": None, **more}
    image = ""
    if city is not None:
        store = city.store()
        (row,) = store.pushed_tasks(keys=[f"{finding_id}#1"])
        image = row.image
        store.close()
    return ReviewIn(
        source=f"paper-{finding_id}",
        finding_id=finding_id,
        reviewer=f"label-studio-{who}",
        verdict=verdict,
        added=tuple(AddedBox(c, box, image) for c, box in added or ()),  # type: ignore[arg-type]
        at_s=time.time(),
        annotation=f"paper-{finding_id}",
        **values,
    )


def _by_hand(city: City, said: list[ReviewIn]) -> dict[str, Any]:
    """Return the scores of a city in which the same was said without any desk."""
    store = Store(str(city.before / "city"))
    settings = load_settings(data=city.before)
    for one in said:
        apply_review(store, settings, one)
    scores = _scores(store)
    store.close()
    return scores


def _scores(store: Store) -> dict[str, Any]:
    return {
        row.segment_id: (row.value, row.low, row.high)
        for rows in store.street_rows("xuchang@1", district=None)
        for row in rows
    }


def _answered(city: City, finding_id: str) -> list[dict[str, Any]]:
    number = city.task(finding_id)
    (row,) = [one for one in city.tasks() if one["id"] == number]
    found: list[dict[str, Any]] = row["annotations"]
    return found


def _answers(city: City, finding_id: str) -> int:
    return len(_answered(city, finding_id))


def _of(city: City, category: str) -> str:
    """Return a finding of a category that nobody answered yet."""
    items = city.service.ask(f"/findings?category={category}")["items"]
    raw = [i["id"] for i in items if i["state"] == "raw" and i["evidence"]]
    found: str = raw[0]
    return found


def _draw(page: Page) -> tuple[float, ...]:
    """Draw a box in the picture; return its pixels in the frame."""
    shown = page.locator("canvas").first.bounding_box()
    assert shown is not None
    left, top = 0.10, 0.62
    right, bottom = 0.18, 0.70
    x, y, wide, high = shown["x"], shown["y"], shown["width"], shown["height"]
    page.mouse.move(x + left * wide, y + top * high)
    page.mouse.down()
    page.mouse.move(x + 0.15 * wide, y + 0.66 * high, steps=4)
    page.mouse.move(x + right * wide, y + bottom * high, steps=4)
    page.mouse.up()
    return (left * WIDE_PX, top * HIGH_PX, right * WIDE_PX, bottom * HIGH_PX)


def _pixels(value: dict[str, float]) -> tuple[float, ...]:
    left, top = value["x"] / 100 * WIDE_PX, value["y"] / 100 * HIGH_PX
    return (
        left,
        top,
        left + value["width"] / 100 * WIDE_PX,
        top + value["height"] / 100 * HIGH_PX,
    )
