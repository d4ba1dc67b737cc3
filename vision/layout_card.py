"""The card of a network that reads the street's layout: `task = "layout"`.

The TOML form is specified in models/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vision.card import DataUsed, read_data, read_identity
from vision.errors import CatalogueError
from vision.strict_toml import Table, read_table

RESEARCH_NOTE = "research use"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Intersection over union of one class, and on how many pictures.

    Attributes:
        iou: fraction of pixels.
        pictures: that show the class.
    """

    iou: float
    pictures: int


@dataclass(frozen=True, slots=True)
class LayoutCard:
    """Everything that must be known to use a layout network and to believe it.

    Attributes:
        id: name@version.
        folder: where the card and the ONNX file lie.
        file: name of the ONNX file.
        sha256: of the ONNX file, 64 lower-case hex digits.
        license: SPDX name, of the weights.
        trained_at: UTC, ISO 8601.
        code_version: git commit that trained it.
        summary: one sentence.
        names: classes in the order of the network's channels.
        limits: one sentence each, what it cannot tell.
        long_side_px: default for the longer side of the network's input.
        stride: both sides of the input are multiples of it.
        measured: by the name of a test and a class of that test.
        mean: mean over a test's classes.
        data: what taught and what measured.
    """

    id: str
    folder: Path
    file: str
    sha256: str
    license: str
    trained_at: str
    code_version: str
    summary: str
    names: tuple[str, ...]
    limits: tuple[str, ...]
    long_side_px: int
    stride: int
    measured: Mapping[str, Mapping[str, Overlap]]
    mean: Mapping[str, float]
    data: tuple[DataUsed, ...]


def read_layout_card(path: Path) -> LayoutCard:
    """Read one card strictly.

    Raises:
        CatalogueError: the card is not of the form in models/README.md.
    """
    root = read_table(path)
    identity = read_identity(root, path)
    root.constant("task", "layout")
    names = root.texts("names")
    if len(set(names)) < len(names):
        msg = f"{path.name}: a class is in names twice"
        raise CatalogueError(msg)
    size = root.table("input")
    long_side_px = size.integer("long_side_px", low=32, high=8192)
    stride = size.integer("stride", low=1, high=256)
    for key, value in (("resize", "stretch"), ("colour", "rgb"), ("range", [0, 1])):
        size.constant(key, value)
    size.close()
    measured, mean = _read_measured(root)
    card = LayoutCard(
        **identity,
        folder=path.parent,
        names=names,
        limits=root.texts("limits"),
        long_side_px=long_side_px,
        stride=stride,
        measured=measured,
        mean=mean,
        data=tuple(read_data(row) for row in root.tables("data")),
    )
    root.close()
    return card


def _read_measured(
    root: Table,
) -> tuple[dict[str, dict[str, Overlap]], dict[str, float]]:
    table, measured, mean = root.table("measured"), {}, {}
    tests = table.keys()
    for test in tests:
        rows = table.table(test)
        mean[test] = rows.number("mean_iou", low=0, high=1)
        classes = rows.keys()
        measured[test] = {name: _read_overlap(rows.table(name)) for name in classes}
    return measured, mean


def _read_overlap(table: Table) -> Overlap:
    overlap = Overlap(
        iou=table.number("iou", low=0, high=1),
        pictures=table.integer("pictures", low=0, high=10**9),
    )
    table.close()
    return overlap
