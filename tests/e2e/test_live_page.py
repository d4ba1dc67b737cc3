"""A verdict is seen on the map page, open in a real browser, within five seconds."""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from service.app import build_app
from service.keys import make_key
from service.scoring import load_standard, shown
from service.settings import load_settings
from service.store import Store
from tests.e2e.test_map_page import FLAGS
from tests.service.review.answered import fill, finding, three, value
from tests.service.web.served import serving

SOON_MS = 5000


@dataclass(frozen=True)
class City:
    """A service and who asks it."""

    store: Store
    address: str
    reader: str
    reviewer: str

    def say(self, finding_id: str, verdict: str, reason: str | None = None) -> None:
        """Send a verdict as a program would."""
        body = json.dumps({"verdict": verdict, "reason": reason}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.address}findings/{finding_id}/reviews",
            body,
            {
                "Authorization": f"Bearer {self.reviewer}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            assert answer.status == 201

    def shown_value(self) -> str:
        """Return the score as people see it."""
        return shown(value(self.store), load_standard("xuchang@1"))


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    settings = load_settings(data=tmp_path, server={"room_mb": 0})
    store = Store(settings.store_where)
    fill(store, *three(store))
    reader = make_key(store, name="中心", role="centre")[1]
    reviewer = make_key(store, name="李", role="reviewer")[1]
    with serving(build_app(settings, store)) as address:
        yield City(store, address, reader, reviewer)
    store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("no Chromium: `make test` installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, city: City) -> Iterator[Page]:
    """Return the page with the street open; nothing of it may go wrong."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="zh-CN"
    )
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console",
        lambda line: faults.append(line.text) if line.type == "error" else None,
    )
    opened.goto(city.address)
    opened.fill("#key", city.reader)
    opened.keyboard.press("Enter")
    opened.click('#list .row[data-id="s1"]')
    opened.wait_for_selector("#detail .find")
    yield opened
    context.close()
    assert faults == []


def test_a_rejected_find_vanishes_and_the_score_moves(city: City, page: Page) -> None:
    heap = finding(city.store, "garbage_pile")
    card = page.locator(f'#detail .find[data-finding="{heap}"]')
    card.wait_for()
    before = page.locator("#detail .value b").inner_text()
    page.fill("#search", "许由")

    city.say(heap, "false", "影子")
    said_s = time.monotonic()

    card.wait_for(state="detached", timeout=SOON_MS)
    after = city.shown_value()
    assert float(after) > float(before)
    page.locator("#detail .value b", has_text=after).wait_for(timeout=SOON_MS)
    row = page.locator('#list .row[data-id="s1"] .points')
    assert row.inner_text() == after
    assert time.monotonic() - said_s < SOON_MS / 1000
    assert page.input_value("#search") == "许由"


def test_a_confirmed_find_costs_more_and_the_mean_of_all_moves(
    city: City, page: Page
) -> None:
    mean = page.locator("#tiles .tile b").nth(1)
    before = mean.inner_text()

    city.say(finding(city.store, "poster"), "real")

    after = city.shown_value()
    assert float(after) < float(before)
    page.locator("#tiles .tile b", has_text=after).first.wait_for(timeout=SOON_MS)
    assert mean.inner_text() == after
