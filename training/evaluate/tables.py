"""From what a detector saw in `val` and `test` to the report of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from service.scoring import Standard
from training.evaluate.ap import ap50, ap50_95, curve, intervals, rate_at
from training.evaluate.calibrate import calibration_error, fit_calibration, reliability
from training.evaluate.light import LIGHTS
from training.evaluate.matching import (
    IntArray,
    Matches,
    match_all,
    of_areas,
    of_pictures,
)
from training.evaluate.operating import Choice, Part, choose
from training.evaluate.report import ClassReport, Judged, KindReport, Slice
from training.evaluate.seen import KINDS, Kind, Seen
from training.labels import LabelMap
from training.split import group_images

SIZES: Mapping[str, tuple[float, float]] = {
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, np.inf),
    "<12px": (0.0, 12.0**2),
    "12-24px": (12.0**2, 24.0**2),
    "24-48px": (24.0**2, 48.0**2),
    "48-96px": (48.0**2, 96.0**2),
    ">=96px": (96.0**2, np.inf),
}
"""px2 of the network's input: COCO's three, and finer ones by the side of a square."""


@dataclass(frozen=True, slots=True, eq=False)
class KindSeen:
    """The pictures of one kind and part with their matches.

    Attributes:
        pictures: as seen.
        matches: by class and merged row.
        group: int64 `(P,)`, number of the scene of each picture.
    """

    pictures: list[Seen]
    matches: dict[str, Matches]
    group: IntArray


def split_kinds(
    pictures: Sequence[Seen], maps: Mapping[str, LabelMap], names: Sequence[str]
) -> dict[Kind, KindSeen]:
    """Return what was seen, real and rendered pictures apart.

    Pictures are of one scene if their names or, of photos, their looks say so.
    """
    near_bits = {source: label_map.near_bits for source, label_map in maps.items()}
    out: dict[Kind, KindSeen] = {}
    for kind in KINDS:
        mine = [seen for seen in pictures if seen.kind == kind]
        hashes = [seen.look for seen in mine] if kind == "real" else None
        images = [seen.image for seen in mine]
        group = np.zeros(len(mine), np.int64)
        for number, rows in enumerate(
            group_images(images, hashes, near_bits=near_bits)
        ):
            group[rows] = number
        out[kind] = KindSeen(mine, match_all(mine, maps, names), group)
    return out


def class_reports(
    val: Mapping[Kind, KindSeen], test: Mapping[Kind, KindSeen], standard: Standard
) -> dict[str, ClassReport]:
    """Choose operating points and calibrations on `val` and measure them on `test`.

    A merged row takes the operating point of its first category by name.
    """
    names = list(val["real"].matches)
    every = [val[k].matches[n] for k in KINDS for n in names if "+" not in n]
    pooled = fit_calibration(every) or (1.0, 0.0)
    return {
        name: _class_report(name, val, test, standard=standard, pooled=pooled)
        for name in names
    }


def _class_report(
    name: str,
    val: Mapping[Kind, KindSeen],
    test: Mapping[Kind, KindSeen],
    *,
    standard: Standard,
    pooled: tuple[float, float],
) -> ClassReport:
    parts = [Part(val[k].matches[name], len(val[k].pictures)) for k in KINDS]
    choice = choose(name.split("+", maxsplit=1)[0], parts, standard)
    (slope, intercept), source = _calibration(
        {k: val[k].matches[name] for k in KINDS}, pooled
    )
    kinds: dict[Kind, KindReport] = {}
    judged: dict[Kind, Judged] = {}
    for kind in KINDS:
        part = test[kind]
        if part.matches[name].instances:
            kinds[kind] = _kind_report(part, part.matches[name], choice)
        if len(part.matches[name].confidence):
            judged[kind] = _judge(part.matches[name], slope, intercept)
    return ClassReport(
        confidence=choice.confidence,
        chosen_by=choice.by,
        score_error=choice.error,
        slope=round(slope, 3),
        intercept=round(intercept, 3),
        calibrated_on=source,
        kinds=kinds,
        calibration=judged,
    )


def _calibration(
    matches: Mapping[Kind, Matches], pooled: tuple[float, float]
) -> tuple[tuple[float, float], str]:
    """Return the calibration: of real boxes if they suffice, since scores are real."""
    real = fit_calibration([matches["real"]])
    if real is not None:
        return real, "real"
    both = fit_calibration(list(matches.values()))
    return (both, "both") if both is not None else (pooled, "pooled")


def _judge(matches: Matches, slope: float, intercept: float) -> Judged:
    before, after = reliability(matches), reliability(matches, slope, intercept)
    return Judged(calibration_error(before), calibration_error(after), before, after)


def _kind_report(part: KindSeen, matches: Matches, choice: Choice) -> KindReport:
    rate = rate_at(matches, choice.confidence)
    low, mean = intervals(matches, part.group)
    light = np.array([seen.light for seen in part.pictures])
    return KindReport(
        instances=matches.instances,
        groups=len(np.unique(part.group[matches.truth_picture])),
        ap50=round(ap50(matches) or 0.0, 3),
        ap50_95=round(ap50_95(matches) or 0.0, 3),
        interval50=low,
        interval50_95=mean,
        precision=round(rate.precision, 3),
        recall=round(rate.recall, 3),
        sizes={n: _slice(of_areas(matches, *s), choice) for n, s in SIZES.items()},
        lights={n: _slice(of_pictures(matches, light == n), choice) for n in LIGHTS},
        curve=curve(matches),
    )


def _slice(matches: Matches, choice: Choice) -> Slice:
    if not matches.instances:
        return Slice(0, None, None)
    return Slice(
        instances=matches.instances,
        ap50=round(ap50(matches) or 0.0, 3),
        recall=round(rate_at(matches, choice.confidence).recall, 3),
    )
