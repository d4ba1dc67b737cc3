"""What a reviewer is shown of one finding, put together from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from service.memory.current import terms_now, window_now
from service.memory.street import score_street
from service.records import KnownFinding
from service.reports import SIDE_LABELS, ZONE_LABELS
from service.review.base import Queued, TaskView, View
from service.review.street_map import street_svg
from service.scoring import Standard, load_standard
from service.settings import Settings
from service.store import Store
from service.types import PlacedSighting, Segment
from vision.errors import NotFoundError

_OTHERS = 3
_Seen = Mapping[tuple[str, int], tuple[float, PlacedSighting]]


def task_view(store: Store, settings: Settings, queued: Queued) -> TaskView:
    """Return what is shown of a finding: never what others said of it.

    One that was spoken of is shown as memory has it without these words, so that
    nothing tells a known answer or a second opinion from a first.

    Args:
        store: the city's memory.
        settings: standard, window and clock of the scores that are shown.
        queued: the finding.

    Raises:
        NotFoundError: there is no such finding, street or picture.
    """
    listed = store.listed_finding(queued.finding_id)
    if listed is None:
        msg = f"there is no finding {queued.finding_id}; it was taken back"
        raise NotFoundError(msg)
    known, one = listed.known, listed.known.finding
    standard = load_standard(settings.score.standard)
    street = None if one.segment_id is None else store.segment(one.segment_id)
    if street is None:
        msg = f"finding {one.id} lies on no street that is known"
        raise NotFoundError(msg)
    looks = _looks(known, store.sightings_named(known.sightings))
    if not looks:
        msg = f"finding {one.id} has no picture; nobody can judge it"
        raise NotFoundError(msg)
    best = looks[0]
    before = [v for v in looks if v.inspection_id != best.inspection_id]
    row = store.score_row(street.id, standard.id)
    score: Mapping[str, Any] | None = None if row is None else row["body"].get("score")
    if queued.turn > 1 or store.words_on(known.sightings):
        known, score = _untold(store, settings, street, known)
        one = known.finding
    return TaskView(
        queued=queued,
        category=one.category,
        zone=one.zone,
        severity=one.severity,
        probability=one.probability,
        best=best,
        others=tuple(v for v in looks[1:] if v not in before[:1])[:_OTHERS],
        previous=before[0] if before else None,
        place=_place(known, street),
        costs=_costs(standard, score, one.id),
        map_svg=street_svg(street, one.lon, one.lat),
    )


def _looks(known: KnownFinding, seen: _Seen) -> list[View]:
    """Return every picture: those of the newest pass first, each pass's best first."""
    rows = sorted(
        ((seen[name], name[0]) for name in known.sightings if name in seen),
        key=lambda row: -(row[0][0] + row[0][1].sighting.last_drive_s),
    )
    found: list[View] = []
    for (started_s, placed), inspection in rows:
        for picture in placed.sighting.evidence:
            view = View(
                image=picture.image,
                crop=picture.crop,
                xyxy=picture.xyxy,
                at_s=started_s + picture.drive_s,
                inspection_id=inspection,
            )
            found.append(view)
    return found


def _place(known: KnownFinding, street: Segment) -> str:
    one = known.finding
    side = "" if one.side is None else SIDE_LABELS[one.side].zh
    along = "" if one.offset_m is None else f"，距起点 {one.offset_m:.0f} 米"
    zone = "" if one.zone is None else f"，{ZONE_LABELS[one.zone].zh}"
    district = "" if street.district is None else f"{street.district} "
    return f"{district}{street.name or street.id} {side}{along}{zone}"


def _untold(
    store: Store, settings: Settings, street: Segment, known: KnownFinding
) -> tuple[KnownFinding, Mapping[str, Any] | None]:
    """Return a finding and its street's score as if nobody had spoken of it.

    What reviewers drew has no other word than theirs: it stays as they say.
    """
    terms, window = terms_now(store, settings), window_now(store, settings)
    looks = store.looks(street.id)
    mine = set(known.sightings)
    words = store.verdicts({look.inspection_id for look in looks})
    others = [w for w in words if (w.inspection_id, w.number) not in mine]
    told = score_street(street, looks, others, window=window, terms=terms)
    found = next(
        (one for one in told.findings if known.sightings[-1] in one.sightings), known
    )
    working = told.working
    return found, None if working is None else asdict(working.score)


def _costs(standard: Standard, score: Mapping[str, Any] | None, finding_id: str) -> str:
    if score is None or score["value"] is None:
        return "本路段数据不足，尚无得分 no score yet"
    held = (
        f"本路段 {_shown(score['value'])} 分（{_shown(score['low'])}–"
        f"{_shown(score['high'])}），{score['grade']}"
    )
    for deduction in score["deductions"]:
        ids: Sequence[str] = deduction["finding_ids"]
        if finding_id in ids:
            points = deduction["finding_points"][ids.index(finding_id)]
            rule = next(r for r in standard.rules if r.id == deduction["rule"])
            element = next(e for e in standard.elements if e.id == deduction["element"])
            return f"扣 {points:.2f} 分：{rule.zh}（{element.zh}）。{held}"
    if finding_id in score["red_lines"] or finding_id in score["provisional_red_lines"]:
        return f"红线。{held}"
    return f"目前不扣分。{held}"


def _shown(value: float) -> str:
    """Cut to one decimal: 89.96 is 89.9, never 90.0."""
    return f"{int(value * 10) / 10:.1f}"
