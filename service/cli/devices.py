"""`liujing devices`: boxes in vehicles and cameras, each with its own key."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime
from typing import Any, get_args

from service.cli.configured import add_config, settings_of, store_of, store_there
from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.device_records import Contact, Device, DeviceKind
from service.intake.devices import (
    NewDevice,
    clock_remark,
    end_device,
    find_device,
    register,
    rotate,
)

_KINDS = {"vehicle": "车载", "camera": "固定"}
_HOUR_S = 3600.0
_GB = 1e9


def add_parser(verbs: Verbs) -> None:
    """Add the verb with its acts."""
    parser = add_verb(
        verbs,
        "devices",
        summary="Boxes in vehicles and cameras that send footage.",
        example="liujing devices add 巡查车7 --kind vehicle --district 魏都区",
    )
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    add = add_verb(
        acts,
        "add",
        summary="Register a device and show its key, once.",
        example="liujing devices add 巡查车7 --kind vehicle --quota-gb 50",
    )
    add.add_argument("name", metavar="NAME", help="for people, of this device alone")
    add.add_argument("--kind", required=True, choices=get_args(DeviceKind))
    add.add_argument(
        "--district", metavar="NAME", help="all it sends lies there (default: the city)"
    )
    add.add_argument("--vehicle", metavar="NAME", help="which vehicle it sits in")
    add.add_argument(
        "--quota-gb",
        type=float,
        metavar="N",
        help="gigabytes of raw footage it may have here (default: no bound)",
    )
    add.add_argument(
        "--days", type=float, metavar="N", help="how long its key holds (default: good)"
    )
    add.add_argument(
        "--no-raw", action="store_true", help="its raw footage is not wanted"
    )
    add.set_defaults(run=_add)
    listed = add_verb(
        acts,
        "list",
        summary="All devices and when they were last heard of.",
        example="liujing devices list --json",
    )
    listed.set_defaults(run=_list)
    show = _one(acts, "show", "One device and all it said of itself.", _show)
    end = _one(acts, "end", "Take a device back with its key, for good.", _end)
    end.add_argument("--reason", default="ended by hand", help="why, for people")
    turn = _one(acts, "rotate", "Give a device a new key and end its old one.", _rotate)
    for act in (listed, show):
        act.add_argument("--json", action="store_true", help="as JSON")
    for act in (add, listed, show, end, turn):
        add_config(act)


def _one(acts: Verbs, name: str, summary: str, run: Any) -> argparse.ArgumentParser:
    act = add_verb(
        acts, name, summary=summary, example=f"liujing devices {name} 巡查车7"
    )
    act.add_argument("device", metavar="DEVICE", help="its name or id")
    act.set_defaults(run=run)
    return act


def _add(options: argparse.Namespace) -> int:
    """Register a device."""
    wanted = NewDevice(
        name=options.name,
        kind=options.kind,
        district=options.district,
        vehicle=options.vehicle,
        quota_gb=options.quota_gb,
        days=options.days,
        raw_wanted=not options.no_raw,
    )
    device, _, secret = register(store_of(settings_of(options)), wanted)
    _print_new(device, secret)
    return 0


def _rotate(options: argparse.Namespace) -> int:
    """Give a device a new key."""
    store = store_there(settings_of(options))
    device, _, secret = rotate(store, find_device(store, options.device))
    _print_new(device, secret)
    return 0


def _end(options: argparse.Namespace) -> int:
    """Take a device back."""
    store = store_there(settings_of(options))
    device = end_device(
        store, find_device(store, options.device), reason=options.reason
    )
    print(f"已收回 ended: {device.id} {device.name}")
    return 0


def _list(options: argparse.Namespace) -> int:
    """List devices."""
    settings = settings_of(options)
    store = store_there(settings)
    heard = store.contacts()
    rows = [(device, heard.get(device.id)) for device in store.devices()]
    if options.json:
        print_json([_facts(device, contact) for device, contact in rows])
        return 0
    silent_s = time.time() - settings.intake.silent_h * _HOUR_S
    head = ("编号", "名称", "种类", "区域", "最近联系", "时钟偏差 s", "待传", "状态")
    print_table(head, [_row(device, contact, silent_s) for device, contact in rows])
    return 0


def _show(options: argparse.Namespace) -> int:
    """Show one device."""
    store = store_there(settings_of(options))
    device = find_device(store, options.device)
    contact = store.contacts(device.id).get(device.id)
    facts = _facts(device, contact)
    if options.json:
        print_json(facts)
        return 0
    for name, value in facts.items():
        print(f"{name}: {'-' if value is None else value}")
    remark = None if contact is None else clock_remark(contact.offset_s)
    if remark is not None:
        print(f"注意 note: {remark}")
    return 0


def _print_new(device: Device, secret: str) -> None:
    where = device.district or "全市"
    kind = f"{_KINDS[device.kind]} {device.kind}"
    print(f"{device.id}  {device.name}  {kind}  {where}  {device.keys[-1]}")
    print("令牌只显示这一次 the token is shown only now:")
    print(secret)


def _facts(device: Device, contact: Contact | None) -> dict[str, Any]:
    said = contact or Contact(0.0, 0.0)
    return {
        "id": device.id,
        "name": device.name,
        "kind": device.kind,
        "district": device.district,
        "vehicle": device.vehicle,
        "quota_gb": None if device.quota_bytes is None else device.quota_bytes / _GB,
        "raw_wanted": device.raw_wanted,
        "key": device.keys[-1] if device.keys else None,
        "registered": _time(device.known_s),
        "ended": None if device.ended_s is None else _time(device.ended_s),
        "last_contact": None if contact is None else _time(contact.at_s),
        "clock_offset_s": None if contact is None else round(contact.offset_s, 3),
        "firmware": said.firmware,
        "free_disk_bytes": said.free_disk_bytes,
        "models": None if said.models is None else list(said.models),
        "waiting_files": said.waiting_files,
        "waiting_bytes": said.waiting_bytes,
    }


def _row(device: Device, contact: Contact | None, silent_s: float) -> tuple[str, ...]:
    last_s = device.known_s if contact is None else contact.at_s
    state = "失联 silent" if last_s < silent_s else "有效 holds"
    if device.ended_s is not None:
        state = "已收回 ended"
    waiting = None if contact is None else contact.waiting_files
    return (
        device.id,
        device.name,
        _KINDS[device.kind],
        device.district or "全市",
        "-" if contact is None else _time(contact.at_s),
        "-" if contact is None else f"{contact.offset_s:+.1f}",
        "-" if waiting is None else str(waiting),
        state,
    )


def _time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
