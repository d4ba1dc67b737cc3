"""Rows of the store become the columns that scores of many days are worked out from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.findings import recall_course
from service.memory.street import MOST_RECALL, PARKING, PROVEN_TWICE, Terms, saw_ground
from service.packed import SIDES, STRIPS, ground_width, grounds, step_rows
from service.records import SeenBy
from service.scoring import Standard
from service.scoring.days import Columns, Finds, Passes
from service.store import FindingRow, PassRow
from service.types import Segment
from vision.types import ZONES

FIRE_LANE = "fire_lane_blocked"
_WORD_BYTES = 8
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Eyes:
    """Everybody who looked, by index; C categories.

    Attributes:
        index: inspection -> row.
        categories: names of the columns.
        recall: `(I, C)`; NaN where the eyes have none.
        names: `(I, C)` the eyes can see it.
        reads: `(I, STRIPS)` the eyes can tell the strip's zone.
    """

    index: Mapping[str, int]
    categories: tuple[str, ...]
    recall: FloatArray
    names: npt.NDArray[np.bool_]
    reads: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, looked: Mapping[str, SeenBy], terms: Terms) -> Eyes:
        """Put them into rows; every category of a rule or of eyes has a column.

        A fixed camera's watch is left out: it adds findings and is no pass.
        """
        looked = {
            name: terms.measured.eyes(eyes)
            for name, eyes in looked.items()
            if saw_ground(eyes)
        }
        known = {c for rule in terms.standard.rules for c in rule.categories}
        for eyes in looked.values():
            known |= {*eyes.recall, *eyes.names}
        known |= {*PARKING, *PROVEN_TWICE, FIRE_LANE, *terms.roles}
        categories = tuple(sorted(known))
        shape = (len(looked), len(categories))
        recall, names = np.full(shape, np.nan), np.zeros(shape, np.bool_)
        reads = np.zeros((len(looked), len(STRIPS)), np.bool_)
        for n, eyes in enumerate(looked.values()):
            recall[n] = [eyes.recall.get(c, np.nan) for c in categories]
            names[n] = [c in eyes.names for c in categories]
            reads[n] = [zone in eyes.zones for zone, _ in STRIPS]
        index = {inspection: n for n, inspection in enumerate(looked)}
        return cls(index, categories, recall, names, reads)


def columns_of(
    segments: Sequence[Segment],
    passes: Sequence[PassRow],
    finds: Sequence[FindingRow],
    *,
    eyes: Eyes,
    terms: Terms,
) -> Columns:
    """Put streets, their passes and their finds into columns.

    Args:
        segments: the streets, by id.
        passes: of these streets, any order; those of unknown inspections and of days
            that are out are left aside.
        finds: of these streets.
        eyes: who looked.
        terms: memory, calendar and layers.
    """
    street = {segment.id: n for n, segment in enumerate(segments)}
    days_out = bool(terms.calendar.abnormal)
    counted = [
        row
        for row in passes
        if row.inspection_id in eyes.index
        and row.segment_id in street
        and not (days_out and terms.calendar.excluded(row.at_s))
    ]
    counted.sort(key=lambda row: (street[row.segment_id], row.at_s, row.inspection_id))
    finds = [_under(row, terms.standard) for row in finds]
    levels = tuple(sorted({row.severity for row in finds if row.severity}))
    return Columns(
        segments=tuple(segments),
        categories=eyes.categories,
        levels=levels,
        passes=_passes(segments, counted, street, eyes, terms),
        finds=_finds(
            [row for row in finds if row.segment_id in street],
            street,
            eyes.categories,
            levels,
        ),
    )


def _under(row: FindingRow, standard: Standard) -> FindingRow:
    """Return a find with a severity that its rule knows: reviewers name one rule's."""
    rule = standard.rule_for(row.category, row.zone)
    if row.severity is None or rule is None or row.severity in rule.levels:
        return row
    return row._replace(severity=None)


