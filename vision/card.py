"""The card of a model: what it names, how sure it is, how it was measured.

The TOML form is specified in models/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, TypedDict, TypeVar, cast

from vision.compared import Compared, optional_fraction, read_compared
from vision.errors import CatalogueError
from vision.strict_toml import Table, read_table

OutputKind = Literal["yolo", "nms"]
DataRole = Literal["train", "test"]
DataKind = Literal["real", "rendered", "pseudo"]

T = TypeVar("T")

_MASKED = (
    "face",
    "licence_plate",
    "person",
    "car",
    "truck",
    "bus",
    "motorcycle",
    "bicycle",
)
_IDENTITY = re.compile(r"[a-z0-9][a-z0-9_-]*@[0-9]+(\.[0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision and recall at one confidence, fractions in `[0, 1]`."""

    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Operating:
    """From which confidence a box of one class counts.

    Attributes:
        confidence: counts as seen from here, in `[0, 1]`.
        mask_confidence: is masked from here, `<= confidence`; half of it unless the
            card says otherwise; None for classes that privacy does not need.
        real: measured at `confidence` on kept-back photos; None if not measured.
        rendered: measured at `confidence` on kept-back rendered frames; None if not.
    """

    confidence: float
    mask_confidence: float | None = None
    real: Rates | None = None
    rendered: Rates | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """probability = sigmoid(slope * logit(confidence) + intercept)."""

    slope: float
    intercept: float


@dataclass(frozen=True, slots=True)
class Precision:
    """Average precision, fractions, and on how many instances.

    Attributes:
        ap50: at IoU 0.5.
        instances: labelled ones.
        ap50_low: lower end of its 90 % interval over scenes; None if not known.
        ap50_high: upper end.
        ap50_95: mean over IoU .50:.05:.95; None if not measured.
    """

    ap50: float
    instances: int
    ap50_low: float | None = None
    ap50_high: float | None = None
    ap50_95: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """AP of one class on real and on rendered pictures; None where not measured."""

    real: Precision | None
    rendered: Precision | None


