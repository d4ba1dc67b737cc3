"""Take the picture of the report: `python -m tests.e2e.show_report build/report`.

Audits the sample drive into the folder and writes `report.jpg` (what docs/report.jpg
is) there.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.studio import ROOT

SIZE = {"width": 1366, "height": 900}
_DRAWN_MS = 1500


def show(folder: Path) -> None:
    """Audit the sample drive and take the picture."""
    out = folder / "demo"
    command = [sys.executable, "-m", "service.cli", "audit", "datasets/sample-drive"]
    subprocess.run([*command, "--out", str(out)], cwd=ROOT, check=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page(viewport=SIZE, locale="zh-CN")  # type: ignore[arg-type]
        page.goto((out / "report.html").resolve().as_uri())
        page.wait_for_timeout(_DRAWN_MS)
        picture = page.screenshot()
        browser.close()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").save(folder / "report.jpg", quality=85)


if __name__ == "__main__":
    show(Path(sys.argv[1]))
