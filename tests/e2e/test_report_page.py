"""The report in a real browser, from disk, without a network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from service.cli import main
from tests.e2e.sample_layers import HOURS, PERMIT, SCHOOL, write_layers

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    files = write_layers(tmp_path_factory.mktemp("layers"))
    layers = [f"--layer={kind}={file}" for kind, file in files.items()]
    args = ["audit", str(SAMPLE), "--device", "cpu", "--out", str(out), *layers]
    assert main(args) == 0
    return out / "report.html"


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
def page(browser: Browser, report: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1366, "height": 768})
    opened.set_default_timeout(20_000)
    faults: list[str] = []
    asked: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console",
        lambda line: faults.append(line.text) if line.type == "error" else None,
    )
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(report.as_uri())
    yield opened
    opened.close()
    assert faults == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_it_opens_on_the_worst_segment_with_its_table_and_pictures(page: Page) -> None:
    assert page.locator("#segments tbody tr").count() >= 3
    assert page.locator("#segments tr.on").count() == 1
    assert page.locator("#detail table tbody tr").count() == 7
    assert page.locator("#map path").count() >= 3
    image = page.locator("#detail .find img").first
    image.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => document.querySelector('#detail .find img').naturalWidth > 0"
    )


def test_a_click_on_another_segment_shows_it(page: Page) -> None:
    row = page.locator("#segments tbody tr:not(.on)").first
    name = row.locator("td").first.inner_text()

    row.click()

    assert page.locator("#detail h2").inner_text() == name


def test_a_picture_opens_with_its_box(page: Page) -> None:
    page.locator("#detail .find button").first.click()

    page.wait_for_function(
        "() => parseFloat(document.querySelector('#picture .frame i').style.width) > 0"
    )
    assert page.locator("#picture img").is_visible()


def test_the_switch_turns_every_label_into_english(page: Page) -> None:
    assert "部位" in page.locator("#detail").inner_text()

    page.locator("#language").click()

    assert "部位" not in page.locator("#detail").inner_text()
    assert "element" in page.locator("#detail").inner_text()
    assert page.locator("html").get_attribute("lang") == "en"


def test_layers_are_named_where_they_speak(page: Page, report: Path) -> None:
    scores = json.loads((report.parent / "scores.json").read_text("utf-8"))
    near = [n for s in scores for d in s["deductions"] for n in d["near"]]
    assert {"kind": "school", "name": SCHOOL, "factor": 1.5} in near
    assert f"{PERMIT} {HOURS}" in page.locator("#notices").inner_text()

    page.locator('#segments tr[data-id="xc-ja-02"]').click()

    rules = page.locator("#detail .rule small").all_inner_texts()
    assert rules
    assert set(rules) == {f"（学校周边：{SCHOOL} ×1.5）"}
    lawful = page.locator("#detail .find", has_text=PERMIT)
    assert lawful.count() == 1
    assert "占道摊点" in lawful.inner_text()
    page.locator("#language").click()
    assert "near a school" in page.locator("#detail .rule small").first.inner_text()
    assert f"permit, in its hours ({PERMIT}" in page.locator("#notices").inner_text()
