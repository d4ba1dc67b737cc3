"""`liujing cameras`: cameras that stand, as sources of the service."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.camera_records import CameraKind, CameraStanding, Schedule
from service.cameras.once import try_camera
from service.cameras.register import (
    add_camera,
    camera_of,
    change_camera,
    end_camera,
    wish_of,
)
from service.cameras.wish import USUAL_INTERVAL_S, CameraWish
from service.cli.configured import add_config, settings_of, store_of, store_there
from service.cli.parts import Verbs, add_verb, print_json, print_table
from vision.errors import InputError, NotFoundError

_STATES = {"off": "停用", "new": "尚无画面", "failing": "异常", "ok": "正常"}
_WEEK = (1, 2, 3, 4, 5, 6, 7)


def add_parser(verbs: Verbs) -> None:
    """Add the verb with its acts."""
    parser = add_verb(
        verbs,
        "cameras",
        summary="Cameras that stand: registered, watched on a schedule.",
        example="liujing cameras list",
    )
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    add = add_verb(
        acts,
        "add",
        summary="Register a camera: an RTSP address, or a folder of snapshots.",
        example="liujing cameras add 许由路卡口 --url-file gate.url --camera gate.toml "
        "--every-min 60 --for-min 15 --hours 7-22 --district 魏都区",
    )
    add.add_argument("name", metavar="NAME", help="as people call it")
    _add_wish(add, new=True)
    add.set_defaults(run=_add)
    change = add_verb(
        acts,
        "change",
        summary="Write a new version of a camera; what is not named stays.",
        example="liujing cameras change cam0123456789ab --every-min 30 --for-min 30",
    )
    change.add_argument("camera_id", metavar="CAMERA", help="its id")
    change.add_argument("--name", metavar="NAME", help="as people call it")
    _add_wish(change, new=False)
    switch = change.add_mutually_exclusive_group()
    switch.add_argument("--on", action="store_true", help="watch it")
    switch.add_argument("--off", action="store_true", help="do not watch it for now")
    change.set_defaults(run=_change)
    listed = add_verb(
        acts,
        "list",
        summary="All cameras and how they fare; no address is shown.",
        example="liujing cameras list --json",
    )
    listed.add_argument("--json", action="store_true", help="as JSON")
    listed.add_argument("--ended", action="store_true", help="those taken out too")
    listed.set_defaults(run=_list)
    shown = add_verb(
        acts,
        "show",
        summary="One camera and how it fares, as JSON, with its file.",
        example="liujing cameras show cam0123456789ab",
    )
    shown.set_defaults(run=_show)
    end = add_verb(
        acts,
        "end",
        summary="Take a camera out, for good; what it saw stays.",
        example="liujing cameras end cam0123456789ab --reason 'pole removed'",
    )
    end.add_argument("--reason", default="ended by hand", help="why, for people")
    end.set_defaults(run=_end)
    tried = add_verb(
        acts,
        "try",
        summary="Take one picture and say what is wrong; it is not kept.",
        example="liujing cameras try cam0123456789ab",
    )
    tried.set_defaults(run=_try)
    for act in (shown, end, tried):
        act.add_argument("camera_id", metavar="CAMERA", help="its id")
    for act in (add, change, listed, shown, end, tried):
        add_config(act)


def _add_wish(parser: argparse.ArgumentParser, *, new: bool) -> None:
    source = parser.add_mutually_exclusive_group(required=new)
    source.add_argument(
        "--url-file",
        metavar="FILE",
        help="file whose first line is the RTSP address; - for standard input",
    )
    source.add_argument(
        "--url", metavar="RTSP", help="an RTSP address that has no password in it"
    )
    source.add_argument(
        "--folder",
        metavar="NAME",
        help="folder of snapshots below the setting cameras.folder",
    )
    parser.add_argument(
        "--camera",
        type=Path,
        metavar="FILE",
        required=new,
        help="its known points and zones, see docs/forms.md",
    )
    parser.add_argument(
        "--every-min",
        type=int,
        metavar="N",
        required=new,
        help="minutes from the begin of one watch to that of the next",
    )
    parser.add_argument(
        "--for-min", type=int, metavar="M", required=new, help="minutes of one watch"
    )
    parser.add_argument(
        "--hours",
        type=_hours,
        metavar="A-B",
        help="hours of the day, like 7-22 (default 0-24)",
    )
    parser.add_argument(
        "--days",
        type=_days,
        metavar="D,D",
        help="days of the week, 1 is Monday, like 1-5 or 6,7 (default 1-7)",
    )
    parser.add_argument(
        "--interval",
        type=float,
        metavar="S",
        help=f"seconds between two pictures (default {USUAL_INTERVAL_S:g})",
    )
    parser.add_argument(
        "--district", metavar="NAME", help="where it stands (default: the whole city)"
    )


def _add(options: argparse.Namespace) -> int:
    """Register a camera."""
    settings = settings_of(options)
    kind, address = _address(options)
    from_hour, to_hour = options.hours or (0, 24)
    wish = CameraWish(
        name=options.name,
        district=options.district,
        kind=kind or "rtsp",
        address=address,
        file=_text(options.camera),
        schedule=Schedule(
            options.every_min,
            options.for_min,
            from_hour,
            to_hour,
            options.days or _WEEK,
        ),
        interval_s=USUAL_INTERVAL_S if options.interval is None else options.interval,
    )
    one = add_camera(settings, store_of(settings), wish)
    print(f"已登记 registered: {one.camera.id} {one.camera.name} {one.camera.shown}")
    return 0


def _change(options: argparse.Namespace) -> int:
    """Change a camera."""
    settings = settings_of(options)
    store = store_there(settings)
    before = camera_of(store, options.camera_id).camera
    kind, address = _address(options)
    now = before.schedule
    from_hour, to_hour = options.hours or (now.from_hour, now.to_hour)
    schedule = Schedule(
        now.every_min if options.every_min is None else options.every_min,
        now.for_min if options.for_min is None else options.for_min,
        from_hour,
        to_hour,
        options.days or now.days,
    )
    changes: dict[str, Any] = {
        "kind": kind,
        "address": address,
        "name": options.name,
        "district": options.district,
        "file": None if options.camera is None else _text(options.camera),
        "interval_s": options.interval,
        "enabled": True if options.on else (False if options.off else None),
    }
    given = {name: value for name, value in changes.items() if value is not None}
    wish = wish_of(before, schedule=schedule, **given)
    one = change_camera(settings, store, before.id, wish)
    print(f"已修改 changed: {one.camera.id} {one.camera.name} v{one.camera.version}")
    return 0


def _list(options: argparse.Namespace) -> int:
    """List cameras without their addresses."""
    found = store_there(settings_of(options)).cameras()
    rows = [one for one in found if options.ended or one.ended_s is None]
    if options.json:
        print_json([_facts(one) for one in rows])
        return 0
    head = ("编号", "名称", "区域", "来源", "状况", "最近画面", "原因")
    print_table(head, [_row(one) for one in rows])
    return 0


def _show(options: argparse.Namespace) -> int:
    """Show one camera."""
    one = camera_of(store_there(settings_of(options)), options.camera_id)
    print_json({**_facts(one), "file": one.camera.file})
    return 0


def _end(options: argparse.Namespace) -> int:
    """Take a camera out."""
    store = store_there(settings_of(options))
    one = end_camera(store, options.camera_id, reason=options.reason)
    print(f"已撤除 taken out: {one.camera.id} {one.camera.name}")
    return 0


def _try(options: argparse.Namespace) -> int:
    """Take one picture."""
    settings = settings_of(options)
    store = store_there(settings)
    one = camera_of(store, options.camera_id)
    tried = try_camera(settings, store, one.camera)
    if tried.reason is not None:
        print(f"liujing cameras: {tried.reason}", file=sys.stderr)
        return 1
    size = f"{tried.width_px} x {tried.height_px}"
    print(f"正常 all is well: {one.camera.name} {size}, {tried.took_s:.1f} s")
    return 0


def _address(options: argparse.Namespace) -> tuple[CameraKind | None, str | None]:
    """Return the kind and the address that are given; a password never on a line."""
    if options.folder is not None:
        return "snapshots", options.folder
    if options.url is not None:
        if _has_password(options.url):
            msg = (
                "a password on the command line is seen by everybody on this machine; "
                "write the address into a file and give --url-file FILE"
            )
            raise InputError(msg)
        return "rtsp", options.url
    if options.url_file is None:
        return None, None
    text = (
        sys.stdin.read() if options.url_file == "-" else _text(Path(options.url_file))
    )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) != 1:
        msg = "the file of --url-file must hold one line, the RTSP address"
        raise InputError(msg)
    return "rtsp", lines[0]


def _has_password(url: str) -> bool:
    try:
        return "@" in urlsplit(url).netloc
    except ValueError:
        return False


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        msg = f"there is no file {path}; check the path"
        raise NotFoundError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path.name} is no text in UTF-8; save it as such"
        raise InputError(msg) from error


def _hours(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal()):
        msg = f"{text!r} are no hours; write them like 7-22"
        raise argparse.ArgumentTypeError(msg)
    return int(first), int(last)


def _days(text: str) -> tuple[int, ...]:
    days: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            msg = f"{text!r} are no days; write them like 1-5 or 6,7"
            raise argparse.ArgumentTypeError(msg)
        days += range(int(first), min(int(last), 9) + 1) if dash else [int(first)]
    return tuple(days)


def _facts(one: CameraStanding) -> dict[str, Any]:
    camera, schedule = one.camera, one.camera.schedule
    return {
        "id": camera.id,
        "version": camera.version,
        "name": camera.name,
        "district": camera.district,
        "kind": camera.kind,
        "address": camera.shown,
        "schedule": {
            "every_min": schedule.every_min,
            "for_min": schedule.for_min,
            "hours": [schedule.from_hour, schedule.to_hour],
            "days": list(schedule.days),
        },
        "interval_s": camera.interval_s,
        "enabled": camera.enabled,
        "registered": _time(one.registered_s),
        "ended": _time(one.ended_s),
        "condition": one.condition,
        "last_seen": _time(one.seen_s),
        "last_tried": _time(one.tried_s),
        "error": one.error,
        "failing_since": _time(one.failing_since_s),
        "job_id": one.job_id,
    }


def _row(one: CameraStanding) -> tuple[str, ...]:
    camera = one.camera
    return (
        camera.id,
        camera.name,
        camera.district or "全市",
        camera.shown,
        "已撤除" if one.ended_s is not None else _STATES[one.condition],
        _time(one.seen_s) or "-",
        one.error or "",
    )


def _time(at_s: float | None) -> str | None:
    if at_s is None:
        return None
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
