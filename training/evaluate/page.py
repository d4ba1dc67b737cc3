"""The report as one HTML page that opens from disk, pictures and curves inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import jinja2

from training.evaluate.calibrate import Bin
from training.evaluate.report import Report
from training.evaluate.run import Measured
from training.evaluate.seen import KINDS, Eye, Kind
from training.evaluate.worst import Crop, region_crops, worst_crops

PLOT_PX = 160


def write_page(
    path: Path,
    report: Report,
    crops: Mapping[Kind, Mapping[str, Sequence[Crop]]],
    regions: Sequence[Crop] = (),
) -> None:
    """Write the page, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(render_page(report, crops, regions), encoding="utf-8")
    part.replace(path)


def show(path: Path, measured: Measured, eye: Eye, data: Path) -> None:
    """Write the page of a measurement with the pictures of its worst errors.

    Args:
        path: of the page.
        measured: what was measured, and on what.
        eye: what measured it; its detector says what must be masked.
        data: folder that the list of real regions is relative to.

    Raises:
        FootageError: a picture has gone.
    """
    report, detector = measured.report, eye.detector
    points = {name: report.classes[name].confidence for name in detector.names}
    crops = {
        kind: worst_crops(measured.seen[kind], detector.names, points, detector)
        for kind in KINDS
    }
    finds = report.regions.finds if report.regions else []
    write_page(path, report, crops, region_crops(finds, data, detector))


def render_page(
    report: Report,
    crops: Mapping[Kind, Mapping[str, Sequence[Crop]]],
    regions: Sequence[Crop] = (),
) -> str:
    """Return the page: real and rendered pictures in separate chapters."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(line=_line, points=_points, side=PLOT_PX)
    source = resources.files("training.evaluate") / "templates" / "report.html.j2"
    template = environment.from_string(source.read_text(encoding="utf-8"))
    return template.render(report=report, kinds=KINDS, crops=crops, regions=regions)


def _line(curve: Sequence[tuple[float, float]]) -> str:
    """Return SVG polyline points of (x, y) fractions, y upwards."""
    return " ".join(f"{x * PLOT_PX:.1f},{(1 - y) * PLOT_PX:.1f}" for x, y in curve)


def _points(bins: Sequence[Bin]) -> list[dict[str, float]]:
    """Return where the bars of a reliability diagram stand, SVG pixels."""
    return [
        {
            "x": b.said * PLOT_PX,
            "y": (1 - b.hits / b.boxes) * PLOT_PX,
            "top": (1 - b.most) * PLOT_PX,
            "bottom": (1 - b.least) * PLOT_PX,
        }
        for b in bins
        if b.said is not None
    ]
