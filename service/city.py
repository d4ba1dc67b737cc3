"""What a city knows of places and days: out of its store, or out of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, Protocol

from service.scoring import (
    ABNORMAL_DAYS,
    KINDS,
    Area,
    Calendar,
    LayerKind,
    Standard,
    areas_near,
    days_of_rows,
    read_abnormal_days,
    read_layer,
)
from service.types import Segment

ContextKind = LayerKind | Literal["abnormal_days"]
CONTEXT_KINDS: tuple[ContextKind, ...] = (*KINDS, ABNORMAL_DAYS)
BESIDE_M = 100.0
"""So far from the path a find may lie."""


class LayerStore(Protocol):
    """Keeps layers."""

    def layers(self, *, as_of_s: float | None = None) -> list[dict[str, Any]]:
        """Return the newest of each layer that was known."""


def city_of_store(
    store: LayerStore,
    *,
    utc_offset_h: float,
    as_of_s: float | None = None,
    more_days: Mapping[date, str] | None = None,
) -> tuple[tuple[Area, ...], Calendar]:
    """Return the areas of a store's layers, and the calendar with its days.

    Of a day in two lists the reason in the list that is first by name counts.

    Args:
        store: the city's memory.
        utc_offset_h: of the city's clocks.
        as_of_s: with what was known then; None for all that is known.
        more_days: that do not count either.
    """
    rows = sorted(store.layers(as_of_s=as_of_s), key=lambda row: str(row["id"]))
    days = dict(more_days or {})
    for row in reversed(rows):
        if row["kind"] == ABNORMAL_DAYS:
            days |= days_of_rows(row["features"])
    areas = tuple(
        Area(
            kind=row["kind"],
            name=feature["name"],
            geometry=feature["geometry"],
            hours=tuple(feature["hours"]),
            valid_from_s=row["valid_from_s"],
            valid_to_s=row["valid_to_s"],
        )
        for row in rows
        if row["kind"] != ABNORMAL_DAYS
        for feature in row["features"]
    )
    return areas, Calendar(utc_offset_h, days)


def with_files(
    areas: Sequence[Area],
    calendar: Calendar,
    files: Iterable[tuple[ContextKind, Path]],
    streets: Sequence[Segment],
) -> tuple[tuple[Area, ...], Calendar]:
    """Return areas and calendar with those of files added.

    Args:
        areas: known already.
        calendar: known already; a day that it has keeps its reason.
        files: kind and file of each layer.
        streets: of the drive; a layer that is near none of them is of elsewhere.

    Raises:
        NotFoundError: there is no such file.
        FormError: see `read_layer` and `read_abnormal_days`.
    """
    more: list[Area] = []
    days: dict[date, str] = {}
    for kind, path in files:
        if kind == ABNORMAL_DAYS:
            days = {**read_abnormal_days(path), **days}
        else:
            more += read_layer(path, kind, streets)
    known = {**days, **calendar.abnormal}
    return (*areas, *more), Calendar(calendar.utc_offset_h, known)


def near_drive(
    areas: Iterable[Area], lonlat: Sequence[tuple[float, float]], standard: Standard
) -> tuple[Area, ...]:
    """Return the areas that can matter to what is seen from a path."""
    reach_m = [zone.within_m for zone in standard.zone_factors.values()]
    reach_m += [line.within_m or 0.0 for line in standard.red_lines]
    return areas_near(areas, lonlat, BESIDE_M + max(reach_m, default=0.0))