@dataclass(frozen=True, slots=True)
class DataUsed:
    """One set of pictures that taught (`train`) or measured (`test`) the model."""

    name: str
    license: str
    images: int
    role: DataRole
    kind: DataKind
    note: str | None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything that must be known to use a model and to believe it.

    Attributes:
        id: name@version.
        task: `detect`.
        folder: where the card and the ONNX file lie.
        file: name of the ONNX file.
        sha256: of the ONNX file, 64 lower-case hex digits.
        license: SPDX name, of the weights.
        trained_at: UTC, ISO 8601.
        code_version: git commit that trained it.
        summary: one sentence.
        names: category ids by class id.
        limits: one sentence each, what it cannot see.
        long_side_px: default for the longer side of the network's input.
        stride: both sides of the input are multiples of it.
        output_kind: `yolo` = `(1, 4 + C, A)` without suppression; `nms` = `(1, K, 6)`.
        operating: for each of `names`.
        calibration: for the classes that were calibrated.
        measured: for the classes that were measured.
        data: at least one.
        compared: networks and sizes measured beside it; empty if none were.
        moved: class -> where a box counts because reviews measured so, not the card;
            empty as it was read.
    """

    id: str
    task: str
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
    output_kind: OutputKind
    operating: Mapping[str, Operating]
    calibration: Mapping[str, Calibration]
    measured: Mapping[str, Measured]
    data: tuple[DataUsed, ...]
    compared: tuple[Compared, ...] = ()
    moved: Mapping[str, float] = field(default_factory=dict)

    def counting_at(self, confidence: Mapping[str, float]) -> ModelCard:
        """Return the card with other operating points; classes not its own are none.

        Args:
            confidence: class -> least score of a box that counts, in `(0, 1)`.
        """
        moved = {n: c for n, c in confidence.items() if n in self.operating}
        points = {n: replace(self.operating[n], confidence=c) for n, c in moved.items()}
        return replace(self, operating={**self.operating, **points}, moved=moved)


def read_card(path: Path, *, known: frozenset[str]) -> ModelCard:
    """Read one card strictly.

    Args:
        path: `<name>@<version>.toml`.
        known: category ids that a model may name.

    Raises:
        CatalogueError: the card is not of the form in models/README.md.
    """
    root = read_table(path)
    names = _read_names(root, known)
    long_side_px, stride = _read_input(root.table("input"))
    output = root.table("output")
    card = ModelCard(
        **read_identity(root, path),
        task=root.choice("task", ("detect",)),
        folder=path.parent,
        names=names,
        limits=root.texts("limits"),
        long_side_px=long_side_px,
        stride=stride,
        output_kind=cast("OutputKind", output.choice("kind", ("yolo", "nms"))),
        operating=_by_class(root, "operating", names, _read_operating),
        calibration=_by_class(root, "calibration", names, _read_calibration),
        measured=_by_class(root, "measured", names, _read_measured),
        data=tuple(read_data(row) for row in root.tables("data")),
        compared=read_compared(root),
    )
    output.close()
    root.close()
    _check(card, path)
    return card


class Identity(TypedDict):
    """What every card begins with; the attributes are those of `ModelCard`."""

    id: str
    file: str
    sha256: str
    license: str
    trained_at: str
    code_version: str
    summary: str


def read_identity(root: Table, path: Path) -> Identity:
    """Take which model a card is of.

    Raises:
        CatalogueError: a key is missing or malformed, or the id is not the file's name.
    """
    identity: Identity = {
        "id": _matching(root, "id", _IDENTITY, "name@version"),
        "file": root.text("file"),
        "sha256": _matching(root, "sha256", _SHA256, "64 lower-case hex digits"),
        "license": root.text("license"),
        "trained_at": _time(root, "trained_at"),
        "code_version": root.text("code_version"),
        "summary": root.text("summary"),
    }
    if identity["id"] != path.stem:
        msg = (
            f"{path.name}: the id is {identity['id']}; it must be the name of the file"
        )
        raise CatalogueError(msg)
    if Path(identity["file"]).name != identity["file"]:
        msg = f"{path.name}: file must lie beside the card, got {identity['file']}"
        raise CatalogueError(msg)
    return identity


def _check(card: ModelCard, path: Path) -> None:
    without = [name for name in card.names if name not in card.operating]
    if without:
        msg = f"{path.name}: [operating.{without[0]}] is missing; add its confidence"
        raise CatalogueError(msg)


def _read_names(root: Table, known: frozenset[str]) -> tuple[str, ...]:
    names = root.texts("names")
    for name in names:
        if name not in known:
            msg = f"{root.where}: the class {name} is not one the taxonomy can predict"
            raise CatalogueError(msg)
        if names.count(name) > 1:
            msg = f"{root.where}: the class {name} stands twice in names"
            raise CatalogueError(msg)
    return names


def _read_input(table: Table) -> tuple[int, int]:
    long_side_px = table.integer("long_side_px", low=64, high=4096)
    stride = 32
    if "stride" in table:
        stride = table.integer("stride", low=8, high=256)
    table.constant("resize", "letterbox")
    table.constant("colour", "rgb")
    table.constant("range", [0, 1])
    table.close()
    return long_side_px, stride


def _by_class(
    root: Table, key: str, names: tuple[str, ...], read: Callable[[Table, str], T]
) -> dict[str, T]:
    if key not in root:
        return {}
    table = root.table(key)
    found = {n: read(table.table(n), n) for n in names if n in table}
    table.close()
    return found


def _read_operating(table: Table, name: str) -> Operating:
    confidence = table.number("confidence", low=0, high=1)
    lower: float | None = None
    if name in _MASKED:
        lower = confidence / 2
        if "mask_confidence" in table:
            lower = table.number("mask_confidence", low=0, high=confidence)
    operating = Operating(
        confidence=confidence,
        mask_confidence=lower,
        real=_optional(table, "real", _read_rates),
        rendered=_optional(table, "rendered", _read_rates),
    )
    table.close()
    return operating


def _read_rates(table: Table) -> Rates:
    rates = Rates(
        precision=table.number("precision", low=0, high=1),
        recall=table.number("recall", low=0, high=1),
    )
    table.close()
    return rates


def _read_calibration(table: Table, _name: str) -> Calibration:
    calibration = Calibration(
        slope=table.number("slope", low=0, high=100),
        intercept=table.number("intercept", low=-100, high=100),
    )
    table.close()
    return calibration


def _read_measured(table: Table, _name: str) -> Measured:
    measured = Measured(
        real=_optional(table, "real", _read_precision),
        rendered=_optional(table, "rendered", _read_precision),
    )
    table.close()
    return measured


def _read_precision(table: Table) -> Precision:
    precision = Precision(
        ap50=table.number("ap50", low=0, high=1),
        instances=table.integer("instances", low=0, high=10**9),
        ap50_low=optional_fraction(table, "ap50_low"),
        ap50_high=optional_fraction(table, "ap50_high"),
        ap50_95=optional_fraction(table, "ap50_95"),
    )
    table.close()
    return precision


def read_data(table: Table) -> DataUsed:
    """Take one set of pictures."""
    used = DataUsed(
        name=table.text("name"),
        license=table.text("license"),
        images=table.integer("images", low=0, high=10**9),
        role=cast("DataRole", table.choice("role", ("train", "test"))),
        kind=cast("DataKind", table.choice("kind", ("real", "rendered", "pseudo"))),
        note=table.text("note") if "note" in table else None,
    )
    table.close()
    return used


def _optional(table: Table, key: str, read: Callable[[Table], T]) -> T | None:
    return read(table.table(key)) if key in table else None


def _matching(table: Table, key: str, form: re.Pattern[str], wanted: str) -> str:
    value = table.text(key)
    if not form.fullmatch(value):
        msg = f"{table.where}: {key} must be {wanted}, got {value!r}"
        raise CatalogueError(msg)
    return value


def _time(table: Table, key: str) -> str:
    value = table.text(key)
    try:
        when = datetime.fromisoformat(value)
    except ValueError as error:
        msg = f"{table.where}: {key} must be ISO 8601, got {value!r}"
        raise CatalogueError(msg) from error
    if when.tzinfo is None:
        msg = f"{table.where}: {key} must end in Z for UTC, got {value!r}"
        raise CatalogueError(msg)
    return value
