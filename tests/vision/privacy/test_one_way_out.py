"""No picture leaves without the mask: one encoder, and it takes masked pictures."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vision.encode import encode_classes, encode_masked
from vision.errors import OutputError
from vision.privacy import mask_regions

ROOT = Path(__file__).resolve().parents[3]
WRITERS = frozenset({"imwrite", "imencode", "VideoWriter", "imsave", "fromarray"})
MUXING = frozenset({"mux", "add_stream"})
MAY_ENCODE = {"vision/encode.py"}
MAY_MUX = {"vision/privacy/video.py"}


def calls(path: Path) -> set[str]:
    """Return the names of everything that a file calls."""
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
    }


def users_of(names: frozenset[str]) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for root in ("vision", "service")
        for path in (ROOT / root).rglob("*.py")
        if calls(path) & names
    }


def test_pictures_become_files_in_one_place() -> None:
    assert users_of(WRITERS) == MAY_ENCODE


def test_videos_become_files_in_one_place() -> None:
    assert users_of(MUXING) == MAY_MUX


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("encode_masked(mask_regions(image, []))", False),
        ("encode_masked(image)", True),
        ("encode_masked(draw_detections(image, seen))", True),
        ("encode_masked(paint_layout(image, layout))", True),
        ("_encodable(image)", True),
    ],
)
def test_the_type_checker_refuses_a_picture_without_the_mask(
    tmp_path: Path, line: str, *, refused: bool
) -> None:
    script = tmp_path / "writer.py"
    script.write_text(
        "from vision.detect import draw_detections\n"
        "from vision.encode import encode_masked\n"
        "from vision.privacy import mask_regions\n"
        "from vision.privacy.video import _encodable\n"
        "from vision.scene import Layout, paint_layout\n"
        "from vision.types import Detections, Image\n\n\n"
        "def write(image: Image, seen: Detections, layout: Layout) -> None:\n"
        f"    {line}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", str(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("MaskedImage" in done.stdout) == refused, done.stdout
    assert (done.returncode != 0) == refused, done.stdout


def test_a_masked_picture_becomes_a_file() -> None:
    image = mask_regions(np.zeros((8, 8, 3), np.uint8), [])

    assert encode_masked(image)[:2] == b"\xff\xd8"
    assert encode_masked(image, ".png")[1:4] == b"PNG"


def test_class_ids_are_numbers_and_no_picture() -> None:
    assert encode_classes(np.zeros((4, 4), np.uint8))[1:4] == b"PNG"
    with pytest.raises(OutputError, match="one channel"):
        encode_classes(np.zeros((4, 4, 3), np.uint8))