def _passes(
    segments: Sequence[Segment],
    rows: Sequence[PassRow],
    street: Mapping[str, int],
    eyes: Eyes,
    terms: Terms,
) -> Passes:
    where = np.array([street[row.segment_id] for row in rows], np.intp)
    at_s = np.array([row.at_s for row in rows], np.float64)
    who = np.array([eyes.index[row.inspection_id] for row in rows], np.intp)
    begin = np.searchsorted(where, np.arange(len(segments) + 1))
    widest = max((ground_width(s.length_m) for s in segments), default=1)
    words = -(-widest // _WORD_BYTES)
    flags = np.zeros((len(rows), len(STRIPS)), np.uint8)
    bits = np.zeros((len(rows), len(STRIPS), words * _WORD_BYTES), np.uint8)
    for n, segment in enumerate(segments):
        some = slice(begin[n], begin[n + 1])
        ground = [row.ground for row in rows[some]]
        flags[some], bits[some, :, : ground_width(segment.length_m)] = grounds(
            ground, segment.length_m
        )
    return Passes(
        street=where,
        at_s=at_s,
        flags=flags,
        bits=bits.view("<u8").astype(np.uint64, copy=False),
        reads=eyes.reads[who],
        recall=_recall(where, at_s, _own_recall(rows, eyes, who), eyes, who, terms),
        visible=_visible(where, at_s, eyes, who, terms),
    )


def _own_recall(rows: Sequence[PassRow], eyes: Eyes, who: IntArray) -> FloatArray:
    """Return `(P, C)` recall of each pass; of one that came in pieces, of the first."""
    recall = eyes.recall[who]
    first: dict[tuple[str, str], int] = {}
    for n, row in enumerate(rows):
        if row.outing is None:
            continue
        k = first.setdefault((row.segment_id, row.outing), n)
        if k != n:
            recall[k] = np.fmax(recall[k], recall[n])
            recall[n] = np.nan
    return recall


def _recall(
    where: IntArray,
    at_s: FloatArray,
    own: FloatArray,
    eyes: Eyes,
    who: IntArray,
    terms: Terms,
) -> FloatArray:
    """Return the recall of all passes up to each; of parking that of two looks."""
    if not len(where):
        return np.zeros((0, len(eyes.categories)))
    first = np.searchsorted(where, where)
    number = np.arange(len(where)) - first
    streets, slot = np.unique(where, return_inverse=True)
    shape = (len(streets), int(number.max()) + 1)
    times = np.full(shape, np.nan)
    times[slot, number] = at_s
    recall = np.full((*shape, len(eyes.categories)), np.nan)
    recall[slot, number] = own
    rate = np.array([terms.rule.rate_per_day(c) for c in eyes.categories])
    chance = recall_course(np.nan_to_num(times), recall, rate)[slot, number]
    ever = np.logical_or.accumulate(np.isfinite(recall), axis=1)[slot, number]
    chance = np.where(ever, np.minimum(MOST_RECALL, chance), np.nan)
    for vehicle, improper in PROVEN_TWICE.items():
        twice = eyes.recall[who, eyes.categories.index(vehicle)] ** 2
        into = eyes.categories.index(improper)
        chance[:, into] = np.where(np.isfinite(twice), twice, chance[:, into])
    return chance


def _visible(
    where: IntArray, at_s: FloatArray, eyes: Eyes, who: IntArray, terms: Terms
) -> npt.NDArray[np.bool_]:
    """Return what each pass can see, or prove together with those before."""
    visible = eyes.names[who]
    if not len(where):
        return visible
    since_s = at_s - at_s[np.searchsorted(where, where)]
    proves = since_s >= terms.rule.parked_apart_s
    more = set(PARKING)
    if any(area.kind == "fire_lane" for area in terms.areas):
        more.add(FIRE_LANE)
    for name in more:
        visible[:, eyes.categories.index(name)] |= proves
    return visible


def _finds(
    rows: Sequence[FindingRow],
    street: Mapping[str, int],
    categories: Sequence[str],
    levels: Sequence[str],
) -> Finds:
    category = {name: n for n, name in enumerate(categories)}
    zone = {name: n for n, name in enumerate(ZONES)}
    side = {name: n for n, name in enumerate(SIDES)}
    level = {name: n for n, name in enumerate(levels)}
    steps = step_rows([row.steps for row in rows])
    count = [len(row.steps) // steps.itemsize // steps.shape[1] for row in rows]
    return Finds(
        ids=tuple(row.id for row in rows),
        street=np.array([street[row.segment_id] for row in rows], np.intp),
        category=np.array([category[row.category] for row in rows], np.intp),
        zone=np.array([zone.get(row.zone or "", len(zone)) for row in rows], np.intp),
        side=np.array([side.get(row.side or "", -1) for row in rows], np.intp),
        offset_m=np.array(
            [np.nan if row.offset_m is None else row.offset_m for row in rows],
            np.float64,
        ),
        level=np.array([level.get(row.severity or "", -1) for row in rows], np.intp),
        lon=np.array([row.lon for row in rows], np.float64),
        lat=np.array([row.lat for row in rows], np.float64),
        step_find=np.repeat(np.arange(len(rows)), count),
        step_at_s=steps[:, 0],
        step_p=steps[:, 1],
        step_seen=steps[:, 2] > 0,
        once=np.array([row.once for row in rows], np.bool_),
    )
