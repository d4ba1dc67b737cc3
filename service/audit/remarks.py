"""What is said beside a find: near what it lies, where it stands, why it is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.audit.found import Aside
from service.reports import LAYER_LABELS, Label
from service.scoring import Area, Exempt, Standard, near_names
from service.types import Score, StandsIn


def remarks(
    scores: Iterable[Score],
    standard: Standard,
    *,
    stands_in: Mapping[str, StandsIn],
    aside: Iterable[Aside],
) -> dict[str, Label]:
    """Return finding id -> remark.

    Args:
        scores: whose deductions know near what their finds lie.
        standard: that they were scored under.
        stands_in: finding id -> place in which a vehicle stands improperly.
        aside: what is lawful or exempt.
    """
    said = {finding_id: _area(area) for finding_id, area in stands_in.items()}
    for score in scores:
        for deduction in score.deductions:
            ids = deduction.finding_ids if deduction.near else ()
            for finding_id, near in zip(ids, deduction.near, strict=True):
                if near is not None:
                    zh, en = near_names(near, standard)
                    times = f"×{near.factor:g}"
                    weighs = Label(f"{zh} {times}", f"{en} {times}")
                    said[finding_id] = _both(said.get(finding_id), weighs)
    return said | {one.finding.id: _why_none(one.by) for one in aside}


def _both(one: Label | None, other: Label) -> Label:
    if one is None:
        return other
    return Label(f"{one.zh}；{other.zh}", f"{one.en}; {other.en}")


def _area(area: Area | StandsIn) -> Label:
    kind = LAYER_LABELS[area.kind]
    if area.name is None:
        return kind
    return Label(f"{kind.zh}：{area.name}", f"{kind.en}: {area.name}")


def _why_none(by: Area | Exempt) -> Label:
    if isinstance(by, Exempt):
        return Label(f"免计时段：{by.zh}", f"exempt hours: {by.en}")
    area, hours = _area(by), " ".join(("", *by.hours))
    return Label(f"{area.zh}{hours}", f"{area.en}{hours}")
