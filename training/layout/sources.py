"""Which pictures teach and measure the layout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.layout.examples import AllowedTable, LayoutExample
from training.layout.labels import LayoutLabels
from training.layout.pseudo import (
    ADAS_FILE,
    CITY_FILE,
    city_teacher,
    joint_table,
    kerb_teacher,
    write_pseudo,
)
from training.workspace import Workspace
from vision.errors import NotFoundError

CAMVID, RENDERED, PHOTOS = "camvid", "rendered", "photos"
SHARES = {CAMVID: 0.45, RENDERED: 0.35, PHOTOS: 0.2}
"""Of a batch."""
STREET_VIEWS = ("panoramax_lege", "pothole_dnit", "manhole_korea")
"""Sets seen as from a vehicle or a walker: on close-ups the teachers are wrong."""
RESEARCH_ONLY = frozenset({CAMVID})


@dataclass(frozen=True, slots=True, eq=False)
class LayoutSet:
    """All that teaches or measures.

    Attributes:
        examples: in a fixed order.
        table: which classes their labels allow.
    """

    examples: tuple[LayoutExample, ...]
    table: AllowedTable

    def of(self, source: str) -> tuple[LayoutExample, ...]:
        """Return the examples of one source."""
        return tuple(one for one in self.examples if one.source == source)


def layout_table(labels: LayoutLabels) -> AllowedTable:
    """Return the table of all sources."""
    table = AllowedTable(len(labels.names))
    table.add(CAMVID, labels.table(CAMVID))
    table.add(RENDERED, np.eye(len(labels.names), dtype=np.bool_))
    table.add(PHOTOS, joint_table(labels))
    return table


def teaching_set(
    workspace: Workspace, labels: LayoutLabels, *, research_data: bool = True
) -> LayoutSet:
    """Return what teaches; photos are labelled by the teachers where they are not yet.

    Args:
        workspace: the folders.
        labels: our classes.
        research_data: with the sets that are for research alone.

    Raises:
        NotFoundError: a set or a teacher is missing.
    """
    examples = list(rendered_examples(workspace.rendered, workspace.photos_per_set))
    if research_data:
        examples += camvid_examples(workspace, "train")
    street = workspace.shared / "data" / "street"
    photos = [
        photo
        for name in STREET_VIEWS
        for photo in _few(sorted((street / name).rglob("*.jpg")), workspace)
    ]
    examples += [
        LayoutExample(photo, rows, PHOTOS)
        for photo, rows in write_pseudo(
            photos,
            workspace.build / "layout-pseudo",
            city_teacher(workspace.weights / CITY_FILE),
            kerb_teacher(workspace.weights / ADAS_FILE),
        )
    ]
    return LayoutSet(tuple(examples), layout_table(labels))


def camvid_examples(workspace: Workspace, part: str) -> list[LayoutExample]:
    """Return CamVid's `train` or `val`.

    Raises:
        NotFoundError: it is not there.
    """
    root = workspace.shared / "data" / "scene" / "camvid"
    pictures = _few(sorted((root / "images" / part).glob("*.*")), workspace)
    if not pictures:
        msg = f"{root / 'images' / part} holds no pictures; CamVid belongs there"
        raise NotFoundError(msg)
    return [
        LayoutExample(picture, root / "masks" / part / f"{picture.stem}.png", CAMVID)
        for picture in pictures
    ]


def rendered_examples(folder: Path, most: int | None = None) -> list[LayoutExample]:
    """Return the rendered frames that have a layout.

    Raises:
        NotFoundError: none has.
    """
    masks = sorted((folder / "masks").glob("*.png"))[:most]
    if not masks:
        msg = f"{folder / 'masks'} holds no layouts; run `liujing-train layout-render`"
        raise NotFoundError(msg)
    return [
        LayoutExample(folder / "images" / f"{mask.stem}.jpg", mask, RENDERED)
        for mask in masks
    ]


def _few(photos: list[Path], workspace: Workspace) -> list[Path]:
    return photos[: workspace.photos_per_set]
