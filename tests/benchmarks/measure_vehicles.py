"""Whether vehicles of the sample drive are told to stand or to move.

    python -m tests.benchmarks.measure_vehicles

A vehicle's sighting within 3 m of a parked vehicle of the truth should stand; one that
has none near, but a moving one of the truth was in view, should move. Sightings of
which neither is true are false boxes and are counted apart.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from service.audit.drive import inspect
from service.audit.inputs import AuditRequest, check
from service.reports import OutFolder
from vision.geo import LocalFrame
from vision.inspect import VEHICLES

SAMPLE = Path(__file__).resolve().parents[2] / "datasets" / "sample-drive"
NEAR_M = 3.0
LEAST_FRAMES = 2


def _quiet(done: int, total: int) -> None:
    """Say nothing."""


def main() -> None:
    """Print the counts."""
    truth = json.loads((SAMPLE / "truth.json").read_text("utf-8"))
    frame = LocalFrame(truth["frame"]["lon0"], truth["frame"]["lat0"])
    parked = [v for v in truth["vehicles"] if not v["moving"]]
    moving = [v for v in truth["vehicles"] if v["moving"] and v["frames_visible"]]
    places = np.array([frame.to_xy([v["lon"], v["lat"]]) for v in parked])
    with tempfile.TemporaryDirectory() as folder:
        checked = check(AuditRequest((SAMPLE,), Path(folder), device="cpu"))
        seen = inspect(checked, OutFolder(Path(folder)), _quiet)
    counts: Counter[str] = Counter()
    surfaces: Counter[str] = Counter()
    for sighting in seen.sightings:
        chance = sighting.stationary_probability
        if sighting.category not in VEHICLES or chance is None:
            continue
        if sighting.frames < LEAST_FRAMES:
            counts["seen once"] += 1
            continue
        here = np.asarray(frame.to_xy([sighting.lon, sighting.lat]))
        gap_m = np.hypot(*(places - here).T)
        told = "standing" if chance >= 0.5 else "moving"
        near = int(gap_m.argmin())
        true = "standing" if gap_m[near] <= NEAR_M else "moving or false"
        counts[f"{true}: told {told}"] += 1
        if (true == "standing") != (told == "standing"):
            print(
                f"{sighting.category} at {sighting.first_drive_s:.1f} s, "
                f"{sighting.frames} frames, chance {chance:.2f}, "
                f"{gap_m[near]:.1f} m from {parked[near]['id']}"
            )
        if true == "standing" and sighting.surface_belief is not None:
            belief = sighting.surface_belief
            told_surface = max(belief, key=belief.__getitem__)
            surfaces[f"{parked[near]['zone']}: told {told_surface}"] += 1
    print(f"{len(parked)} parked and {len(moving)} moving vehicles in the truth")
    for name, count in sorted(counts.items()):
        print(f"  {name}: {count}")
    print("surfaces of standing vehicles, zone of the truth first")
    for name, count in sorted(surfaces.items()):
        print(f"  {name}: {count}")


if __name__ == "__main__":
    main()
