"""Reviewers at a real Label Studio, by its page and by its API; nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from service.keys import make_key
from service.review.base import token_of
from service.review_records import AnswerState
from service.store import Store
from service.types import Finding
from tests.e2e.by_hand import Find, Ground, value_of
from tests.e2e.service_process import Service
from tests.e2e.studio import ADMIN, PASSWORD, ROOT, Session, Studio
from tests.service.review.desk import FALSE, REAL, box, choice
from vision.geo import distance_m

TITLE = "六净一洁 复核"
SECOND = "second@liujing.test"
WITHIN_S = 5.0
_PATIENCE_S = 90.0
_PAGE_MS = 60_000
_IN_THE_PICTURE_M = 40.0
WIDE_PX, HIGH_PX = 1280, 720
_ROUNDED = 2e-6
"""Values are rounded to 1e-6, seen lengths are told as fractions."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of a find, and what the find counts as from then on."""

    finding_id: str
    becomes: dict[str, Any] = field(default_factory=dict)


NOTHING_THERE, THERE = {"p": 0.0}, {"p": 1.0}


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
        "LIUJING_REVIEW__POLL_S": "10",
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
    ways = {one.key.partition("#")[0]: one.came for one in store.answers()}
    assert [ways[one.finding_id] for one in said[:4]] == [*["webhook"] * 3, "poll"]
    scores, expected = _scores(store), _expected(city, said)
    store.close()
    before = Store(str(city.before / "city"))
    others = {k: v for k, v in _scores(before).items() if k not in expected}
    before.close()
    assert len(expected) > 1
    assert {name: scores[name] for name in others} == others
    for name, by_hand in expected.items():
        value, low, high = scores[name]
        assert value == pytest.approx(by_hand, abs=_ROUNDED), name
        assert low <= value <= high
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


def _reject_by_the_page(city: City, page: Page) -> Said:
    """The street wins just what a pothole cost, and who looks at the map sees it.

    That cost hangs on no other find, and its element is not at its cap.
    """
    street = "xc-ja-02"
    before, score = city.value(street), city.score(street)
    pothole, points = _costliest(score, "road_damage")
    open_task(page, city.studio.url, city.project, city.task(pothole))
    map_page = _open_map(city, page, street)
    card = map_page.locator(f'#detail .find[data-finding="{pothole}"]')
    card.wait_for()
    old = map_page.locator("#detail .value b").inner_text()
    page.bring_to_front()

    page.keyboard.press("2")
    page.keyboard.press("q")
    page.keyboard.press("Control+Enter")

    until(lambda: _answers(city, pothole) == 1)
    card.wait_for(state="detached", timeout=WITHIN_S * 1000)
    assert float(map_page.locator("#detail .value b").inner_text()) > float(old)
    map_page.close()
    until(lambda: city.finding(pothole)["state"] == "rejected", WITHIN_S)
    until(lambda: city.value(street) != before, WITHIN_S)
    assert city.value(street) == pytest.approx(before + points, abs=2e-6)
    return Said(pothole, NOTHING_THERE)


def _open_map(city: City, page: Page, street: str) -> Page:
    """Return our own map page beside the desk's, with a street open."""
    store = city.store()
    key = make_key(store, name="map", role="centre")[1]
    store.close()
    opened = page.context.new_page()
    opened.set_default_timeout(_PAGE_MS)
    opened.goto(city.service.url)
    opened.fill("#key", key)
    opened.keyboard.press("Enter")
    opened.click(f'#list .row[data-id="{street}"]')
    opened.wait_for_selector("#detail .find")
    return opened


def _add_by_the_page(city: City, page: Page) -> Said:
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
    assert _pixels(added["value"]) == pytest.approx(drawn, abs=12.0)
    before, now = Store(str(city.before / "city")), city.store()
    (bin_there,) = [
        f.finding for f in now.findings("xc-ja-02") if f.finding.id == overflowing
    ]
    known = {f.finding.id for f in before.findings("xc-ja-02")}
    (new,) = [f.finding for f in now.findings("xc-ja-02") if f.finding.id not in known]
    before.close()
    now.close()
    assert (new.category, new.state) == ("litter", "confirmed")
    away_m = distance_m((new.lon, new.lat), (bin_there.lon, bin_there.lat))
    assert away_m < _IN_THE_PICTURE_M
    return Said(overflowing, THERE)


def _correct_by_the_api(city: City) -> Said:
    """Somebody else says that a heap is rubble in a corner."""
    other = city.studio.session(SECOND)
    heap, _ = _costliest(city.score("xc-ja-02"), "heap")
    rows = [*REAL, choice("category", "construction_waste"), choice("zone", "corner")]

    other.say(city.task(heap), rows)

    until(lambda: city.finding(heap)["category"] == "construction_waste", WITHIN_S)
    more = {"category": "construction_waste", "zone": "corner", "severity": None}
    return Said(heap, {**THERE, **more})


def _answer_while_our_door_is_closed(city: City) -> Said:
    """The webhook is lost for good; the answer is not."""
    stall = _of(city, "stall")
    rows = [choice("verdict", "permitted"), choice("reason_permitted", "permit")]
    city.service.stop()
    city.who.say(city.task(stall), rows)

    city.service.start()

    until(lambda: city.finding(stall)["state"] == "permitted")
    return Said(stall, NOTHING_THERE)


def _answer_after_a_power_cut(city: City) -> Said:
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
    return Said(poster, NOTHING_THERE)


def _costliest(score: dict[str, Any], rule: str) -> tuple[str, float]:
    """Return the finding that costs most under a rule, and what it costs."""
    (row,) = [one for one in score["deductions"] if one["rule"] == rule]
    return max(
        zip(row["finding_ids"], row["finding_points"], strict=True),
        key=lambda pair: pair[1],
    )


def _expected(city: City, said: list[Said]) -> dict[str, float]:
    """Return what the streets that were spoken of are worth, worked out by hand.

    From the finds that were shown before anybody spoke, and what each answer does to
    its own: nothing here asks the service what an answer comes to.
    """
    store, now = Store(str(city.before / "city")), city.store()
    lengths = {one.id: (one.length_m, one.road_class) for one in store.segments()}
    where = {f.finding.id: f for name in lengths for f in store.findings(name)}
    touched = {where[one.finding_id].finding.segment_id or "" for one in said}
    expected = {}
    for name in sorted(touched):
        shown = (store.score_row(name, "xuchang@1") or {})["body"]["score"]
        length_m, road_class = lengths[name]
        seen_m = {
            row["element"]: row["seen_fraction"] * length_m
            for row in shown["elements"]
            if row["status"] == "assessed"
        }
        ground = Ground(road_class, seen_m)
        finds = {f.finding.id: _find(f.finding) for f in store.findings(name)}
        before = value_of(finds.values(), ground)
        assert shown["value"] == pytest.approx(before, abs=_ROUNDED)
        for one in said:
            if one.finding_id in finds:
                finds[one.finding_id] = replace(finds[one.finding_id], **one.becomes)
        new = [f.finding for f in now.findings(name) if f.finding.id not in where]
        finds |= {one.id: replace(_find(one), p=1.0) for one in new}
        expected[name] = value_of(finds.values(), ground)
        assert abs(expected[name] - before) > _ROUNDED
    store.close()
    now.close()
    return expected


def _find(one: Finding) -> Find:
    p = 0.0 if one.candidate else one.probability
    return Find(one.id, one.category, one.zone, one.side, one.offset_m, one.severity, p)


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
