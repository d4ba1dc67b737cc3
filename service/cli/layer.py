"""`liujing layer`: a layer of context into the store."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from service.cli.parts import Verbs, add_verb
from service.cli.stored import open_store
from service.scoring import KINDS, Area, read_layer
from service.store import digest
from vision.errors import InputError


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "layer",
        summary="Add a layer of context to a store: schools, permits, no-parking.",
        example="liujing layer city/ schools.geojson --kind school",
    )
    parser.add_argument("store", metavar="STORE", help="a folder, or postgresql://...")
    parser.add_argument("file", type=Path, metavar="FILE", help="GeoJSON, WGS-84")
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument(
        "--name", help="of the layer; the same name replaces it (default: its file)"
    )
    parser.add_argument("--valid-from", metavar="YYYY-MM-DD", help="first day")
    parser.add_argument("--valid-to", metavar="YYYY-MM-DD", help="last day")
    parser.add_argument(
        "--utc-offset", type=float, default=8.0, metavar="H", help="(default 8)"
    )
    parser.add_argument(
        "--blobs", type=Path, metavar="DIR", help="pictures beside a database"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check a layer and add it."""
    store = open_store(options)
    areas = read_layer(options.file, options.kind, store.segments())
    from_s, to_s = _day_s(options, "valid_from", 0), _day_s(options, "valid_to", 1)
    if from_s is not None and to_s is not None and from_s >= to_s:
        msg = "--valid-to lies before --valid-from"
        raise InputError(msg)
    features = [_feature(area) for area in areas]
    new = store.add_layer(
        {
            "id": options.name or options.file.stem,
            "digest": digest(features, options.kind, from_s, to_s),
            "kind": options.kind,
            "valid_from_s": from_s,
            "valid_to_s": to_s,
            "features": features,
            "known_s": time.time(),
        }
    )
    said = "已加入 added" if new else "此前已有 was there"
    print(f"{said}: {options.name or options.file.stem}, {len(areas)} x {options.kind}")
    return 0


def _feature(area: Area) -> dict[str, object]:
    known = asdict(area)
    return {name: known[name] for name in ("name", "geometry", "hours")}


def _day_s(options: argparse.Namespace, name: str, more_days: int) -> float | None:
    text = getattr(options, name)
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        flag = "--" + name.replace("_", "-")
        msg = f"{flag} must be a day like 2026-03-31, got {text}"
        raise InputError(msg) from error
    offset_s: float = options.utc_offset * 3600
    return day.timestamp() + more_days * 86400 - offset_s
