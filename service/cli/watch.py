"""`liujing watch`: how long things stay before a camera that stands."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.audit.keep_watch import Post, keep_watch, post_of
from service.audit.outing import footage_hashes
from service.cameras.form import RESULT, utc, watched_form
from service.cameras.recorded import recorded, zero_s
from service.cli.parts import (
    Verbs,
    add_device,
    add_utc_offset,
    add_verb,
    print_failures,
    print_table,
    utc_offset_h,
)
from service.cli.stored import add_into, kept_in, open_into
from service.reports import OutFolder
from service.roads import load_roads
from service.store import Store
from vision.card import ModelCard
from vision.catalogue import load_card
from vision.detect import load_detector
from vision.errors import AuditError, Failure, FootageError, InputError
from vision.fixed import Dwell, FixedCamera, load_fixed_camera
from vision.footage import (
    FootageSource,
    LiveGap,
    LiveOptions,
    LivePicture,
    LiveSource,
    open_footage,
)
from vision.taxonomy import load_taxonomy
from vision.watch import Watched, watch_camera

_HEAD = ("类别", "区域", "开始 UTC", "停留 s", "限值 s", "")


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "watch",
        summary="Tell how long vehicles and stalls stay before a fixed camera.",
        example="liujing watch rtsp://10.0.0.7/gate --camera gate.toml --minutes 60",
    )
    parser.add_argument(
        "source",
        metavar="VIDEO|FOLDER|rtsp://...",
        help="a film, a folder of snapshots, or the address of a live camera",
    )
    parser.add_argument(
        "--camera",
        type=Path,
        required=True,
        metavar="FILE",
        help="the camera's known points and zones, see docs/forms.md",
    )
    parser.add_argument(
        "--every",
        type=float,
        default=2.0,
        metavar="S",
        help="seconds between two looked-at pictures (default 2)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="how long a live camera is watched (default: until stopped)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("liujing-watch"),
        metavar="DIR",
        help="gets dwells.json and masked pictures (default liujing-watch)",
    )
    add_into(parser, "what stood there")
    add_utc_offset(parser)
    parser.add_argument(
        "--roads",
        type=Path,
        metavar="FILE",
        help="GeoJSON lines or .osm.pbf: whose streets the store knows (with --into)",
    )
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Watch until the source ends or is stopped; what was seen is always written."""
    _refuse_numbers(options)
    camera = load_fixed_camera(options.camera)
    card = load_card(options.model, options.models)
    failures: list[Failure] = []
    source = _open(options, failures)
    keeping = _keeping(options, source, camera, card)
    detector = load_detector(card, device=options.device)
    folder = OutFolder(options.out)
    seen = Watched()
    try:
        for seen in watch_camera(
            source.events, camera=camera, detector=detector, card=card, sink=folder
        ):
            folder.write_json(RESULT, watched_form(camera.name, seen))
    except AuditError as error:
        if not seen.pictures:
            raise
        failures.append(Failure.of(camera.name, error))
    except KeyboardInterrupt:
        if seen.pictures and keeping is not None:
            print(keeping.keep(seen))
        raise
    if not seen.pictures:
        said = [gap.reason for gap in seen.gaps] + [f.message for f in failures]
        why = "; ".join(said) or "nothing was sent"
        msg = f"no picture came from camera {camera.name} ({why})"
        raise FootageError(msg)
    names = {category.id: category.zh for category in load_taxonomy()}
    rows = [_row(dwell, names) for dwell in (*seen.dwells, *seen.standing)]
    print_table(_HEAD, rows)
    print(f"停留记录 dwells: {options.out / RESULT}")
    if keeping is not None:
        print(keeping.keep(seen))
    print_failures("watch", failures)
    return 1 if failures else 0


def _refuse_numbers(options: argparse.Namespace) -> None:
    if not 0 < options.every < math.inf:
        msg = f"--every must be more than 0 seconds, got {options.every}"
        raise InputError(msg)
    if options.minutes is not None and not 0 < options.minutes < math.inf:
        msg = f"--minutes must be more than 0, got {options.minutes}"
        raise InputError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """Where pictures come from.

    Attributes:
        files: of a film or of snapshots; none of a live camera.
        dated: it says when they were taken.
    """

    events: Iterator[LivePicture | LiveGap]
    files: tuple[FootageSource, ...]
    dated: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Keeping:
    """Where the watch goes when it has ended.

    Attributes:
        folder: that holds its masked pictures.
        offset_h: hours from UTC to the city's days.
    """

    store: Store
    post: Post
    source: _Source
    folder: Path
    offset_h: float

    def keep(self, seen: Watched) -> str:
        """Keep the watch and return a sentence for people."""
        footage = footage_hashes(self.source.files)
        new = keep_watch(seen, self.post, footage, self.store, self.folder)
        streets = {piece.segment_id for piece in self.post.coverage}
        return kept_in(self.store, new=new, streets=streets, offset_h=self.offset_h)


def _keeping(
    options: argparse.Namespace, source: _Source, camera: FixedCamera, card: ModelCard
) -> _Keeping | None:
    """Say before the long part what would keep the watch out of the store."""
    store = open_into(options)
    if store is None:
        return None
    if options.roads is None:
        msg = (
            "--into needs --roads FILE: only streets of a road file have names that "
            "other drives share"
        )
        raise InputError(msg)
    if not source.dated:
        msg = (
            f"the pictures of {options.source} do not say when they were taken, so a "
            "store could not tell this watch from others; give a film or photos with "
            "UTC times, or leave out --into"
        )
        raise InputError(msg)
    post = post_of(camera, card, load_roads(options.roads), options.every)
    return _Keeping(store, post, source, options.out, utc_offset_h(options))


def _open(options: argparse.Namespace, failures: list[Failure]) -> _Source:
    if "://" in options.source:
        source = LiveSource(options.source, LiveOptions(every_s=options.every))
        minutes = options.minutes
        until_s = None if minutes is None else time.time() + 60 * minutes
        return _Source(source.watch(until_s), (), dated=True)
    opened = open_footage([Path(options.source)])
    failures += opened.failures
    begin_s = zero_s(opened.sources)
    events = recorded(opened.sources, begin_s or 0.0, options.every, failures)
    return _Source(events, opened.sources, dated=begin_s is not None)


def _row(dwell: Dwell, names: Mapping[str, str]) -> tuple[object, ...]:
    limit = "-" if dwell.limit_s is None else f"{dwell.limit_s:.0f}"
    first = utc(dwell.first_s)
    return (
        names[dwell.category],
        dwell.zone or "-",
        first,
        f"{dwell.dwell_s:.0f}",
        limit,
        "超时" if dwell.over_limit else "",
    )
