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
STRETCH_M = 50.0
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


def cleanest(package: Path, folder: Path) -> tuple[float, int, float]:
    """Return where the stretch with the least in pictures begins, and what it costs.

    Returns:
        Metres from the start, finds with pictures on it, and megabytes of an hour like
        it: pictures of what was last seen there, and its share of the numbers.
    """
    packed = read_package(package, None, OutFolder(folder))
    track, (start_s, end_s) = packed.outing.track, packed.outing.path_s
    length_m = track.travelled_m(end_s) - track.travelled_m(start_s)
    with zipfile.ZipFile(package) as file:
        size = {info.filename: info.compress_size for info in file.infolist()}
    numbers = sum(part for name, part in size.items() if name.endswith(".json"))
    seen = [
        (
            track.travelled_m(one.last_drive_s) - track.travelled_m(start_s),
            sum(size[e.crop] for e in one.evidence),
        )
        for one in packed.seen.sightings
        if one.evidence
    ]
    stretch_m = min(STRETCH_M, length_m)

    def on(from_m: float) -> list[int]:
        return [part for at_m, part in seen if from_m <= at_m < from_m + stretch_m]

    begins = [float(m) for m in range(0, max(1, int(length_m - stretch_m)), 5)]
    best_m = min(begins, key=lambda m: sum(on(m)))
    cost = sum(on(best_m)) + numbers * stretch_m / length_m
    return best_m, len(on(best_m)), cost / MB * PATROL_M_PER_H / stretch_m


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
        if name == "light":
            from_m, finds, hour = cleanest(package, folder / "cleanest")
            print(
                f"  its cleanest {STRETCH_M:.0f} m (from {from_m:.0f} m, {finds} with "
                f"pictures): {hour:.1f} MB an hour at 20 km/h"
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
