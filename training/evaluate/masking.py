"""How many faces and plates the mask hides, and what it hides besides.

A face or plate counts as masked when at least nine tenths of its area is covered, by
whatever means: found itself, the head of a person, the plate band of a vehicle.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from training.evaluate.seen import KINDS, Kind, Seen
from training.types import Box
from vision.privacy import PrivacyRule, Region, private_regions
from vision.taxonomy import Role, load_taxonomy
from vision.types import Detections

COVERED = 0.9
LEAST_PX = {"face": 16.0, "licence_plate": 12.0}
"""Height from which a face or plate can be recognised, pixels of the picture."""
SIZES_PX = (0.0, 12.0, 16.0, 24.0, 48.0, np.inf)
ROLES: tuple[Role, ...] = ("problem", "state")
"""Of the taxonomy: what a picture is evidence of."""
HIDDEN = 0.5
"""Evidence that is covered by more than this is of no use."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with a 90 % interval (Clopper and Pearson, 1934)."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """Return the share; None of nothing."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 90 % interval; None of nothing."""
        if not self.of:
            return None
        low = beta.ppf(0.05, self.count, self.of - self.count + 1)
        high = beta.ppf(0.95, self.count + 1, self.of - self.count)
        return (
            0.0 if self.count == 0 else float(low),
            1.0 if self.count == self.of else float(high),
        )

    def as_text(self) -> str:
        """Return e.g. `12 of 14, .86 [.63, .96]`."""
        if self.value is None or self.interval is None:
            return "none"
        low, high = self.interval
        return f"{self.count} of {self.of}, {self.value:.3f} [{low:.3f}, {high:.3f}]"


@dataclass(frozen=True, slots=True)
class MaskReport:
    """The mask on pictures of one kind.

    Attributes:
        recall: by `face` and `licence_plate`: masked ones of those tall enough.
        by_size: the same by height in pixels, `SIZES_PX`.
        area_share: mean share of a picture that is masked.
        evidence: problems that are covered by more than half, of all labelled.
        pictures: how many.
    """

    recall: Mapping[str, Share]
    by_size: Mapping[str, tuple[Share, ...]]
    area_share: float
    evidence: Share
    pictures: int


def mask_reports(
    pictures: Sequence[Seen],
    floors: Mapping[str, float],
    *,
    rule: PrivacyRule | None = None,
    heads: Callable[[Seen], Sequence[Region]] | None = None,
) -> dict[Kind, MaskReport]:
    """Return the report of each kind of pictures.

    Only pictures in which all faces, or all plates, are labelled count for these.

    Args:
        pictures: as seen, with labels.
        floors: lowest confidence that the detector gives, by class.
        rule: None for the usual one.
        heads: what a layout shows of people in a picture; None for no layout.
    """
    out: dict[Kind, MaskReport] = {}
    for kind in KINDS:
        mine = [seen for seen in pictures if seen.kind == kind]
        if mine:
            out[kind] = _report(mine, floors, rule, heads)
    return out


def _report(
    pictures: Sequence[Seen],
    floors: Mapping[str, float],
    rule: PrivacyRule | None,
    heads: Callable[[Seen], Sequence[Region]] | None,
) -> MaskReport:
    masked: dict[str, list[tuple[float, bool]]] = {name: [] for name in LEAST_PX}
    areas, hidden, problems = [], 0, 0
    taxonomy = load_taxonomy()
    evidence = {c.id for role in ROLES for c in taxonomy.with_role(role)}
    for seen in pictures:
        shape = (seen.height_px, seen.width_px)
        regions = private_regions(detected(seen, floors), shape, rule=rule)
        cover = _cover([*regions, *(heads(seen) if heads else ())], shape)
        areas.append(float(cover.mean()))
        for box in seen.image.boxes:
            share, tall_px = _covered(cover, box, shape)
            if box.category in masked and box.category in seen.image.known:
                masked[box.category].append((tall_px, share >= COVERED))
            elif box.category in evidence:
                problems += 1
                hidden += share > HIDDEN
    return MaskReport(
        recall={
            name: _share(hit for tall, hit in rows if tall >= LEAST_PX[name])
            for name, rows in masked.items()
        },
        by_size={
            name: tuple(
                _share(hit for tall, hit in rows if low <= tall < high)
                for low, high in itertools.pairwise(SIZES_PX)
            )
            for name, rows in masked.items()
        },
        area_share=float(np.mean(areas)),
        evidence=Share(hidden, problems),
        pictures=len(pictures),
    )


def detected(seen: Seen, floors: Mapping[str, float]) -> Detections:
    """Return what the detector gives of a picture, down to the mask's floors."""
    names = tuple(floors)
    rows = [
        row
        for row, name in enumerate(seen.found_names)
        if seen.confidence[row] >= floors[name]
        and (seen.xyxy[row, :2] < seen.xyxy[row, 2:]).all()
    ]
    return Detections(
        frame_index=0,
        xyxy=seen.xyxy[rows].astype(np.float32).reshape(-1, 4),
        confidence=seen.confidence[rows].astype(np.float32),
        class_id=np.array([names.index(seen.found_names[r]) for r in rows], np.int32),
        names=names,
        model_id="measured@1",
    )


def _cover(regions: Iterable[Region], shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    cover = np.zeros(shape, np.bool_)
    for region in regions:
        cover[region.y1 : region.y2, region.x1 : region.x2] = True
    return cover


def _covered(
    cover: npt.NDArray[np.bool_], box: Box, shape: tuple[int, int]
) -> tuple[float, float]:
    """Return the covered share of a labelled box, and its height in pixels."""
    height, width = shape
    x1, x2 = box.x1 * width, box.x2 * width
    y1, y2 = box.y1 * height, box.y2 * height
    columns = slice(int(x1), max(int(x1) + 1, int(np.ceil(x2))))
    rows = slice(int(y1), max(int(y1) + 1, int(np.ceil(y2))))
    inside = cover[rows, columns]
    return (float(inside.mean()) if inside.size else 0.0), y2 - y1


def _share(hits: Iterable[bool]) -> Share:
    listed = list(hits)
    return Share(sum(listed), len(listed))


def mask_lines(reports: Mapping[Kind, MaskReport]) -> list[str]:
    """Return the reports as lines of text."""
    lines = []
    for kind, report in reports.items():
        lines.append(
            f"{kind}: {report.pictures} pictures, {report.area_share:.1%} of them "
            f"masked; problems hidden: {report.evidence.as_text()}"
        )
        for name, share in report.recall.items():
            lines.append(f"  {name} >= {LEAST_PX[name]:.0f} px: {share.as_text()}")
            bins = zip(SIZES_PX, SIZES_PX[1:], report.by_size[name], strict=False)
            lines += [
                f"    {low:.0f} to {high:.0f} px: {part.as_text()}"
                for low, high, part in bins
                if part.of
            ]
    return lines
