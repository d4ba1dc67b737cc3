"""An audit without a layout network goes on with geometry and says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from service.audit.inputs import AuditRequest, check
from service.audit.notices import ASSUMED
from vision.errors import NotFoundError

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "datasets" / "sample-drive"


@pytest.fixture
def detector_only(tmp_path: Path) -> Path:
    """Return a catalogue that holds the detector and no layout network."""
    folder = tmp_path / "models"
    folder.mkdir()
    for suffix in ("toml", "onnx"):
        shutil.copy(ROOT / "models" / f"street@2.{suffix}", folder)
    return folder


def request(models: Path | None, layout: str | None = "layout@1") -> AuditRequest:
    return AuditRequest(
        (SAMPLE,), Path("unused"), models=models, layout=layout, device="cpu"
    )


def test_with_its_network_nothing_is_assumed() -> None:
    opened = check(request(None))

    assert opened.eyes.layout is not None
    assert opened.eyes.layout.model_id == "layout@1"
    assert opened.checked.assumptions == ()


def test_without_its_network_geometry_stands_in_and_the_report_says_so(
    detector_only: Path,
) -> None:
    opened = check(request(detector_only))

    assert opened.eyes.layout is None
    assert opened.checked.assumptions == ("layout",)
    assert "没有布局模型" in ASSUMED["layout"].zh


def test_geometry_can_be_asked_for() -> None:
    assert check(request(None, layout=None)).eyes.layout is None


def test_a_network_that_was_asked_for_by_name_must_be_there() -> None:
    with pytest.raises(NotFoundError, match="there is no model layout@7"):
        check(request(None, layout="layout@7"))
