"""Take the pictures of the map page: `python -m tests.e2e.show_map build/map`.

Writes `map.jpg` (what docs/map.jpg is) and `map-phone.jpg` into the folder.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.service_process import Service
from tests.e2e.test_map_page import FLAGS, ROW

SIZES = {"map": (1440, 900), "map-phone": (390, 844)}
_DRAWN_MS = 4000


def show(folder: Path) -> None:
    """Make the demonstration, open its worst street and take the pictures."""
    data = folder / "data"
    service = Service(data, {})
    made = service.run("demo-city", str(data), "--device", "cpu")
    if made.returncode != 0:
        sys.exit(f"the demonstration was not made: {made.stderr}")
    (key,) = re.findall(r"lj\w+\.\S+", made.stdout)
    service.start()
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for name, size in SIZES.items():
            picture = _picture(browser, f"{service.url}/", key, size)
            with Image.open(io.BytesIO(picture)) as image:
                image.convert("RGB").save(folder / f"{name}.jpg", quality=85)
        browser.close()
    service.stop()


def _picture(browser: Browser, address: str, key: str, size: tuple[int, int]) -> bytes:
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    page.goto(address)
    page.fill("#key", key)
    page.keyboard.press("Enter")
    page.click(ROW)
    page.wait_for_selector("#detail .find img")
    page.wait_for_timeout(_DRAWN_MS)
    page.mouse.move(0, 0)
    picture = page.screenshot()
    page.close()
    return picture


if __name__ == "__main__":
    show(Path(sys.argv[1]))
