"""How large packages are, and whether a server comes to the same from them.

    python -m tests.benchmarks.measure_edge [DRIVE ...]

A DRIVE is a folder as `liujing audit` takes it; the sample drive without one. An hour
is reckoned at 20 km/h: what a minute of footage costs depends on how fast it was driven
and most of all on how much there is to be found.
"""

from __future__ import annotations

import re
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

from service.audit.drive import audited_from, inspect
from service.audit.inputs import AuditRequest, CityGiven, check, in_city
from service.audit.outing import driven_m
from service.audit.publish import Audited
from service.edge import read_package
from service.reports import OutFolder
from service.vehicle.edge import inspect_into
from service.vehicle.eyes import PICTURE_SIZES, EdgeOptions

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"
PATROL_M_PER_H = 20_000.0
MB = 1e6


def _quiet(done: int, total: int) -> None:
    """Say nothing."""


def sizes(package: Path) -> dict[str, tuple[int, int]]:
    """Return kind of member -> how many, and their bytes in the package."""
    counts: Counter[str] = Counter()
    total: Counter[str] = Counter()
    with zipfile.ZipFile(package) as file:
        for info in file.infolist():
            whole = re.fullmatch(r"evidence/\d{6}\.jpg", info.filename)
            pictures = "whole" if whole else "crops"
            kind = "numbers" if info.filename.endswith(".json") else pictures
            counts[kind] += 1
            total[kind] += info.compress_size
    return {kind: (counts[kind], total[kind]) for kind in counts}


def from_package(package: Path, drive: Path, folder: Path) -> Audited:
    """Return what a server makes of a package."""
    packed = read_package(package, None, OutFolder(folder))
    roads = drive / "roads.geojson"
    given = CityGiven("xuchang@1", roads if roads.is_file() else None)
    return audited_from(in_city(packed.outing, given), packed.seen, {})


def measure(drive: Path, folder: Path) -> None:
    """Print the sizes of a drive's packages, and compare them with its audit."""
    opened = check(AuditRequest((drive,), folder / "audit", device="cpu"))
    seen = inspect(opened, OutFolder(folder / "audit"), _quiet)
    here = audited_from(opened.checked, seen, {})
    outing = opened.checked.outing
    length_m = driven_m(outing.track, outing.path_s)
    print(
        f"{drive.name}: {outing.duration_s:.1f} s, {length_m:.0f} m, "
        f"{len(seen.sightings)} sightings, {len(here.findings)} finds"
    )
    for name in PICTURE_SIZES:
        options = EdgeOptions(device="cpu", pictures=name)
        package = inspect_into([drive], folder / name, options, progress=_quiet)
        there = from_package(package, drive, folder / f"{name}-report")
        size = package.stat().st_size
        parts = ", ".join(
            f"{kind} {count} = {part / 1e3:.0f} kB"
            for kind, (count, part) in sizes(package).items()
        )
        same = there.scores == here.scores and there.coverage == here.coverage
        print(
            f"  {name}: {size / MB:.3f} MB ({parts}); "
            f"{60 * size / outing.duration_s / MB:.2f} MB a minute, "
            f"{1e3 * size / length_m / MB:.2f} MB a km, "
            f"{PATROL_M_PER_H * size / length_m / MB:.1f} MB an hour at 20 km/h; "
            f"same scores and coverage: {same}"
        )
        if name == "full":
            print(f"  same findings: {there.findings == here.findings}")


def main() -> None:
    """Measure every drive."""
    for drive in [Path(word) for word in sys.argv[1:]] or [SAMPLE]:
        with tempfile.TemporaryDirectory() as folder:
            measure(drive, Path(folder))


if __name__ == "__main__":
    main()
