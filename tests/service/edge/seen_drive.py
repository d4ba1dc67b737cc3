"""One short drive, inspected for the tests of packages, and packages to be damaged."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from service.audit.drive import inspect
from service.audit.inputs import Opened, check
from service.edge import write_package
from service.reports import OutFolder
from tests.service.jobs.short_drive import cut_drive, request
from vision.catalogue import load_layout_card
from vision.inspect import Inspection, InspectOptions

HEAD, BODY = "package.json", "inspection.json"


@dataclass(frozen=True, slots=True)
class SeenDrive:
    """A drive that was inspected here, and the package of it."""

    opened: Opened
    seen: Inspection
    package: Path
    pictures: Path


def quiet(done: int, total: int) -> None:
    """Say nothing."""


def seen_drive(folder: Path, *, seconds: float, spacing_m: float) -> SeenDrive:
    """Inspect the first seconds of the sample drive."""
    asked = request(cut_drive(folder / "in", seconds=seconds), folder / "out")
    opened = check(replace(asked, inspect=InspectOptions(spacing_m=spacing_m)))
    seen = inspect(opened, OutFolder(folder / "out"), quiet)
    package = write_package(
        folder / "drive.edge.zip",
        opened.checked.outing,
        seen,
        layout=load_layout_card("layout@1"),
        pictures=folder / "out",
    )
    return SeenDrive(opened, seen, package, folder / "out")


def unzipped(package: Path) -> dict[str, bytes]:
    """Return the members of a package."""
    with zipfile.ZipFile(package) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(target: Path, members: Mapping[str, bytes]) -> Path:
    """Write members as packages have them."""
    with zipfile.ZipFile(target, "w") as file:
        for name, data in members.items():
            deflated = name.endswith(".json")
            kind = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
            file.writestr(zipfile.ZipInfo(name), data, compress_type=kind)
    return target


def with_head(members: dict[str, bytes], change: Callable[[Any], None]) -> None:
    """Change `package.json`."""
    head = json.loads(members[HEAD])
    change(head)
    members[HEAD] = json.dumps(head).encode()


def with_member(members: dict[str, bytes], name: str, data: bytes) -> None:
    """Put another member in, with its right hash: as a liar would."""
    members[name] = data
    told = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    with_head(members, lambda head: head["members"].update({name: told}))


def with_body(members: dict[str, bytes], change: Callable[[Any], None]) -> None:
    """Change `inspection.json`, with its right hash."""
    body = json.loads(members[BODY])
    change(body)
    with_member(members, BODY, json.dumps(body).encode())
