"""What was measured of a model, as data that is written and read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from training.evaluate.ap import Interval
from training.evaluate.calibrate import Bin
from training.evaluate.confusion import Confusion
from training.evaluate.regions import RegionsReport
from training.evaluate.seen import Kind
from training.evaluate.traffic import TrafficRecall
from vision.errors import FormError


@dataclass(frozen=True, slots=True)
class Slice:
    """One class in pictures of one light, or instances of one size.

    Attributes:
        instances: how many.
        ap50: of them alone; None without instances.
        recall: at the operating point; None without instances.
    """

    instances: int
    ap50: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class KindReport:
    """One class on one kind of picture, on the part that chose nothing.

    Attributes:
        instances: labelled ones.
        groups: scenes that hold an instance.
        ap50: AP at IoU 0.5.
        ap50_95: mean AP over .50:.05:.95.
        interval50: 90 % interval of `ap50` over scenes; None of fewer than 3.
        interval50_95: the same of `ap50_95`.
        precision: at the operating point.
        recall: at the operating point.
        sizes: by size of the instance in the network's input.
        lights: by light of the picture.
        curve: (recall, precision) along falling confidence.
    """

    instances: int
    groups: int
    ap50: float
    ap50_95: float
    interval50: Interval | None
    interval50_95: Interval | None
    precision: float
    recall: float
    sizes: dict[str, Slice]
    lights: dict[str, Slice]
    curve: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Judged:
    """A calibration on one kind of picture of the part it was not fitted on.

    Attributes:
        before: expected calibration error of the raw confidences; None without boxes.
        after: the same of the calibrated ones.
        bins_before: reliability diagram of the raw confidences.
        bins_after: of the calibrated ones.
    """

    before: float | None
    after: float | None
    bins_before: tuple[Bin, ...]
    bins_after: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class ClassReport:
    """What was measured of one class.

    Attributes:
        confidence: operating point, chosen on `val`.
        chosen_by: `score`, `f1`, `f2`, `fallback` or `private`.
        score_error: points a picture that the operating point errs by, on `val`; None
            for classes that no rule scores.
        slope: of the calibration, fitted on `val`.
        intercept: of the calibration.
        calibrated_on: `real`, `both` (of this class) or `pooled` (all classes).
        kinds: on `test`; a kind without instances is left out.
        calibration: judged on `test`, by kind.
    """

    confidence: float
    chosen_by: str
    score_error: float | None
    slope: float
    intercept: float
    calibrated_on: str
    kinds: dict[Kind, KindReport]
    calibration: dict[Kind, Judged] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured of one network at one input size.

    Attributes:
        network: its name.
        sha256: of its file.
        size: of its input.
        core_ms: median processor time a picture; by kind.
        pictures: of the part `test`, by kind.
        classes: by category, and the merged rows.
        confusion: at the operating points, by kind.
        traffic: recall of the teacher's sure boxes on real pictures.
        regions: on the hand-made list; None if it was not looked at.
    """

    network: str
    sha256: str
    size: str
    core_ms: dict[Kind, float]
    pictures: dict[Kind, int]
    classes: dict[str, ClassReport]
    confusion: dict[Kind, Confusion]
    traffic: dict[str, TrafficRecall]
    regions: RegionsReport | None = None


_FORM = TypeAdapter(Report)


def write_report(path: Path, report: Report) -> None:
    """Write the report as JSON, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_bytes(_FORM.dump_json(report, indent=1))
    part.replace(path)


def read_report(path: Path) -> Report:
    """Return a report that was written before.

    Raises:
        FormError: the file is not of that form.
    """
    try:
        return _FORM.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = (
            f"{path.name}, {where}: {first['msg']}; run `liujing-train evaluate` again"
        )
        raise FormError(msg) from error
