"""What the verbs that read a store share: the store, the days, the scores."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.city import city_of_store
from service.cli.parts import add_utc_offset, utc_offset_h
from service.memory import StreetScore, Terms, Window, score_store
from service.scoring import Area, Calendar, Standard, read_abnormal_days
from service.store import FolderBlobs, Store
from service.types import DAY_S
from vision.errors import InputError, NotFoundError
from vision.taxonomy import Taxonomy, load_taxonomy


def add_common(parser: argparse.ArgumentParser, *, segment: bool = False) -> None:
    """Add the store, the standard and the window."""
    parser.add_argument("store", metavar="STORE", help="a folder, or postgresql://...")
    if segment:
        parser.add_argument("segment", metavar="SEGMENT", help="id of the street")
    parser.add_argument("--standard", default="xuchang@1", metavar="NAME@V")
    parser.add_argument(
        "--date",
        metavar="YYYY-MM-DD",
        help="last day of the window (default: the day of the newest pass)",
    )
    parser.add_argument(
        "--days", type=int, default=30, help="length of the window (default 30)"
    )
    add_utc_offset(parser)
    parser.add_argument(
        "--as-of",
        metavar="TIME",
        help="with what was known then, e.g. 2026-04-02T09:00+08:00",
    )
    parser.add_argument(
        "--abnormal-days",
        type=Path,
        metavar="FILE",
        help="TOML of more days that do not count, besides those in the store",
    )
    parser.add_argument(
        "--blobs", type=Path, metavar="DIR", help="pictures beside a database"
    )


def open_store(options: argparse.Namespace) -> Store:
    """Open a store that is there.

    Raises:
        NotFoundError: there is no such folder.
    """
    if "://" not in options.store and not Path(options.store).is_dir():
        msg = f"there is no store {options.store}; audit a drive with --into first"
        raise NotFoundError(msg)
    blobs = None if options.blobs is None else FolderBlobs(options.blobs)
    if blobs is None and "://" in options.store:
        blobs = FolderBlobs(Path())
    return Store(options.store, blobs)


def add_into(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the store that something is kept in, made if it is not there."""
    parser.add_argument(
        "--into",
        metavar="STORE",
        help=f"keep {what} in this store too: a folder, or postgresql://...",
    )
    parser.add_argument(
        "--blobs",
        type=Path,
        metavar="DIR",
        help="folder of the store's pictures (default: inside the store's folder)",
    )


def open_into(options: argparse.Namespace) -> Store | None:
    """Open the store before the long part, so that a wrong name is said at once."""
    if options.into is None:
        return None
    blobs = None if options.blobs is None else FolderBlobs(options.blobs)
    return Store(options.into, blobs)


def kept_in(store: Store, *, new: bool) -> str:
    """Return what people are told of something that was kept."""
    if new:
        return f"已存入 kept in: {store.name}"
    return f"此前已存入 was kept before in: {store.name}"


def scored(
    options: argparse.Namespace,
    store: Store,
    window: Window,
    standard: Standard,
    segment_ids: list[str] | None = None,
) -> Iterable[StreetScore]:
    """Return the streets of a store, scored."""
    areas, calendar = city(options, store)
    terms = Terms(standard, _roles(load_taxonomy()), calendar=calendar, areas=areas)
    return score_store(
        store,
        window=window,
        terms=terms,
        as_of_s=as_of_s(options),
        segment_ids=segment_ids,
    )


def city(
    options: argparse.Namespace, store: Store
) -> tuple[tuple[Area, ...], Calendar]:
    """Return the areas and days of a store, with the days given for this run."""
    file = options.abnormal_days
    return city_of_store(
        store,
        utc_offset_h=utc_offset_h(options),
        as_of_s=as_of_s(options),
        more_days=None if file is None else read_abnormal_days(file),
    )


def _roles(taxonomy: Taxonomy) -> dict[str, str]:
    return {c.id: c.role for c in taxonomy.categories}


def window_of(options: argparse.Namespace, store: Store) -> Window:
    """Return the days asked for; by default up to the newest pass.

    Raises:
        InputError: no such day, length or offset.
    """
    if options.days < 1:
        msg = f"--days must be at least 1, got {options.days}"
        raise InputError(msg)
    shift_s = utc_offset_h(options) * 3600
    if options.date is None:
        last_s = store.last_pass_s(as_of_s=as_of_s(options))
        day = math.floor(
            ((time.time() if last_s is None else last_s) + shift_s) / DAY_S
        )
    else:
        try:
            midnight = datetime.strptime(options.date, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError as error:
            msg = f"--date must be a day like 2026-03-31, got {options.date}"
            raise InputError(msg) from error
        day = round(midnight.timestamp() / DAY_S)
    to_s = (day + 1) * DAY_S - shift_s
    return Window(to_s - options.days * DAY_S, to_s)


def as_of_s(options: argparse.Namespace) -> float | None:
    """Return `--as-of` in Unix seconds; a time without offset is the city's.

    Raises:
        InputError: it is no time.
    """
    if options.as_of is None:
        return None
    try:
        at = datetime.fromisoformat(options.as_of)
    except ValueError as error:
        msg = f"--as-of must be a time like 2026-04-02T09:00+08:00, got {options.as_of}"
        raise InputError(msg) from error
    if at.tzinfo is None:
        at -= timedelta(hours=options.utc_offset)
        at = at.replace(tzinfo=UTC)
    return at.timestamp()


def day_of(at_s: float, options: argparse.Namespace) -> str:
    """Return the city's day of a time."""
    at = datetime.fromtimestamp(at_s, UTC) + timedelta(hours=options.utc_offset)
    return at.strftime("%Y-%m-%d")
