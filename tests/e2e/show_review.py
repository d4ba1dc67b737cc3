"""Take the picture of the labelling page.

`python -m tests.e2e.show_review build/review` writes docs/review.jpg as `review.jpg`
into the folder. Needs a Label Studio: `make test` installs it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.service_process import Service
from tests.e2e.studio import ROOT, Studio
from tests.e2e.test_review import TITLE, open_tasks, signed_in

WIDE_PX, HIGH_PX = 1600, 950
_DRAWN_MS = 2500


def show(folder: Path) -> None:
    """Make the demonstration, begin to review, take the picture."""
    studio = Studio(folder / "studio")
    studio.folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "service.cli", "demo-city", str(folder / "data")]
    subprocess.run([*command, "--device", "cpu"], cwd=ROOT, check=True)
    studio.start()
    token = studio.token()
    environ = {"LIUJING_REVIEW__URL": studio.url, "LIUJING_REVIEW__TOKEN": token}
    service = Service(folder / "data", environ)
    try:
        for verb in ("setup", "push"):
            subprocess.run(
                [sys.executable, "-m", "service.cli", "review", verb],
                cwd=ROOT,
                env=service.settings,
                check=True,
            )
        service.start()
        picture = _picture(studio)
        with Image.open(io.BytesIO(picture)) as image:
            image.convert("RGB").save(folder / "review.jpg", quality=85)
    finally:
        service.stop()
        studio.stop()


def _picture(studio: Studio) -> bytes:
    project = studio.session().project(TITLE)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        page = signed_in(browser, studio)
        page.set_viewport_size({"width": WIDE_PX, "height": HIGH_PX})
        open_tasks(page, studio.url, project)
        page.keyboard.press("Control+Space")  # what chance put first says little
        page.wait_for_selector("text=井盖缺失 missing cover")
        page.wait_for_timeout(_DRAWN_MS)
        page.keyboard.press("2")
        page.wait_for_timeout(_DRAWN_MS)
        page.mouse.move(0, 0)
        picture = page.screenshot()
        browser.close()
    return picture


if __name__ == "__main__":
    show(Path(sys.argv[1]))
