"""`liujing demo-city`: a data folder with the sample drive scored, ready to serve."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from service.app import open_city
from service.audit.drive import audit_drive
from service.audit.inputs import ROADS_BESIDE, AuditRequest
from service.audit.keep import keep, refuse_unkeepable
from service.city import city_of_store
from service.cli.parts import Verbs, add_device, add_verb
from service.cli.progress import ProgressLine
from service.cli.serving import addresses
from service.cli.stored import days_up_to, terms_in
from service.keys import make_key, rotate_key
from service.memory.rescore import rescore
from service.roads import load_roads
from service.scoring import load_standard
from service.settings import Settings, load_settings
from service.store import Store
from vision.errors import InputError
from vision.folders import datasets_folder

KEY_NAME = "demo-city"
VEHICLE = "示例车"
_REPORT = "sample-report"


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "demo-city",
        summary="Make a data folder with the sample drive scored, and a key to it.",
        example="liujing demo-city build/demo-city",
    )
    parser.add_argument("data", type=Path, metavar="DATA", help="made if not there")
    parser.add_argument(
        "--drive",
        type=Path,
        metavar="DIR",
        help="footage, track, camera and roads (default: the sample drive)",
    )
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Audit the drive once, score all of its streets, and print a new key."""
    settings = load_settings(data=options.data)
    drive = options.drive or datasets_folder() / "sample-drive"
    store = open_city(settings)
    _refuse_others(store, drive)
    if store.last_pass_s() is None:
        _bring_in(store, options, drive, settings)
    streets = store.segments()
    if not all(store.scores(one.id) for one in streets):
        _score(store, settings)
    secret = _key(store)
    print(f"数据 data: {settings.data}，路段 streets: {len(streets)}")
    here = settings.server
    for line in addresses(here.public_url or f"http://{here.host}:{here.port}"):
        print(line)
    print(f"密钥 key (admin，只显示这一次 shown only now): {secret}")
    return 0


def _refuse_others(store: Store, drive: Path) -> None:
    """Keep a demonstration out of a real city.

    Raises:
        InputError: the store has streets that the drive's road file does not have.
    """
    known = {one.id for one in store.segments()}
    if not known <= {one.id for one in load_roads(drive / ROADS_BESIDE).segments}:
        msg = f"{store.name} holds other streets already; name another data folder"
        raise InputError(msg)


def _bring_in(
    store: Store, options: argparse.Namespace, drive: Path, settings: Settings
) -> None:
    offset_h = settings.score.utc_offset_h
    areas, calendar = city_of_store(store, utc_offset_h=offset_h)
    request = AuditRequest(
        footage=(drive,),
        out=options.data / _REPORT,
        model=options.model,
        models=options.models,
        device=options.device,
        standard=settings.score.standard,
        areas=areas,
        calendar=calendar,
    )
    progress = ProgressLine("looking")
    audited = audit_drive(request, progress=progress, refuse=refuse_unkeepable)
    store.add_segments(audited.checked.network.segments)
    keep(audited, store, request.out, VEHICLE)


def _score(store: Store, settings: Settings) -> None:
    """Score all streets up to the newest pass."""
    wanted = settings.score
    areas, calendar = city_of_store(store, utc_offset_h=wanted.utc_offset_h)
    last_s, now_s = store.last_pass_s(), time.time()
    window = days_up_to(
        now_s if last_s is None else last_s,
        wanted.window_days,
        offset_h=wanted.utc_offset_h,
    )
    terms = terms_in(load_standard(wanted.standard), areas, calendar)
    rescore(store, terms, window, known_s=now_s)


def _key(store: Store) -> str:
    """Return the secret of a new key; the one of the last time does not hold on."""
    now_s = time.time()
    holding = (k for k in store.all_keys() if k.name == KEY_NAME and k.holds(now_s))
    old = next(holding, None)
    if old is None:
        return make_key(store, name=KEY_NAME, role="admin")[1]
    return rotate_key(store, old.id)[1]
