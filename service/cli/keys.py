"""`liujing keys`: who may ask the service, and for what."""

from __future__ import annotations

import argparse
import math
import time
from datetime import UTC, datetime
from typing import get_args

from service.cli.configured import add_config, settings_of, store_of, store_there
from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.keys import end_key, make_key, rotate_key
from service.records import KeyRecord, Role
from service.types import DAY_S
from vision.errors import InputError

_ROLES = {"device": "车载", "reviewer": "审核", "centre": "中心", "admin": "管理"}
_MOST_DAYS = 36500


def add_parser(verbs: Verbs) -> None:
    """Add the verb with its four acts."""
    parser = add_verb(
        verbs,
        "keys",
        summary="Keys of vehicles, reviewers, the centre and administrators.",
        example="liujing keys add 市数字城管中心 --role centre --days 365",
    )
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    add = add_verb(
        acts,
        "add",
        summary="Make a key and show its secret, once.",
        example="liujing keys add 巡查车7 --role device --district 魏都区",
    )
    add.add_argument("name", metavar="NAME", help="whose it is, for people")
    add.add_argument("--role", required=True, choices=get_args(Role))
    add.add_argument(
        "--district", metavar="NAME", help="all it may see (default: the whole city)"
    )
    add.add_argument(
        "--days", type=float, metavar="N", help="how long it holds (default: for good)"
    )
    add.set_defaults(run=_add)
    listed = add_verb(
        acts,
        "list",
        summary="All keys; a secret is never shown again.",
        example="liujing keys list --json",
    )
    listed.add_argument("--json", action="store_true", help="as JSON")
    listed.set_defaults(run=_list)
    end = add_verb(
        acts,
        "end",
        summary="Take a key back, for good.",
        example="liujing keys end lj0123456789ab --reason 'vehicle sold'",
    )
    end.add_argument("key", metavar="KEY", help="its id, see liujing keys list")
    end.add_argument("--reason", default="ended by hand", help="why, for people")
    end.set_defaults(run=_end)
    rotate = add_verb(
        acts,
        "rotate",
        summary="Make a key like another one, and take that back.",
        example="liujing keys rotate lj0123456789ab",
    )
    rotate.add_argument("key", metavar="KEY", help="its id, see liujing keys list")
    rotate.set_defaults(run=_rotate)
    for act in (add, listed, end, rotate):
        add_config(act)


def _add(options: argparse.Namespace) -> int:
    """Make a key."""
    name = options.name.strip()
    if not name:
        msg = "NAME must not be empty; say whose key it is"
        raise InputError(msg)
    if options.district is not None and not options.district.strip():
        msg = "--district must not be empty; leave it out for the whole city"
        raise InputError(msg)
    expires_s = None if options.days is None else time.time() + _days_s(options.days)
    key, secret = make_key(
        store_of(settings_of(options)),
        name=name,
        role=options.role,
        district=options.district,
        expires_s=expires_s,
    )
    _show(key, secret)
    return 0


def _days_s(days: float) -> float:
    if not math.isfinite(days) or not 0 < days <= _MOST_DAYS:
        msg = f"--days must be more than 0 and at most {_MOST_DAYS}, got {days:g}"
        raise InputError(msg)
    return days * DAY_S


def _rotate(options: argparse.Namespace) -> int:
    """Replace a key."""
    _show(*rotate_key(store_there(settings_of(options)), options.key))
    return 0


def _end(options: argparse.Namespace) -> int:
    """End a key."""
    key = end_key(store_there(settings_of(options)), options.key, reason=options.reason)
    print(f"已收回 ended: {key.id} {key.name}")
    return 0


def _list(options: argparse.Namespace) -> int:
    """List keys without their secrets or hashes."""
    keys = store_there(settings_of(options)).all_keys()
    now_s = time.time()
    if options.json:
        print_json([_facts(key, now_s) for key in keys])
        return 0
    head = ("编号", "名称", "角色", "区域", "建立", "到期", "状态")
    print_table(head, [_row(key, now_s) for key in keys])
    return 0


def _show(key: KeyRecord, secret: str) -> None:
    """Print a new key on two lines: what it is, then the secret alone."""
    until = "长期" if key.expires_s is None else f"至 {_time(key.expires_s)}"
    where = key.district or "全市"
    print(f"{key.id}  {key.name}  {_ROLES[key.role]} {key.role}  {where}  {until}")
    print("密钥只显示这一次 the secret is shown only now:")
    print(secret)


def _facts(key: KeyRecord, now_s: float) -> dict[str, str | None]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "district": key.district,
        "made": _time(key.known_s),
        "expires": None if key.expires_s is None else _time(key.expires_s),
        "ended": None if key.ended_s is None else _time(key.ended_s),
        "state": _state(key, now_s)[0],
    }


def _row(key: KeyRecord, now_s: float) -> tuple[str, ...]:
    return (
        key.id,
        key.name,
        f"{_ROLES[key.role]} {key.role}",
        key.district or "全市",
        _time(key.known_s),
        "-" if key.expires_s is None else _time(key.expires_s),
        _state(key, now_s)[1],
    )


def _state(key: KeyRecord, now_s: float) -> tuple[str, str]:
    if key.ended_s is not None:
        return "ended", "已收回"
    if not key.holds(now_s):
        return "expired", "已到期"
    return "holds", "有效"


def _time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
