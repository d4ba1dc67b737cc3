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
from service.memory.current import measured_of
from service.memory.settle import settle
from service.memory.street import StreetScore, Terms, Window, score_store
from service.records import Measured
from service.scoring import Area, Calendar, Standard, load_standard, read_abnormal_days
from service.store import BlobStore, FolderBlobs, NoBlobs, Store
from service.types import DAY_S
from vision.errors import InputError, NotFoundError
from vision.taxonomy import load_taxonomy

USUAL = "xuchang@1"
"""Streets are put together under it; a yes-or-no standard only reads what was seen."""


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
    return Store(options.store, _blobs(options) or _no_blobs(options.store))


def _blobs(options: argparse.Namespace) -> BlobStore | None:
    return None if options.blobs is None else FolderBlobs(options.blobs)


def _no_blobs(where: str) -> BlobStore | None:
    return NoBlobs() if "://" in where else None


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
    return Store(options.into, _blobs(options))


def kept_in(store: Store, *, new: bool, streets: Iterable[str], offset_h: float) -> str:
    """Work out the findings of streets anew, and return what people are told.

    Args:
        store: the city's memory.
        new: something was added to it.
        streets: on which.
        offset_h: hours from UTC to the city's days.
    """
    if new:
        areas, calendar = city_of_store(store, utc_offset_h=offset_h)
        terms = terms_in(load_standard(USUAL), areas, calendar, measured_of(store))
        with store.settling():
            settle(store, terms, known_s=time.time(), segment_ids=streets)
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
    return score_store(
        store,
        window=window,
        terms=terms_of(options, store, standard),
        as_of_s=as_of_s(options),
        segment_ids=segment_ids,
    )


def terms_of(options: argparse.Namespace, store: Store, standard: Standard) -> Terms:
    """Return a standard with the layers and days of a store."""
    measured = measured_of(store, as_of_s=as_of_s(options))
    return terms_in(standard, *city(options, store), measured)


def terms_in(
    standard: Standard,
    areas: tuple[Area, ...],
    calendar: Calendar,
    measured: Measured | None = None,
) -> Terms:
    """Return a standard with the areas and the calendar of a city, and its eyes."""
    roles = {c.id: c.role for c in load_taxonomy().categories}
    eyes = measured or Measured()
    return Terms(standard, roles, calendar=calendar, areas=areas, measured=eyes)


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


def window_of(options: argparse.Namespace, store: Store) -> Window:
    """Return the days asked for; by default up to the newest pass.

    Raises:
        InputError: no such day, length or offset.
    """
    if options.days < 1:
        msg = f"--days must be at least 1, got {options.days}"
        raise InputError(msg)
    if options.date is None:
        last_s = store.last_pass_s(as_of_s=as_of_s(options))
        newest_s = time.time() if last_s is None else last_s
    else:
        newest_s = day_s(options, "date")
    return days_up_to(newest_s, options.days, offset_h=utc_offset_h(options))


def days_up_to(at_s: float, days: int, *, offset_h: float) -> Window:
    """Return the whole days of a city that end with the day of a time."""
    shift_s = offset_h * 3600
    begin_s = math.floor((at_s + shift_s) / DAY_S) * DAY_S - shift_s
    return Window(begin_s + (1 - days) * DAY_S, begin_s + DAY_S)


def day_s(options: argparse.Namespace, name: str) -> float:
    """Return when the day of an option begins in the city, Unix seconds.

    Raises:
        InputError: it is no day.
    """
    text = getattr(options, name)
    try:
        midnight = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        flag = "--" + name.replace("_", "-")
        msg = f"{flag} must be a day like 2026-03-31, got {text}"
        raise InputError(msg) from error
    return midnight.timestamp() - utc_offset_h(options) * 3600


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
