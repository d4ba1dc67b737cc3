"""`liujing upload`: the vehicle's side; it sends a folder until all is received."""

from __future__ import annotations

import argparse
import fcntl
import io
import math
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.cli.parts import Verbs, add_verb
from service.vehicle.announced import Who
from service.vehicle.clock import Clock
from service.vehicle.eyes import PICTURE_SIZES, EdgeOptions
from service.vehicle.hours import Hours, hours_of
from service.vehicle.lying import OURS, Stillness
from service.vehicle.raw import RawRule
from service.vehicle.shown import Board
from service.vehicle.talk import Address, Talk, read_token
from service.vehicle.terms import LONGEST_WAIT_S, TIMEOUT_S, Terms, no_models
from service.vehicle.told import Told, cannot_write
from service.vehicle.uploader import Uploader
from vision.errors import InputError, NotFoundError

_LOCK = "lock"
_STATUS = "status.json"
_FOR_OTHERS = 0o077
_POSITIVE = ("still", "quiet", "broken", "timeout", "spacing", "piece")


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "upload",
        summary="Send a vehicle's recordings to the service, until it has all of them.",
        example="liujing upload /data/recordings --server https://liujing.example.cn "
        "--token-file /etc/liujing/token --delete",
    )
    parser.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help="watched: a sub-folder is a drive; what lies flat is drives by time",
    )
    parser.add_argument(
        "--server", required=True, metavar="URL", help="the service's address (https)"
    )
    parser.add_argument(
        "--token-file",
        type=Path,
        required=True,
        metavar="F",
        help="holds the vehicle's key, readable by this user alone",
    )
    parser.add_argument(
        "--once", action="store_true", help="end when everything is sent"
    )
    parser.add_argument(
        "--delete",
        action="store_true",
        help="delete here what the service has acknowledged as whole and checked",
    )
    parser.add_argument("--vehicle", metavar="NAME", help="for the drives' manifests")
    parser.add_argument("--camera-name", metavar="NAME", help="likewise")
    parser.add_argument(
        "--status",
        type=Path,
        metavar="FILE",
        help=f"JSON of the state (default FOLDER/{OURS}/{_STATUS})",
    )
    _add_eyes(parser)
    _add_network(parser)
    _add_waits(parser)
    parser.set_defaults(run=run)


def _add_eyes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--edge",
        action="store_true",
        help="inspect every drive here, and send what was seen before its footage",
    )
    usual = EdgeOptions()
    for option, metavar, what in (
        ("camera-file", "FILE", "default camera.toml beside the footage"),
        ("roads", "FILE", "for the usual width of streets, as the server has it"),
        ("models", "DIR", "folder of model cards (default: the installed ones)"),
    ):
        parser.add_argument(
            f"--{option}", type=Path, metavar=metavar, help=f"with --edge; {what}"
        )
    parser.add_argument(
        "--model",
        metavar="NAME@V",
        default=usual.model,
        help=f"with --edge; the server must have it (default {usual.model})",
    )
    parser.add_argument(
        "--spacing",
        type=float,
        default=usual.spacing_m,
        metavar="M",
        help=f"with --edge; metres between two frames (default {usual.spacing_m:g})",
    )
    parser.add_argument(
        "--piece",
        type=float,
        default=usual.piece_m,
        metavar="M",
        help="with --edge; metres after which it is written down how far the work is "
        f"(default {usual.piece_m:g})",
    )
    parser.add_argument(
        "--pictures",
        choices=PICTURE_SIZES,
        default=usual.pictures,
        help=f"with --edge; see liujing edge (default {usual.pictures})",
    )


def _eyes(options: argparse.Namespace) -> EdgeOptions | None:
    if not options.edge:
        return None
    return EdgeOptions(
        model=options.model,
        models=options.models,
        spacing_m=options.spacing,
        camera=options.camera_file,
        roads=options.roads,
        pictures=options.pictures,
        piece_m=options.piece,
    )


def _add_network(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limit-mbit", type=float, metavar="N", help="megabits a second at most"
    )
    parser.add_argument(
        "--hours", metavar="HH:MM-HH:MM", help="sends only then, like 20:00-06:00"
    )
    parser.add_argument(
        "--time-zone", metavar="ZONE", help="of the hours (default: the machine's)"
    )
    parser.add_argument(
        "--raw",
        choices=("never", "wifi", "always"),
        default="always",
        help="when raw footage is sent (default always); wifi needs --raw-on or so",
    )
    parser.add_argument(
        "--raw-on", metavar="IFACE", help="raw only while it is up, like wlan0"
    )
    parser.add_argument(
        "--raw-hours", metavar="HH:MM-HH:MM", help="raw only then, in the depot"
    )
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="authorities to trust, PEM"
    )
    parser.add_argument(
        "--insecure", action="store_true", help="plain http to other machines, too"
    )


