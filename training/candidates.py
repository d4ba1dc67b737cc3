"""Networks and means of runs side by side, on `val` and `test`.

What ships is chosen on `val`; `test` is shown beside it and chooses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.collect import collect_parts, load_maps
from training.evaluate import KINDS, open_eye, see
from training.evaluate.ap import ap50
from training.evaluate.tables import split_kinds
from training.export import export_onnx
from training.soup import average_checkpoints
from training.types import Part
from training.unmeasured import unmeasured_card
from training.workspace import Workspace
from vision.errors import NotFoundError

PARTS: tuple[Part, ...] = ("val", "test")
LEAST_INSTANCES = 5
"""Classes with fewer in a part are left out: their AP is chance."""

Figures = dict[tuple[str, str], dict[str, float]]
"""AP50 by class, of each kind of pictures and part."""


def compare_candidates(
    workspace: Workspace, candidates: Sequence[str], *, long_side_px: int
) -> dict[str, Figures]:
    """Return the AP50 of each candidate.

    Args:
        workspace: the folders.
        candidates: each a path that ends in `.onnx`, or names of runs joined by `+`,
            of which the mean is taken; a run named twice weighs twice.
        long_side_px: of the input.

    Raises:
        NotFoundError: a file or a run's checkpoint is missing.
    """
    categories, maps = load_maps(workspace)
    parts = collect_parts(workspace, maps)
    out: dict[str, Figures] = {}
    for name in candidates:
        onnx = _network(workspace, name, categories)
        card = unmeasured_card(
            onnx, categories, network=name, long_side_px=long_side_px
        )
        eye = open_eye(card, str(long_side_px), memory=workspace.build / "looks")
        out[name] = {}
        for part in PARTS:
            seen = split_kinds(see(eye, parts[part]), maps, categories)
            for kind in KINDS:
                out[name][kind, part] = {
                    category: value
                    for category, matches in seen[kind].matches.items()
                    if matches.instances >= LEAST_INSTANCES
                    and (value := ap50(matches)) is not None
                }
    return out


def _network(workspace: Workspace, name: str, categories: Sequence[str]) -> Path:
    if name.endswith(".onnx"):
        if not Path(name).is_file():
            msg = f"{name} is missing; name a network or runs joined by +"
            raise NotFoundError(msg)
        return Path(name)
    runs = workspace.run.parent
    folder = workspace.build / "candidates"
    checkpoint = average_checkpoints(
        [runs / run / "weights" / "last.pt" for run in name.split("+")],
        folder / f"{name}.pt",
    )
    return export_onnx(checkpoint, folder / f"{name}.onnx", names=categories)


def candidate_lines(figures: dict[str, Figures]) -> list[str]:
    """Return a table: a line for each class and kind, `val`/`test` of each."""
    names = list(figures)
    first = figures[names[0]]
    lines = [" " * 36 + "  ".join(f"{name[-16:]:>16}" for name in names)]
    for kind in KINDS:
        rows = sorted({c for part in PARTS for c in first[kind, part]})
        lines += [_line(kind, row, [figures[name] for name in names]) for row in rows]
        means = [
            "/".join(_mean(figures[name][kind, part]) for part in PARTS)
            for name in names
        ]
        lines.append(_row(kind, "mean", means))
    return lines


def _line(kind: str, category: str, columns: Sequence[Figures]) -> str:
    cells = [
        "/".join(_cell(column[kind, part].get(category)) for part in PARTS)
        for column in columns
    ]
    return _row(kind, category, cells)


def _row(kind: str, name: str, cells: Sequence[str]) -> str:
    return f"{kind:9}{name:27}" + "  ".join(f"{cell:>16}" for cell in cells)


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _mean(values: dict[str, float]) -> str:
    return f"{np.mean(list(values.values())):.3f}" if values else "-"
