"""How a vehicle looks at its drives itself; the looking is another process's.

Nothing here loads a network, a decoder or a database.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from service.vehicle.lying import PACKAGE_SUFFIX
from vision.errors import NotFoundError

Pictures = Literal["light", "scene", "full"]
PICTURE_SIZES: tuple[Pictures, ...] = ("light", "scene", "full")
NICE = 10
REFUSED_CODE, LATER_CODE = 2, 75
"""How `liujing edge` ends where the footage cannot be inspected, and where anything
else is in the way: a disk that is full, a model that is not there."""
_LONGEST_STEM = 40
_HASH_DIGITS = 12
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class EdgeOptions:
    """How a vehicle looks at its drives.

    Attributes:
        model: `name@version` aboard; the server must have the same file.
        layout: `name@version` that reads the layout; None leaves zones to geometry.
        models: folder of model cards; None finds the installed ones.
        device: `auto`, `cpu` or `cuda`.
        spacing_m: metres driven between two frames.
        camera: camera file; None takes `camera.toml` beside the footage.
        track: telemetry file; None looks inside and beside the footage.
        roads: road file; only the usual width of streets is taken from it. None takes
            `roads.geojson` beside the footage, else reckons with a usual width.
        datum: of the telemetry, `wgs84` or `gcj02`.
        pictures: `light` sends of each find what is around it, in its best picture;
            `scene` a small picture of the street as well; `full` what a server's own
            inspection keeps.
        piece_m: metres after which it is written down how far the work is.
    """

    model: str = "street@2"
    layout: str | None = "layout@1"
    models: Path | None = None
    device: str = "auto"
    spacing_m: float = 3.0
    camera: Path | None = None
    track: Path | None = None
    roads: Path | None = None
    datum: str = "wgs84"
    pictures: Pictures = "light"
    piece_m: float = 200.0

    def names(self) -> list[str]:
        """Return the networks on board, `name@version` each."""
        return [name for name in (self.model, self.layout) if name is not None]


def package_name(
    files: Sequence[Path], options: EdgeOptions, name: str | None = None
) -> str:
    """Return the name of a drive's package; other files or eyes give another one.

    Args:
        files: of the drive, or folders of them.
        options: how it is looked at.
        name: what it begins with; None for that of the first file.

    Raises:
        NotFoundError: a file is not there.
    """
    try:
        facts = sorted(
            (path.name, path.stat().st_size, path.stat().st_mtime_ns)
            for path in _each(files)
        )
    except FileNotFoundError as error:
        msg = f"there is no file {error.filename}; check the path"
        raise NotFoundError(msg) from error
    eyes = {key: str(value) for key, value in asdict(options).items()}
    text = json.dumps([facts, eyes], sort_keys=True)
    mark = hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]
    stem = _ODD.sub("-", name or files[0].stem).strip("-.")[:_LONGEST_STEM]
    return f"{stem or 'drive'}-{mark}{PACKAGE_SUFFIX}"


@dataclass(frozen=True, slots=True)
class DriveSaid:
    """What the uploader says of a drive that is to be inspected.

    Attributes:
        name: what its package's name begins with.
        drive: under which its footage is announced; None where that is not known.
        clock_ahead_s: this machine's clock minus the service's, as it was measured;
            None where it was not.
        began_s: when the recording began, by this machine's clock; None if unknown.
    """

    name: str
    drive: str | None = None
    clock_ahead_s: float | None = None
    began_s: float | None = None


def command_of(
    files: Sequence[Path], outbox: Path, options: EdgeOptions, said: DriveSaid
) -> list[str]:
    """Return the command that inspects a drive into an outbox."""
    given = {
        "--out": outbox,
        "--name": said.name,
        "--drive": said.drive,
        "--clock-ahead": said.clock_ahead_s,
        "--began": said.began_s,
        "--model": options.model,
        "--layout-model": options.layout or "none",
        "--models": options.models,
        "--device": options.device,
        "--spacing": options.spacing_m,
        "--camera": options.camera,
        "--track": options.track,
        "--roads": options.roads,
        "--datum": options.datum,
        "--pictures": options.pictures,
        "--piece": options.piece_m,
    }
    words = [f"{key}={value}" for key, value in given.items() if value is not None]
    program = [sys.executable, "-m", "service.cli", "edge", "--json"]
    return [*program, *words, *map(str, files)]


def _each(files: Sequence[Path]) -> Iterator[Path]:
    for path in files:
        if path.is_dir():
            yield from (f for f in path.iterdir() if f.is_file())
        else:
            yield path