def _add_waits(parser: argparse.ArgumentParser) -> None:
    usual = Stillness()
    for name, value, what in (
        ("still", usual.still_s, "unchanged so long, footage is finished"),
        ("quiet", usual.quiet_s, "unchanged so long, a drive and its tracks are over"),
        ("broken", usual.broken_s, "then a film without its end is sent all the same"),
        ("timeout", TIMEOUT_S, "silence after which a connection is dead"),
        ("longest-wait", LONGEST_WAIT_S, "at most, between two tries"),
    ):
        parser.add_argument(
            f"--{name}",
            type=float,
            default=value,
            metavar="S",
            help=f"seconds; {what} (default {value:g})",
        )


def run(options: argparse.Namespace) -> int:
    """Send until everything is sent, or for ever."""
    terms = _terms(options)
    _warn_of_readers(terms.token_file)
    talk = Talk(terms.address, terms.token_file, ca=terms.ca, timeout_s=terms.timeout_s)
    clock = Clock()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # names in encodings of their own
    with _alone_in(terms.folder):
        board = Board(terms.status, sys.stdout, clock, terms.address.base)
        try:
            return Uploader(terms, talk, board, clock, random.SystemRandom()).run()
        finally:
            board.close()


def _terms(options: argparse.Namespace) -> Terms:
    for name in (*_POSITIVE, "longest_wait", "limit_mbit"):
        value = getattr(options, name)
        if value is not None and not 0 < value < math.inf:
            option = name.replace("_", "-")
            msg = f"--{option} must be more than 0, got {value}"
            raise InputError(msg)
    folder: Path = options.folder
    if not folder.is_dir():
        msg = f"there is no folder {folder}; check the path, or plug the disk in"
        raise NotFoundError(msg)
    read_token(options.token_file)
    status = options.status or folder / OURS / _STATUS
    if options.status is not None and not status.parent.is_dir():
        msg = f"there is no folder {status.parent} for --status; make it first"
        raise NotFoundError(msg)
    quiet_s = max(options.quiet, options.still)
    eyes = _eyes(options)
    return Terms(
        folder=folder,
        address=Address.of(options.server, insecure=options.insecure),
        token_file=options.token_file,
        status=status,
        who=Who(vehicle=options.vehicle, camera=options.camera_name),
        delete=options.delete,
        once=options.once,
        ca=options.ca,
        limit_mbit=options.limit_mbit,
        hours=_hours(options, "hours"),
        raw=_raw(options),
        stillness=Stillness(options.still, quiet_s, max(options.broken, quiet_s)),
        timeout_s=options.timeout,
        longest_wait_s=options.longest_wait,
        models=no_models if eyes is None else eyes.names,
        eyes=eyes,
    )


def _hours(options: argparse.Namespace, name: str) -> Hours | None:
    text = getattr(options, name)
    if text is None:
        return None
    return hours_of(text, options.time_zone, "--" + name.replace("_", "-"))


def _raw(options: argparse.Namespace) -> RawRule:
    given = options.raw_on is not None or options.raw_hours is not None
    if given != (options.raw == "wifi"):
        msg = (
            "--raw wifi goes with --raw-on IFACE or --raw-hours HH:MM-HH:MM, which say "
            "when the vehicle is on the depot's network, and these with nothing else"
        )
        raise InputError(msg)
    return RawRule(options.raw, options.raw_on, _hours(options, "raw_hours"))


def _warn_of_readers(token_file: Path) -> None:
    if token_file.stat().st_mode & _FOR_OTHERS:
        told = Told(
            f"令牌文件 {token_file} 其他用户可读,请 chmod 600",
            "others can read the token file; chmod 600 it",
        )
        print(f"liujing upload: {told}", file=sys.stderr)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder: two uploaders in one would delete under each other's hands.

    Raises:
        InputError: another one has it.
        OutputError: nothing can be written there.
    """
    ours = folder / OURS
    try:
        ours.mkdir(exist_ok=True, mode=0o700)
        lock = (ours / _LOCK).open("a")
    except OSError as error:
        raise cannot_write(ours, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"another liujing upload is at work in {folder}; end it first"
            raise InputError(msg) from error
        yield
