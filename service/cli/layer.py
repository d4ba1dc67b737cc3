"""`liujing layer`: a layer of context, or abnormal days, into the store."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from service.city import CONTEXT_KINDS
from service.cli.parts import Verbs, add_utc_offset, add_verb
from service.cli.stored import day_s, open_store
from service.scoring import (
    ABNORMAL_DAYS,
    Area,
    day_rows,
    read_abnormal_days,
    read_layer,
)
from service.store import Store, digest
from service.types import DAY_S
from vision.errors import InputError

_FACTS = ("features", "kind", "valid_from_s", "valid_to_s")
"""What of a layer makes it another one."""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "layer",
        summary="Add context to a store: schools, permits, no-parking, abnormal days.",
        example="liujing layer city/ schools.geojson --kind school",
    )
    parser.add_argument("store", metavar="STORE", help="a folder, or postgresql://...")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help=f"GeoJSON, WGS-84; TOML of {ABNORMAL_DAYS}",
    )
    parser.add_argument("--kind", choices=CONTEXT_KINDS, required=True)
    parser.add_argument(
        "--name", help="of the layer; the same name replaces it (default: its file)"
    )
    parser.add_argument("--valid-from", metavar="YYYY-MM-DD", help="first day")
    parser.add_argument("--valid-to", metavar="YYYY-MM-DD", help="last day")
    add_utc_offset(parser)
    parser.add_argument(
        "--blobs", type=Path, metavar="DIR", help="pictures beside a database"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check a layer and add it."""
    store = open_store(options)
    from_s, to_s = _day_s(options, "valid_from", 0), _day_s(options, "valid_to", 1)
    if from_s is not None and to_s is not None and from_s >= to_s:
        msg = "--valid-to lies before --valid-from"
        raise InputError(msg)
    if options.kind == ABNORMAL_DAYS and (from_s, to_s) != (None, None):
        msg = f"{ABNORMAL_DAYS} are days themselves; leave --valid-from and --valid-to"
        raise InputError(msg)
    features = _features(options, store)
    name = options.name or options.file.stem
    row = {"kind": options.kind, "valid_from_s": from_s, "valid_to_s": to_s}
    new = _add(store, {"id": name, **row, "features": features})
    said = "已加入 added" if new else "此前已有 was there"
    print(f"{said}: {name}, {len(features)} x {options.kind}")
    return 0


def _features(options: argparse.Namespace, store: Store) -> list[dict[str, Any]]:
    if options.kind == ABNORMAL_DAYS:
        return [dict(row) for row in day_rows(read_abnormal_days(options.file))]
    areas = read_layer(options.file, options.kind, store.segments())
    return [_feature(area) for area in areas]


def _feature(area: Area) -> dict[str, Any]:
    known = asdict(area)
    return {name: known[name] for name in ("name", "geometry", "hours")}


def _add(store: Store, row: dict[str, Any]) -> bool:
    """Add a layer unless it is the one of its name that counts.

    A layer that went back to what it was before is a new one, told by what it replaces.
    """
    own = digest(*(row[name] for name in _FACTS))
    last = next((one for one in store.layers() if one["id"] == row["id"]), None)
    if last is not None:
        if digest(*(last[name] for name in _FACTS)) == own:
            return False
        own = digest(own, last["digest"])
    return store.add_layer({**row, "digest": own, "known_s": time.time()})


def _day_s(options: argparse.Namespace, name: str, more_days: int) -> float | None:
    text = getattr(options, name)
    return None if text is None else day_s(options, name) + more_days * DAY_S
