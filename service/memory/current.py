"""Under which rules and over which days streets are scored now, by the settings."""

from __future__ import annotations

import math
import time

from service.city import city_of_store
from service.memory.street import Terms, Window
from service.records import Measured
from service.scoring import Standard, load_standard
from service.settings import Settings
from service.store import Store
from service.types import DAY_S
from vision.taxonomy import load_taxonomy


def terms_now(
    store: Store, settings: Settings, *, standard: Standard | None = None
) -> Terms:
    """Return the rules, with the city's layers, days and eyes as they are known.

    Args:
        store: the city's memory.
        settings: of the service.
        standard: None for that of the settings.
    """
    areas, calendar = city_of_store(store, utc_offset_h=settings.score.utc_offset_h)
    roles = {c.id: c.role for c in load_taxonomy().categories}
    used = standard or load_standard(settings.score.standard)
    return Terms(
        used, roles, calendar=calendar, areas=areas, measured=measured_of(store)
    )


def window_now(store: Store, settings: Settings) -> Window:
    """Return the days of a score: up to that of the newest pass."""
    scoring = settings.score
    shift_s = scoring.utc_offset_h * 3600
    newest_s = store.last_pass_s() or time.time()
    begin_s = math.floor((newest_s + shift_s) / DAY_S) * DAY_S - shift_s
    return Window(begin_s + (1 - scoring.window_days) * DAY_S, begin_s + DAY_S)


def measured_of(store: Store, *, as_of_s: float | None = None) -> Measured:
    """Return what scores use: the newest measures that were kept by then."""
    rows = store.measured(as_of_s=as_of_s)
    return Measured(
        recall={
            (row["model_id"], row["category"], row["camera"], row["light"]): row[
                "recall"
            ]
            for row in rows
            if row["recall"] is not None
        },
        shift={
            (row["model_id"], row["category"], row["camera"], row["light"]): row[
                "shift"
            ]
            for row in rows
            if row["shift"] is not None
        },
    )
