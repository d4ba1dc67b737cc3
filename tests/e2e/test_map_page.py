"""The map page in a real browser, over the sample drive in a real store."""

from __future__ import annotations

import io
import json
import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from service.app import build_app
from service.cli import main
from service.keys import make_key
from service.records import Role
from service.settings import load_settings
from service.store import Store
from tests.e2e.sample_layers import SCHOOL, write_layers
from tests.e2e.service_process import Service
from tests.service.web.served import score_bodies, serving

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--enable-unsafe-swiftshader",
]
STREET = "xc-ja-02"
ROW = f'#list .row[data-id="{STREET}"]'
RED = (0xD1, 0x35, 0x2B)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with the sample drive, scored beside a school."""
    folder = tmp_path_factory.mktemp("demo")
    city = str(folder / "city")
    Store(city).close()
    school = write_layers(folder)["school"]
    assert main(["layer", city, str(school), "--kind", "school"]) == 0
    assert main(["demo-city", str(folder), "--device", "cpu"]) == 0
    return folder


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    settings = load_settings(data=data, server={"room_mb": 0})
    store = Store(settings.store_where)
    with serving(build_app(settings, store)) as url:
        yield url
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


@dataclass(slots=True)
class Seen:
    """What a page did behind the reader's back."""

    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    expected: str | None = None


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def page(browser: Browser, address: str, seen: Seen) -> Iterator[Page]:
    """Return the page at sign-in; at the end nothing of it may have gone wrong."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="zh-CN"
    )
    opened = context.new_page()
    opened.on("pageerror", lambda error: seen.faults.append(str(error)))
    opened.on(
        "console",
        lambda line: (
            seen.faults.append(line.text) if line.type in ("error", "warning") else None
        ),
    )
    opened.on("request", lambda request: seen.asked.append(request.url))
    opened.goto(address)
    yield opened
    context.close()
    said = [f for f in seen.faults if not (seen.expected and seen.expected in f)]
    assert said == []
    assert [u for u in seen.asked if not u.startswith((address, "data:"))] == []


def key_for(data: Path, role: Role = "centre", district: str | None = None) -> str:
    store = Store(str(data / "city"))
    made = make_key(store, name="test", role=role, district=district)[1]
    store.close()
    return made


def sign_in(page: Page, key: str) -> None:
    page.fill("#key", key)
    page.keyboard.press("Enter")


@pytest.fixture
def city(page: Page, data: Path, seen: Seen) -> Page:
    """Return the page, signed in."""
    key = key_for(data)
    sign_in(page, key)
    page.wait_for_selector("#list .row")
    assert [url for url in seen.asked if key.split(".")[1] in url] == []
    return page


@pytest.fixture
def street(city: Page) -> Page:
    """Return the page with the worst street open."""
    city.click(ROW)
    city.wait_for_selector("#detail .find img")
    return city


@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param("lj000000000000.nobody", "密钥不对", id="unknown"),
        pytest.param("钥匙", "密钥不对", id="no header can carry it"),
        pytest.param("   ", "请输入访问密钥", id="blank"),
    ],
)
def test_a_wrong_key_is_said_to_be_wrong(
    page: Page, seen: Seen, key: str, said: str
) -> None:
    seen.expected = "401"

    sign_in(page, key)

    error = page.locator("#sign-in-error")
    error.filter(has_text=said).wait_for()
    assert page.locator("#city").is_hidden()
    assert page.evaluate("sessionStorage.length") == 0
    page.click("#language")
    assert re.search("[a-z]", error.inner_text())


def test_a_vehicle_s_key_may_not_look(page: Page, data: Path, seen: Seen) -> None:
    seen.expected = "403"

    sign_in(page, key_for(data, "device"))

    page.locator("#sign-in-error", has_text="不能查看").wait_for()


def test_a_service_that_is_away_is_said(page: Page, seen: Seen) -> None:
    seen.expected = "ERR_FAILED"
    page.route(re.compile("changes|scores"), lambda route: route.abort())

    sign_in(page, "lj000000000000.somebody")

    page.locator("#sign-in-error", has_text="连不上服务").wait_for()


def test_streets_are_listed_worst_first_with_those_nobody_passed(
    city: Page, data: Path
) -> None:
    bodies = score_bodies(data)
    scored = {k: b["score"]["value"] for k, b in bodies.items() if b["score"]}
    worst_first = sorted(scored, key=lambda name: scored[name])

    rows = city.locator("#list .row")
    names = [row.get_attribute("data-id") for row in rows.all()]

    assert names[: len(scored)] == worst_first
    assert set(names) == set(bodies)
    assert len(names) == 9
    assert "未经过" in rows.last.inner_text()
    assert city.locator("#tiles b").first.inner_text() == f"{len(scored)} / 9"


def test_the_key_stays_in_the_tab_and_sign_out_forgets_it(city: Page) -> None:
    assert city.evaluate("sessionStorage.length") == 1
    assert "lj" not in city.evaluate("JSON.stringify(localStorage)")
    city.reload()
    city.wait_for_selector("#list .row")

    city.click("#sign-out")

    assert city.locator("#sign-in").is_visible()
    assert city.evaluate("sessionStorage.length") == 0
    assert city.locator("#list .row").count() == 0
    assert "建安大道" not in city.content()
    city.reload()
    assert city.locator("#sign-in").is_visible()


def test_a_street_shows_its_score_elements_deductions_and_pictures(
    street: Page, data: Path
) -> None:
    score = score_bodies(data)[STREET]["score"]
    detail = street.locator("#detail")

    cut = math.floor(score["value"] * 10) / 10
    assert detail.locator(".value b").inner_text() == f"{cut:.1f}"
    assert score["grade"] in detail.locator(".value").inner_text()
    assert detail.locator("tbody tr").count() == len(score["elements"]) == 7
    costly = [d for d in score["deductions"] if d["finding_ids"]]
    told = detail.locator(".rule .n").all_inner_texts()
    assert sorted(told) == sorted(f"−{d['points']:.2f}" for d in costly)
    cards = {c.get_attribute("data-finding") for c in detail.locator(".find").all()}
    assert {i for d in costly for i in d["finding_ids"]} <= cards
    image = detail.locator(".find img").first
    image.scroll_into_view_if_needed()
    street.wait_for_function(
        "() => document.querySelector('#detail .find img').naturalWidth > 0"
    )
    assert street.evaluate("location.hash") == f"#{STREET}"


def test_the_layer_that_spoke_is_named(street: Page, data: Path) -> None:
    score = score_bodies(data)[STREET]["score"]
    near = [n for d in score["deductions"] for n in d["near"] if n]
    assert {n["name"] for n in near} == {SCHOOL}

    said = set(street.locator("#detail .rule .layer").all_inner_texts())

    assert said == {f"学校周边：{SCHOOL} ×1.5"}


def test_a_picture_opens_with_its_box(street: Page) -> None:
    street.locator("#detail .find button").first.click()

    street.wait_for_function(
        "() => parseFloat(document.querySelector('#picture .frame i').style.width) > 0"
    )
    assert street.locator("#picture img").is_visible()
    street.keyboard.press("Escape")
    assert street.locator("#picture").is_hidden()
    assert street.locator("#detail").is_visible()


def test_a_street_nobody_passed_is_not_called_clean(city: Page) -> None:
    city.locator("#list .row", has_text="未经过").first.click()

    notice = city.locator("#detail .notice")
    notice.filter(has_text="没有看过，不等于干净").wait_for()
    assert city.locator("#detail .value b").inner_text() == "—"


def test_what_is_missing_is_one_sentence_and_the_rest_stays(
    city: Page, seen: Seen
) -> None:
    seen.expected = "404"
    city.route(
        "**/segments/*/findings*", lambda r: r.fulfill(status=404, json={"detail": ""})
    )

    city.click(ROW)

    city.locator("#detail .notice", has_text="暂时读不到问题和图片").wait_for()
    assert city.locator("#detail tbody tr").count() == 7
    assert city.locator("#detail .rule").count() > 0


def test_a_key_that_is_taken_back_leads_to_the_sign_in(city: Page, seen: Seen) -> None:
    seen.expected = "401"
    city.route("**/segments/**", lambda r: r.fulfill(status=401, json={"detail": "no"}))

    city.click(ROW)

    city.locator("#sign-in-error", has_text="密钥已失效").wait_for()
    assert city.evaluate("sessionStorage.length") == 0
    assert city.locator("#detail").is_hidden()


def test_filters_by_name_grade_and_district(city: Page) -> None:
    rows = city.locator("#list .row")

    city.fill("#search", "文峰")
    assert {r.split("\n")[0] for r in rows.all_inner_texts()} == {"文峰路"}
    city.fill("#search", "")
    city.click('#grades [data-grade="not_passed"]')
    assert rows.count() == 3
    city.click('#grades [data-grade="不合格"]')
    assert rows.count() == 0
    assert "没有符合条件的路段" in city.locator("#list").inner_text()
    city.click('#grades [data-grade="不合格"]')
    city.select_option("#district", "魏都区")
    assert rows.count() == 3


def test_a_key_of_another_district_sees_no_street(page: Page, data: Path) -> None:
    sign_in(page, key_for(data, district="建安区"))

    page.locator("#list", has_text="还没有任何路段的得分").wait_for()


def test_it_can_be_used_from_the_keyboard_alone(city: Page) -> None:
    city.locator("#search").focus()
    for _ in range(20):
        city.keyboard.press("Tab")
        if city.evaluate("document.activeElement.dataset.id") == STREET:
            break
    city.keyboard.press("Enter")
    city.wait_for_selector("#detail .find")
    assert city.evaluate("document.activeElement.tagName") == "H2"

    city.keyboard.press("Escape")

    assert city.locator("#detail").is_hidden()
    assert city.evaluate("document.activeElement.dataset.id") == STREET


def test_the_switch_turns_every_label_into_english(street: Page) -> None:
    assert "部位" in street.locator("#detail").inner_text()

    street.click("#language")

    street.wait_for_selector("#detail .find")
    text = street.locator("#detail").inner_text()
    assert "部位" not in text
    assert "Deductions" in text
    assert street.locator("html").get_attribute("lang") == "en"
    street.reload()
    street.wait_for_selector("#detail .find")
    assert "Sign out" in street.locator("header").inner_text()


def place_on_map(data: Path, page: Page, street: str) -> tuple[float, float]:
    """Return where the middle of a street is drawn: the map is fitted to all."""
    city = Store(str(data / "city"))
    lines: dict[str, Any] = {s.id: s.lonlat.tolist() for s in city.segments()}
    box = page.locator("#map").bounding_box()
    assert box is not None

    def world(lon: float, lat: float) -> tuple[float, float]:
        y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
        return lon / 360, -y / (2 * math.pi)

    every = [world(*p) for line in lines.values() for p in line]
    (x0, x1), (y0, y1) = ((min(v), max(v)) for v in zip(*every, strict=True))
    scale = min((box["width"] - 112) / (x1 - x0), (box["height"] - 112) / (y1 - y0))
    scale = min(scale, 512 * 2**17.5)
    ends = [world(*p) for p in lines[street][:2]]
    # A third of the way: away from the white dashes of doubt's own middle.
    x, y = (a + (b - a) * 0.35 for a, b in zip(*ends, strict=True))
    return (
        box["width"] / 2 + (x - (x0 + x1) / 2) * scale,
        box["height"] / 2 + (y - (y0 + y1) / 2) * scale,
    )


def test_the_map_draws_streets_in_the_colour_of_their_grade_and_opens_them(
    city: Page, data: Path
) -> None:
    x, y = place_on_map(data, city, "xc-wf-01")
    around = {"x": x - 4, "y": y - 4}

    def drawn() -> set[tuple[int, ...]]:
        picture = city.locator("#map canvas").screenshot()
        with Image.open(io.BytesIO(picture)) as image:
            box = (around["x"], around["y"], around["x"] + 9, around["y"] + 9)
            piece = image.convert("RGB").crop(tuple(map(round, box)))
            return set(piece.get_flattened_data())

    for _ in range(40):
        if RED in drawn():
            break
        city.wait_for_timeout(250)
    assert RED in drawn()

    city.locator("#map").click(position={"x": x, "y": y})

    city.locator("#detail h2", has_text="文峰路").wait_for()
    assert city.evaluate("location.hash") == "#xc-wf-01"


def test_without_webgl_list_and_details_still_work(city: Page, seen: Seen) -> None:
    seen.expected = "no map: WebGL2"
    city.add_init_script(
        "HTMLCanvasElement.prototype.getContext = () => null;"
        "OffscreenCanvas.prototype.getContext = () => null;"
    )

    city.reload()

    city.locator("#map-fault", has_text="WebGL").wait_for()
    city.click(ROW)
    city.wait_for_selector("#detail .find")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_nothing_runs_over_the_edge(street: Page, width: int, height: int) -> None:
    street.set_viewport_size({"width": width, "height": height})
    for _ in range(2):
        assert street.evaluate("document.documentElement.scrollWidth") <= width
        detail = street.locator("#detail").bounding_box()
        assert detail is not None
        assert detail["x"] + detail["width"] <= width + 1
        narrow = "[...document.querySelectorAll('#detail .scroll')]"
        over = f"{narrow}.filter((n) => n.scrollWidth > n.clientWidth + 1).length"
        assert street.evaluate(over) == 0
        street.click(".close")
        assert street.evaluate("document.documentElement.scrollWidth") <= width
        street.click("#language")
        street.click(ROW)
        street.wait_for_selector("#detail .find")


def test_the_demonstration_is_made_once_and_each_time_gives_a_new_key(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = json.dumps(score_bodies(data), sort_keys=True)
    capsys.readouterr()

    assert main(["demo-city", str(data)]) == 0

    first = re.findall(r"lj\w+\.\S+", capsys.readouterr().out)
    assert main(["demo-city", str(data)]) == 0
    second = re.findall(r"lj\w+\.\S+", capsys.readouterr().out)
    assert len(first) == len(second) == 1
    assert first != second
    store = Store(str(data / "city"))
    holding = [k for k in store.all_keys() if k.name == "demo-city" and not k.ended_s]
    assert [k.role for k in holding] == ["admin"]
    assert second[0].startswith(holding[0].id)
    assert json.dumps(score_bodies(data), sort_keys=True) == before
    assert all(len(store.scores(s.id)) == 1 for s in store.segments())


def test_what_make_serve_starts_prints_where_it_answers_and_shows_pictures(
    data: Path, browser: Browser
) -> None:
    service = Service(data, {})
    made = service.run("demo-city", str(data))
    (key,) = re.findall(r"lj\w+\.\S+", made.stdout)
    service.start()
    try:
        printed = (data / "service.log").read_text("utf-8")
        told = re.findall(r": (http://\S+)", printed)
        ways = ("/", "/ogc", "/openapi.json")
        assert told[:3] == [f"{service.url}{way}" for way in ways]
        assert re.findall(r": (http://\S+)", made.stdout) == told[:3]
        assert service.ask("/ogc")["links"]
        page = browser.new_page(locale="zh-CN")
        page.goto(told[0])
        sign_in(page, key)
        page.click(ROW)
        page.locator("#detail .find button").first.click()
        page.wait_for_function(
            "() => document.querySelector('#picture img').naturalWidth > 300"
        )
        page.close()
    finally:
        service.stop()
