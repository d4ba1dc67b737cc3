"""The vehicle inspects by itself: footage -> a package of what it saw.

What is known between two pieces is written down, so a process that is killed, or a box
that loses its power, goes on where it was. The package appears whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from service.audit_inputs import DEFAULT_LAYOUT, AuditRequest, Opened, check
from service.edge import PACKAGE_SUFFIX, write_package
from service.findings import PARKING, may_be_parked
from service.keep import refuse_undated
from service.reports import OutFolder
from service.states import States
from service.store import digest
from vision.catalogue import load_layout_card
from vision.errors import InputError, NotFoundError, OutputError
from vision.evidence import PictureOptions
from vision.inspect import Inspection, InspectOptions, Progress
from vision.types import Sighting

Pictures = Literal["light", "scene", "full"]
PICTURES: Mapping[Pictures, PictureOptions] = {
    "light": PictureOptions(jpeg_quality=60, whole=False),
    "scene": PictureOptions(jpeg_quality=50, max_width_px=640),
    "full": PictureOptions(),
}
"""How evidence is sent: small enough for a bad line, or as a server would keep it."""
NICE = 10
_WORK = ".work"
_LONGEST_STEM = 60
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
    layout: str | None = DEFAULT_LAYOUT
    models: Path | None = None
    device: str = "auto"
    spacing_m: float = 3.0
    camera: Path | None = None
    track: Path | None = None
    roads: Path | None = None
    datum: str = "wgs84"
    pictures: Pictures = "light"
    piece_m: float = 200.0


def inspect_into(
    files: Sequence[Path],
    outbox: Path,
    options: EdgeOptions,
    *,
    progress: Progress,
) -> Path:
    """Inspect one drive and return its package, named by what was inspected.

    A package that is there is returned at once. One drive is inspected at a time: a
    process that is at work in this outbox is waited for.

    Args:
        files: the drive's footage and what lies beside it, or folders of them.
        outbox: folder of packages; `.work` in it is as private as the footage.
        options: how to look.
        progress: told after every frame.

    Raises:
        AuditError: the drive cannot be inspected, or nothing can be written.
    """
    target = outbox / package_name(files, options)
    work = outbox / _WORK / target.name.removesuffix(PACKAGE_SUFFIX)
    with _alone(work):
        if not target.is_file():
            _inspect(files, work, target, options, progress)
        shutil.rmtree(work, ignore_errors=True)
    return target


def package_name(files: Sequence[Path], options: EdgeOptions) -> str:
    """Return the name of a drive's package; other files or eyes give another one.

    Raises:
        NotFoundError: a file is not there.
    """
    try:
        facts = [
            (path.name, path.stat().st_size, path.stat().st_mtime_ns)
            for path in sorted(_each(files))
        ]
    except FileNotFoundError as error:
        msg = f"there is no file {error.filename}; check the path"
        raise NotFoundError(msg) from error
    mark = digest(facts, {k: str(v) for k, v in asdict(options).items()})[:12]
    stem = _ODD.sub("-", files[0].stem).strip("-.")[:_LONGEST_STEM] or "drive"
    return f"{stem}-{mark}{PACKAGE_SUFFIX}"


def inspect_apart(files: Sequence[Path], outbox: Path, options: EdgeOptions) -> Path:
    """Do the same in a process of its own, which yields to everybody else.

    Its memory is given back when it ends, and its death is not ours.

    Raises:
        InputError: the drive cannot be inspected; the sentence says why.
        OutputError: the process was killed; it can be begun again and goes on.
    """
    given = {
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
    words = [str(w) for pair in given.items() if pair[1] is not None for w in pair]
    command = [sys.executable, "-m", "service.cli", "edge", *map(str, files)]
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, "--out", str(outbox), "--json", *words],
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode == 0:
        return Path(json.loads(done.stdout)["package"])
    if done.returncode < 0:
        msg = f"the inspection was killed by signal {-done.returncode}; begin it again"
        raise OutputError(msg)
    lines = done.stderr.strip().splitlines() or ["it said nothing"]
    msg = f"the drive was not inspected aboard: {lines[-1]}"
    raise InputError(msg)


def yield_to_others(nice: int = NICE) -> None:
    """Lower this process's priority: driving and recording come first."""
    os.nice(nice)


def _inspect(
    files: Sequence[Path],
    work: Path,
    target: Path,
    options: EdgeOptions,
    progress: Progress,
) -> None:
    opened = check(
        AuditRequest(
            footage=tuple(files),
            out=work,
            track=options.track,
            roads=options.roads,
            camera=options.camera,
            model=options.model,
            layout=options.layout,
            models=options.models,
            device=options.device,
            datum=options.datum,
            inspect=InspectOptions(
                spacing_m=options.spacing_m, pictures=PICTURES[options.pictures]
            ),
        )
    )
    refuse_undated(opened.checked)
    folder = OutFolder(work)
    states = States(work, opened, secret=None, writer=str(os.getpid()))
    inspection = states.taken_up(folder, 1 << 62)
    for end in inspection.pieces(options.piece_m):
        if inspection.done < end:
            inspection.go_on(end, progress)
            states.write(inspection)
    seen = _slim(opened, inspection.result(), options.pictures)
    outing = opened.checked.outing
    layout = outing.layout_id
    write_package(
        target,
        outing,
        seen,
        layout=None if layout is None else load_layout_card(layout, options.models),
        pictures=work,
    )


def _slim(opened: Opened, seen: Inspection, pictures: Pictures) -> Inspection:
    """Leave out pictures that no report would show.

    A report shows finds. What can become none, on whatever street it lies, needs no
    picture: cars that drive by, covers in good order.
    """
    roles = {c.id: c.role for c in opened.checked.taxonomy}
    most = None if pictures == "full" else 1

    def shown(one: Sighting) -> Sighting:
        parked = one.category in PARKING and may_be_parked(one)
        if roles.get(one.category) != "problem" and not parked:
            return replace(one, evidence=())
        return replace(one, evidence=one.evidence[:most])

    return replace(seen, sightings=tuple(shown(one) for one in seen.sightings))


def _each(files: Sequence[Path]) -> Iterator[Path]:
    for path in files:
        if path.is_dir():
            yield from (f for f in path.iterdir() if f.is_file())
        else:
            yield path


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    """Hold the only right to inspect into an outbox; waits for whoever has it."""
    try:
        work.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (work.parent / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            work.mkdir(exist_ok=True, mode=0o700)
            yield
    except OSError as error:
        msg = f"nothing can be written at {work} ({error.strerror}); check the disk"
        raise OutputError(msg) from error
