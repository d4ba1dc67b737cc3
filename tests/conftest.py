"""What every test starts from: a known environment and the folders of real data."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.studio import Studio

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real footage; it must be there, nothing is skipped."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.fail("the real footage is expected at ../shared")
    return folder


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take our own settings out of the environment."""
    for name in list(os.environ):
        if name.startswith("LIUJING_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def usual_logging() -> Iterator[None]:
    """Take back what a command did to the logs of this process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in [h for h in root.handlers if h not in handlers]:
        root.removeHandler(handler)
    for handler in handlers:
        if handler not in root.handlers:
            root.addHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Return a real Label Studio that lives as long as the tests; see its `start`."""
    made = Studio(tmp_path_factory.mktemp("studio"))
    made.start()
    yield made
    made.stop()
