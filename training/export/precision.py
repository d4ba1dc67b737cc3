"""What each precision costs and gives: parity, AP50 and core-ms, side by side."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from training.evaluate import Eye, see
from training.evaluate.ap import ap50
from training.evaluate.tables import split_kinds
from training.export.engines import ONNX_FP32, PRECISIONS, open_engine
from training.export.onnx_file import sha256_of
from training.export.parity import Difference, Engine, blobs, parity_on, torch_engine
from training.labels import LabelMap
from training.types import LabelledImage
from vision.detect.decode import Suppression, clip_boxes, decode_yolo
from vision.detect.letterbox import fit_rectangle, make_blob
from vision.detect.onnx import LEAST_LONG_SIDE_PX
from vision.types import Detections, Frame, Image

SPEED_SHAPES = ((384, 640), (544, 960))
FLOOR = 0.01


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians of one engine at one input size.

    Attributes:
        shape: height and width of the input.
        threads: of the engine.
        core_ms: processor time over all cores.
        wall_ms: time on the clock; says little while something else runs.
        ratio: core_ms of `onnxruntime fp32` in the same rounds over this one's; above 1
            is cheaper.
    """

    shape: tuple[int, int]
    threads: int
    core_ms: float
    wall_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class PrecisionRow:
    """What was measured of one precision.

    Attributes:
        precision: of `PRECISIONS`.
        parity: with torch; None without a checkpoint.
        parity_onnx: with `onnxruntime fp32`.
        ap50: by kind of picture and class; empty if not measured.
        costs: by size and threads.
    """

    precision: str
    parity: Difference | None
    parity_onnx: Difference
    ap50: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    costs: tuple[Cost, ...] = ()


class EngineDetector:
    """An engine behind the run time's own letterbox and decoding; a `Detector`.

    Args:
        engine: the network.
        names: category ids by class id.
        model_id: for tables.
        long_side_px: longer side of the input.
    """

    def __init__(
        self, engine: Engine, names: Sequence[str], *, model_id: str, long_side_px: int
    ) -> None:
        self._engine = engine
        self._names = tuple(names)
        self._model_id = model_id
        self._long_side_px = long_side_px

    @property
    def model_id(self) -> str:
        """Name of the network and its precision."""
        return self._model_id

    @property
    def device(self) -> str:
        """Always `cpu`."""
        return "cpu"

    @property
    def names(self) -> tuple[str, ...]:
        """Category ids by class id."""
        return self._names

    def detect(self, frame: Frame) -> Detections:
        """Return the boxes from a confidence of 0.01, most confident first."""
        height_px, width_px = frame.image.shape[:2]
        longest_px = max(width_px, height_px, LEAST_LONG_SIDE_PX)
        box = fit_rectangle(
            width_px,
            height_px,
            long_side_px=min(self._long_side_px, longest_px),
            stride=32,
        )
        floors = np.full(len(self._names), FLOOR, np.float32)
        output = self._engine(make_blob(frame.image, box))
        found = decode_yolo(output, floors, Suppression())
        xyxy = box.to_picture(found.xyxy)
        found = clip_boxes(
            type(found)(xyxy, found.confidence, found.class_id), width_px, height_px
        )
        return Detections(
            frame_index=frame.index,
            xyxy=found.xyxy,
            confidence=found.confidence,
            class_id=found.class_id,
            names=self._names,
            model_id=self._model_id,
        )


def accuracy(
    detector: EngineDetector,
    images: Sequence[LabelledImage],
    maps: Mapping[str, LabelMap],
    *,
    long_side_px: int,
) -> dict[str, dict[str, float]]:
    """Return AP50 by kind of picture and class, of classes that have instances."""
    eye = Eye(detector, detector.model_id, "", str(long_side_px), long_side_px)
    kinds = split_kinds(see(eye, images), maps, detector.names)
    table: dict[str, dict[str, float]] = {}
    for kind, part in kinds.items():
        values = {name: ap50(matches) for name, matches in part.matches.items()}
        known = {name: round(v, 4) for name, v in values.items() if v is not None}
        if known:
            table[kind] = known
    return table


def compare_costs(
    engines: Mapping[str, Engine],
    picture: Image,
    *,
    shape: tuple[int, int],
    threads: int,
    rounds: int,
) -> dict[str, Cost]:
    """Time engines in turn, every other round backwards; medians over the rounds."""
    blob = next(iter(blobs([picture], [shape])))
    names = list(engines)
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for name in names:
        engines[name](blob)
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            core_s, wall_s = time.process_time(), time.perf_counter()
            engines[name](blob)
            core_s, wall_s = time.process_time() - core_s, time.perf_counter() - wall_s
            spent[name].append((core_s * 1000, wall_s * 1000))
    base = statistics.median(core for core, _ in spent[ONNX_FP32])
    out = {}
    for name, rows in spent.items():
        core_ms = statistics.median(core for core, _ in rows)
        wall_ms = statistics.median(wall for _, wall in rows)
        ratio = base / max(core_ms, 1e-6)
        out[name] = Cost(
            shape, threads, round(core_ms, 1), round(wall_ms, 1), round(ratio, 2)
        )
    return out


