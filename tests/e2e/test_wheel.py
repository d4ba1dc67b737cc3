"""An installed wheel, away from the checkout, finds its models and standards."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_installed_wheel_lists_its_models_and_standards(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "-w", wheels, ROOT], check=True, cwd=tmp_path
    )
    home = tmp_path / "home"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    packages = next((home / "lib").glob("python*/site-packages"))
    # The dependencies are lent from this environment; liujing itself is the wheel's.
    lent = sysconfig.get_path("purelib")
    (packages / "lent.pth").write_text(f"{lent}\n", "utf-8")
    subprocess.run(
        [python, "-m", "pip", "-q", "install", "--no-deps", *wheels.glob("*.whl")],
        check=True,
        cwd=tmp_path,
    )

    listed = [
        subprocess.run(
            [home / "bin" / "liujing", verb],
            check=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        ).stdout
        for verb in ("models", "standards")
    ]

    assert "street@1" in listed[0]
    assert "layout@1" in listed[0]
    assert "xuchang@1" in listed[1]
    assert "alley@1" in listed[1]
    code = (
        "from service.store import Store; from service.scoring import load_sheet; "
        "print(Store('city').segments(), load_sheet('qixian@1').id)"
    )
    made = subprocess.run(
        [python, "-c", code], check=True, cwd=tmp_path, capture_output=True, text=True
    ).stdout
    assert made == "[] qixian@1\n"
    where = subprocess.run(
        [python, "-c", "import service; print(service.__file__)"],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    ).stdout
    assert str(home) in where
