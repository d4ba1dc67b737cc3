"""What was worked out on board waits here for its turn, which is always the next.

    FOLDER/.liujing/outbox/NAME/   one package: its files, and `.about.json`

A package is moved in when it is complete, so what lies here is whole. When the service
has acknowledged all of it, the package is deleted: it is a copy made to be sent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.vehicle.drives import GOOD_NAME
from service.vehicle.lying import OURS, OUTBOX
from service.vehicle.remembered import sync_folder, write_whole
from vision.errors import InputError

ABOUT = ".about.json"
_ABOUT_KEYS = frozenset({"vehicle", "camera", "started", "ended", "priority"})


def outbox_of(folder: Path) -> Path:
    """Return the outbox of a watched folder; it may not be there yet."""
    return folder / OURS / OUTBOX


def put_package(folder: Path, made: Path, about: Mapping[str, Any]) -> Path:
    """Move a complete package into the outbox; return where it lies now.

    Args:
        folder: the watched one.
        made: the package on the same disk; the name of this folder becomes that of the
            manifest. Only its plain files are sent, those with a dot in front are not.
        about: what its manifest says besides the files: vehicle, camera, started,
            ended, priority; all may be left out.

    Raises:
        InputError: its name is no manifest's, or it is there already.
        OutputError: the disk is full.
    """
    if not GOOD_NAME.fullmatch(made.name) or made.name.startswith("."):
        msg = f"a package must be named by letters, digits, . _ -, got {made.name!r}"
        raise InputError(msg)
    unknown = sorted(about.keys() - _ABOUT_KEYS)
    if unknown:
        msg = f"a package's manifest has no {unknown[0]}; see docs/vehicle.md"
        raise InputError(msg)
    outbox = outbox_of(folder)
    outbox.mkdir(parents=True, exist_ok=True)
    target = outbox / made.name
    if target.exists():
        msg = f"the package {made.name} waits in the outbox already"
        raise InputError(msg)
    write_whole(made / ABOUT, json.dumps(dict(about), ensure_ascii=False))
    for file in made.iterdir():
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
    sync_folder(made)
    made.rename(target)
    sync_folder(outbox)
    return target


def about_package(package: Path) -> dict[str, Any]:
    """Return what a package's manifest says besides its files; empty if unknown."""
    try:
        read = json.loads((package / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(read, dict):
        return {}
    return {name: value for name, value in read.items() if name in _ABOUT_KEYS}