@dataclass(frozen=True, slots=True)
class Plan:
    """What precisions are measured with.

    Attributes:
        onnx_file: fp32, dynamic.
        checkpoint: what it was made of; None to compare with the ONNX alone.
        names: category ids by class id.
        maps: label maps of the pictures' sets.
        taught: pictures that calibrate int8; never those kept back.
        kept_back: pictures that measure; AP50 is left out where there are none.
        compared: real pictures of the parity.
        folder: what is made lies here.
        long_side_px: of the input, for AP50.
        rounds: of the timing.
    """

    onnx_file: Path
    checkpoint: Path | None
    names: tuple[str, ...]
    maps: Mapping[str, LabelMap]
    taught: Sequence[Image]
    kept_back: Sequence[LabelledImage]
    compared: Sequence[Image]
    folder: Path
    long_side_px: int
    rounds: int = 15


def measure_precisions(
    plan: Plan, precisions: Sequence[str] = PRECISIONS
) -> list[PrecisionRow]:
    """Measure each precision; `onnxruntime fp32` is always the first.

    Raises:
        InputError: no picture to compare on, or an unknown precision.
        NotFoundError: a precision's package is not installed.
    """
    wanted = [ONNX_FP32, *(p for p in precisions if p != ONNX_FP32)]
    engines = {name: _open(plan, name, threads=2) for name in wanted}
    costs = _all_costs(plan, wanted)
    taught = None if plan.checkpoint is None else torch_engine(plan.checkpoint)
    rows = []
    for name, engine in engines.items():
        detector = EngineDetector(
            engine,
            plan.names,
            model_id=f"{plan.onnx_file.stem} {name}",
            long_side_px=plan.long_side_px,
        )
        table = (
            accuracy(
                detector, plan.kept_back, plan.maps, long_side_px=plan.long_side_px
            )
            if plan.kept_back
            else {}
        )
        rows.append(
            PrecisionRow(
                precision=name,
                parity=taught and parity_on(taught, engine, plan.compared),
                parity_onnx=parity_on(engines[ONNX_FP32], engine, plan.compared),
                ap50=table,
                costs=costs[name],
            )
        )
    return rows


def _open(plan: Plan, precision: str, *, threads: int) -> Engine:
    # A network that was made again must not meet the int8 files of the old one.
    folder = plan.folder / sha256_of(plan.onnx_file)[:12]
    return open_engine(
        precision, plan.onnx_file, threads=threads, pictures=plan.taught, folder=folder
    )


def _all_costs(plan: Plan, wanted: Sequence[str]) -> dict[str, tuple[Cost, ...]]:
    found: dict[str, list[Cost]] = {name: [] for name in wanted}
    for threads in (1, 2):
        engines = {name: _open(plan, name, threads=threads) for name in wanted}
        for shape in SPEED_SHAPES:
            costs = compare_costs(
                engines,
                plan.compared[0],
                shape=shape,
                threads=threads,
                rounds=plan.rounds,
            )
            for name, cost in costs.items():
                found[name].append(cost)
    return {name: tuple(rows) for name, rows in found.items()}


def write_rows(rows: Sequence[PrecisionRow], target: Path, *, onnx_file: Path) -> None:
    """Write what was measured as JSON, with the network's name and checksum."""
    document = {
        "network": onnx_file.name,
        "sha256": sha256_of(onnx_file),
        "rows": [asdict(row) for row in rows],
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.write_text(json.dumps(document, indent=1), encoding="utf-8")
    part.replace(target)


def table_lines(rows: Sequence[PrecisionRow]) -> list[str]:
    """Return a Markdown table for the docs: one row a precision.

    The mean AP50 is over classes with real instances; a cell without a measurement is
    empty.
    """
    lines = [
        "| precision | mean AP50 (real) | largest score / box difference | core-ms |",
        "|---|---|---|---|",
    ]
    for row in rows:
        real = list(row.ap50.get("real", {}).values())
        mean = f"{statistics.fmean(real):.3f}" if real else ""
        apart = row.parity or row.parity_onnx
        edge = "" if apart.box_max_px is None else f"{apart.box_max_px:.2g} px"
        costs = ", ".join(
            f"{c.core_ms:g} ({c.shape[1]}x{c.shape[0]}, {c.threads}): {c.ratio:g} x"
            for c in row.costs
        )
        lines.append(
            f"| {row.precision} | {mean} | {apart.score_max:.2g} / {edge} | {costs} |"
        )
    return lines
